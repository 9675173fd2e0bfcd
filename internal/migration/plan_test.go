package migration

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
const preamble = `schema "app" {}
`

// planCase is one file of testdata/plan: two schemas, and for each dialect the
// migration between them.
type planCase struct {
	name, path string
	archive    *txtar.Archive
	from, to   []byte
	// ask is what is asked for beside the schemas, an option a line.
	ask Authoring
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
		c.ask = parseAsk(t, string(c.file("ask")))
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

// fills says that rows get values they did not have.
func (made draft) fills() bool {
	return slices.ContainsFunc(made.up, func(c *migrate.Change) bool { return isData(c) || strings.Contains(c.Cmd, "IFNULL") })
}

// parseAsk reads options as the command takes them, one a line.
func parseAsk(t *testing.T, text string) (ask Authoring) {
	t.Helper()
	for line := range strings.Lines(text) {
		option, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch option {
		case "--rename":
			ask.Renames = append(ask.Renames, value)
		case "--drop":
			ask.Drops = append(ask.Drops, value)
		case "--fill":
			ask.Fills = append(ask.Fills, value)
		default:
			t.Fatalf("no option: %q", line)
		}
	}
	return ask
}

func draftOf(t *testing.T, dialect string, from, to []byte) draft {
	t.Helper()
	return draftAsked(t, dialect, from, to, Authoring{})
}

func draftAsked(t *testing.T, dialect string, from, to []byte, ask Authoring) draft {
	t.Helper()
	asked, err := ask.parse()
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := draftAll(t.Context(), Snapshot{Text: from}, to, asked)
	if err != nil {
		t.Fatal(err)
	}
	for _, made := range drafts {
		if made.name == dialect {
			return made
		}
	}
	t.Fatalf("no draft for %s", dialect)
	return draft{}
}

// TestPlan compares the files that would be written with those in testdata/plan.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, c := range planCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, dialect := range []string{MySQL, SQLite} {
				made := draftAsked(t, dialect, c.from, c.to, c.ask)
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

// TestPlanOnDatabase writes each case to files and applies them to a real database
// with rows in its tables: up leads to the new schema, down leads back, what the
// database then says of itself is what the schema says, and the rows are those
// that were there, but for what a column that was dropped had.
func TestPlanOnDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range planCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, dialect, address string) {
				root, db := project(t, string(c.from)), connect(t, address)
				e := engineOf(t, dialect, address, os.DirFS(filepath.Join(root, "migrations")))
				if bytes.Contains(c.from, []byte("\ntable ")) {
					author(t, root, "from")
				}
				if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
					t.Fatal(err)
				}
				addRows(t, db, dialect, c.from)
				way := draftAsked(t, dialect, c.from, c.to, c.ask)
				before := dumpRows(t, db, dialect, c.from, way.drops)

				write(t, root, "schema.hcl", string(c.to))
				ask := c.ask
				ask.Message = "to"
				if _, err := Author(t.Context(), root, ask, noon); err != nil {
					t.Fatal(err)
				}
				up, err := e.Upgrade(t.Context(), Upgrade{})
				if err != nil {
					t.Fatal(err)
				}
				sameSchema(t, dialect, address, c.to)
				e.Scratch = scratch(t)
				loss := checkAndLoss(t, e, c.to)
				e.Scratch = onlySQLite(t)
				if again := checkAndLoss(t, e, c.to); again != loss {
					t.Errorf("a downgrade loses\n%s, from the snapshots\n%s", loss, again)
				}
				if len(up.Applied) == 0 {
					return // nothing to do on this dialect
				}
				_, err = e.Downgrade(t.Context(), Downgrade{AllowDataLoss: true})
				if way.irreversible != "" {
					if err == nil || !strings.Contains(err.Error(), way.irreversible) {
						t.Errorf("cannot be undone, and a downgrade says %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				sameSchema(t, dialect, address, c.from)
				sameRows(t, before, dumpRows(t, db, dialect, c.from, way.drops), way.fills())
			})
		})
	}
}

// checkAndLoss compares a database, its files and the schema, and returns what a
// downgrade would lose.
func checkAndLoss(t *testing.T, e *Engine, schema []byte) string {
	t.Helper()
	if _, err := Check(t.Context(), e, Declared{Schema: schema}); err != nil {
		t.Errorf("the database, its files and the schema: %v", err)
	}
	report, err := e.Downgrade(t.Context(), Downgrade{DryRun: true})
	if err != nil {
		return ""
	}
	return fmt.Sprint(report.Loss)
}

// sameSchema compares a database with the text of a schema.hcl.
func sameSchema(t *testing.T, dialect, address string, text []byte) {
	t.Helper()
	open := map[string]func(schema.ExecQuerier) (migrate.Driver, error){MySQL: mysql.Open, SQLite: sqlite.Open}[dialect]
	driver, err := open(connect(t, address))
	if err != nil {
		t.Fatal(err)
	}
	live, err := driver.InspectSchema(t.Context(), "", &schema.InspectOptions{Exclude: []string{revisionTable,
		journalTable}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dialectByName(dialect)
	if err != nil {
		t.Fatal(err)
	}
	declared, err := d.parse("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	live.Name = declared.Name // the declaration has no name of a database
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
