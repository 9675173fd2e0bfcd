// Package verify tests migrations. [Check] compares a database, the files, schema.hcl and the
// row types, for "db check". [Run] runs every migration up, down and up again on a scratch
// database with generated rows, and compares schemas and rows, for "db test". The package may
// not import GORM or Gin.
//
// # What Run requires of each file
//
//   - The up statements succeed with rows in the tables, and keep the rows.
//   - The down statements succeed with rows in the tables, including rows that were inserted
//     after the up statements. They restore the previous schema and keep the rows.
//   - The up statements succeed again, create the same schema, and keep the rows.
//   - The downgrade from the last version to the first and the upgrade back succeed, too.
//
// # Which rows Run compares
//
// Run compares the columns that exist with the same type before and after the file, in all
// rows. The primary key identifies a row. Run recognizes renames by RENAME and by MySQL's
// CHANGE. If a file changes the type of a column, Run compares the values before the up
// statements with those after the down statements. In a column that becomes NOT NULL, a NULL
// can become a value.
//
// Run does not compare what INSERT, UPDATE and DELETE statements write: the columns in which
// values changed, and the tables in which rows were added or deleted. To find them, it reads
// the rows before and after the statement, so the effects of triggers and foreign keys are
// included. An UPDATE of a primary key deletes and adds rows.
//
// Before a file, Run changes generated rows that have no valid value in what the file adds: those
// that refer to no row by a new foreign key, and those with large numbers for a new generated column.
//
// Of an irreversible file, Run tests only the up statements.
//
// The caller creates and drops the scratch database.
package verify

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"time"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
)

// Target is a scratch database and the migrations to test on it.
type Target struct {
	// Dialect is [plan.MySQL] or [plan.SQLite].
	Dialect string
	// DB is an empty database. Run does not close it. On success, the last version is applied
	// to it.
	DB *sql.DB
	// Migrations is the folder migrations.
	Migrations fs.FS
}

// Result is the result for the migrations of one dialect.
type Result struct {
	Dialect string `json:"dialect"`
	// Migrations is the number of files that passed.
	Migrations int `json:"migrations"`
	// Rows is the number of generated rows.
	Rows int `json:"rows"`
	// Failed is the first failure, or null.
	Failed *Failure `json:"failed"`
	// Notes lists what was not tested, and why. It is never null.
	Notes []string `json:"notes"`
	// Algorithms has how the server ran each change of an existing table. It is missing on
	// SQLite.
	Algorithms []Algorithm `json:"algorithms,omitzero"`
	// DurationMS is the duration in milliseconds.
	DurationMS int64 `json:"duration_ms"`
}

// Failure is the first failure of a test.
type Failure struct {
	// Version is the version of the file, or "" if the failure belongs to no file.
	Version string `json:"version"`
	// Step is one of the Step constants.
	Step string `json:"step"`
	// Statement is the SQL that the database rejected, or "".
	Statement string `json:"statement"`
	// Error is the message. It can contain values of the generated rows.
	Error string `json:"error"`
}

// The steps of a test, in their order. The first one comes before all files, and the last
// two come after all files.
const (
	StepFiles   = "files"
	StepUp      = "up"
	StepRows    = "rows"
	StepDown    = "down"
	StepUpAgain = "up again"
	StepAllDown = "all down"
	StepAllUp   = "all up"
)

// Progress describes a file that passed.
type Progress struct {
	Dialect, Version, Description string
	// Notes lists what of this file was not tested, and why.
	Notes []string
	// Algorithms has how the server ran the changes of existing tables in this file.
	Algorithms []Algorithm
	Took       time.Duration
}

// roundtrip is the state of one [Run].
type roundtrip struct {
	Target
	engine   *run.Engine
	random   *rand.Rand
	files    []plan.File
	progress func(Progress)
	result   Result

	// at is the current file and step. On failure it becomes Failed of the result.
	at Failure
	// states has the state of the database at each version. "" is the empty database.
	states map[string]*state
	// now is the state of the database before the current file, with the rows of an earlier time.
	now *state
	// change is the change of the current file, or nil while Run compares no rows.
	change *change
}

// Run tests all migrations of the target. It calls progress, unless it is nil, for each file
// that passed. Failed of the result has the first failure: of a migration, but also files or
// a database that Run cannot read, a database that is not empty, or a canceled ctx.
func Run(ctx context.Context, target Target, progress func(Progress)) Result {
	started := time.Now()
	r := &roundtrip{
		Target: target, progress: progress, at: Failure{Step: StepFiles}, states: map[string]*state{},
		result: Result{Dialect: target.Dialect, Notes: []string{}},
		// A fixed seed generates the same rows each time, so that failures are reproducible.
		random: rand.New(rand.NewPCG(20, 26)),
	}
	if err := r.run(ctx); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("stopped: %w", ctx.Err())
		}
		r.at.Error = err.Error()
		r.result.Failed = &r.at
	}
	r.result.DurationMS = time.Since(started).Milliseconds()
	return r.result
}

func (r *roundtrip) run(ctx context.Context) (err error) {
	if err := r.open(ctx); err != nil {
		return err
	}
	if r.now, err = r.read(ctx, r.DB); err != nil {
		return err
	}
	r.states[""] = r.now
	before := ""
	for _, f := range r.files {
		began, notes, algorithms := time.Now(), len(r.result.Notes), len(r.result.Algorithms)
		r.at.Version = f.Version()
		if err := r.one(ctx, before, f); err != nil {
			return err
		}
		before = f.Version()
		r.result.Migrations++
		if r.progress != nil {
			r.progress(Progress{Dialect: r.Dialect, Version: f.Version(), Description: f.Desc(), Took: time.Since(began),
				Notes: r.result.Notes[notes:], Algorithms: r.result.Algorithms[algorithms:]})
		}
	}
	r.at.Version, r.change = "", nil
	return r.allTheWay(ctx)
}

// open creates the engine, which checks the files and the database, and reads the files.
func (r *roundtrip) open(ctx context.Context) (err error) {
	if r.engine, err = run.New(r.DB, r.Dialect, r.Migrations); err != nil {
		return err
	}
	r.engine.Exec, r.engine.Disposable = r.exec, true
	report, err := r.engine.Plan(ctx, "")
	if err := r.refused(report, err); err != nil {
		return err
	}
	if report.From != "" {
		return fmt.Errorf("the scratch database has migration %s, but must be empty", report.From)
	}
	files, err := r.engine.FilesOf(r.engine.Dialect)
	r.files = files.List
	return err
}

// note adds a note about the current file, unless it already exists.
func (r *roundtrip) note(format string, args ...any) {
	note := r.at.Version + ": " + fmt.Sprintf(format, args...)
	if r.at.Version != "" && !slices.Contains(r.result.Notes, note) {
		r.result.Notes = append(r.result.Notes, note)
	}
}
