package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
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

// TestConcurrentTests checks the list of tests of internal/httpapi that local/test.sh runs with the race detector: they
// are those that start a goroutine, themselves or in a function of a test file. No other package has a test with such a
// name, which would not run at all.
func TestConcurrentTests(t *testing.T) {
	t.Parallel()
	names := list(t, "concurrent")
	files := token.NewFileSet()
	functions := testFunctions(t, files, "internal/httpapi")
	for name := range functions {
		if !testName.MatchString(name) || name == "TestMain" {
			continue
		}
		if at := startsIn(files, functions, name); len(at) > 0 != slices.Contains(names, name) {
			t.Errorf("%s starts goroutines at %q: it must be in the list of concurrent tests if and only if there are any",
				name, at)
		}
	}
	for _, name := range names {
		if len(functions[name]) != 1 {
			t.Errorf("internal/httpapi has %d tests %s", len(functions[name]), name)
		}
	}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") || filepath.ToSlash(filepath.Dir(path)) == "internal/httpapi" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, name := range names {
			if strings.Contains(string(text), "\nfunc "+name+"(") {
				t.Errorf("%s: %s: local/test.sh would skip it: rename it", path, name)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestPrograms checks the packages whose programs local/test.sh tests without the race detector, although their tests
// start goroutines: such a test does not use the API in its own process. The code of the package starts no goroutine.
func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, folder := range list(t, "programs") {
		files := token.NewFileSet()
		functions := testFunctions(t, files, folder)
		for name := range functions {
			at := startsIn(files, functions, name)
			if len(at) > 0 && uses(functions, name, "apitest") {
				t.Errorf("%s: %s starts goroutines at %q and uses apitest: move it to internal/httpapi", folder, name, at)
			}
		}
		code, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(functions) == 0 || len(code) == 0 {
			t.Fatalf("%s: %d functions, %v", folder, len(functions), err)
		}
		for _, path := range code {
			if at := goroutines(t, path); len(at) > 0 && !strings.HasSuffix(path, "_test.go") {
				t.Errorf("%q: starts a goroutine: test the package with the race detector", at)
			}
		}
	}
}

// testName matches the names of tests.
var testName = regexp.MustCompile(`^Test[^a-z]`)

// list returns the names in a variable of local/test.sh, which are separated by "|".
func list(t *testing.T, variable string) []string {
	t.Helper()
	script, err := os.ReadFile("local/test.sh")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^`+variable+`\+?='\|?([\w|/]+)'$`).FindAllSubmatch(script, -1) {
		names = append(names, strings.Split(string(m[1]), "|")...)
	}
	if len(names) == 0 {
		t.Fatalf("local/test.sh has no list %s", variable)
	}
	return names
}

// startsIn returns the positions where the function with that name, or one that it uses, starts a goroutine.
func startsIn(files *token.FileSet, functions map[string][]*ast.FuncDecl, name string) (at []string) {
	for _, f := range reachable(functions, name) {
		at = append(at, starts(files, f)...)
	}
	return at
}

// uses reports whether the function with that name, or one that it uses, contains the identifier.
func uses(functions map[string][]*ast.FuncDecl, name, identifier string) (found bool) {
	for _, f := range reachable(functions, name) {
		ast.Inspect(f, func(n ast.Node) bool {
			x, ok := n.(*ast.Ident)
			found = found || ok && x.Name == identifier
			return true
		})
	}
	return found
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
