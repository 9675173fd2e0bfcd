package verify

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
)

// TestPlanOnDatabase applies the migration of each case to a real database with rows. The
// upgrade must lead to the new schema, and the downgrade back to the old one. The rows must be
// kept, except the values of dropped columns.
func TestPlanOnDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range migratetest.PlanCases(t, "../plan/testdata/plan") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			root := migratetest.Project(t, string(c.From))
			hasTables := bytes.Contains(c.From, []byte("\ntable "))
			if hasTables {
				generate(t, root, plan.Options{Message: "from"})
			}
			migratetest.Write(t, root, "schema.hcl", string(c.To))
			ask := plan.Options{Message: "to", Renames: c.Renames, Drops: c.Drops, Fills: c.Fills}
			made := generate(t, root, ask)
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				db := migratetest.Connect(t, address)
				e := engineOf(t, dialect, address, os.DirFS(filepath.Join(root, "migrations")))
				if hasTables {
					if _, err := e.Upgrade(t.Context(), run.Upgrade{To: migratetest.Noon.Format("20060102150405")}); err != nil {
						t.Fatal(err)
					}
				}
				addRows(t, db, dialect, c.From)
				before := dumpRows(t, db, dialect, c.From, nil)
				way, fills := fileOf(t, root, made, dialect)
				up, err := e.Upgrade(t.Context(), run.Upgrade{})
				if err != nil {
					t.Fatal(err)
				}
				migratetest.SameSchema(t, dialect, address, c.To)
				e.Scratch = nil
				if dialect == plan.SQLite {
					e.Scratch = migratetest.OnlySQLite(t, plan.ErrNoScratch)
				}
				loss := checkAndLoss(t, e, c.To)
				if dialect == plan.MySQL {
					e.Scratch = migratetest.Scratch(t)
					if again := checkAndLoss(t, e, c.To); again != loss {
						t.Errorf("a downgrade loses\n%s, from the snapshots\n%s", again, loss)
					}
				}
				if len(up.Applied) == 0 {
					return // nothing to do on this dialect
				}
				_, err = e.Downgrade(t.Context(), run.Downgrade{AllowDataLoss: true})
				if way.Irreversible != "" {
					if err == nil || !strings.Contains(err.Error(), way.Irreversible) {
						t.Errorf("the file is irreversible, but a downgrade returns %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				migratetest.SameSchema(t, dialect, address, c.From)
				sameRows(t, before, dumpRows(t, db, dialect, c.From, nil), way.Drops, fills)
			})
		})
	}
}

// checkAndLoss compares a database, its files and the schema, and returns the data that a
// downgrade would delete.
func checkAndLoss(t *testing.T, e *run.Engine, schema []byte) string {
	t.Helper()
	if _, err := Check(t.Context(), e, Declared{Schema: schema}); err != nil {
		t.Errorf("the database, its files and the schema: %v", err)
	}
	report, err := e.Downgrade(t.Context(), run.Downgrade{DryRun: true})
	if err != nil {
		return ""
	}
	return fmt.Sprint(report.Loss)
}

// generate writes the migration.
func generate(t *testing.T, root string, ask plan.Options) plan.Result {
	t.Helper()
	authored, err := plan.Generate(t.Context(), root, ask, migratetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	return authored
}

// fileOf returns the file of a dialect. fills reports whether it fills columns of existing rows.
func fileOf(t *testing.T, root string, authored plan.Result, dialect string) (made plan.ResultFile, fills bool) {
	t.Helper()
	for _, f := range authored.Files {
		if f.Dialect == dialect {
			up, _, _ := strings.Cut(migratetest.ReadText(t, root, f.Path), "-- slipway:down")
			return f, strings.Contains(up, "UPDATE ") || strings.Contains(up, "IFNULL")
		}
	}
	return plan.ResultFile{}, false
}
