package test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuildIsReproducible: the same sources produce identical zip files, in any folder and at any time.
func TestBuildIsReproducible(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: builds the functions")
	}
	for _, program := range []string{"make", "zip"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("!! NO %s on PATH: the test of make build is skipped", program)
			return
		}
	}
	zips := []string{"api.zip", "migrate.zip", "grant.zip"}
	var built [2]map[string][]byte
	for i, folder := range []string{t.TempDir(), filepath.Join(t.TempDir(), "a longer path", "and another")} {
		copySources(t, folder)
		command := exec.CommandContext(t.Context(), "make", "build")
		command.Dir = folder
		// Two time zones: the result must not depend on them.
		command.Env = append(os.Environ(), "TZ="+[]string{"UTC", "Asia/Tokyo"}[i], "GOPROXY=off", "MAKEFLAGS=")
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("make build: %v\n%s", err, output)
		}
		built[i] = map[string][]byte{}
		for _, name := range zips {
			content, err := os.ReadFile(filepath.Join(folder, "build", name))
			if err != nil {
				t.Fatal(err)
			}
			built[i][name] = content
		}
	}
	for _, name := range zips {
		if first, second := built[0][name], built[1][name]; len(first) < 1<<20 || !bytes.Equal(first, second) {
			t.Errorf("%s: the two builds differ (%d and %d bytes)", name, len(first), len(second))
		}
	}
}

// copySources copies the input files of make build.
func copySources(t *testing.T, folder string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum", "Makefile", "functions", "internal", "migrations"} {
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			target := filepath.Join(folder, path)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			return os.WriteFile(target, content, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
