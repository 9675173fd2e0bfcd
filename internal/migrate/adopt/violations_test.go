package adopt_test

import (
	"os"
	"strings"
	"testing"

	"slipway/internal/migrate/adopt"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
)

// TestViolations: rows that MySQL would not accept are counted, and the pending migration
// waits until they are changed.
func TestViolations(t *testing.T) {
	t.Parallel()
	db, engine := live(t, plan.SQLite, "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(3), born DATE)",
		"INSERT INTO t (name, born) VALUES ('a', '2026-01-31'), ('toolong', NULL), ('b', 'soon')")
	project, err := build(t, engine, adopt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "notes", strings.Join(project.Notes, "\n"), []string{
		"t: rows that violate t_name_type: 1; change them before db upgrade: SELECT * FROM `t` WHERE NOT (typeof(`name`)",
		"t: rows that violate t_born_type: 1",
	})
	root := t.TempDir()
	if _, err := project.Write(t.Context(), root, nil, db); err != nil {
		t.Fatal(err)
	}
	if engine, err = run.New(db, plan.SQLite, os.DirFS(root+"/migrations")); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Upgrade(t.Context(), run.Upgrade{}); err == nil || !strings.Contains(err.Error(), "CHECK") {
		t.Errorf("upgrade with wrong rows: %v", err)
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM t").Scan(&n); err != nil || n != 3 {
		t.Errorf("%d rows, %v", n, err)
	}
	if _, err := db.Exec("UPDATE t SET name = 'abc', born = NULL WHERE id > 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Upgrade(t.Context(), run.Upgrade{}); err != nil {
		t.Error(err)
	}
}
