package run

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// TestSessionCloses: closing a session returns even if rows are open. Atlas leaves rows open after some errors, and
// database/sql waits for open rows.
func TestSessionCloses(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address, migratetest.Folder(t))
		migratetest.Exec(t, e.db, "CREATE TABLE many (n integer)", "INSERT INTO many VALUES (1), (2), (3)")
		leave := func(s session, _ state) error {
			rows, err := s.QueryContext(t.Context(), "SELECT a.n FROM many a, many b, many c")
			if err == nil {
				rows.Next()
			}
			return err
		}
		ends(t, func() {
			if err := e.with(t.Context(), e.files, leave); err != nil {
				t.Error(err)
			}
		})
	})
}

// ends fails the test if do does not return.
func ends(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the function did not return")
	}
}

// TestLockedFile: while another program has locked an SQLite file, an upgrade reports that it
// waits. It continues when the file is unlocked, and fails after the timeout.
func TestLockedFile(t *testing.T) {
	t.Parallel()
	// The same settings as in database.Open for a migration.
	const soon = "?_pragma=busy_timeout(100)&_pragma=journal_mode(WAL)"
	address := dbtest.SQLite(t)
	holder := migratetest.Connect(t, address)
	migratetest.Exec(t, holder, "PRAGMA journal_mode = DELETE", "CREATE TABLE x (n integer)", "DROP TABLE x")
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(address, "sqlite://")+soon)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	e, err := New(db, plan.SQLite,
		migratetest.Under{plan.SQLite: migratetest.Folder(t, "1_a", "CREATE TABLE a (id integer)")})
	if err != nil {
		t.Fatal(err)
	}
	e.waitTimeout = time.Second
	migratetest.Exec(t, holder, "BEGIN EXCLUSIVE")
	var reported []Progress
	e.Progress = func(p Progress) { reported = append(reported, p) }
	_, err = e.Upgrade(t.Context(), Upgrade{})
	if err == nil || !strings.Contains(err.Error(), "another program has locked this database for 1s") {
		t.Error(err)
	}
	if len(reported) != 1 || reported[0].Stage != Waiting || reported[0].Limit != time.Second {
		t.Errorf("got %+v", reported)
	}
	e.Progress = func(p Progress) {
		if p.Stage == Waiting {
			migratetest.Exec(t, holder, "COMMIT")
		}
	}
	e.waitTimeout = time.Minute
	if report, err := e.Upgrade(t.Context(), Upgrade{}); err != nil || len(report.Applied) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}
