package run

import (
	"context"
	"net/url"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"

	"ariga.io/atlas/sql/schema"
)

// TestLockOfTheCLI: an upgrade waits while the Atlas CLI works on the same database. It does
// not wait while the CLI, or another upgrade, works on another database of the server.
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
	t.Run("another upgrade", upgradeBesideAnother)
}

// upgradeBesideAnother: an upgrade does not wait for an upgrade of another database of the
// server, even if its user may not see the session of the other one.
func upgradeBesideAnother(t *testing.T) {
	files := migratetest.Folder(t, migratetest.V1, migratetest.SQL1)
	address := dbtest.MySQL(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(dbtest.User(t, address, "secret"), "secret")
	second := engine(t, plan.MySQL, u.String(), files)
	second.waitTimeout = 10 * time.Second // a test of another package may hold the lock of the CLI
	first := engine(t, plan.MySQL, dbtest.MySQL(t), files)
	ran := false
	first.Exec = func(ctx context.Context, conn schema.ExecQuerier, statement string) error {
		if !ran {
			ran = true
			upgrade(t, second, Upgrade{}, "∅→one applied [one/2] pending []")
		}
		_, err := conn.ExecContext(ctx, statement)
		return err
	}
	upgrade(t, first, Upgrade{}, "∅→one applied [one/2] pending []")
}
