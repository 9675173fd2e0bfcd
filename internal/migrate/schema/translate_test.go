package schema_test

import (
	"os"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/schema"
	"slipway/internal/test/dbtest"
)

func shop(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestTranslation checks that the tables of shop.hcl become those of shop.sqlite.sql on SQLite,
// and that a live database with these tables equals the declared schema.
func TestTranslation(t *testing.T) {
	t.Parallel()
	declared, err := schema.SQLite("schema.hcl", shop(t))
	if err != nil {
		t.Fatal(err)
	}
	var changes []atlas.Change
	for _, table := range declared.Tables {
		changes = append(changes, &atlas.AddTable{T: table})
	}
	plan, err := sqlite.DefaultPlan.PlanChanges(t.Context(), "", changes, func(o *migrate.PlanOptions) { o.Indent = "  " })
	if err != nil {
		t.Fatal(err)
	}
	db := dbtest.Open(t, dbtest.SQLite(t))
	var statements strings.Builder
	for _, c := range plan.Changes {
		statements.WriteString(c.Cmd + ";\n")
		if _, err := db.ExecContext(t.Context(), c.Cmd); err != nil {
			t.Fatalf("%v\n%s", err, c.Cmd)
		}
	}
	want, err := os.ReadFile("testdata/shop.sqlite.sql")
	if got := statements.String(); err != nil || got != string(want) {
		t.Errorf("%v, got\n%s", err, got)
	}
	driver, err := sqlite.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	live, err := driver.InspectSchema(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	found, err := driver.SchemaDiff(live, declared, atlas.DiffNormalized())
	if err != nil || len(found) > 0 {
		t.Errorf("the live database differs: %d changes, %v", len(found), err)
		for _, c := range found {
			if m, ok := c.(*atlas.ModifyTable); ok {
				for _, c := range m.Changes {
					t.Errorf("%s: %T %+v", m.T.Name, c, c)
				}
			}
		}
	}
}
