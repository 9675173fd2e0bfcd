package run

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
)

// asTheCLI are queries whose results are in testdata/revisions, from databases that the Atlas
// CLI migrated with the same files. They omit values that differ between runs, and the
// operator.
var asTheCLI = map[string][]string{
	plan.MySQL: {
		"SELECT CONCAT_WS('|', version, description, type, applied, total, error, error_stmt, hash, partial_hashes)" +
			" FROM atlas_schema_revisions ORDER BY version",
		"SELECT CONCAT_WS(' ', column_name, column_type, is_nullable, IFNULL(column_default, '-'), IFNULL(collation_name, " +
			"'-'))" +
			" FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'atlas_schema_revisions' ORDER " +
			"BY ordinal_position",
	},
	plan.SQLite: {
		"SELECT version||'|'||description||'|'||type||'|'||applied||'|'||total||'|'||error||'|'||" +
			"error_stmt||'|'||hash||'|'||partial_hashes" +
			"||'|'||typeof(partial_hashes)||'|'||typeof(executed_at) FROM atlas_schema_revisions ORDER BY version",
		"SELECT sql FROM sqlite_master WHERE name = 'atlas_schema_revisions'",
	},
}

// TestRevisionsAsTheCLI applies a valid migration and one that the database rejects, and
// compares the table of revisions with the CLI's.
func TestRevisionsAsTheCLI(t *testing.T) {
	t.Parallel()
	files := migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2,
		"CREATE TABLE x (id int);\nCREATE TABLE a (id int);\nCREATE TABLE y (id int);\n")
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		if _, err := engine(t, dialect, address, files).Upgrade(t.Context(), Upgrade{}); err == nil {
			t.Fatal("want an error")
		}
		db := migratetest.Connect(t, address)
		var got []string
		for _, text := range asTheCLI[dialect] {
			got = append(got, migratetest.QueryLines(t, db, text)...)
		}
		want, err := os.ReadFile("testdata/revisions/" + dialect + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(got, "\n") + "\n"; text != string(want) {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
		if got := migratetest.Query(t, db, "SELECT DISTINCT operator_version FROM atlas_schema_revisions"); got != operator {
			t.Errorf("operator: got %q", got)
		}
		if got := migratetest.Query(t, db, "SELECT CAST(executed_at AS CHAR) FROM atlas_schema_revisions WHERE version = "+
			"'20260101000000'"); !strings.HasPrefix(got, time.Now().UTC().Format("2006")) {
			t.Errorf("executed at: got %q", got)
		}
	})
}

// insertRevisions is the start of a statement that writes rows as the CLI does.
const insertRevisions = "INSERT INTO atlas_schema_revisions (version, description, type, applied, total, executed_at," +
	" execution_time, error, error_stmt, hash, partial_hashes, operator_version) VALUES "

// makeRevisionTable creates an empty table of revisions.
func makeRevisionTable(t *testing.T, e *Engine) {
	t.Helper()
	s, err := e.openSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(createRevisionTable(t.Context(), s), s.close()); err != nil {
		t.Fatal(err)
	}
}

// TestAfterTheCLI reads rows of the CLI: an applied migration, the identifier of the CLI, and
// a baseline.
func TestAfterTheCLI(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ rows, want, after string }{
		"applied by the CLI": {
			"('.atlas_cloud_identifier', 'f3b1', 2, 0, 0, '2026-01-01 00:00:00', 0, NULL, NULL, '', NULL, 'Atlas CLI'), " +
				"('20260101000000', 'one', 2, 2, 2, '2026-01-01 00:00:00', 7, '', '', 'x', 'null', 'Atlas CLI')",
			"one→three applied [one/2] pending [two/1 three/2]", "one→three applied [two/1 three/2] pending []",
		},
		"a baseline": {
			"('20260102000000', 'two', 1, 0, 0, '2026-01-01 00:00:00', 0, '', '', '', 'null', 'Atlas CLI')",
			"two→three applied [two/0] pending [three/2]", "two→three applied [three/2] pending []",
		},
		"set by hand": {
			"('20260101000000', 'one', 4, 0, 0, '2026-01-01 00:00:00', 0, '', '', '', 'null', 'Atlas CLI'), " +
				"('20260102000000', 'two', 4, 0, 0, '2026-01-01 00:00:00', 0, '', '', '', 'null', 'Atlas CLI')",
			"two→three applied [one/0 two/0] pending [three/2]", "two→three applied [three/2] pending []",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				e := engine(t, dialect, address,
					migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
						migratetest.SQL3))
				makeRevisionTable(t, e)
				migratetest.Exec(t, e.db, insertRevisions+c.rows, "CREATE TABLE a (id int)", "CREATE TABLE b (id int)")
				status(t, e, c.want)
				upgrade(t, e, Upgrade{}, c.after)
			})
		})
	}
}
