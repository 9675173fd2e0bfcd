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

// TestLockConflict: a statement that waits for an open transaction stops and reports it. It
// runs when the transaction ends, and does not block other sessions in the meantime.
func TestLockConflict(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	upgrade(t, engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, migratetest.SQL1)), Upgrade{},
		"∅→one applied [one/2] pending []")
	reader, third := migratetest.Connect(t, address), migratetest.Connect(t, address)
	migratetest.Exec(t, reader, "BEGIN", "SELECT * FROM a")
	e := engine(t, plan.MySQL, address,
		migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2))
	reported := 0
	e.Progress = func(p Progress) {
		if p.Stage == LockConflict && reported == 0 {
			reported++
			if p.Took < lockWait*time.Second/2 || p.Statement != strings.TrimSpace(migratetest.SQL2) {
				t.Errorf("got %+v", p)
			}
			// The ALTER is not in the queue now: other statements are not blocked.
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := third.ExecContext(ctx, "INSERT INTO a VALUES (1)"); err != nil {
				t.Errorf("another is kept waiting: %v", err)
			}
			migratetest.Exec(t, reader, "ROLLBACK")
		}
	}
	upgrade(t, e, Upgrade{}, "one→two applied [two/1] pending []")
	if reported != 1 {
		t.Errorf("%d reports", reported)
	}
	// The settings of the connection are restored.
	if got := migratetest.Query(t, e.db, "SELECT @@lock_wait_timeout = @@GLOBAL.lock_wait_timeout AND "+
		"@@innodb_lock_wait_timeout = @@GLOBAL.innodb_lock_wait_timeout"); got != "1" {
		t.Error("the lock timeouts of the session are not restored")
	}
}

// TestLockConflictTimeout: after the timeout, the error says how to find the other session.
// The statement is recorded, and the next upgrade runs it.
func TestLockConflictTimeout(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	upgrade(t, engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, migratetest.SQL1)), Upgrade{},
		"∅→one applied [one/2] pending []")
	reader := migratetest.Connect(t, address)
	migratetest.Exec(t, reader, "BEGIN", "SELECT * FROM a")
	e := engine(t, plan.MySQL, address,
		migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2))
	e.waitTimeout = time.Second
	report, err := e.Upgrade(t.Context(), Upgrade{})
	if err == nil || !strings.Contains(err.Error(), "other sessions held a lock that this statement needs") ||
		!strings.Contains(err.Error(), "SHOW PROCESSLIST") {
		t.Errorf("got %v", err)
	}
	check(t, "upgrade", report, "one→one applied [] pending [two/1] failed two")

	// A deadline is not an error.
	soon, cancel := context.WithTimeout(t.Context(), margin+time.Second)
	defer cancel()
	e.waitTimeout = defaultWaitTimeout
	if report, err = e.Upgrade(soon, Upgrade{}); err != nil {
		t.Error(err)
	}
	check(t, "upgrade", report, "one→one applied [] pending [two/1] incomplete")

	migratetest.Exec(t, reader, "ROLLBACK")
	upgrade(t, e, Upgrade{}, "one→two applied [two/1] pending []")
}
