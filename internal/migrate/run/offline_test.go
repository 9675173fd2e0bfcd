package run

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestPlanFromIsThePlan: PlanFrom and Plan return the same report for every pair of versions,
// and an upgrade accepts the hash of PlanFrom.
func TestPlanFromIsThePlan(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		for name, files := range map[string]fs.FS{
			"three files": migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2,
				migratetest.V3, migratetest.SQL3),
			"a blog": blog.Files(dialect),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				e := engine(t, dialect, dbtest.New(t, dialect), files)
				all, err := e.files()
				if err != nil {
					t.Fatal(err)
				}
				versions := []string{""}
				for _, s := range all.List {
					versions = append(versions, s.Version())
				}
				for i, from := range versions {
					for _, to := range append([]string{""}, versions[i:]...) {
						online, err := e.Plan(t.Context(), to)
						if err != nil {
							t.Fatal(err)
						}
						offline, err := PlanFrom(dialect, migratetest.Under{dialect: files}, from, to)
						if err != nil {
							t.Fatalf("from %q to %q: %v", from, to, err)
						}
						if online, offline := timeless(online), timeless(offline); !reflect.DeepEqual(online, offline) {
							t.Errorf("from %q to %q: with a database\n%+v\nwithout one\n%+v", from, to, online, offline)
						}
						if (offline.Plan == "") != (len(offline.Pending) == 0) {
							t.Errorf("from %q to %q: the hash is %q with %d pending", from, to, offline.Plan, len(offline.Pending))
						}
					}
					if i+1 == len(versions) {
						break
					}
					next := versions[i+1]
					planned, err := PlanFrom(dialect, migratetest.Under{dialect: files}, from, next)
					if err != nil {
						t.Fatal(err)
					}
					wrong := strings.Repeat("0", len(planned.Plan))
					if _, err := e.Upgrade(t.Context(), Upgrade{To: next, Plan: wrong}); err == nil {
						t.Errorf("from %q to %q: an upgrade accepted the hash of another plan", from, next)
					}
					if report, err := e.Upgrade(t.Context(), Upgrade{To: next, Plan: planned.Plan}); err != nil || report.To != next {
						t.Fatalf("from %q to %q: %v", from, next, err)
					}
				}
			})
		}
	})
}

// timeless returns a report without durations.
func timeless(r Report) Report {
	r.DurationMS = 0
	for i := range r.Applied {
		r.Applied[i].DurationMS = 0
	}
	return r
}

// TestPlanFromPart: if a file is partly applied, the live version is the version before it.
// The hash covers the whole file, with and without a database.
func TestPlanFromPart(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		good := migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
			migratetest.SQL3)
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
				"CREATE TABLE c (id int);\nINSERT INTO nowhere VALUES (1);\n"))
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil {
			t.Fatal("the third file was applied")
		}
		e = engine(t, dialect, address, good)
		online, err := e.Plan(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		offline, err := PlanFrom(dialect, migratetest.Under{dialect: good}, online.From, "")
		if err != nil || offline.Plan != online.Plan || online.Plan == "" {
			t.Errorf("without a database %q, with one %q: %v", offline.Plan, online.Plan, err)
		}
		if report, err := e.Upgrade(t.Context(), Upgrade{Plan: offline.Plan}); err != nil || report.To != "20260103000000" {
			t.Errorf("%+v: %v", report, err)
		}
	})
}

// TestPlanFromBase: PlanFrom from "", from Base, and from a version later than all files.
func TestPlanFromBase(t *testing.T) {
	t.Parallel()
	files := migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2)
	for _, test := range []struct{ from, to, want string }{
		{"", "", "∅→two applied [] pending [one/2 two/1]"},
		{Base, "", "∅→two applied [] pending [one/2 two/1]"},
		{Base, "20260101000000", "∅→one applied [] pending [one/2]"},
		{"20260101000000", "", "one→two applied [one/2] pending [two/1]"},
		{"20260102000000", "", "two→two applied [one/2 two/1] pending []"},
		{"20260103000000", "", "three→three applied [one/2 two/1 /0] pending []"},
	} {
		report, err := PlanFrom(plan.MySQL, migratetest.Under{plan.MySQL: files}, test.from, test.to)
		if err != nil {
			t.Errorf("%+v: %v", test, err)
		}
		check(t, fmt.Sprintf("from %q to %q", test.from, test.to), report, test.want)
	}
}

// TestPlanFromRefuses: PlanFrom returns an error for invalid versions, files and dialects.
func TestPlanFromRefuses(t *testing.T) {
	t.Parallel()
	files := migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2)
	edited := migratetest.Folder(t, migratetest.V1, migratetest.SQL1)
	edited[migratetest.V1+".sql"].Data = append(edited[migratetest.V1+".sql"].Data, "DROP TABLE b;\n"...)
	for _, test := range []struct {
		name, dialect, from, to string
		files                   fs.FS
		want                    string
	}{
		{"a version without a file", plan.MySQL, "20260101000001", "", files, `no migration has version "20260101000001"`},
		{"what db current says of an empty database", plan.MySQL, "no version", "", files,
			`no migration has version "no version"`},
		{"a target without a file", plan.MySQL, Base, "20260101000001", files, "no migration has version 20260101000001"},
		{"a target before the live version", plan.MySQL, "20260102000000", "20260101000000", files,
			"use a downgrade to return to an earlier version"},
		{"an edited file", plan.SQLite, Base, "", edited, "checksum mismatch"},
		{"an unknown dialect", "oracle", Base, "", files, `unknown dialect "oracle"`},
	} {
		report, err := PlanFrom(test.dialect, migratetest.Under{test.dialect: test.files}, test.from, test.to)
		if err == nil || !strings.Contains(err.Error(), test.want) || report.Failed == nil {
			t.Errorf("%s: %v, want %q; the report says %+v", test.name, err, test.want, report.Failed)
		}
	}
}
