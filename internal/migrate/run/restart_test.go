package run

import (
	"context"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// TestServerEndsConnection: the server closes the connection during a statement, as in a
// restart. The report contains the error, the lock is released, and the next run completes
// the migration.
func TestServerEndsConnection(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	e := engine(t, plan.MySQL, address,
		migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2,
			"ALTER TABLE a ADD COLUMN x int;\nDO SLEEP(2);\nALTER TABLE a ADD COLUMN y int;\n"))
	other := migratetest.Connect(t, address)
	connection := migratetest.Query(t, e.db, "SELECT CONNECTION_ID()") // the only one of the pool
	ended := make(chan error, 1)
	e.Progress = func(p Progress) {
		if p.Stage == Running && strings.HasPrefix(p.Statement, "DO SLEEP") {
			go func() {
				_, err := other.ExecContext(t.Context(), "KILL "+connection)
				ended <- err
			}()
		}
	}
	report, err := e.Upgrade(t.Context(), Upgrade{})
	if err == nil || report.Failed == nil || report.Failed.Statement != "DO SLEEP(2);" {
		t.Errorf("got %v, %+v", err, report.Failed)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	check(t, "upgrade", report, "∅→one applied [one/2] pending [two/2] failed two")
	e.Progress = nil
	upgrade(t, e, Upgrade{}, "one→two applied [two/2] pending []")
	if got := migratetest.Query(t, other, "SELECT column_name FROM information_schema.columns WHERE table_schema = "+
		"DATABASE() AND table_name = 'a' ORDER BY ordinal_position"); got != "id x y" {
		t.Errorf("columns: %q", got)
	}
}

// deadline is a context with a deadline that a test moves.
type deadline struct {
	context.Context
	at time.Time
}

// Deadline implements [context.Context].
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// TestDowngradeDeadline: near its deadline a downgrade starts no further statement and sets
// Incomplete. The next run continues.
func TestDowngradeDeadline(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, migratetest.Up2, migratetest.V3,
				migratetest.Up3))
		upgrade(t, e, Upgrade{}, "∅→three applied [one/3 two/2 three/1] pending []")
		soon := &deadline{t.Context(), time.Now().Add(time.Hour)}
		e.Progress = func(p Progress) {
			if p.Stage == Running && p.Version == "20260102000000" {
				soon.at = time.Now().Add(margin - time.Second)
			}
		}
		report, err := e.Downgrade(soon, Downgrade{To: Base})
		if err != nil {
			t.Error(err)
		}
		want := map[string]string{
			plan.MySQL:  "three→one applied [three/1] pending [two/1 one/2] incomplete",
			plan.SQLite: "three→two applied [three/1] pending [two/2 one/2] incomplete",
		}
		check(t, "downgrade", report, want[dialect])
		e.Progress = nil
		want = map[string]string{
			plan.MySQL:  "one→∅ applied [two/1 one/2] pending []",
			plan.SQLite: "two→∅ applied [two/2 one/2] pending []",
		}
		downgrade(t, e, Downgrade{To: Base}, want[dialect])
	})
}
