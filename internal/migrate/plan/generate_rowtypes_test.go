package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
)

const typesFile = "internal/app/tables.go"

// typesIn returns the row types of a project; "" if there are none.
func typesIn(t *testing.T, root string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, typesFile))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// TestGenerateRowTypes: Generate writes row types with the migration, and without a migration
// if they are missing or out of date.
func TestGenerateRowTypes(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, migratetest.WithColumn(size80))
	migratetest.Write(t, root, "internal/app/app.go", "package app\n")
	first := generate(t, root, "create notes")
	types := typesIn(t, root)
	if !first.RowTypes.Written || first.RowTypes.Path != typesFile || len(first.Files) != 2 ||
		!strings.Contains(types, "Title *string `json:\"title\"") {
		t.Errorf("%+v\n%s", first, types)
	}
	if again := generate(t, root, "again"); again.RowTypes.Written || len(again.Files) != 0 || typesIn(t, root) != types {
		t.Errorf("nothing changed: %+v", again)
	}
	before := migratetest.Tree(t, root)
	for name, change := range map[string]func(){
		"edited":  func() { migratetest.Write(t, root, typesFile, types+"// by hand\n") },
		"missing": func() { os.Remove(filepath.Join(root, typesFile)) },
	} {
		change()
		again := generate(t, root, "again")
		if !again.RowTypes.Written || again.Version != "" || typesIn(t, root) != types ||
			migratetest.Tree(t, root) != before {
			t.Errorf("%s: %+v\n%s", name, again, typesIn(t, root))
		}
	}
	migratetest.Write(t, root, "schema.hcl", migratetest.WithColumn("  column \"day\" {\n    type = bit(8)\n    null = "+
		"true\n  }"))
	ask := Options{Message: "day", Drops: []string{"notes.none"}}
	if _, err := Generate(t.Context(), root, ask, migratetest.Noon); err == nil || typesIn(t, root) != types ||
		migratetest.Tree(t, root) != before {
		t.Errorf("a migration that is refused: %v", err)
	}
	ask.Drops = nil
	unserved, err := Generate(t.Context(), root, ask, migratetest.Noon)
	const note = "notes.day is not served: the type bit(8) has no form in JSON"
	if notes := unserved.RowTypes.Notes; err != nil || len(notes) != 1 || notes[0] != note {
		t.Errorf("%+v, %v", unserved, err)
	}
}

// TestGenerateReserved: a table with a path that the API reserves is an error with a position,
// and no file is written.
func TestGenerateReserved(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, strings.Replace(migratetest.OneTable, `table "notes"`, `table "healthz"`, 1))
	_, err := Generate(t.Context(), root, Options{Message: "x"}, migratetest.Noon)
	if err == nil || !strings.HasPrefix(err.Error(), "schema.hcl:") || migratetest.Tree(t, root) != "" ||
		!strings.Contains(err.Error(), `table "healthz" cannot be served`) {
		t.Errorf("%v\n%s", err, migratetest.Tree(t, root))
	}
}

// TestGenerateWithoutApp: Generate writes no row types if the project has no folder for them.
func TestGenerateWithoutApp(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, migratetest.OneTable)
	if result := generate(t, root, "x"); result.RowTypes.Path != "" || len(result.Files) != 2 {
		t.Errorf("%+v", result)
	}
	if _, err := os.Stat(filepath.Join(root, "internal")); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}
