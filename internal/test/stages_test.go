package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestStages checks the stages of local/test.sh. The packages that it tests without the race detector start no
// goroutine, nor do their tests.
func TestStages(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("local/test.sh")
	if err != nil {
		t.Fatal(err)
	}
	patterns := regexp.MustCompile(`(?m)^sequential_\w+\+?='\|?(.*)'$`).FindAllSubmatch(script, -1)
	if len(patterns) < 2 {
		t.Fatalf("local/test.sh has %d lists of packages without goroutines, want at least 2", len(patterns))
	}
	for _, p := range patterns {
		sequential := regexp.MustCompile("^(" + string(p[1]) + ")(/|$)")
		found := 0
		err := fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.Contains(path, "/testdata/") ||
				!sequential.MatchString(filepath.ToSlash(filepath.Dir(path))) {
				return err
			}
			found++
			for _, at := range goroutines(t, path) {
				t.Errorf("%s: starts a goroutine: test the package with the race detector", at)
			}
			return nil
		})
		if err != nil || found == 0 {
			t.Errorf("%s: %d files, %v", p[1], found, err)
		}
	}
}

// goroutines returns the positions in a file where a goroutine starts.
func goroutines(t *testing.T, path string) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return starts(files, file)
}

// starts returns the positions of go statements, and of calls of a method Go, as of sync.WaitGroup.
func starts(files *token.FileSet, in ast.Node) (at []string) {
	ast.Inspect(in, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.GoStmt:
			at = append(at, files.Position(x.Pos()).String())
		case *ast.CallExpr:
			if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Go" {
				at = append(at, files.Position(x.Pos()).String())
			}
		}
		return true
	})
	return at
}

// TestLargeTests checks the tests that local/test.sh runs without the race detector, although it tests their package
// with it. Neither they nor the functions of test files that they use start a goroutine. No other package has a test
// with such a name, which would not run at all.
func TestLargeTests(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("local/test.sh")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^large='([\w|]+)'$`).FindSubmatch(script)
	if names == nil {
		t.Fatal("local/test.sh has no list of large tests")
	}
	files := token.NewFileSet()
	functions := testFunctions(t, files, "internal/httpapi")
	for name := range strings.SplitSeq(string(names[1]), "|") {
		if len(functions[name]) != 1 {
			t.Errorf("internal/httpapi has %d tests %s", len(functions[name]), name)
		}
		for _, f := range reachable(functions, name) {
			for _, at := range starts(files, f) {
				t.Errorf("%s: %s starts a goroutine: remove it from the large tests of local/test.sh", at, name)
			}
		}
	}
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") || filepath.ToSlash(filepath.Dir(path)) == "internal/httpapi" {
			return err
		}
		text, err := os.ReadFile(path)
		if found := regexp.MustCompile(`(?m)^func (` + string(names[1]) + `)\(`).Find(text); found != nil {
			t.Errorf("%s: %s: the race detector would skip it: rename it", path, found)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestConcurrentTests checks the packages of which local/test.sh tests only a part with the race detector. They start no
// goroutine, and nor do their tests, except those in its list.
func TestConcurrentTests(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("local/test.sh")
	if err != nil {
		t.Fatal(err)
	}
	packages := regexp.MustCompile(`(?m)^migrations='internal/migrate/\(([\w|]+)\)'$`).FindSubmatch(script)
	listed := regexp.MustCompile(`(?m)^concurrent='([\w|]+)'$`).FindSubmatch(script)
	if packages == nil || listed == nil {
		t.Fatal("local/test.sh has no list of packages, or of tests that start goroutines")
	}
	concurrent := map[string]bool{}
	for name := range strings.SplitSeq(string(packages[1]), "|") {
		folder := "internal/migrate/" + name
		paths, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(paths), err)
		}
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				for _, at := range goroutines(t, path) {
					t.Errorf("%s: starts a goroutine: test the whole package with the race detector", at)
				}
			}
		}
		files := token.NewFileSet()
		functions := testFunctions(t, files, folder)
		for test := range functions {
			for _, f := range reachable(functions, test) {
				if strings.HasPrefix(test, "Test") && len(starts(files, f)) > 0 {
					concurrent[test] = true
				}
			}
		}
	}
	want := slices.Sorted(maps.Keys(concurrent))
	if got := strings.Split(string(listed[1]), "|"); !slices.Equal(got, want) {
		t.Errorf("local/test.sh: concurrent='%s', want '%s'", listed[1], strings.Join(want, "|"))
	}
}

// testFunctions returns the functions and methods in the test files of a folder, by name.
func testFunctions(t *testing.T, files *token.FileSet, folder string) map[string][]*ast.FuncDecl {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string][]*ast.FuncDecl{}
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				functions[f.Name.Name] = append(functions[f.Name.Name], f)
			}
		}
	}
	return functions
}

// reachable returns the functions with that name, and those whose names occur in one of the result.
func reachable(functions map[string][]*ast.FuncDecl, name string) (found []*ast.FuncDecl) {
	seen := map[string]bool{name: true}
	found = functions[name]
	for i := 0; i < len(found); i++ {
		ast.Inspect(found[i], func(n ast.Node) bool {
			if x, ok := n.(*ast.Ident); ok && !seen[x.Name] {
				seen[x.Name] = true
				found = append(found, functions[x.Name]...)
			}
			return true
		})
	}
	return found
}
