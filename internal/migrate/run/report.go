package run

import (
	"errors"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"
)

// Report is what every command answers, on success and on failure alike: db …
// --json prints it and the job returns it.
type Report struct {
	// Command is upgrade, downgrade, plan, status, history or current.
	Command string `json:"command"`
	// Dialect is mysql or sqlite.
	Dialect string `json:"dialect"`
	// From is the live version when the command began; "" on an empty database.
	From string `json:"from"`
	// To is the live version when the command ended. Of a command that changes
	// nothing, a dry run among them, it is the version that an upgrade would reach.
	To string `json:"to"`
	// Applied is what an upgrade applied, or what a downgrade undid; of the other
	// commands, all that is applied. In order, never null.
	Applied []Migration `json:"applied"`
	// Pending is what is still to be applied or, of a downgrade, still to be undone.
	// In order, never null.
	Pending []Migration `json:"pending"`
	// Loss is the data that a downgrade would delete, or has.
	Loss []Loss `json:"loss,omitzero"`
	// Drift is what a check found.
	Drift []plan.Drift `json:"drift,omitzero"`
	// NotCompared is what a check could not compare without a scratch database.
	NotCompared []string `json:"not_compared,omitzero"`
	// Findings are what lint found.
	Findings []Finding `json:"findings,omitzero"`
	// Repaired has a sentence for each correction that a repair made, or would make.
	Repaired []string `json:"repaired,omitzero"`
	// Failed is why an upgrade or a downgrade stopped. Of the other commands it is why an upgrade
	// would stop or the last one did; null when there is nothing to say.
	Failed *Failure `json:"failed"`
	// Incomplete says that an upgrade or a downgrade stopped between two statements because its
	// time ran out; run again, it goes on. Of the other commands it says that a
	// migration is applied in part.
	Incomplete bool `json:"incomplete"`
	// Plan is the hash of the SQL in the pending files, before the command; "" when
	// none were pending.
	Plan string `json:"plan"`
	// DurationMS is how long the command took, in milliseconds.
	DurationMS int64 `json:"duration_ms"`

	// showSQL keeps the statements of what is pending in the report.
	showSQL bool
}

// Migration is one migration file in a report.
type Migration struct {
	Version     string `json:"version"`
	Description string `json:"description"`
	// Statements is how many statements were run, or are to be run. Of a file that
	// was resumed, those before that point do not count.
	Statements int `json:"statements"`
	// DurationMS is how long they took; 0 while pending.
	DurationMS int64 `json:"duration_ms"`
	// SQL holds the statements of a pending migration, where the command is asked
	// for them: plan, and a dry run.
	SQL []string `json:"sql,omitempty"`
}

// Failure says what went wrong. Version and Statement are "" when it was not a
// migration: a database that cannot be reached, a checksum that does not match.
type Failure struct {
	Version   string `json:"version"`
	Statement string `json:"statement"`
	Error     string `json:"error"`
}

// FailedReport is the report of a command that failed before there was an
// engine: its database could not be opened, say.
func FailedReport(command string, err error) Report {
	return Report{Command: command, Applied: []Migration{}, Pending: []Migration{}, Failed: &Failure{Error: err.Error()}}
}

// describe fills in what was found, for an upgrade to a version or, with "", to
// the last one.
func (r *Report) describe(st state, to string) {
	steps := st.upTo(to)
	r.From, r.To = st.live, st.live
	if len(steps) > 0 {
		r.To = steps[len(steps)-1].to
	}
	r.Pending = describeSteps(steps)
	r.Plan = planHash(steps)
}

// Fail records why the command failed, if it did.
func (r *Report) Fail(err error) {
	var known *failureError
	switch {
	case errors.As(err, &known):
		r.Failed = &known.Failure
	case err != nil:
		r.Failed = &Failure{Error: err.Error()}
	}
}

// failureError is a failure that knows its migration, on its way to the report.
type failureError struct {
	Failure
	cause error
}

// problem is the failure of a migration that was not run.
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

// Severity says how bad a finding is.
type Severity string

// The severities. An error should stop a deployment, a warning should be read,
// and a notice is good to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Notice  Severity = "notice"
)

// Finding is one thing to know about a line of a file.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	// Title says in a few words what was found.
	Title string `json:"title"`
	// Detail says what and why, with the names of the table and the column.
	Detail string `json:"detail"`
	// Advice is the safer way.
	Advice string `json:"advice"`
}

// Progress is what an upgrade reports as it runs.
type Progress struct {
	Stage Stage
	// Version and Description name the file; "" while waiting.
	Version, Description string
	// Statement is the SQL, the Index-th of Total in the file, from 1.
	Statement    string
	Index, Total int
	// Took is the time of the statement (Ran, LockConflict) or of the file (Applied, Undone).
	Took time.Duration
	// Limit is how long it waits at most (Waiting).
	Limit time.Duration
}

// Stage is a moment of an upgrade.
type Stage int

// The stages, in the order in which they come.
const (
	// Waiting: another upgrade or downgrade is at work on this database or, on SQLite,
	// another program holds the file.
	Waiting Stage = iota
	// Running: a statement begins.
	Running
	// LockConflict: others hold what the statement needs; it gives way and is tried again.
	LockConflict
	// Ran: the statement is done and recorded.
	Ran
	// Skipped: a run that was cut off had done the statement, or what it undoes was never
	// done; it is recorded now.
	Skipped
	// Applied: the last statement of a file is done.
	Applied
	// Undone: the last statement of a way down is done.
	Undone
)
