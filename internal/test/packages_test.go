package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// goPackage is what `go list` says of one package. Imports and Deps are those of
// its code without tests; Deps reach through all packages below. TestImports and
// XTestImports are those of its tests, inside the package and outside.
type goPackage struct {
	Dir, ImportPath           string
	GoFiles                   []string
	TestGoFiles, XTestGoFiles []string
	Imports, Deps             []string
	TestImports, XTestImports []string
}

// listPackages asks the go command for all packages of the project.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json", "./...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// files are the files of a package that make it up: its code, or its tests where
// it has nothing else.
func (p goPackage) files() []string {
	if len(p.GoFiles) > 0 {
		return p.GoFiles
	}
	return append(p.TestGoFiles, p.XTestGoFiles...)
}

// TestPackagesAreDocumented: a package comment says what a name is for and what
// it may not import. Whoever opens a name reads that first.
func TestPackagesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		documented := false
		for _, name := range p.files() {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil,
				parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Error(err)
				continue
			}
			documented = documented || file.Doc != nil
		}
		if !documented {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// TestFilesAreShort: a file above this size holds more than one thing. The aim
// is 300 lines; what lies between is a matter of taste.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	const limit = 400
	for _, p := range listPackages(t) {
		for _, name := range p.GoFiles {
			content, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Error(err)
			}
			if lines := bytes.Count(content, []byte("\n")); lines > limit {
				t.Errorf("%s/%s has %d lines, more than %d", p.ImportPath, name, lines, limit)
			}
		}
	}
}
