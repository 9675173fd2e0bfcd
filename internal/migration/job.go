package migration

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Job is the admin job: one event in, one report out. It keeps nothing between
// events: a database that was down is tried again with the next one.
type Job struct {
	// Open opens the database and says which dialect it speaks. The job closes it.
	Open func() (db *sql.DB, dialect string, err error)
	// Files gives the folder with a dialect's migration files.
	Files func(dialect string) (fs.FS, error)
}

// Event is what the job is invoked with.
type Event struct {
	// Command is upgrade, status, history or current.
	Command string `json:"command"`
	// To, DryRun and Plan are those of [Upgrade]; other commands take none of them.
	To     string `json:"to"`
	DryRun bool   `json:"dry_run"`
	Plan   string `json:"plan"`
	// AllowDataLoss is for commands that can lose data. An upgrade runs what was
	// reviewed and does not ask.
	AllowDataLoss bool `json:"allow_data_loss"`
}

// JobError is a failed job. Its message is the report as JSON, which is what
// Lambda hands to whoever invoked the function.
type JobError struct {
	Report Report
}

// Error is the report as JSON.
func (e *JobError) Error() string {
	text, err := json.Marshal(e.Report)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Handle runs one event, given as JSON. The error is a *[JobError]: for an event
// that is not understood (an unknown command or member), a database or files
// that cannot be read, and an upgrade that failed.
func (j Job) Handle(ctx context.Context, event json.RawMessage) (Report, error) {
	parsed, err := parseEvent(event)
	if err != nil {
		return Report{}, &JobError{FailedReport(parsed.Command, err)}
	}
	engine, db, err := j.engine()
	if err != nil {
		return Report{}, &JobError{FailedReport(parsed.Command, err)}
	}
	report, err := parsed.run(ctx, engine)
	if err := errors.Join(err, db.Close()); err != nil {
		report.fail(err)
		return Report{}, &JobError{report}
	}
	return report, nil
}

// engine opens the database, which is the caller's to close.
func (j Job) engine() (*Engine, *sql.DB, error) {
	db, dialect, err := j.Open()
	if err != nil {
		return nil, nil, err
	}
	files, err := j.Files(dialect)
	if err == nil {
		var engine *Engine
		if engine, err = New(db, dialect, files); err == nil {
			return engine, db, nil
		}
	}
	return nil, nil, errors.Join(err, db.Close())
}

// run runs the command of an event.
func (e Event) run(ctx context.Context, engine *Engine) (Report, error) {
	switch e.Command {
	case "upgrade":
		return engine.Upgrade(ctx, Upgrade{To: e.To, DryRun: e.DryRun, Plan: e.Plan})
	case "history":
		return engine.History(ctx)
	case "current":
		return engine.Current(ctx)
	default:
		return engine.Status(ctx)
	}
}

// parseEvent reads an event strictly: a member that is misspelt would otherwise
// be one that was not sent.
func parseEvent(text []byte) (Event, error) {
	var event Event
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		return event, fmt.Errorf(`the event is not understood: %w: send {"command": "status"}, or {"command": "upgrade", "to": "VERSION", "dry_run": true, "plan": "HASH", "allow_data_loss": false}`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return event, errors.New("the event is not understood: there is more after the object")
	}
	switch event.Command {
	case "upgrade":
		return event, nil
	case "status", "history", "current":
		if event != (Event{Command: event.Command}) {
			return event, fmt.Errorf("the event is not understood: %s takes no other members", event.Command)
		}
		return event, nil
	case "":
		return event, errors.New("the event names no command: it is one of upgrade, status, history, current")
	default:
		return event, fmt.Errorf("the event's command %q is unknown: it is one of upgrade, status, history, current", event.Command)
	}
}
