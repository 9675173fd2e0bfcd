package main

import (
	"testing"

	"slipway/internal/test/lambdatest"
)

// TestLogLevel: the function respects LOG_LEVEL.
func TestLogLevel(t *testing.T) {
	t.Parallel()
	lambdatest.HoldsLogLevel(t, "slipway/functions/grant")
}
