package deployment

import (
	"os"
	"testing"
)

// TestMain runs the tests in the root of the repository, because they use relative paths.
func TestMain(m *testing.M) {
	if err := os.Chdir("../../../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
