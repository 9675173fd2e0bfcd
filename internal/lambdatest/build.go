package lambdatest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// Flags are those of go build with which the Makefile builds a function; CGO_ENABLED=0 goes with them. A test holds the
// two together.
var Flags = []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags=lambda.norpc,nomsgpack"}

// binaries are the packages built so far, by name. They are kept in memory, so that no file outlives the tests.
var binaries sync.Map // string → func() ([]byte, error)

func build(pkg string) ([]byte, error) {
	once, _ := binaries.LoadOrStore(pkg, sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "lambdatest-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "bootstrap")
		cmd := exec.Command("go", append(append([]string{"build"}, Flags...), "-o", path, pkg)...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w\n%s", pkg, err, out)
		}
		return os.ReadFile(path)
	}))
	return once.(func() ([]byte, error))()
}
