package app_test

import (
	"os"
	"slices"
	"testing"

	atlasmysql "ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	atlassqlite "ariga.io/atlas/sql/sqlite"
	"github.com/zclconf/go-cty/cty"

	"slipway/internal/app"
	"slipway/internal/resource"
)

// unserved are tables of schema.hcl that have no row type, because nothing reads or
// writes them over HTTP.
var unserved = []string{"idempotency_keys"}

// TestTablesMatchSchema: schema.hcl declares every table as its row type has it, on
// both dialects. It needs no database.
func TestTablesMatchSchema(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for _, dialect := range []string{"mysql", "sqlite"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			tables := declared(t, dialect, text)
			for _, m := range app.Tables {
				table, ok := tables[m.Name]
				if !ok {
					t.Errorf("%s is in app.Tables, and is no table of schema.hcl", m.Name)
					continue
				}
				for _, difference := range compare(dialect, table, m) {
					t.Errorf("%s: %s", m.Name, difference)
				}
				delete(tables, m.Name)
			}
			for name := range tables {
				if !slices.Contains(unserved, name) {
					t.Errorf("%s is a table of schema.hcl, and is not in app.Tables: add it there, or to unserved in this test", name)
				}
			}
		})
	}
}

// declared returns the tables of a schema.hcl as a dialect sees them, by name.
func declared(t *testing.T, dialect string, text []byte) map[string]*atlas.Table {
	t.Helper()
	eval := map[string]func([]byte, any, map[string]cty.Value) error{
		"mysql": atlasmysql.EvalHCLBytes, "sqlite": atlassqlite.EvalHCLBytes,
	}[dialect]
	var s atlas.Schema
	variables := map[string]cty.Value{"dialect": cty.StringVal(dialect), "db": cty.StringVal("main")}
	if err := eval(text, &s, variables); err != nil {
		t.Fatal(err)
	}
	tables := map[string]*atlas.Table{}
	for _, table := range s.Tables {
		tables[table.Name] = table
	}
	return tables
}

// TestComparison: row types that are right have no differences, and each mistake is
// found and says what to write.
func TestComparison(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"mysql", "sqlite"} {
		tables := declared(t, dialect, []byte(samples))
		for _, m := range []*resource.Table{resource.Of[Box]("boxes"), resource.Of[Move]("moves")} {
			for _, difference := range compare(dialect, tables[m.Name], m) {
				t.Errorf("%s: %s: %s", dialect, m.Name, difference)
			}
		}
	}
	tables := declared(t, "mysql", []byte(samples))
	for _, c := range []struct {
		table *resource.Table
		want  []string
	}{
		{resource.Of[wrongBox]("boxes"), []string{
			`id is bigint unsigned in schema.hcl, bigint in the row type: write gorm:"type:bigint unsigned"`,
			`small: null is false in schema.hcl, true in GORM's tag, true in the struct`,
			`medium is int in schema.hcl, bigint in the row type: write gorm:"type:int"`,
			`price is decimal(10,2) in schema.hcl, double in the row type: write gorm:"type:decimal(10,2)"`,
			`ratio holds a number in schema.hcl, a string in the row type`,
			`code has 5 characters in schema.hcl, 0 in the row type: write gorm:"type:char(5);size:5"`,
			`words is text in schema.hcl, longtext in the row type: write gorm:"type:text"`,
			`shape is enum('round','flat') in schema.hcl, enum('round') in the row type: write gorm:"type:enum('round','flat')"`,
			`shape has the default "flat" in schema.hcl, "round" in the row type`,
			`label is varchar(20) in schema.hcl, varchar(10) in the row type: write gorm:"size:20"`,
			`data is json in schema.hcl, longtext in the row type: write gorm:"type:json"`,
			`data has the default "" in schema.hcl, "5" in the row type`,
			`colour is not in schema.hcl`,
			`year is no column to GORM: add gorm:"column:year"`,
			`seen_at is timestamp in schema.hcl, a time without a precision in the row type: write gorm:"type:timestamp"`,
			`due_at is datetime in schema.hcl, a time without a precision in the row type: write gorm:"precision:0"`,
			`made_at is datetime(6) in schema.hcl, datetime(3) in the row type: write gorm:"precision:6"`,
			`bytes is not in the row type`,
			`clock is not in the row type`,
			`day is not in the row type`,
			`the unique index boxes_label (label, code) is not in the row type`,
			`the unique index boxes_name (label) is not in schema.hcl`,
		}},
		{resource.Of[wrongMove]("moves"), []string{
			`GORM calls the table wrong_moves: add func (wrongMove) TableName() string { return "moves" }`,
			`after_id is not in the row type`,
			`the foreign key moves_from_id (from_id → boxes.id, on delete RESTRICT) is not in the row type`,
			`the foreign key moves_to_id (to_id → boxes.id, on delete SET NULL) is not in the row type`,
			`the foreign key moves_after_id (after_id → moves.id, on delete NO ACTION) is not in the row type`,
			`the foreign key moves_from (from_id → boxes.id, on delete CASCADE) is not in schema.hcl`,
		}},
	} {
		if got := compare("mysql", tables[c.table.Name], c.table); !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.table.Name, got, c.want)
		}
	}
}
