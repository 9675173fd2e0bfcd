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

// Flags are the flags of go build for a function, together with CGO_ENABLED=0. A test checks that the Makefile has the
// same flags.
var Flags = []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags=lambda.norpc,nomsgpack"}

// Build builds the bootstrap binary of a package for this machine and writes it to path. pkg is an import path, or a
// folder beginning with "./", relative to dir. The error contains the output of the compiler. When ctx ends, Build
// stops.
//
// It uses go run, which keeps the program in the build cache: the second build of the same code does not link, which
// takes most of the time. Instead of running the program, cp copies it to path.
func Build(ctx context.Context, dir, pkg, path string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"run"}, Flags...), "-exec=cp", pkg, path)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	separate(cmd)
	cmd.Cancel = func() error { interrupt(cmd); return nil } // so that the go command deletes its temporary files
	cmd.WaitDelay = 10 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, bytes.TrimSpace(out))
	}
	return nil
}
