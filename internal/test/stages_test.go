package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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

// goroutines returns the positions of go statements, and of calls of a method Go, as of sync.WaitGroup.
func goroutines(t *testing.T, path string) (at []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
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
