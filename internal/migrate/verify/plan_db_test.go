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
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				root, db := migratetest.Project(t, string(c.From)), migratetest.Connect(t, address)
				e := engineOf(t, dialect, address, os.DirFS(filepath.Join(root, "migrations")))
				if bytes.Contains(c.From, []byte("\ntable ")) {
					writtenFor(t, root, dialect, plan.Options{Message: "from"})
				}
				if _, err := e.Upgrade(t.Context(), run.Upgrade{}); err != nil {
					t.Fatal(err)
				}
				addRows(t, db, dialect, c.From)
				before := dumpRows(t, db, dialect, c.From, nil)

				migratetest.Write(t, root, "schema.hcl", string(c.To))
				ask := plan.Options{Message: "to", Renames: c.Renames, Drops: c.Drops, Fills: c.Fills}
				way, fills := writtenFor(t, root, dialect, ask)
				up, err := e.Upgrade(t.Context(), run.Upgrade{})
				if err != nil {
					t.Fatal(err)
				}
				migratetest.SameSchema(t, dialect, address, c.To)
				e.Scratch = migratetest.OnlySQLite(t, plan.ErrNoScratch)
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

// writtenFor writes the migration, and returns the file of a dialect. fills reports whether the
// migration fills columns of existing rows.
func writtenFor(t *testing.T, root, dialect string, ask plan.Options) (made plan.ResultFile, fills bool) {
	t.Helper()
	authored, err := plan.Generate(t.Context(), root, ask, migratetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range authored.Files {
		if f.Dialect == dialect {
			up, _, _ := strings.Cut(migratetest.ReadText(t, root, f.Path), "-- slipway:down")
			return f, strings.Contains(up, "UPDATE ") || strings.Contains(up, "IFNULL")
		}
	}
	return plan.ResultFile{}, false
}
