package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// goPackage is the output of `go list` for one package. Imports and Deps are those of its code without tests; Deps
// includes indirect imports. TestImports and XTestImports are those of its tests.
type goPackage struct {
	Dir, ImportPath           string
	GoFiles                   []string
	TestGoFiles, XTestGoFiles []string
	Imports, Deps             []string
	TestImports, XTestImports []string
}

// listPackages returns all packages of the project.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	packages, err := allPackages()
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// allPackages runs go list, once for all tests.
var allPackages = sync.OnceValues(func() ([]goPackage, error) {
	program, err := listModule(".")
	tests, err2 := listModule(checks)
	return append(program, tests...), errors.Join(err, err2)
})

// listModule returns all packages of the module in a folder.
func listModule(folder string) (packages []goPackage, err error) {
	command := exec.Command("go", "-C", folder, "list", "-json", "./...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// files returns the files of the code, or of the tests if there is no code.
func (p goPackage) files() []string {
	if len(p.GoFiles) > 0 {
		return p.GoFiles
	}
	return slices.Concat(p.TestGoFiles, p.XTestGoFiles)
}

// TestPackagesAreDocumented: each package has a package comment, which says what it is for and what it may not import.
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

const (
	maxLine     = 120 // characters
	maxFunction = 60  // lines; tests may be longer
	maxFile     = 300 // lines; tests may be longer
)

// TestSizes checks the limits for lines, functions, and files. A line with a URL may be longer, and so may generated
// code.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			path := filepath.Join(p.Dir, name)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, long := range tooLong(path, content) {
				t.Error(long)
			}
		}
	}
}

// generated matches the first line of generated code (go.dev/s/generatedcode).
var generated = regexp.MustCompile(`(?m)\A// Code generated .* DO NOT EDIT\.$`)

// tooLong returns a complaint for each line, function, and file over its limit.
func tooLong(path string, content []byte) (found []string) {
	if generated.Match(content) {
		return nil
	}
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > maxLine && !strings.Contains(line, "https://") {
			found = append(found, fmt.Sprintf("%s:%d: %d characters, more than %d", path, number, n, maxLine))
		}
	}
	if strings.HasSuffix(path, "_test.go") {
		return found
	}
	if number > maxFile {
		found = append(found, fmt.Sprintf("%s: %d lines, more than %d", path, number, maxFile))
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, content, 0)
	if err != nil {
		return append(found, err.Error())
	}
	for _, declared := range file.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok {
			continue
		}
		start, end := set.Position(function.Pos()).Line, set.Position(function.End()).Line
		if lines := end - start + 1; lines > maxFunction {
			found = append(found, fmt.Sprintf("%s:%d: %s has %d lines, more than %d",
				path, start, function.Name.Name, lines, maxFunction))
		}
	}
	return found
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("\t_ = 0\n", n) }
	wide := "// " + strings.Repeat("ü", maxLine-2)
	for name, c := range map[string]struct {
		path, content string
		want          []string
	}{
		"at each limit": {"a.go", "package a\n\nfunc f() {\n" + lines(maxFunction-2) + "}\n" + wide[:len(wide)-2] + "\n",
			nil},
		"a line":           {"a.go", "package a\n" + wide + "\n", []string{"a.go:2: 121 characters, more than 120"}},
		"a line of a test": {"a_test.go", wide + "\n", []string{"a_test.go:1: 121 characters, more than 120"}},
		"a URL":            {"a.go", "package a\n" + wide + " https://example.com\n", nil},
		"a function": {"a.go", "package a\n\nfunc f() {\n" + lines(maxFunction-1) + "}\n",
			[]string{"a.go:3: f has 61 lines, more than 60"}},
		"a function of a test": {"a_test.go", "package a\n\nfunc f() {\n" + lines(maxFunction-1) + "}\n", nil},
		"a file": {"a.go", "package a\n" + strings.Repeat("\n", maxFile),
			[]string{"a.go: 301 lines, more than 300"}},
		"a file of a test": {"a_test.go", "package a\n" + strings.Repeat("\n", maxFile), nil},
		"generated code": {"a.go", "// Code generated by slipway. DO NOT EDIT.\n" + wide + strings.Repeat("\n", maxFile),
			nil},
	} {
		if got := tooLong(c.path, []byte(c.content)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
