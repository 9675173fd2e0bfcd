package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// kinds are the types of the columns in allSorts.
var kinds = []string{"tinyint", "smallint", "mediumint", "int", "bigint", "bool", "bit(5)", "bit(64)", "year",
	"float", "double", "decimal(10,2)", "decimal(15)", "decimal(20,2)", "decimal(20,20)",
	"char(3)", "varchar(1)", "varchar(80)", "varchar(300)", "tinytext", "text", "mediumtext", "longtext",
	`enum("a", "it's", "b,c")`, `set("x", "y", "z")`, "json", "date", "datetime", "datetime(6)", "timestamp", "time",
	"time(3)",
	"binary(16)", "varbinary(40)", "tinyblob", "blob", "longblob"}

// keyed is a table with a key of type TYPE and a reference to itself.
const keyed = `
table "by_NAME" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" { type = TYPE }
  column "same" {
    type = TYPE
    null = true
  }
  column "label" {
    type    = varchar(20)
    default = "none"
  }
  primary_key { columns = [column.id] }
  foreign_key "by_NAME_same" {
    columns     = [column.same]
    ref_columns = [column.id]
    on_update   = NO_ACTION
    on_delete   = SET_NULL
  }
  index "by_NAME_same" { columns = [column.same] }
  check "by_NAME_label" { expr = "length(label) > 2" }
}
`

// allSorts returns a schema.hcl with columns of every type, some of them nullable or unsigned,
// and with keys of some types. Edits are pairs of old and new text.
func allSorts(edits ...string) string {
	var b strings.Builder
	b.WriteString("schema \"app\" {}\ntable \"sorts\" {\n  schema  = schema.app\n" +
		"  charset = \"utf8mb4\"\n  collate = \"utf8mb4_0900_bin\"\n")
	column := func(name, kind, more string) {
		fmt.Fprintf(&b, "  column %q {\n    type = %s\n    %s\n  }\n", name, kind, more)
	}
	column("id", "bigint", "auto_increment = true")
	for i, kind := range kinds {
		column(fmt.Sprintf("full_%02d", i), kind, "null = false")
		if i%4 == 0 { // fewer columns, because each one costs a statement per test
			column(fmt.Sprintf("null_%02d", i), kind, "null = true")
		}
		if kind == "int" || kind == "bigint" || kind == "decimal(10,2)" {
			column(fmt.Sprintf("whole_%02d", i), kind, "unsigned = true")
		}
	}
	b.WriteString("  primary_key { columns = [column.id] }\n}\n")
	for _, key := range [][2]string{
		{"uuid", "binary(16)"}, {"code", "char(8)"}, {"sum", "decimal(20,4)"},
		{"role", `enum("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")`},
	} {
		b.WriteString(strings.NewReplacer("NAME", key[0], "TYPE", key[1]).Replace(keyed))
	}
	return strings.NewReplacer(edits...).Replace(b.String())
}

// TestGenerated checks that generated migrations for a schema.hcl with all types pass, and that
// every table gets rows on both dialects.
func TestGenerated(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	const lastColumn = "type = longblob\n    null = false\n  }\n"
	renamed := []string{`"label"`, `"title"`, "length(label)", "length(title)"}
	edited := func(edits ...string) string { return allSorts(append(edits, renamed...)...) }
	steps := []string{
		allSorts(),
		edited("type = varchar(80)", "type = varchar(120)", `"b,c")`, `"b,c", "new")`,
			"type = decimal(10,2)", "type = decimal(12,2)"),
		edited(lastColumn, lastColumn+"  column \"more\" {\n    type = varchar(9)\n    null = true\n  }\n"+
			"  column \"role\" {\n    type    = enum(\"u\", \"v\")\n    default = \"v\"\n  }\n",
			"type = varchar(80)", "type = varchar(160)", `"b,c")`, `"b,c", "new", "newer")`,
			"type = decimal(10,2)", "type = decimal(14,2)"),
	}
	for i, text := range steps {
		if err := os.WriteFile(filepath.Join(root, "schema.hcl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ask := plan.Options{Message: "step"}
		if i == 1 {
			for _, name := range []string{"uuid", "code", "role", "sum"} {
				ask.Renames = append(ask.Renames, "by_"+name+".label:title")
			}
		}
		if _, err := plan.Generate(t.Context(), root, ask, time.Date(2026, 1, 1, 12, i, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		files := os.DirFS(filepath.Join(root, "migrations"))
		got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, nil)
		if f := got.Failed; f != nil {
			t.Fatalf("%s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if got.Migrations != len(steps) || len(got.Notes) > 0 {
			t.Errorf("got %d migrations with notes %q", got.Migrations, got.Notes)
		}
	})
}
