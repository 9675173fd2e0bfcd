package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
)

// conversions are changes of a column's type, a value before and the value after.
var conversions = []struct{ from, to, value, want string }{
	{"double", "int", "2.6", "3"},
	{"decimal(10,2)", "int", "-7.25", "-7"},
	{"decimal(10,2)", "decimal(10,1)", "1.27", "1.3"},
	{"double", "decimal(10,2)", "1.234", "1.23"},
	{"int", "double", "7", "7"},
	{"int", "varchar(20)", "7", "7"},
	{"varchar(20)", "int", "'7'", "7"},
	{"date", "datetime(6)", "'2026-01-31'", "2026-01-31 00:00:00"},
	{"datetime", "date", "'2026-01-31 10:20:30'", "2026-01-31"},
	{"varchar(20)", "blob", "'abc'", "abc"},
	{"varbinary(20)", "varchar(20)", "x'616263'", "abc"},
	{"varchar(20)", "longtext", "'abc'", "abc"},
	{"bool", "int", "1", "1"},
}

// TestConversions: rows keep their values when a type changes, converted as MySQL does.
func TestConversions(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for step := range 2 {
		var text strings.Builder
		text.WriteString(
			migratetest.Preamble + "table \"t\" {\n  schema = schema.app\n  charset = \"utf8mb4\"\n  collate = " +
				"\"utf8mb4_0900_bin\"\n")
		for i, c := range conversions {
			fmt.Fprintf(&text, "  column \"c%d\" {\n    type = %s\n    null = true\n  }\n", i, []string{c.from, c.to}[step])
		}
		text.WriteString("}\n")
		if err := os.WriteFile(filepath.Join(root, "schema.hcl"), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 1, 1+step, 0, 0, 0, 0, time.UTC)
		if _, err := plan.Generate(t.Context(), root, plan.Options{Message: "step"}, now); err != nil {
			t.Fatal(err)
		}
	}
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engineOf(t, dialect, address, os.DirFS(filepath.Join(root, "migrations")))
		if _, err := e.Upgrade(t.Context(), Upgrade{To: "20260101000000"}); err != nil {
			t.Fatal(err)
		}
		for i, c := range conversions {
			migratetest.Exec(t, e.db, fmt.Sprintf("INSERT INTO t (c%d) VALUES (%s)", i, c.value))
		}
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Fatal(err)
		}
		for i, c := range conversions {
			var got string
			row := e.db.QueryRow(fmt.Sprintf("SELECT CAST(c%d AS char) FROM t WHERE c%d IS NOT NULL", i, i))
			if err := row.Scan(&got); err != nil || strings.TrimSuffix(got, ".000000") != c.want && got != c.want+".0" {
				t.Errorf("%s of %s to %s: %q, %v; want %s", c.value, c.from, c.to, got, err, c.want)
			}
		}
	})
}
