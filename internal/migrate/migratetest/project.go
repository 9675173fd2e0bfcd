package migratetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Preamble is the start of each schema.hcl.
const Preamble = `schema "app" {}
`

// OneTable is a schema.hcl with one table.
const OneTable = Preamble + `
table "notes" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  primary_key {
    columns = [column.id]
  }
}
`

// WithColumn returns OneTable with more columns.
func WithColumn(column string) string {
	return strings.Replace(OneTable, "  primary_key", column+"\n  primary_key", 1)
}

// Project returns a new folder with a schema.hcl.
func Project(t *testing.T, schema string) string {
	t.Helper()
	root := t.TempDir()
	Write(t, root, "schema.hcl", schema)
	return root
}

func Write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Tree returns the names and texts of all files under migrations/.
func Tree(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(filepath.Join(root, "migrations"), func(path string, entry os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		fmt.Fprintf(&b, "%s\n%s\n", filepath.ToSlash(rel), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var Noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// DirFS returns the path of a dialect's folder in a project.
func DirFS(root, dialect string) string { return filepath.Join(root, "migrations", dialect) }

func ReadText(t *testing.T, root, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
