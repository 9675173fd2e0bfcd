package run

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// brief returns a report in one line: applied, pending and failed migrations.
func brief(r Report) string {
	list := func(all []Migration) string {
		var names []string
		for _, m := range all {
			names = append(names, fmt.Sprintf("%s/%d", m.Description, m.Statements))
		}
		return "[" + strings.Join(names, " ") + "]"
	}
	text := fmt.Sprintf("%s→%s applied %s pending %s", short(r.From), short(r.To), list(r.Applied), list(r.Pending))
	if r.Incomplete {
		text += " incomplete"
	}
	if r.Failed != nil {
		text += " failed " + short(r.Failed.Version)
	}
	return text
}

// short returns the name of a version in these tests.
func short(version string) string {
	switch version {
	case "":
		return "∅"
	case "20260101000000":
		return "one"
	case "20260102000000":
		return "two"
	case "20260103000000":
		return "three"
	}
	return version
}

func upgrade(t *testing.T, e *Engine, opts Upgrade, want string) Report {
	t.Helper()
	report, err := e.Upgrade(t.Context(), opts)
	if err != nil {
		t.Errorf("upgrade: %v", err)
	}
	check(t, "upgrade", report, want)
	return report
}

func status(t *testing.T, e *Engine, want string) Report {
	t.Helper()
	report, err := e.Status(t.Context())
	if err != nil {
		t.Errorf("status: %v", err)
	}
	check(t, "status", report, want)
	return report
}

func check(t *testing.T, command string, report Report, want string) {
	t.Helper()
	if got := brief(report); got != want {
		t.Errorf("%s: got %s, want %s", command, got, want)
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		two, three := migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2,
			migratetest.SQL2),
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
				migratetest.SQL3)
		e := engine(t, dialect, address, two)

		// Commands that only read change nothing.
		planned := status(t, e, "∅→two applied [] pending [one/2 two/1]")
		upgrade(t, e, Upgrade{DryRun: true}, "∅→two applied [] pending [one/2 two/1]")
		db := migratetest.Connect(t, address)
		if n := tableCount(t, dialect, db); n != "0" {
			t.Fatalf("status and a dry run created %s tables", n)
		}

		upgrade(t, e, Upgrade{To: "20260101000000"}, "∅→one applied [one/2] pending []")
		done := upgrade(t, e, Upgrade{}, "one→two applied [two/1] pending []")
		upgrade(t, e, Upgrade{}, "two→two applied [] pending []")
		upgrade(t, e, Upgrade{To: "20260102000000"}, "two→two applied [] pending []")
		status(t, e, "two→two applied [one/2 two/1] pending []")
		if planned.Plan == "" || done.Plan == "" || planned.Plan == done.Plan {
			t.Errorf("plans: %q, %q", planned.Plan, done.Plan)
		}

		// Only a new file is pending.
		e = engine(t, dialect, address, three)
		status(t, e, "two→three applied [one/2 two/1] pending [three/2]")
		upgrade(t, e, Upgrade{}, "two→three applied [three/2] pending []")
		if got := migratetest.Query(t, db, "SELECT id FROM c"); got != "1" {
			t.Errorf("rows of c: %q", got)
		}

		// For an older build, nothing is pending on a newer database.
		e = engine(t, dialect, address, two)
		upgrade(t, e, Upgrade{}, "three→three applied [] pending []")
	})
}

// tableCount returns the number of tables of a database.
func tableCount(t *testing.T, dialect string, db *sql.DB) string {
	t.Helper()
	return migratetest.Query(t, db, map[string]string{
		plan.MySQL:  "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
		plan.SQLite: "SELECT count(*) FROM sqlite_master",
	}[dialect])
}

func TestUpgradeRefuses(t *testing.T) {
	t.Parallel()
	good := func(t *testing.T) fstest.MapFS {
		return migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2)
	}
	for name, c := range map[string]struct {
		applied fstest.MapFS // by an upgrade before, if any
		before  []string     // statements before
		files   func(t *testing.T) fstest.MapFS
		opts    Upgrade
		want    string
	}{
		"unknown version": {files: good, opts: Upgrade{To: "20250101000000"},
			want: "no migration has version 20250101000000: the last one is 20260102000000"},
		"older version": {applied: migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2),
			files: good, opts: Upgrade{To: "20260101000000"},
			want: "use a downgrade to return to an earlier version"},
		"another plan": {files: good, opts: Upgrade{Plan: "0000"}, want: "the pending migrations do not match the plan"},
		"edited file": {files: func(t *testing.T) fstest.MapFS {
			files := good(t)
			files[migratetest.V1+".sql"] = &fstest.MapFile{Data: []byte(migratetest.SQL1 + "-- edited\n")}
			return files
		}, want: "checksum mismatch: 20260101000000_one.sql was edited"},
		"added file": {files: func(t *testing.T) fstest.MapFS {
			files := good(t)
			files[migratetest.V3+".sql"] = &fstest.MapFile{Data: []byte(migratetest.SQL3)}
			return files
		}, want: "checksum mismatch: 20260103000000_three.sql is not in atlas.sum"},
		"removed file": {files: func(t *testing.T) fstest.MapFS {
			files := good(t)
			delete(files, migratetest.V2+".sql")
			return files
		}, want: "checksum mismatch: 20260102000000_two.sql is in atlas.sum, but the file is missing"},
		"no checksums": {files: func(t *testing.T) fstest.MapFS {
			files := good(t)
			delete(files, "atlas.sum")
			return files
		}, want: "atlas.sum is missing"},
		"two files of one version": {files: func(t *testing.T) fstest.MapFS {
			return migratetest.Folder(t, migratetest.V1, migratetest.SQL1, "20260101000000_other", migratetest.SQL2)
		}, want: "have the same version"},
		"a file that comes late": {
			applied: migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V3, migratetest.SQL3),
			files: func(t *testing.T) fstest.MapFS {
				return migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
					migratetest.SQL3)
			}, want: "migration 20260102000000 comes before 20260103000000, which is applied already"},
		"tables without a record": {
			before: []string{"CREATE TABLE customers (id int)", "CREATE TABLE orders (id int)", "CREATE TABLE parts (id int)"},
			files:  good, want: "the database has tables (customers, orders and others) but no record of migrations"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				db := migratetest.Connect(t, address)
				if c.applied != nil {
					if _, err := engine(t, dialect, address, c.applied).Upgrade(t.Context(), Upgrade{}); err != nil {
						t.Fatal(err)
					}
				}
				migratetest.Exec(t, db, c.before...)
				report, err := engine(t, dialect, address, c.files(t)).Upgrade(t.Context(), c.opts)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v, want %q in it", err, c.want)
				}
				if report.Failed == nil || !strings.Contains(report.Failed.Error, c.want) || len(report.Applied) > 0 {
					t.Errorf("the report is %+v", report)
				}
			})
		})
	}
}

// TestPlanHash: an upgrade with the hash of a plan applies exactly this plan.
func TestPlanHash(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
				migratetest.SQL3))
		dry, err := e.Upgrade(t.Context(), Upgrade{DryRun: true, To: "20260102000000"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Upgrade(t.Context(), Upgrade{Plan: dry.Plan}); err == nil {
			t.Error("the plan was for two files: three were applied")
		}
		upgrade(t, e, Upgrade{Plan: dry.Plan, To: "20260102000000"}, "∅→two applied [one/2 two/1] pending []")
		// A retry with the same hash has nothing to do and succeeds.
		upgrade(t, e, Upgrade{Plan: dry.Plan, To: "20260102000000"}, "two→two applied [] pending []")
	})
}

var stageNames = map[Stage]string{
	Waiting: "waiting", Running: "running", LockConflict: "lock conflict", Ran: "ran", Skipped: "skipped",
	Applied: "applied", Undone: "undone",
}

// TestProgress: Progress is called for each statement and each file.
func TestProgress(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2))
		var reported []string
		e.Progress = func(p Progress) {
			if p.Stage == Waiting { // for the lock of the Atlas CLI, which is one for the server
				return
			}
			reported = append(reported, fmt.Sprintf("%s %s %d/%d", stageNames[p.Stage], p.Description, p.Index, p.Total))
		}
		upgrade(t, e, Upgrade{}, "∅→two applied [one/2 two/1] pending []")
		want := []string{"running one 1/2", "ran one 1/2", "running one 2/2", "ran one 2/2", "applied one 2/2",
			"running two 1/1", "ran two 1/1", "applied two 1/1"}
		if !slices.Equal(reported, want) {
			t.Errorf("got %q", reported)
		}
	})
}

// TestUpToDateIsCheap: an upgrade without pending migrations sends only a few statements.
func TestUpToDateIsCheap(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
	files := blog.Files(plan.MySQL)
	if _, err := engine(t, plan.MySQL, address, files).Upgrade(t.Context(), Upgrade{}); err != nil {
		t.Fatal(err)
	}
	e := engine(t, plan.MySQL, address, files)
	before := len(proxy.Commands())
	if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
		t.Fatal(err)
	}
	commands := proxy.Commands()[before:]
	if len(commands) > 5 {
		t.Errorf("%d commands: %q", len(commands), commands)
	}
	t.Logf("%d commands: %q", len(commands), commands)
}

// TestManyMigrations: reading and comparing a thousand files is fast.
func TestManyMigrations(t *testing.T) {
	t.Parallel()
	var files, rows []string
	for i := range 1000 {
		version := fmt.Sprintf("2026%010d", i)
		files = append(files, version+"_m", fmt.Sprintf("CREATE TABLE t%d (id int);\n", i))
		rows = append(rows, "('"+version+"', 'm', 2, 1, 1, '2026-01-01 00:00:00', 0, '', '', '', 'null', '')")
	}
	e := engine(t, plan.SQLite, dbtest.SQLite(t), migratetest.Folder(t, files...))
	makeRevisionTable(t, e)
	migratetest.Exec(t, e.db, insertRevisions+strings.Join(rows, ", "))
	started := time.Now()
	report, err := e.Status(t.Context())
	if err != nil || len(report.Applied) != 1000 || len(report.Pending) > 0 {
		t.Fatalf("%d applied, %d pending, %v", len(report.Applied), len(report.Pending), err)
	}
	took := time.Since(started)
	t.Logf("status took %v", took)
	if took > 20*time.Second { // under the race detector, on a busy machine
		t.Errorf("status took %v", took)
	}
}

// TestReportJSON checks the JSON members of a report, which other programs read.
func TestReportJSON(t *testing.T) {
	t.Parallel()
	e := engine(t, plan.SQLite, dbtest.SQLite(t),
		migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, "DROP TABLE missing;\n"))
	report, err := e.Upgrade(t.Context(), Upgrade{})
	if err == nil {
		t.Fatal("want an error")
	}
	report.DurationMS, report.Applied[0].DurationMS = 0, 0
	got, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/report.json", string(got)+"\n")

	// Arrays are never null.
	empty, err := engine(t, plan.SQLite, dbtest.SQLite(t), fstest.MapFS{}).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err = json.Marshal(empty)
	if err != nil ||
		!strings.Contains(string(got), `"applied":[],"pending":[],"failed":null,"incomplete":false,"plan":""`) {
		t.Errorf("got %s, %v", got, err)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant (%s)\n%s", got, path, want)
	}
}

// TestBlogOnDatabase: the migrations of package blog produce the schema in its schema.hcl.
func TestBlogOnDatabase(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		report, err := engine(t, dialect, address, blog.Files(dialect)).Upgrade(t.Context(), Upgrade{})
		if err != nil {
			t.Fatal(err)
		}
		if report.To != blog.Version {
			t.Errorf("at %s, the latest is %s", report.To, blog.Version)
		}
		migratetest.SameSchema(t, dialect, address, blog.Schema())
	})
}
