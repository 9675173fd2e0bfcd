// Package job handles the events of the migration Lambda: it runs one command for each event
// and returns its report. It does not import an AWS package.
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

// Job runs commands on one database. It keeps no state between events: it opens the database
// again for each event.
type Job struct {
	// Open opens the database and returns its dialect. readOnly is true for a command that
	// only reads. The job closes the database.
	Open func(readOnly bool) (db *sql.DB, dialect string, err error)
	// Migrations is the folder migrations, as [run.New] takes it.
	Migrations fs.FS
	// Declared is the declared schema with which the command check compares the database.
	Declared verify.Declared
}

// Event is the input of the Lambda.
type Event struct {
	// Command is one of [Commands].
	Command string `json:"command"`
	// To, DryRun and Plan are options of [run.Upgrade] and [run.Downgrade]. To is also an
	// option of [run.Engine.Plan].
	To     string `json:"to"`
	DryRun bool   `json:"dry_run"`
	Plan   string `json:"plan"`
	// N and AllowDataLoss are options of [run.Downgrade]. An upgrade accepts AllowDataLoss
	// and ignores it.
	N             int  `json:"n"`
	AllowDataLoss bool `json:"allow_data_loss"`
}

// Commands lists the supported commands.
var Commands = []string{"status", "plan", "upgrade", "downgrade", "history", "current", "lint", "check"}

// Error is the error of a failed command. Its message is the report as JSON, which Lambda
// returns to the caller.
type Error struct {
	Report run.Report
}

// Error returns the report as JSON.
func (e *Error) Error() string {
	text, err := json.Marshal(e.Report)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Handle runs the command of one event, given as JSON. Every error is an *[Error]: the event
// is invalid (an unknown command or member), the database or the files cannot be read, or
// the command failed.
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

// readOnly reports whether the command only reads.
func (e Event) readOnly() bool { return e.DryRun || e.Command != "upgrade" && e.Command != "downgrade" }

// others returns the event with only the members that its command does not accept.
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

// parseEvent parses an event. It rejects unknown members, because a misspelt "dry_run" must
// not run the command.
func parseEvent(text []byte) (Event, error) {
	var event Event
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		return event, fmt.Errorf(`invalid event: %w: send {"command": "status"}, or {"command": `+
			`"downgrade", "to": "VERSION", "dry_run": true, "plan": "HASH", "allow_data_loss": false}`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return event, errors.New("invalid event: remove the text after the JSON object")
	}
	commands := strings.Join(Commands, ", ")
	switch {
	case event.Command == "":
		return event, fmt.Errorf("missing command in the event: use one of %s", commands)
	case !slices.Contains(Commands, event.Command):
		return event, fmt.Errorf("unknown command %q in the event: use one of %s", event.Command, commands)
	case event.others() != (Event{}):
		return event, fmt.Errorf("invalid event: remove the members that the command %s does not accept", event.Command)
	}
	return event, nil
}
