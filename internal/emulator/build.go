package emulator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// Flags are those of go build with which the Makefile builds a function; CGO_ENABLED=0 goes with them. A test holds the
// two together.
var Flags = []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags=lambda.norpc,nomsgpack"}

// Build builds the bootstrap binary of a package (an import path, or a folder beginning with "./", as seen from the
// folder dir) for this machine, into the file path. The error holds the compiler's words. When ctx ends it stops.
func Build(ctx context.Context, dir, pkg, path string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"build"}, Flags...), "-o", path, pkg)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	separate(cmd)
	cmd.Cancel = func() error { interrupt(cmd); return nil } // so that it takes away what it has begun
	cmd.WaitDelay = 10 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, bytes.TrimSpace(out))
	}
	return nil
}
