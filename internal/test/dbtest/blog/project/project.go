// Package project replaces the application's tables with those of package blog, for tests of the programs in functions
// and local. A developer may change the application's tables; these tests always use users, posts, and notes.
//
// It is for tests only. It reads the project's files from disk, and may not import other packages of slipway.
package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Run runs the tests of m and returns the exit code, for TestMain. Programs that the tests build with the go command
// serve the tables of package blog: GOFLAGS contains an overlay with the files of the tables. The tests must not change
// GOFLAGS.
//
// The migrations are the shipped ones, or those in a folder of package blog: [InTwo].
func Run(m *testing.M, migrations ...string) (code int) {
	dir, err := os.MkdirTemp("", "slipway-project-")
	if err == nil {
		err = useOverlay(dir, path.Join(migrations...))
	}
	if err == nil {
		code = m.Run()
	}
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, "project:", err)
		return 1
	}
	return code
}

// useOverlay writes the overlay of this project to dir and adds it to GOFLAGS.
func useOverlay(dir, migrations string) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	file, err := writeOverlay(root, dir, migrations)
	if err != nil {
		return err
	}
	flags, err := exec.Command("go", "env", "GOFLAGS").Output()
	if err != nil {
		return fmt.Errorf("go env GOFLAGS: %w", err)
	}
	// With -trimpath, copies of the project in several folders share compiled packages. Without debug information and
	// symbols, the linker takes half the time.
	return os.Setenv("GOFLAGS", strings.TrimSpace(string(flags))+" -trimpath '-ldflags=-s -w' '-overlay="+file+"'")
}

// writeOverlay writes the overlay file (see go build -overlay) for the project in root, and the replaced files, to dir.
// It returns the path of the overlay file.
func writeOverlay(root, dir, migrations string) (file string, err error) {
	texts, err := replacements(root, migrations)
	if err != nil {
		return "", err
	}
	replace := map[string]string{} // "" means a missing file
	for name, text := range texts {
		target, source := filepath.Join(root, name), ""
		if text != nil {
			source = filepath.Join(dir, strings.ReplaceAll(name, "/", "+"))
			if err := os.WriteFile(source, text, 0o600); err != nil {
				return "", err
			}
		}
		replace[target] = source
	}
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, content, 0o600)
}

// Copy returns a new folder with a copy of the project that has the tables, migrations, and example rows of package
// blog. names are the files and folders to copy, relative to the project's folder; without names, all are copied.
// Tests and their data, build output, and local data are not copied. The end of the test deletes the folder.
func Copy(t testing.TB, names ...string) (dir string) {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatalf("project: %v", err)
	}
	dir = t.TempDir()
	if err := copyProject(root, dir, names); err != nil {
		t.Fatalf("project: %v", err)
	}
	return dir
}

// copyProject copies the project in root to the folder dir.
func copyProject(root, dir string, names []string) error {
	texts, err := replacements(root, ".")
	if err != nil {
		return err
	}
	created := map[string]bool{}
	write := func(name string, text []byte) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if folder := filepath.Dir(path); !created[folder] {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				return err
			}
			created[folder] = true
		}
		return os.WriteFile(path, text, 0o600)
	}
	wanted := func(file string) bool {
		return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
			return file == name || strings.HasPrefix(file, name+"/")
		})
	}
	parent := func(folder string) bool { // of a wanted file
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, folder+"/") })
	}
	project := os.DirFS(root)
	err = fs.WalkDir(project, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if name == "build" || name == "local/data" || entry.Name() == "testdata" || strings.HasPrefix(name, ".") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() && !wanted(name) && !parent(name) {
			return fs.SkipDir
		}
		_, replaced := texts[name]
		if entry.IsDir() || replaced || strings.HasSuffix(name, "_test.go") || !wanted(name) {
			return nil
		}
		text, err := fs.ReadFile(project, name)
		if err != nil {
			return err
		}
		return write(name, text)
	})
	for name, text := range texts {
		if text != nil && wanted(name) {
			err = errors.Join(err, write(name, text))
		}
	}
	return err
}

// findRoot returns the project's folder: the nearest parent folder with a go.mod.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not in a Go module", start)
		}
	}
}
