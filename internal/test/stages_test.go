package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestStages checks local/test.sh: its two stages for migrations contain each package, and those that it tests without
// the race detector start no goroutine, nor do their tests.
func TestStages(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("local/test.sh")
	if err != nil {
		t.Fatal(err)
	}
	lists := regexp.MustCompile(`internal/migrate/\(([a-z|]+)\)`).FindAllSubmatch(script, -1)
	if len(lists) != 2 {
		t.Fatalf("local/test.sh has %d lists of packages of internal/migrate, want 2", len(lists))
	}
	sequential, others := strings.Split(string(lists[0][1]), "|"), strings.Split(string(lists[1][1]), "|")
	folders, err := os.ReadDir("internal/migrate")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && slices.Contains(sequential, f.Name()) == slices.Contains(others, f.Name()) {
			t.Errorf("internal/migrate/%s must be in one of the two stages for migrations in local/test.sh", f.Name())
		}
	}
	for _, name := range sequential {
		files, err := filepath.Glob("internal/migrate/" + name + "/*.go")
		if err != nil || len(files) == 0 {
			t.Errorf("internal/migrate/%s: %d files, %v", name, len(files), err)
		}
		for _, path := range files {
			for _, at := range goroutines(t, path) {
				t.Errorf("%s: starts a goroutine: move the package to the stage with the race detector", at)
			}
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
