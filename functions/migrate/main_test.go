package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
	"slipway/internal/test/lambdatest"
	"slipway/internal/test/mysqlproxy"
)

const function = "slipway/functions/migrate"

// TestMain builds the functions with the tables and migrations of package blog.
func TestMain(m *testing.M) { os.Exit(project.Run(m, project.InTwo)) }

// invoke sends an event to the real binary and returns the report from the result or the error of the function.
func invoke(t *testing.T, fn *lambdatest.Function, event string) (report run.Report, failed bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	text, err := fn.Invoke(ctx, []byte(event))
	if err != nil {
		var e *lambdatest.FunctionError
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v\n%s", event, err, fn.Logs())
		}
		text, failed = []byte(e.Message), true
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatalf("%s: the response is not a report: %s", event, text)
	}
	if strings.Contains(string(text)+fn.Logs(), "s3cr3t") {
		t.Errorf("%s: a password is shown: %s\n%s", event, text, fn.Logs())
	}
	return report, failed
}

// TestJob migrates from an empty database to the last version, in one sandbox.
func TestJob(t *testing.T) {
	t.Parallel()
	_, last, _ := versions()
	fn := lambdatest.Start(t, function, "DATABASE_URL="+dbtest.MySQL(t))

	r, failed := invoke(t, fn, `{"command":"status"}`)
	if failed || r.From != "" || len(r.Applied) != 0 || len(r.Pending) == 0 || r.Plan == "" || r.Dialect != "mysql" {
		t.Fatalf("status of an empty database: %+v", r)
	}
	plan, pending := r.Plan, len(r.Pending)
	if r, failed = invoke(t, fn, `{"command":"upgrade","plan":"another"}`); !failed || r.Failed == nil ||
		len(r.Applied) != 0 {
		t.Errorf("an upgrade by another plan: %+v", r)
	}
	if r, failed = invoke(t, fn, `{"command":"upgrade","dry_run":true}`); failed || len(r.Applied) != 0 ||
		len(r.Pending) != pending {
		t.Errorf("a dry run: %+v", r)
	}
	if r, failed = invoke(t, fn, `{"command":"upgrade","plan":"`+plan+`"}`); failed || len(r.Applied) != pending ||
		r.To != last || r.Incomplete {
		t.Errorf("upgrade: %+v", r)
	}
	if r, failed = invoke(t, fn, `{"command":"upgrade"}`); failed || len(r.Applied) != 0 || r.From != last ||
		r.To != last {
		t.Errorf("upgrade again: %+v", r)
	}
	if r, failed = invoke(t, fn, `{"command":"status"}`); failed || len(r.Applied) != pending || len(r.Pending) != 0 ||
		r.From != last {
		t.Errorf("status: %+v", r)
	}
	for _, event := range []string{`{"command":"drop everything"}`, `{"comand":"status"}`, `{}`, `[]`, `"status"`} {
		if r, failed = invoke(t, fn, event); !failed || r.Failed == nil || r.Failed.Error == "" {
			t.Errorf("%s: %+v", event, r)
		}
	}
}

// TestDatabaseDown: the report contains the error of an unreachable database. The same sandbox works when the database
// is back.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	proxy, url := mysqlproxy.Through(t, dbtest.MySQL(t))
	proxy.Cut()
	fn := lambdatest.Start(t, function, "DATABASE_URL="+url)
	if r, failed := invoke(t, fn, `{"command":"upgrade"}`); !failed || r.Failed == nil ||
		!strings.Contains(r.Failed.Error, "refused") {
		t.Errorf("%+v", r)
	}
	proxy.Heal()
	if r, failed := invoke(t, fn, `{"command":"upgrade"}`); failed || len(r.Applied) == 0 {
		t.Errorf("%+v", r)
	}
}

// TestEnvironment: the report contains the error of an invalid DATABASE_URL, without the password.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	server := dbtest.Server(t)
	for name, c := range map[string]struct{ url, want string }{
		"none":             {"", "DATABASE_URL is not set"},
		"another database": {"sqlite://x.db", "use mysql"},
		"no database":      {"mysql://u:s3cr3t@h", "names no database"},
		"wrong password":   {"mysql://root:s3cr3t@" + server + "/x", "Access denied"},
		"no such database": {"mysql://root@" + server + "/slipway_test_none", "Unknown database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn := lambdatest.Start(t, function, "DATABASE_URL="+c.url)
			if r, failed := invoke(t, fn, `{"command":"status"}`); !failed || r.Failed == nil ||
				!strings.Contains(r.Failed.Error, c.want) {
				t.Errorf("%+v, want %q", r.Failed, c.want)
			}
		})
	}
}

// TestTwoJobs: of two concurrent jobs, one migrates, and the other finds nothing pending.
func TestTwoJobs(t *testing.T) {
	t.Parallel()
	url := dbtest.MySQL(t)
	applied := make(chan int, 2)
	for range 2 {
		fn := lambdatest.Start(t, function, "DATABASE_URL="+url)
		go func() {
			text, err := fn.Invoke(context.WithoutCancel(t.Context()), []byte(`{"command":"upgrade"}`))
			var r run.Report
			if err != nil || json.Unmarshal(text, &r) != nil {
				applied <- -1
				return
			}
			applied <- len(r.Applied)
		}()
	}
	_, _, files := versions()
	if a, b := <-applied, <-applied; a < 0 || b < 0 || a+b != files {
		t.Errorf("one applied %d, the other %d, of %d", a, b, files)
	}
}

// TestJobCommands runs every command of the job on the real binary, with rows in the tables.
func TestJobCommands(t *testing.T) {
	t.Parallel()
	url := dbtest.MySQL(t)
	fn := lambdatest.Start(t, function, "DATABASE_URL="+url)
	first, last, files := versions()
	ok := func(event string) run.Report {
		t.Helper()
		r, failed := invoke(t, fn, event)
		if failed {
			t.Fatalf("%s: %+v", event, r.Failed)
		}
		return r
	}
	refused := func(event, want string) run.Report {
		t.Helper()
		r, failed := invoke(t, fn, event)
		if !failed || r.Failed == nil || !strings.Contains(r.Failed.Error, want) {
			t.Errorf("%s: %+v, want %q", event, r, want)
		}
		return r
	}
	plan := ok(`{"command":"plan"}`)
	if plan.Plan == "" || len(plan.Pending) != files || len(plan.Pending[0].SQL) != plan.Pending[0].Statements {
		t.Errorf("plan: %+v", plan)
	}
	if r := ok(`{"command":"lint"}`); r.Findings == nil {
		t.Errorf("lint: %+v", r)
	}
	ok(`{"command":"check"}`) // an empty database has no drift: all migrations are pending
	ok(`{"command":"upgrade","plan":"` + plan.Plan + `"}`)
	ok(`{"command":"check"}`)

	db := dbtest.Open(t, url)
	defer db.Close()
	for _, statement := range []string{
		"INSERT INTO notes (title, content, created_at, updated_at) VALUES ('a', 'b', NOW(6), NOW(6))",
		"ALTER TABLE notes ADD COLUMN odd int NULL",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if r := refused(`{"command":"check"}`, "notes.odd is in the database, but not in the migrations"); len(r.Drift) != 1 {
		t.Errorf("check: %+v", r.Drift)
	}
	if _, err := db.Exec("ALTER TABLE notes DROP COLUMN odd"); err != nil {
		t.Fatal(err)
	}
	if r := refused(`{"command":"downgrade","to":"base"}`, "notes (1 row)"); len(r.Applied) != 0 || len(r.Loss) == 0 {
		t.Errorf("downgrade: %+v", r)
	}
	if r := ok(`{"command":"downgrade","to":"` + first + `"}`); r.From != last || r.To != first ||
		len(r.Applied) != files-1 {
		t.Errorf("downgrade: %+v", r)
	}
	if r := ok(`{"command":"downgrade","to":"base","dry_run":true}`); len(r.Pending) != 1 || len(r.Pending[0].SQL) == 0 ||
		len(r.Loss) == 0 {
		t.Errorf("a dry downgrade: %+v", r)
	}
	if r := ok(`{"command":"downgrade","allow_data_loss":true}`); r.To != "" || len(r.Applied) != 1 {
		t.Errorf("downgrade: %+v", r)
	}
	ok(`{"command":"upgrade"}`)
}

// TestSilentDatabase: the error for a server that accepts the connection but does not respond names the server.
func TestSilentDatabase(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // the operating system accepts connections
	fn := lambdatest.Start(t, function, "DATABASE_URL=mysql://app:s3cr3t@"+listener.Addr().String()+"/app")
	began := time.Now()
	r, failed := invoke(t, fn, `{"command":"status"}`)
	want := "the MySQL server at " + listener.Addr().String() + " did not complete a connection within 10s"
	took := time.Since(began)
	if !failed || r.Failed == nil || !strings.Contains(r.Failed.Error, want) || took > 13*time.Second {
		t.Errorf("%+v after %v, want %q", r, took, want)
	}
}
