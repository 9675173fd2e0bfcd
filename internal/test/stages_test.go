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

// TestConcurrentTests checks the packages of which local/test.sh tests only a part with the race detector. They start
// no goroutine, and nor do their tests, except those in its list.
func TestConcurrentTests(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("local/test.sh")
	if err != nil {
		t.Fatal(err)
	}
	folders := regexp.MustCompile(`(?m)^(?:requests|migrations)='(.*)'$`).FindAllSubmatch(script, -1)
	if len(folders) != 2 {
		t.Fatalf("local/test.sh has %d lists of packages with few concurrent tests, want 2", len(folders))
	}
	matches := regexp.MustCompile("^(" + string(folders[0][1]) + "|" + string(folders[1][1]) + ")$").MatchString
	concurrent := map[string]bool{}
	for _, folder := range append(globs(t, "internal/*"), globs(t, "internal/migrate/*")...) {
		if !matches(filepath.ToSlash(folder)) {
			continue
		}
		for _, path := range globs(t, folder+"/*.go") {
			if !strings.HasSuffix(path, "_test.go") {
				for _, at := range goroutines(t, path) {
					t.Errorf("%s: starts a goroutine: test the whole package with the race detector", at)
				}
			}
		}
		files := token.NewFileSet()
		functions := testFunctions(t, files, folder)
		for test := range functions {
			if strings.HasPrefix(test, "Test") && len(startsIn(files, functions, test)) > 0 {
				concurrent[test] = true
			}
		}
	}
	want := slices.Sorted(maps.Keys(concurrent))
	if got := list(t, "concurrent"); !slices.Equal(got, want) {
		t.Errorf("local/test.sh: concurrent=%s, want %s", strings.Join(got, "|"), strings.Join(want, "|"))
	}
	long := list(t, "long")
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		var skipped []string
		folder := filepath.ToSlash(filepath.Dir(path))
		if !matches(folder) {
			skipped = want
		}
		if folder != "local" {
			skipped = slices.Concat(skipped, long)
		}
		text, err := os.ReadFile(path)
		for _, name := range skipped {
			if strings.Contains(string(text), "\nfunc "+name+"(") {
				t.Errorf("%s: local/test.sh would skip %s: rename it", path, name)
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
		for _, path := range globs(t, folder+"/*.go") {
			if at := goroutines(t, path); len(at) > 0 && !strings.HasSuffix(path, "_test.go") {
				t.Errorf("%q: starts a goroutine: test the package with the race detector", at)
			}
		}
	}
}

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

func globs(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d paths, %v", pattern, len(paths), err)
	}
	return paths
}

// testFunctions returns the functions and methods in the test files of a folder, by name.
func testFunctions(t *testing.T, files *token.FileSet, folder string) map[string][]*ast.FuncDecl {
	t.Helper()
	functions := map[string][]*ast.FuncDecl{}
	for _, path := range globs(t, folder+"/*_test.go") {
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
