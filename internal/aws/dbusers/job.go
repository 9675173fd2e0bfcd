package dbusers

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Job is the job: one event in, one report out. It keeps nothing between events.
type Job struct {
	// Open opens the database as the master of its server. The job closes it.
	Open func() (*sql.DB, error)
	// Users returns those to make, with the passwords of the moment.
	Users func(ctx context.Context) ([]User, error)
	// LetsIn says whether the server lets somebody in. See [Ensure].
	LetsIn func(ctx context.Context, name, password string) (bool, error)
}

// Report is what a job has done. It holds no password.
type Report struct {
	Command string `json:"command"`
	// Users are those that are as they should be, in the order in which they were made.
	Users []Made `json:"users"`
	// Failed is what went wrong; nil where nothing has.
	Failed *Failure `json:"failed"`
}

// Failure is what went wrong.
type Failure struct {
	Error string `json:"error"`
}

// JobError is a failed job. Its message is the report as JSON, which is what Lambda
// hands to whoever invoked the function.
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

// Handle runs one event, which is {"command": "apply"}. The error is a *[JobError]: an
// event that is not understood, a secret or a database that cannot be read, and a user
// that could not be made. The users before it are made then.
func (j Job) Handle(ctx context.Context, event json.RawMessage) (Report, error) {
	report := Report{Command: "apply", Users: []Made{}}
	if err := j.handle(ctx, event, &report); err != nil {
		report.Failed = &Failure{err.Error()}
		return Report{}, &JobError{report}
	}
	return report, nil
}

func (j Job) handle(ctx context.Context, event json.RawMessage, report *Report) (err error) {
	if err := readEvent(event); err != nil {
		return err
	}
	users, err := j.Users(ctx)
	if err != nil {
		return err
	}
	db, err := j.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("cannot connect to the database: %w", err)
	}
	for _, user := range users {
		made, err := Ensure(ctx, db, user, j.LetsIn)
		if err != nil {
			return err
		}
		report.Users = append(report.Users, made)
	}
	return nil
}

// readEvent is strict: a command that is misspelt is none.
func readEvent(text []byte) error {
	var event struct {
		Command string `json:"command"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		return fmt.Errorf(`the event is not understood: %w: send {"command": "apply"}`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New(`the event is not understood: there is more after the object: send {"command": "apply"}`)
	}
	if event.Command != "apply" {
		return fmt.Errorf(`the event's command %.40q is unknown: send {"command": "apply"}`, event.Command)
	}
	return nil
}
