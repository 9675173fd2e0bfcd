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

// Job handles events. It keeps no state between events.
type Job struct {
	// Open opens the database as the master user of the server. The job closes it.
	Open func() (*sql.DB, error)
	// Users returns the users to create, with their current passwords.
	Users func(ctx context.Context) ([]User, error)
	// LetsIn reports whether the server accepts a name and a password. See [Ensure].
	LetsIn func(ctx context.Context, name, password string) (bool, error)
}

// Report is the result of an event. It contains no password.
type Report struct {
	Command string `json:"command"`
	// Users are the successful users, in order.
	Users []Made `json:"users"`
	// Failed is the error, or nil.
	Failed *Failure `json:"failed"`
}

// Failure is the error of a report.
type Failure struct {
	Error string `json:"error"`
}

// JobError is the error of a failed job. Its message is the report as JSON, which Lambda returns to the caller.
type JobError struct {
	Report Report
}

// Error returns the report as JSON.
func (e *JobError) Error() string {
	text, err := json.Marshal(e.Report)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Handle runs one event, which must be {"command": "apply"}. The error is a *[JobError]: for an invalid event, for a
// secret or a database that cannot be read, or for a user that cannot be created. The users before it are created then.
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

// readEvent parses an event strictly: unknown members and commands are errors.
func readEvent(text []byte) error {
	var event struct {
		Command string `json:"command"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&event); err != nil {
		return fmt.Errorf(`invalid event: %w: send {"command": "apply"}`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New(`invalid event: data after the object: send {"command": "apply"}`)
	}
	if event.Command != "apply" {
		return fmt.Errorf(`unknown command %.40q: send {"command": "apply"}`, event.Command)
	}
	return nil
}
