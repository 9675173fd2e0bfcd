package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest"
)

// job makes a job for a database and files.
func job(t *testing.T, dialect, address string, files fs.FS) Job {
	return Job{
		Open: func(bool) (*sql.DB, string, error) {
			// The job closes what it opens; closing twice does no harm.
			return migratetest.Connect(t, address), dialect, nil
		},
		Migrations: migratetest.Under{dialect: files},
	}
}

func TestJob(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		j := job(t, dialect, address,
			migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, migratetest.SQL2, migratetest.V3,
				migratetest.SQL3))
		handle := func(event, want string) run.Report {
			t.Helper()
			report, err := j.Handle(t.Context(), json.RawMessage(event))
			if err != nil {
				t.Errorf("%s: %v", event, err)
			}
			check(t, event, report, want)
			return report
		}
		handle(`{"command": "status"}`, "∅→three applied [] pending [one/2 two/1 three/2]")
		dry := handle(`{"command": "upgrade", "dry_run": true, "to": "20260101000000"}`, "∅→one applied [] pending [one/2]")
		handle(`{"command": "upgrade", "plan": "`+dry.Plan+`", "to": "20260101000000"}`, "∅→one applied [one/2] pending []")
		handle(`{"command": "upgrade", "to": "20260102000000", "dry_run": false, "plan": "", "allow_data_loss": false}`,
			"one→two applied [two/1] pending []")
		handle(`{"command": "upgrade"}`, "two→three applied [three/2] pending []")
		handle(`{"command": "upgrade"}`, "three→three applied [] pending []")
		if r := handle(`{"command": "history"}`,
			"three→three applied [one/2 two/1 three/2] pending []"); r.Command != "history" {
			t.Errorf("command: got %q", r.Command)
		}
		if r := handle(`{"command": "current"}`,
			"three→three applied [one/2 two/1 three/2] pending []"); r.Command != "current" {
			t.Errorf("command: got %q", r.Command)
		}
	})
}

// TestJobErrors: whatever goes wrong, the message of the error is a report.
func TestJobErrors(t *testing.T) {
	t.Parallel()
	files := migratetest.Folder(t, migratetest.V1, migratetest.SQL1, migratetest.V2, "DROP TABLE missing;\n")
	for name, c := range map[string]struct{ event, command, want string }{
		"a statement fails": {`{"command": "upgrade"}`, "upgrade", "missing"},
		"unknown version":   {`{"command": "upgrade", "to": "7"}`, "upgrade", "no migration has version 7"},
		"another plan":      {`{"command": "upgrade", "plan": "x"}`, "upgrade", "do not match the plan"},
		"unknown command": {`{"command": "drop"}`, "drop",
			`unknown command "drop" in the event: use one of status, plan, upgrade, downgrade, history, current, lint, check`},
		"no command":               {`{}`, "", "missing command in the event"},
		"unknown member":           {`{"command": "upgrade", "dryrun": true}`, "upgrade", `unknown field "dryrun"`},
		"member of the wrong type": {`{"command": "upgrade", "to": 20260101000000}`, "upgrade", "invalid event"},
		"member of another command": {`{"command": "status", "to": "20260101000000"}`, "status",
			"remove the members that the command status does not accept"},
		"not an object": {`[]`, "", "invalid event"},
		"nothing":       {``, "", "invalid event"},
		"null":          {`null`, "", "missing command in the event"},
		"more than one": {`{"command": "status"} {}`, "status", "text after the JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := job(t, plan.SQLite, dbtest.SQLite(t), files).Handle(t.Context(), json.RawMessage(c.event))
			failedWith(t, report, err, c.command, c.want)
		})
	}
}

func failedWith(t *testing.T, report run.Report, err error, command, want string) {
	t.Helper()
	var jobError *Error
	if !errors.As(err, &jobError) {
		t.Fatalf("got %+v, %v", report, err)
	}
	var told run.Report
	decoder := json.NewDecoder(strings.NewReader(err.Error()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&told); err != nil {
		t.Fatalf("the message is no report: %v: %s", err, jobError)
	}
	if told.Command != command || told.Failed == nil || !strings.Contains(told.Failed.Error, want) ||
		told.Applied == nil || told.Pending == nil {
		t.Errorf("got %s, want %q in it", jobError, want)
	}
}

// TestJobTriesAgain: a database that is down is an error, and the next event
// works as if nothing had been.
func TestJobTriesAgain(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		j := job(t, dialect, address, migratetest.Folder(t, migratetest.V1, migratetest.SQL1))
		up := j.Open
		j.Open = func(bool) (*sql.DB, string, error) {
			db, dialect, err := up(false)
			_ = db.Close()
			return db, dialect, err
		}
		report, err := j.Handle(t.Context(), json.RawMessage(`{"command": "upgrade"}`))
		failedWith(t, report, err, "upgrade", "cannot connect to the database")
		j.Open = func(bool) (*sql.DB, string, error) { return nil, "", errors.New("DATABASE_URL is not set") }
		report, err = j.Handle(t.Context(), json.RawMessage(`{"command": "upgrade"}`))
		failedWith(t, report, err, "upgrade", "DATABASE_URL is not set")
		j.Open = up
		if report, err = j.Handle(context.Background(), json.RawMessage(`{"command": "upgrade"}`)); err != nil {
			t.Fatal(err)
		}
		check(t, "upgrade", report, "∅→one applied [one/2] pending []")
	})
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"command": "upgrade", "to": "1", "dry_run": true, "plan": "x", "allow_data_loss": false}`))
	f.Add([]byte(`{"command": "status"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		event, err := parseEvent(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := parseEvent(again); err != nil || back != event {
			t.Errorf("%s: got %+v, and of that %+v, %v", text, event, back, err)
		}
	})
}

// TestJobReads: the job says to its opener which commands only read.
func TestJobReads(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]bool{
		`{"command": "status"}`: true, `{"command": "plan"}`: true, `{"command": "history"}`: true,
		`{"command": "current"}`: true, `{"command": "lint"}`: true, `{"command": "check"}`: true,
		`{"command": "upgrade"}`: false, `{"command": "upgrade", "dry_run": true}`: true,
		`{"command": "downgrade"}`: false, `{"command": "downgrade", "dry_run": true}`: true,
	} {
		var got bool
		j := Job{Open: func(readOnly bool) (*sql.DB, string, error) {
			got = readOnly
			return nil, "", errors.New("not opened")
		}}
		if _, err := j.Handle(t.Context(), json.RawMessage(event)); err == nil || got != want {
			t.Errorf("%s: read only %v, %v", event, got, err)
		}
	}
}

// brief is a report in one line: what was applied, what is pending, what failed.
func brief(r run.Report) string {
	list := func(all []run.Migration) string {
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

// short is the name of a version in these tests.
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

// check compares a report in one line.
func check(t *testing.T, command string, report run.Report, want string) {
	t.Helper()
	if got := brief(report); got != want {
		t.Errorf("%s: got %s, want %s", command, got, want)
	}
}
