package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// TestFailure: the database rejects a statement in the middle of a file.
func TestFailure(t *testing.T) {
	t.Parallel()
	const broken = "CREATE TABLE x (id int);\nINSERT INTO missing VALUES (1);\nCREATE TABLE y (id int);\n"
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		db := migratetest.Connect(t, address)
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, broken, migratetest.V3, migratetest.SQL3))
		report, err := e.Upgrade(t.Context(), Upgrade{})
		if err == nil || !strings.HasPrefix(err.Error(), "migration 20260102000000: ") {
			t.Fatalf("got %v", err)
		}
		want := map[string]string{
			plan.MySQL:  "∅→one applied [one/2] pending [two/2 three/2] failed two",
			plan.SQLite: "∅→one applied [one/2] pending [two/3 three/2] failed two",
		}
		check(t, "upgrade", report, want[dialect])
		if report.Failed.Statement != "INSERT INTO missing VALUES (1);" || !strings.Contains(report.Failed.Error, "missing") {
			t.Errorf("got %+v", report.Failed)
		}

		// MySQL has run and recorded the first statement; SQLite has rolled back.
		want = map[string]string{
			plan.MySQL:  "one→three applied [one/2] pending [two/2 three/2] incomplete failed two",
			plan.SQLite: "one→three applied [one/2] pending [two/3 three/2]",
		}
		status(t, e, want[dialect])

		// After the cause is removed, the same command continues.
		migratetest.Exec(t, db, "CREATE TABLE missing (id int)")
		want = map[string]string{
			plan.MySQL:  "one→three applied [two/2 three/2] pending []",
			plan.SQLite: "one→three applied [two/3 three/2] pending []",
		}
		upgrade(t, e, Upgrade{}, want[dialect])
		if got := migratetest.Query(t, db, "SELECT count(*) FROM missing"); got != "1" {
			t.Errorf("the statement ran %s times", got)
		}
		status(t, e, "three→three applied [one/2 two/3 three/2] pending []")
	})
}

// TestHalfAppliedFileChanged: on MySQL a partly applied file is resumed only if the
// statements that ran are unchanged.
func TestHalfAppliedFileChanged(t *testing.T) {
	t.Parallel()
	const first, last = "CREATE TABLE x (id int);\n", "CREATE TABLE y (id int);\n"
	const refused = "INSERT INTO missing VALUES (1);\n"
	for name, c := range map[string]struct{ text, want string }{
		"a statement that ran was edited": {"CREATE TABLE z (id int);\n" + refused + last,
			"its up statement 1 was edited after it ran"},
		"one statement more":             {first + "CREATE TABLE missing (id int);\n" + refused + last, ""},
		"one statement less":             {first + last, ""},
		"only statements that ran":       {first, ""},
		"no statements":                  {"-- nothing\n", "its file now has only 0 up statements"},
		"the failed statement was fixed": {first + "CREATE TABLE missing (id int);\n" + last, ""},
		"new statements after it":        {first + "CREATE TABLE missing (id int);\n" + "CREATE TABLE z (id int);\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := dbtest.MySQL(t)
			if _, err := engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, first+refused+last)).
				Upgrade(t.Context(), Upgrade{}); err == nil {
				t.Fatal("want an error")
			}
			e := engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, c.text))
			report, err := e.Upgrade(t.Context(), Upgrade{})
			if c.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				if report.To != "20260101000000" || len(report.Pending) > 0 {
					t.Errorf("got %s", brief(report))
				}
				status(t, e, fmt.Sprintf("one→one applied [one/%d] pending []", strings.Count(c.text, ";")))
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			if report, err := e.Status(t.Context()); err != nil || report.Failed == nil || !report.Incomplete {
				t.Errorf("status: got %+v, %v", report, err)
			}
		})
	}
	t.Run("the file is missing", func(t *testing.T) {
		t.Parallel()
		address := dbtest.MySQL(t)
		if _, err := engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V1, first+refused)).
			Upgrade(t.Context(), Upgrade{}); err == nil {
			t.Fatal("want an error")
		}
		_, err := engine(t, plan.MySQL, address, migratetest.Folder(t, migratetest.V2, migratetest.SQL2)).
			Upgrade(t.Context(), Upgrade{})
		if err == nil || !strings.Contains(err.Error(), "its file is missing") {
			t.Errorf("got %v", err)
		}
	})
}

// TestData: a statement that changes rows and its record are one transaction.
func TestData(t *testing.T) {
	t.Parallel()
	const text = "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2), (3);\nINSERT INTO missing VALUES (1);\n"
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		db := migratetest.Connect(t, address)
		e := engine(t, dialect, address, migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, text))
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil {
			t.Fatal("want an error")
		}
		want := map[string]string{plan.MySQL: "1 2 3", plan.SQLite: ""}[dialect]
		if got := migratetest.Query(t, db, "SELECT id FROM a ORDER BY id"); got != want {
			t.Errorf("got rows %q, want %q", got, want)
		}
		migratetest.Exec(t, db, "CREATE TABLE missing (id int)")
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Fatal(err)
		}
		if got := migratetest.Query(t, db, "SELECT id FROM a ORDER BY id"); got != "1 2 3" {
			t.Errorf("got rows %q", got)
		}
	})
}

// TestConcurrentUpgrades: concurrent upgrades apply each file once.
func TestConcurrentUpgrades(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 20} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			migratetest.Each(t, func(t *testing.T, dialect, address string) {
				files := migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
					migratetest.SQL3)
				// Switch a new file to write-ahead mode before the concurrent upgrades.
				migratetest.Exec(t, migratetest.Connect(t, address), "SELECT 1")
				reports, errs := make([]Report, n), make([]error, n)
				done := make(chan bool)
				for i := range n {
					e := engine(t, dialect, address, files)
					go func() {
						reports[i], errs[i] = e.Upgrade(context.Background(), Upgrade{})
						done <- true
					}()
				}
				for range n {
					<-done
				}
				var applied []string
				for i := range n {
					if errs[i] != nil {
						t.Errorf("upgrade %d: %v", i, errs[i])
					}
					if reports[i].To != "20260103000000" || len(reports[i].Pending) > 0 {
						t.Errorf("upgrade %d: %s", i, brief(reports[i]))
					}
					for _, m := range reports[i].Applied {
						applied = append(applied, m.Version)
					}
				}
				slices.Sort(applied)
				if want := []string{"20260101000000", "20260102000000", "20260103000000"}; !slices.Equal(applied, want) {
					t.Errorf("applied %v", applied)
				}
				if got := migratetest.Query(t, migratetest.Connect(t, address), "SELECT count(*) FROM c"); got != "1" {
					t.Errorf("c has %s rows", got)
				}
			})
		})
	}
}

// TestWaiting: an upgrade reports that it waits for the lock, and continues afterwards.
func TestWaiting(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		other := migratetest.Connect(t, address)
		e := engine(t, dialect, address, migratetest.Folder(t, migratetest.V1, migratetest.SQL1))
		release := "ROLLBACK"
		if dialect == plan.MySQL {
			name := lockName(migratetest.Query(t, other, "SELECT DATABASE()"))
			release = "DO RELEASE_LOCK('" + name + "')"
			migratetest.Exec(t, other, "DO GET_LOCK('"+name+"', 0)")
		} else {
			migratetest.Exec(t, other, "BEGIN IMMEDIATE")
		}
		waited := 0
		e.Progress = func(p Progress) {
			if p.Stage == Waiting {
				waited++
				migratetest.Exec(t, other, release)
			}
		}
		upgrade(t, e, Upgrade{}, "∅→one applied [one/2] pending []")
		if waited != 1 {
			t.Errorf("%d reports of the wait", waited)
		}
	})
}

// TestCancelled: a cancelled context stops an upgrade between two statements. The statements
// that ran are recorded, and the lock is released.
func TestCancelled(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2))
		ctx, cancel := context.WithCancel(t.Context())
		e.Progress = func(p Progress) {
			if p.Stage == Running {
				cancel()
			}
		}
		report, err := e.Upgrade(ctx, Upgrade{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		want := map[string]string{
			plan.MySQL:  "∅→∅ applied [] pending [one/1 two/1] failed one",
			plan.SQLite: "∅→∅ applied [] pending [one/2 two/1] failed one",
		}
		check(t, "upgrade", report, want[dialect])
		e.Progress = nil
		want = map[string]string{
			plan.MySQL:  "∅→two applied [one/1 two/1] pending []",
			plan.SQLite: "∅→two applied [one/2 two/1] pending []",
		}
		upgrade(t, e, Upgrade{}, want[dialect])

		if _, err := e.Upgrade(ctx, Upgrade{}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled before it began: got %v", err)
		}
	})
}

// TestDeadline: near its deadline an upgrade starts no further statement, and returns no
// error.
func TestDeadline(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2))
		late, cancel := context.WithTimeout(t.Context(), margin-time.Second)
		defer cancel()
		report, err := e.Upgrade(late, Upgrade{})
		if err != nil {
			t.Errorf("got %v", err)
		}
		check(t, "upgrade", report, "∅→∅ applied [] pending [one/2 two/1] incomplete")

		soon := &deadline{t.Context(), time.Now().Add(time.Hour)}
		e.Progress = func(p Progress) {
			if p.Stage == Running && p.Version == "20260102000000" {
				soon.at = time.Now().Add(margin - time.Second)
			}
		}
		e.Migrations = migratetest.Under{
			e.Dialect.Name: migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2,
				migratetest.SQL2+"CREATE TABLE d (id int);\n", migratetest.V3, migratetest.SQL3)}
		report, err = e.Upgrade(soon, Upgrade{})
		if err != nil {
			t.Errorf("got %v", err)
		}
		want := map[string]string{
			plan.MySQL:  "∅→one applied [one/2] pending [two/1 three/2] incomplete",
			plan.SQLite: "∅→one applied [one/2] pending [two/2 three/2] incomplete",
		}
		check(t, "upgrade", report, want[dialect])
		e.Progress = nil
		want = map[string]string{
			plan.MySQL:  "one→three applied [two/1 three/2] pending []",
			plan.SQLite: "one→three applied [two/2 three/2] pending []",
		}
		upgrade(t, e, Upgrade{}, want[dialect])
	})
}

// TestConnectionLost: after the connection is lost before a statement, the earlier statements
// are recorded, and the next upgrade continues.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, dbtest.MySQL(t))
	e := engine(t, plan.MySQL, address,
		migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2))
	e.Progress = func(p Progress) {
		if p.Stage == Running && p.Index == 2 {
			proxy.Cut()
		}
	}
	report, err := e.Upgrade(t.Context(), Upgrade{})
	if err == nil || report.Failed == nil || report.Failed.Statement != "CREATE TABLE b (id int);" {
		t.Errorf("got %+v, %v", report, err)
	}
	check(t, "upgrade", report, "∅→∅ applied [] pending [one/1 two/1] failed one")
	if _, err := e.Status(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "cannot connect to the database") {
		t.Errorf("status: got %v", err)
	}
	proxy.Heal()
	e.Progress = nil
	status(t, e, "∅→two applied [] pending [one/1 two/1] incomplete")
	upgrade(t, e, Upgrade{}, "∅→two applied [one/1 two/1] pending []")
}
