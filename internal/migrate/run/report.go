package run

import (
	"errors"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"
)

// Report is the result of every command, whether it succeeds or fails. `db … --json` prints
// it, and the migration Lambda returns it.
type Report struct {
	// Command is upgrade, downgrade, plan, status, history or current.
	Command string `json:"command"`
	// Dialect is mysql or sqlite.
	Dialect string `json:"dialect"`
	// From is the live version when the command started; "" on an empty database.
	From string `json:"from"`
	// To is the live version when the command ended. For a dry run, or a command that
	// changes nothing, it is the version that an upgrade would reach.
	To string `json:"to"`
	// Applied lists the migrations that an upgrade applied or a downgrade undid. For the
	// other commands it lists all applied migrations. It is in order and never null.
	Applied []Migration `json:"applied"`
	// Pending lists the migrations that remain to be applied or, for a downgrade, to be
	// undone. It is in order and never null.
	Pending []Migration `json:"pending"`
	// Loss is the data that a downgrade would delete, or has deleted.
	Loss []Loss `json:"loss,omitzero"`
	// Drift lists the differences that a check found.
	Drift []plan.Drift `json:"drift,omitzero"`
	// NotCompared lists what a check could not compare without a scratch database.
	NotCompared []string `json:"not_compared,omitzero"`
	// Collations lists the texts of a MySQL database that SQLite sorts and compares in another
	// way, for check.
	Collations []string `json:"collations,omitzero"`
	// Unmanaged lists the views, triggers, routines and events of the database, for check and
	// lint.
	Unmanaged []plan.Object `json:"unmanaged,omitzero"`
	// Findings are the findings of lint.
	Findings []Finding `json:"findings,omitzero"`
	// Repaired has a sentence for each correction that a repair made, or would make.
	Repaired []string `json:"repaired,omitzero"`
	// Failed is the reason why an upgrade or a downgrade stopped; null after success. For the
	// other commands it is the reason why an upgrade cannot run, or why the last one failed.
	Failed *Failure `json:"failed"`
	// Incomplete is true if an upgrade or a downgrade stopped between two statements because
	// its deadline was near: run it again to continue. For the other commands it is true if
	// a migration is partly applied.
	Incomplete bool `json:"incomplete"`
	// Plan is the hash of the SQL that was pending before the command; "" if none was.
	Plan string `json:"plan"`
	// DurationMS is the duration of the command in milliseconds.
	DurationMS int64 `json:"duration_ms"`

	// showSQL keeps the statements of pending migrations in the report.
	showSQL bool
}

// Migration is one migration file in a report.
type Migration struct {
	Version     string `json:"version"`
	Description string `json:"description"`
	// Statements is the number of statements that ran, or remain to run. For a resumed file
	// it does not count the statements of earlier runs.
	Statements int `json:"statements"`
	// DurationMS is their duration in milliseconds; 0 while pending.
	DurationMS int64 `json:"duration_ms"`
	// SQL holds the statements of a pending migration. Only a plan and a dry run set it.
	SQL []string `json:"sql,omitempty"`
}

// Failure is the reason why a command failed. Version and Statement are "" if it does not
// concern one migration: for example, the database is unreachable.
type Failure struct {
	Version   string `json:"version"`
	Statement string `json:"statement"`
	Error     string `json:"error"`
}

// FailedReport returns the report of a command that failed before it had an engine: for
// example, the database could not be opened.
func FailedReport(command string, err error) Report {
	return Report{Command: command, Applied: []Migration{}, Pending: []Migration{}, Failed: &Failure{Error: err.Error()}}
}

// describe sets From, To, Pending and Plan for an upgrade to a version ("" for the last).
func (r *Report) describe(st state, to string) {
	steps := st.upTo(to)
	r.From, r.To = st.live, st.live
	if len(steps) > 0 {
		r.To = steps[len(steps)-1].to
	}
	r.Pending = describeSteps(steps)
	r.Plan = planHash(steps)
}

// Fail sets Failed from err; a nil err changes nothing.
func (r *Report) Fail(err error) {
	var known *failureError
	switch {
	case errors.As(err, &known):
		r.Failed = &known.Failure
	case err != nil:
		r.Failed = &Failure{Error: err.Error()}
	}
}

// failureError is an error with the migration that it concerns.
type failureError struct {
	Failure
	cause error
}

// problem returns the error of a migration that cannot be run. The format is the end of a
// sentence that starts with "migration VERSION".
func problem(version, format string, args ...any) *failureError {
	text := "migration " + version + " " + fmt.Sprintf(format, args...)
	return &failureError{Failure: Failure{Version: version, Error: text}}
}

func (f *failureError) Error() string {
	if f.cause != nil {
		return "migration " + f.Version + ": " + f.Failure.Error
	}
	return f.Failure.Error
}

func (f *failureError) Unwrap() error { return f.cause }

// Severity is the severity of a finding.
type Severity string

// The severities. Stop a deployment on an error. Review a warning. A notice is information.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Notice  Severity = "notice"
)

// Finding is a finding of lint about a line of a file.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	// Title is the rule in a few words.
	Title string `json:"title"`
	// Detail is what was found and why it matters, with the names of the table and column.
	Detail string `json:"detail"`
	// Advice is a safer alternative.
	Advice string `json:"advice"`
}

// Progress is one event of a running upgrade or downgrade.
type Progress struct {
	Stage Stage
	// Version and Description name the file; "" while waiting.
	Version, Description string
	// Statement is the SQL. Index is its position in the file, from 1, and Total is the
	// number of statements in the file.
	Statement    string
	Index, Total int
	// Took is the duration of the statement (Ran, LockConflict) or of the file (Applied,
	// Undone).
	Took time.Duration
	// Limit is the longest time to wait (Waiting).
	Limit time.Duration
}

// Stage is the kind of a progress event.
type Stage int

// The stages, in the order in which they occur.
const (
	// Waiting: another upgrade or downgrade runs on this database or, on SQLite, another
	// program has locked the file.
	Waiting Stage = iota
	// Running: a statement starts.
	Running
	// LockConflict: other sessions hold a lock that the statement needs; it is retried.
	LockConflict
	// Ran: the statement has run and is recorded.
	Ran
	// Skipped: the statement is recorded but did not run. An interrupted run had run it, or
	// the up statement that it undoes never ran.
	Skipped
	// Applied: the last statement of a file has run.
	Applied
	// Undone: the last down statement of a file has run.
	Undone
)
