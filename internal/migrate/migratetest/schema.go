package migratetest

import (
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	declared "slipway/internal/migrate/schema"
)

// SameSchema compares a database with the text of a schema.hcl.
func SameSchema(t *testing.T, dialect, address string, text []byte) {
	t.Helper()
	open := map[string]func(schema.ExecQuerier) (migrate.Driver, error){"mysql": mysql.Open,
		"sqlite": sqlite.Open}[dialect]
	driver, err := open(Connect(t, address))
	if err != nil {
		t.Fatal(err)
	}
	live, err := driver.InspectSchema(t.Context(), "", &schema.InspectOptions{Exclude: []string{
		"atlas_schema_revisions", "slipway_migration_journal"}})
	if err != nil {
		t.Fatal(err)
	}
	parse := map[string]func(string, []byte) (*schema.Schema, error){"mysql": declared.MySQL,
		"sqlite": declared.SQLite}[dialect]
	wanted, err := parse("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	live.Name = wanted.Name // the declaration has no name of a database
	changes, err := driver.SchemaDiff(live, wanted)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		t.Errorf("the database differs from the schema by %T", c)
	}
}
