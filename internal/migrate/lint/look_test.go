package lint_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lint"
	"slipway/internal/test/dbtest"
)

// codes returns the errors and warnings: code, file and line.
func codes(r run.Report) string {
	var all []string
	for _, f := range r.Findings {
		if f.Severity != lint.Notice {
			all = append(all, fmt.Sprintf("%s %s:%d", f.Code, f.File, f.Line))
		}
	}
	return strings.Join(all, "\n")
}

// TestLint: Look checks the pending files, and the files of the other dialect with the same
// versions. It returns an error if a finding is an error.
func TestLint(t *testing.T) {
	t.Parallel()
	const drops = "-- A comment.\nALTER TABLE parents DROP COLUMN name;\n\n-- slipway:down\n-- ALTER TABLE parents ADD " +
		"COLUMN name varchar(80) NOT NULL;\n"
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		files := migratetest.Folder(t, migratetest.V1, migratetest.Up1, migratetest.V2, drops)
		other := map[string]string{plan.MySQL: plan.SQLite, plan.SQLite: plan.MySQL}[dialect]
		e := engineOf(t, dialect, address, migratetest.Under{dialect: files, other: files})
		upgrade(t, e, run.Upgrade{To: "20260101000000"})
		report, err := lint.Look(t.Context(), e, lint.Lint{LargeTable: lint.LargeTable, Others: true})
		if err == nil || !strings.Contains(err.Error(), "lint found") {
			t.Errorf("got %v", err)
		}
		if got := codes(report); !strings.Contains(got, "DS103 migrations/"+dialect+"/20260102000000_two.sql:2") ||
			!strings.Contains(got, "DS103 migrations/"+other+"/20260102000000_two.sql:2") || strings.Contains(got, "_one.sql") {
			t.Errorf("got\n%s", got)
		}

		// What this build uses, it says.
		uses := []byte(migratetest.Preamble + "table \"parents\" {\n  schema = schema.app\n  column \"name\" {\n    type = " +
			"varchar(80)\n  }\n}\n")
		report, _ = lint.Look(t.Context(), e, lint.Lint{LargeTable: lint.LargeTable, Declared: uses})
		if got := codes(report); !strings.Contains(got, "SW201 migrations/"+dialect+"/20260102000000_two.sql:2") {
			t.Errorf("got\n%s", got)
		}

		// Applied files are not checked, unless they were edited afterwards.
		upgrade(t, e, run.Upgrade{})
		if report, err = lint.Look(t.Context(), e, lint.Lint{}); err != nil || report.Findings == nil ||
			len(report.Findings) > 0 {
			t.Errorf("nothing pending: %+v, %v", report, err)
		}
		e = engineOf(t, dialect, address, migratetest.Under{dialect: migratetest.Folder(t, migratetest.V1,
			migratetest.Up1+"-- More.\n", migratetest.V2, drops)})
		if report, err = lint.Look(t.Context(), e, lint.Lint{}); err == nil ||
			codes(report) != "SW608 migrations/"+dialect+"/20260101000000_one.sql:1" {
			t.Errorf("edited: got %s, %v", codes(report), err)
		}
	})
}

// TestLintLatest: Look checks the last files without a database.
func TestLintLatest(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		e := offline(t, dialect, migratetest.Under{dialect: migratetest.Folder(t, migratetest.V1, migratetest.Up1,
			migratetest.V2, "DROP TABLE kids;\n", migratetest.V3, migratetest.Up3)})
		for latest, want := range map[int]string{
			1: "", 2: "DS102 migrations/" + dialect + "/20260102000000_two.sql:1",
		} {
			report, _ := lint.Look(t.Context(), e, lint.Lint{Latest: latest})
			if got := codes(report); !strings.HasPrefix(got, want) || want == "" && got != "" {
				t.Errorf("the last %d: got %q, want %q", latest, got, want)
			}
		}
		e = offline(t, dialect, fstest.MapFS{})
		if _, err := lint.Look(t.Context(), e, lint.Lint{Latest: 5}); err != nil {
			t.Errorf("no files: %v", err)
		}
	})
}

// TestLintLargeTable: a statement that blocks writes is an error on a large table.
func TestLintLargeTable(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	e := engineOf(t, plan.MySQL, address,
		migratetest.Under{plan.MySQL: migratetest.Folder(t, migratetest.V1, "CREATE TABLE parents (id int NOT NULL, name "+
			"varchar(80) NOT NULL, PRIMARY KEY (id));\n",
			migratetest.V2, "ALTER TABLE parents MODIFY COLUMN id bigint NOT NULL;\n\n-- slipway:down\n-- ALTER TABLE parents "+
				"MODIFY COLUMN id int NOT NULL;\n")})
	upgrade(t, e, run.Upgrade{To: "20260101000000"})
	migratetest.Exec(t, migratetest.Connect(t, address), migratetest.Rows1)
	severity := func(large int64) (found lint.Severity) {
		report, _ := lint.Look(t.Context(), e, lint.Lint{LargeTable: large})
		for _, f := range report.Findings {
			if f.Code == "SW402" {
				found = f.Severity
			}
		}
		return found
	}
	if got := severity(3); got != lint.Warning {
		t.Errorf("a small table: got %q", got)
	}
	if got := severity(2); got != lint.Error {
		t.Errorf("a large table: got %q", got)
	}
}

// engineOf returns an engine with its own connection and with scratch databases.
func engineOf(t *testing.T, dialect, address string, migrations fs.FS) *run.Engine {
	t.Helper()
	e, err := run.New(migratetest.Connect(t, address), dialect, migrations)
	if err != nil {
		t.Fatal(err)
	}
	e.Scratch = migratetest.Scratch(t)
	return e
}

func upgrade(t *testing.T, e *run.Engine, opts run.Upgrade) {
	t.Helper()
	if _, err := e.Upgrade(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
}

// offline returns an engine without a database, with scratch databases.
func offline(t *testing.T, dialect string, migrations fs.FS) *run.Engine {
	t.Helper()
	e, err := run.New(nil, dialect, migrations)
	if err != nil {
		t.Fatal(err)
	}
	e.Scratch = migratetest.Scratch(t)
	return e
}

// TestLintUnmanaged: on MySQL, Look reports a pending file that breaks a view, and lists the
// view.
func TestLintUnmanaged(t *testing.T) {
	t.Parallel()
	const first = "CREATE TABLE users (id int NOT NULL PRIMARY KEY, name varchar(20));\n"
	files := migratetest.Folder(t, migratetest.V1, first,
		migratetest.V2, "-- A rename.\nALTER TABLE `users` RENAME COLUMN `name` TO `title`;\n")
	e := engineOf(t, plan.MySQL, dbtest.MySQL(t), migratetest.Under{plan.MySQL: files})
	upgrade(t, e, run.Upgrade{To: "20260101000000"})
	err := e.Live(t.Context(), func(conn schema.ExecQuerier, _ []*migrate.Revision) error {
		_, err := conn.ExecContext(t.Context(), "CREATE VIEW named AS SELECT name FROM users")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := lint.Look(t.Context(), e, lint.Lint{})
	if err == nil || !strings.Contains(codes(report), "SW609 migrations/mysql/20260102000000_two.sql:2") ||
		len(report.Unmanaged) != 1 || report.Unmanaged[0].String() != "view named" {
		t.Errorf("got %s, %v, %v", codes(report), report.Unmanaged, err)
	}
}
