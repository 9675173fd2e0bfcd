package apitest

import (
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/schema"
)

// Statements returns the SQL statements that create the tables of a schema.hcl.
func Statements(t testing.TB, dialect string, text []byte) (statements []string) {
	t.Helper()
	read, plan := schema.MySQL, mysql.DefaultPlan
	if dialect == "sqlite" {
		read, plan = schema.SQLite, sqlite.DefaultPlan
	}
	s, err := read("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	var changes []atlas.Change
	for _, table := range s.Tables {
		changes = append(changes, &atlas.AddTable{T: table})
	}
	unqualified := ""
	made, err := plan.PlanChanges(t.Context(), "", changes,
		func(o *migrate.PlanOptions) { o.SchemaQualifier = &unqualified })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range made.Changes {
		statements = append(statements, c.Cmd)
	}
	return statements
}
