package migration

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/dbtest"
	"slipway/internal/migration/lint"
)

// codes are the findings that are more than a notice: code, file and line.
func codes(r Report) string {
	var all []string
	for _, f := range r.Findings {
		if f.Severity != lint.Notice {
			all = append(all, fmt.Sprintf("%s %s:%d", f.Code, f.File, f.Line))
		}
	}
	return strings.Join(all, "\n")
}

// TestLint: the pending files are looked at, and those of the other dialect with
// the same versions; the exit code follows from the errors among the findings.
func TestLint(t *testing.T) {
	t.Parallel()
	const drops = "-- A comment.\nALTER TABLE parents DROP COLUMN name;\n\n-- slipway:down\n-- ALTER TABLE parents ADD COLUMN name varchar(80) NOT NULL;\n"
	each(t, func(t *testing.T, dialect, address string) {
		files := folder(t, v1, up1, v2, drops)
		other := map[string]string{MySQL: SQLite, SQLite: MySQL}[dialect]
		e := engineOf(t, dialect, address, under{dialect: files, other: files})
		upgrade(t, e, Upgrade{To: "20260101000000"}, "∅→one applied [one/3] pending []")
		report, err := LintFiles(t.Context(), e, Lint{LargeTable: LargeTable, Others: true})
		if err == nil || !strings.Contains(err.Error(), "lint found") {
			t.Errorf("got %v", err)
		}
		if got := codes(report); !strings.Contains(got, "DS103 migrations/"+dialect+"/20260102000000_two.sql:2") ||
			!strings.Contains(got, "DS103 migrations/"+other+"/20260102000000_two.sql:2") || strings.Contains(got, "_one.sql") {
			t.Errorf("got\n%s", got)
		}

		// What this build uses, it says.
		uses := []byte(preamble + "table \"parents\" {\n  schema = schema.app\n  column \"name\" {\n    type = varchar(80)\n  }\n}\n")
		report, _ = LintFiles(t.Context(), e, Lint{LargeTable: LargeTable, Declared: uses})
		if got := codes(report); !strings.Contains(got, "SW201 migrations/"+dialect+"/20260102000000_two.sql:2") {
			t.Errorf("got\n%s", got)
		}

		// What is applied is not looked at, unless it was edited since.
		upgrade(t, e, Upgrade{}, "one→two applied [two/1] pending []")
		if report, err = LintFiles(t.Context(), e, Lint{}); err != nil || report.Findings == nil || len(report.Findings) > 0 {
			t.Errorf("nothing pending: %+v, %v", report, err)
		}
		e.folder = folder(t, v1, up1+"-- More.\n", v2, drops)
		if report, err = LintFiles(t.Context(), e, Lint{}); err == nil || codes(report) != "SW608 migrations/"+dialect+"/20260101000000_one.sql:1" {
			t.Errorf("edited: got %s, %v", codes(report), err)
		}
	})
}

// TestLintLatest: the last files are looked at without a database.
func TestLintLatest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address, folder(t, v1, up1, v2, "DROP TABLE kids;\n", v3, up3))
		_ = e.db.Close()
		for latest, want := range map[int]string{
			1: "", 2: "DS102 migrations/" + dialect + "/20260102000000_two.sql:1",
		} {
			report, _ := LintFiles(t.Context(), e, Lint{Latest: latest})
			if got := codes(report); !strings.HasPrefix(got, want) || want == "" && got != "" {
				t.Errorf("the last %d: got %q, want %q", latest, got, want)
			}
		}
		e.folder = fstest.MapFS{}
		if _, err := LintFiles(t.Context(), e, Lint{Latest: 5}); err != nil {
			t.Errorf("no files: %v", err)
		}
	})
}

// TestLintLargeTable: what makes writers wait is an error where the table is large.
func TestLintLargeTable(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	e := engine(t, MySQL, address, folder(t, v1, "CREATE TABLE parents (id int NOT NULL, name varchar(80) NOT NULL, PRIMARY KEY (id));\n",
		v2, "ALTER TABLE parents MODIFY COLUMN id bigint NOT NULL;\n\n-- slipway:down\n-- ALTER TABLE parents MODIFY COLUMN id int NOT NULL;\n"))
	upgrade(t, e, Upgrade{To: "20260101000000"}, "∅→one applied [one/1] pending []")
	exec(t, connect(t, address), rows1)
	severity := func(large int64) (found lint.Severity) {
		report, _ := LintFiles(t.Context(), e, Lint{LargeTable: large})
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
