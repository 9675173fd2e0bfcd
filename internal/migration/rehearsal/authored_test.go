package rehearsal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/dbtest"
	"slipway/internal/migration"
)

// kinds are the types of allSorts.
var kinds = []string{"tinyint", "smallint", "mediumint", "int", "bigint", "bool", "bit(5)", "bit(64)", "year", "float", "double", "decimal(10,2)",
	"decimal(15)", "decimal(20,2)", "decimal(20,20)", "char(3)", "varchar(1)", "varchar(80)", "varchar(300)", "tinytext", "text", "mediumtext", "longtext",
	`enum("a", "it's", "b,c")`, `set("x", "y", "z")`, "json", "date", "datetime", "datetime(6)", "timestamp", "time", "time(3)",
	"binary(16)", "varbinary(40)", "tinyblob", "blob", "longblob"}

// allSorts is a schema.hcl with columns of every type, each NULL and NOT NULL, signed
// and not, and with keys of some of them. Edits are pairs of old and new text.
func allSorts(edits ...string) string {
	var b strings.Builder
	b.WriteString("schema \"app\" {}\n")
	column := func(name, kind, more string) {
		b.WriteString("  column \"" + name + "\" {\n    type = " + kind + "\n    " + more + "\n  }\n")
	}
	table := func(name string, rest string, columns func()) {
		b.WriteString("table \"" + name + "\" {\n  schema  = schema.app\n  charset = \"utf8mb4\"\n  collate = \"utf8mb4_0900_bin\"\n")
		columns()
		b.WriteString(rest + "}\n")
	}
	table("sorts", "  primary_key { columns = [column.id] }\n", func() {
		column("id", "bigint", "auto_increment = true")
		for i, kind := range kinds {
			suffix := string(rune('a'+i/26)) + string(rune('a'+i%26))
			column("null_"+suffix, kind, "null = true")
			column("full_"+suffix, kind, "null = false")
			if strings.HasSuffix(kind, "int") || strings.HasPrefix(kind, "decimal") {
				column("whole_"+suffix, kind, "unsigned = true")
			}
		}
	})
	for name, kind := range map[string]string{"by_uuid": "binary(16)", "by_code": "char(8)", "by_role": `enum("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")`,
		"by_sum": "decimal(20,4)"} {
		table(name, "  primary_key { columns = [column.id] }\n  foreign_key \""+name+"_same\" {\n    columns     = [column.same]\n    ref_columns = [column.id]\n"+
			"    on_update   = NO_ACTION\n    on_delete   = SET_NULL\n  }\n  index \""+name+"_same_index\" { columns = [column.same] }\n  check \""+
			name+"_given\" { expr = \"length(label) > 2\" }\n", func() {
			column("id", kind, "null = false")
			column("same", kind, "null = true")
			column("label", "varchar(20)", "default = \"none\"")
		})
	}
	return strings.NewReplacer(edits...).Replace(b.String())
}

// TestAuthored: migrations that are written from a schema.hcl with all types pass, and
// every table gets rows: they fit what types mean on either dialect.
func TestAuthored(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	steps := []string{
		allSorts(),
		allSorts("type = varchar(80)", "type = varchar(120)", `"b,c")`, `"b,c", "new")`,
			"type = decimal(10,2)", "type = decimal(12,2)", `"label"`, `"title"`, "length(label)", "length(title)"),
		allSorts("type = longblob\n    null = false\n  }\n", "type = longblob\n    null = false\n  }\n"+
			"  column \"more\" {\n    type = varchar(9)\n    null = true\n  }\n  column \"role\" {\n    type    = enum(\"u\", \"v\")\n    default = \"v\"\n  }\n",
			"type = varchar(80)", "type = varchar(160)", `"b,c")`, `"b,c", "new", "newer")`, "type = decimal(10,2)", "type = decimal(14,2)",
			`"label"`, `"title"`, "length(label)", "length(title)"),
	}
	for i, text := range steps {
		if err := os.WriteFile(filepath.Join(root, "schema.hcl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ask := migration.Authoring{Message: "step"}
		if i == 1 {
			for _, name := range []string{"uuid", "code", "role", "sum"} {
				ask.Renames = append(ask.Renames, "by_"+name+".label:title")
			}
		}
		if _, err := migration.Author(t.Context(), root, ask, time.Date(2026, 1, 1, 12, i, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		files := os.DirFS(filepath.Join(root, "migrations", dialect))
		got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, nil)
		if f := got.Failed; f != nil {
			t.Fatalf("%s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if got.Migrations != len(steps) || len(got.Notes) > 0 {
			t.Errorf("got %d migrations with notes %q", got.Migrations, got.Notes)
		}
	})
}
