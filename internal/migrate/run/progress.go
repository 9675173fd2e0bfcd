package run

import "time"

// Progress is told to whoever watches an upgrade.
type Progress struct {
	Stage Stage
	// Version and Description name the file; "" while waiting.
	Version, Description string
	// Statement is the SQL, the Index-th of Total in the file, from 1.
	Statement    string
	Index, Total int
	// Took is the time of the statement (Ran, HeldUp) or of the file (Applied, Undone).
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
	// HeldUp: others hold what the statement needs; it gives way and is tried again.
	HeldUp
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
