package plan

import (
	"fmt"
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"
	"slipway/internal/migrate/migratetest"

	declared "slipway/internal/migrate/schema"
	"slipway/internal/test/dbtest"
)

// TestRowSize: db migrate refuses exactly the tables whose rows MySQL refuses.
func TestRowSize(t *testing.T) {
	t.Parallel()
	db := migratetest.Connect(t, dbtest.MySQL(t))
	for i, c := range []struct {
		typ, null string
		n         int
		charset   string
		fits      bool
	}{
		{"varchar(16383)", "false", 1, "utf8mb4", false},
		{"varchar(16382)", "true", 1, "utf8mb4", false},
		{"varchar(16380)", "true", 1, "utf8mb4", true},
		{"varchar(65532)", "true", 1, "latin1", false},
		{"varchar(65520)", "true", 1, "latin1", true},
		{"varchar(1000)", "true", 16, "utf8mb4", true},
		{"varchar(1000)", "true", 17, "utf8mb4", false},
		{"varbinary(8000)", "true", 8, "utf8mb4", true},
		{"varbinary(8000)", "true", 9, "utf8mb4", false},
		{"char(255)", "true", 64, "utf8mb4", true},
		{"char(255)", "true", 65, "utf8mb4", false},
		{"text", "true", 196, "utf8mb4", true},
		{"text", "true", 198, "utf8mb4", false},
		{"varchar(20)", "true", 196, "utf8mb4", true},
		{"varchar(20)", "true", 199, "utf8mb4", false},
		{"binary(250)", "true", 32, "utf8mb4", true},
		{"binary(250)", "true", 33, "utf8mb4", false},
		{"char(250)", "true", 32, "latin1", true},
		{"char(250)", "true", 33, "latin1", false},
		{"json", "false", 197, "utf8mb4", true},
		{"json", "false", 198, "utf8mb4", false},
	} {
		var b strings.Builder
		fmt.Fprintf(&b, "table \"t%d\" {\n  schema = schema.app\n  charset = %q\n", i, c.charset)
		fmt.Fprint(&b, "  column \"id\" {\n    type = bigint\n  }\n  primary_key {\n    columns = [column.id]\n  }\n")
		for n := range c.n {
			fmt.Fprintf(&b, "  column \"c%d\" {\n    type = %s\n    null = %s\n  }\n", n, c.typ, c.null)
		}
		s, err := declared.MySQL(SchemaFile, []byte(migratetest.Preamble+b.String()+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		changes, err := Dialects[0].diff(schema.New(s.Name), s)
		if err != nil {
			t.Fatal(err)
		}
		statements, err := Dialects[0].plan(t.Context(), changes)
		if err != nil {
			t.Fatal(err)
		}
		_, failed := db.Exec(statements[0].Cmd)
		refused := refuseLimits(changes)
		if (refused == nil) != c.fits || (failed == nil) != c.fits {
			t.Errorf("%d columns %s: %v; the server: %v", c.n, c.typ, refused, failed)
		}
	}
}
