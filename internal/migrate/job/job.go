// Package job is the admin job of migrations: one event in, one report out, as the Lambda
// function functions/migrate runs it.
package job

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/run"
	"slipway/internal/migrate/verify"
)

// Job is the admin job: one event in, one report out. It keeps nothing between
// events: a database that was down is tried again with the next one.
type Job struct {
	// Open opens the database, for a command that only reads or for any, and says which
	// dialect it speaks. The job closes it.
	Open func(readOnly bool) (db *sql.DB, dialect string, err error)
	// Migrations is the folder migrations, as [run.New] takes it.
	Migrations fs.FS
	// Declared is what a check compares with, beside the files of the database's
	// own dialect.
	Declared verify.Declared
}

// Event is what the job is invoked with.
type Event struct {
	// Command is one of [Commands].
	Command string `json:"command"`
	// To, DryRun and Plan are those of [run.Upgrade] and [run.Downgrade]; To that of
	// [run.Engine.Plan] too.
	To     string `json:"to"`
	DryRun bool   `json:"dry_run"`
	Plan   string `json:"plan"`
	// N and AllowDataLoss are those of [run.Downgrade]. An upgrade may be sent
	// AllowDataLoss as well: it runs what was reviewed, and does not ask.
	N             int  `json:"n"`
	AllowDataLoss bool `json:"allow_data_loss"`
}

// Commands are what the job can be asked for.
var Commands = []string{"status", "plan", "upgrade", "downgrade", "history", "current", "lint", "check"}

// Error is a failed job. Its message is the report as JSON, which is what
// Lambda returns to the caller.
type Error struct {
	Report run.Report
}

// Error is the report as JSON.
func (e *Error) Error() string {
	text, err := json.Marshal(e.Report)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Handle runs one event, given as JSON. The error is a *[Error]: for an event
// that is not understood (an unknown command or member), a database or files
// that cannot be read, and an upgrade that failed.
func (j Job) Handle(ctx context.Context, event json.RawMessage) (run.Report, error) {
	parsed, err := parseEvent(event)
	if err != nil {
		return run.Report{}, &Error{run.FailedReport(parsed.Command, err)}
	}
	db, dialect, err := j.Open(parsed.readOnly())
	if err != nil {
		return run.Report{}, &Error{run.FailedReport(parsed.Command, err)}
	}
	engine, err := run.New(db, dialect, j.Migrations)
	if err != nil {
		return run.Report{}, &Error{run.FailedReport(parsed.Command, errors.Join(err, db.Close()))}
	}
	report, err := j.run(ctx, parsed, engine)
	if err := errors.Join(err, db.Close()); err != nil {
		report.Fail(err)
		return run.Report{}, &Error{report}
	}
	return report, nil
}

// run runs the command of an event.
func (j Job) run(ctx context.Context, e Event, engine *run.Engine) (run.Report, error) {
	switch e.Command {
	case "upgrade":
		return engine.Upgrade(ctx, run.Upgrade{To: e.To, DryRun: e.DryRun, Plan: e.Plan})
	case "downgrade":
		return engine.Downgrade(ctx, run.Downgrade{
			To: e.To, N: e.N, DryRun: e.DryRun, Plan: e.Plan, AllowDataLoss: e.AllowDataLoss,
		})
	case "plan":
		return engine.Plan(ctx, e.To)
	case "history":
		return engine.History(ctx)
	case "current":
		return engine.Current(ctx)
	case "lint":
		return lint.Look(ctx, engine, lint.Lint{LargeTable: lint.LargeTable, Declared: j.Declared.Schema})
	case "check":
		return verify.Check(ctx, engine, j.Declared)
	default:
		return engine.Status(ctx)
	}
}

// readOnly says whether the event changes nothing.
func (e Event) readOnly() bool { return e.DryRun || e.Command != "upgrade" && e.Command != "downgrade" }

// others gives the members of an event that its command does not take.
func (e Event) others() Event {
	switch e.Command {
	case "upgrade":
		e.To, e.DryRun, e.Plan, e.AllowDataLoss = "", false, "", false
	case "downgrade":
		return Event{}
	case "plan":
		e.To = ""
	}
	e.Command = ""
	return e
}

// parseEvent reads an event strictly: a member that is misspelt would otherwise
// be one that was not sent.
func parseEvent(text []byte) (Event, error) {
	var event Event
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		return event, fmt.Errorf(`invalid event: %w: send {"command": "status"}, or {"command": `+
			`"downgrade", "to": "VERSION", "dry_run": true, "plan": "HASH", "allow_data_loss": false}`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return event, errors.New("invalid event: there is text after the JSON object")
	}
	commands := strings.Join(Commands, ", ")
	switch {
	case event.Command == "":
		return event, fmt.Errorf("the event has no command: use one of %s", commands)
	case !slices.Contains(Commands, event.Command):
		return event, fmt.Errorf("the event has an unknown command %q: use one of %s", event.Command, commands)
	case event.others() != (Event{}):
		return event, fmt.Errorf("invalid event: it has members that %s does not take", event.Command)
	}
	return event, nil
}
