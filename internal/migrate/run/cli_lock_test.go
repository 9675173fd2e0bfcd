package run

import (
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// TestLockOfTheCLI: an upgrade waits while the Atlas CLI works on the same database. It does
// not wait while the CLI works on another database of the server.
func TestLockOfTheCLI(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ same, waits bool }{
		"on this database": {same: true, waits: true},
		"on another one":   {same: false, waits: false},
	} {
		t.Run(name, func(t *testing.T) {
			// Not in parallel: there is one such lock for the server.
			address := dbtest.MySQL(t)
			e := engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, migratetest.SQL1))
			at := address
			if !c.same {
				at = dbtest.MySQL(t)
			}
			cli := migratetest.Connect(t, at)
			if got := migratetest.Query(t, cli, "SELECT GET_LOCK('atlas_migrate_execute', 60)"); got != "1" {
				t.Fatalf("the lock: %q", got)
			}
			waited := false
			e.Progress = func(p Progress) {
				if p.Stage == Waiting {
					waited = true
					migratetest.Exec(t, cli, "DO RELEASE_LOCK('atlas_migrate_execute')")
				}
			}
			upgrade(t, e, Upgrade{}, "∅→one applied [one/2] pending []")
			if waited != c.waits {
				t.Errorf("waited: %v", waited)
			}
		})
	}
}
