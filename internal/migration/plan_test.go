package migration

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the expected SQL in testdata/plan anew; read the difference")

// preamble stands above the tables of each case.
const preamble = `variable "dialect" { type = string }
variable "db" { type = string }
locals {
  mysql = var.dialect == "mysql"
  id    = local.mysql ? sql("bigint") : sql("integer")
  text  = local.mysql ? sql("longtext") : sql("text")
}
schema "app" { name = var.db }
`

// planCase is one file of testdata/plan: two schemas, and for each dialect the
// migration between them.
type planCase struct {
	name, path string
	archive    *txtar.Archive
	from, to   []byte
}

func planCases(t *testing.T) (cases []planCase) {
	t.Helper()
	paths, err := filepath.Glob("testdata/plan/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in testdata/plan: %v", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := planCase{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), path: path, archive: archive}
		c.from = append([]byte(preamble), c.file("from.hcl")...)
		c.to = append([]byte(preamble), c.file("to.hcl")...)
		cases = append(cases, c)
	}
	return cases
}

func (c planCase) file(name string) []byte {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func (c planCase) set(name string, text []byte) {
	for i, f := range c.archive.Files {
		if f.Name == name {
			c.archive.Files[i].Data = text
			return
		}
	}
	c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: text})
}

func draftOf(t *testing.T, dialect string, from, to []byte) draft {
	t.Helper()
	d, err := dialectByName(dialect)
	if err != nil {
		t.Fatal(err)
	}
	made, err := d.draft(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestPlan compares the files that would be written with those in testdata/plan.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, c := range planCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, dialect := range []string{MySQL, SQLite} {
				made := draftOf(t, dialect, c.from, c.to)
				text := "(nothing to do)\n"
				if len(made.up) > 0 {
					text = formatFile(made.up, made.down, made.irreversible)
					if err := made.readBack(text); err != nil {
						t.Errorf("%s: %v", dialect, err)
					}
				}
				if *update {
					c.set(dialect+".sql", []byte(text))
					continue
				}
				if want := c.file(dialect + ".sql"); !bytes.Equal(want, []byte(text)) {
					t.Errorf("%s: got\n%s\nwant\n%s", dialect, text, want)
				}
			}
			if *update {
				if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestPlanOnDatabase runs each case on a real database: up leads to the new
// schema, down leads back, and what the database then says of itself is what the
// schema says.
func TestPlanOnDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range planCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, dialect, address string) {
				db := connect(t, address)
				run := func(statements []*migrate.Change) {
					t.Helper()
					for _, s := range statements {
						exec(t, db, s.Cmd)
					}
				}
				way := draftOf(t, dialect, c.from, c.to)
				run(draftOf(t, dialect, nil, c.from).up)
				run(way.up)
				sameSchema(t, dialect, address, c.to)
				if way.irreversible != "" {
					t.Fatalf("no way down: %s", way.irreversible)
				}
				run(way.down)
				sameSchema(t, dialect, address, c.from)
			})
		})
	}
}

// sameSchema compares a database with the text of a schema.hcl.
func sameSchema(t *testing.T, dialect, address string, text []byte) {
	t.Helper()
	open := map[string]func(schema.ExecQuerier) (migrate.Driver, error){MySQL: mysql.Open, SQLite: sqlite.Open}[dialect]
	driver, err := open(connect(t, address))
	if err != nil {
		t.Fatal(err)
	}
	live, err := driver.InspectSchema(t.Context(), "", &schema.InspectOptions{Exclude: []string{revisionTable}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dialectByName(dialect)
	if err != nil {
		t.Fatal(err)
	}
	d.database = live.Name
	declared, err := d.parseSchema("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := driver.SchemaDiff(live, declared)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) == 0 {
		return
	}
	statements, err := d.plan(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		t.Errorf("the database differs from the schema by: %s", s.Cmd)
	}
}
