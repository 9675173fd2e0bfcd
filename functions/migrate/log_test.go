package main

import (
	"testing"

	"slipway/internal/test/lambdatest"
)

// TestLogLevel: LOG_LEVEL holds for this function as well.
func TestLogLevel(t *testing.T) {
	t.Parallel()
	lambdatest.HoldsLogLevel(t, "slipway/functions/migrate")
}
