// Package verify finds out whether migrations do what they should. [Check] compares a
// database, the files, schema.hcl and the row types; it is what db check does. [Run] runs
// every migration of a folder up, down and up again on a scratch database with generated
// rows in its tables, and says where the schema or the rows are not what they should be;
// it is what db test does. The rest is about [Run].
//
// # What is promised of each file
//
//   - The way up works with rows in the tables, and keeps them.
//   - The way down works with rows in the tables, rows that were written after
//     the way up among them. It leaves the schema that was there before, and
//     keeps the rows.
//   - The way up works again, to the same schema, and keeps the rows.
//   - The way from the last version to the first and back works too.
//
// # Which rows are compared
//
// Those columns that exist, with one type, before and after the file: of all rows, told
// apart by their primary key. What the file renames, by a RENAME or by MySQL's CHANGE, is
// followed. A column whose type the file changes is compared after the way down, with what
// it was before the way up. A NULL may become a value in a column that the file makes NOT
// NULL.
//
// What a statement about rows writes is not compared: of an UPDATE the columns in which
// values changed, and of any other the tables that got or lost rows, by a trigger or a
// foreign key too. The database is asked: the rows are read before and after the statement.
// An UPDATE that changes a primary key counts as rows that come and go.
//
// A file that says that it cannot be undone is tested on the way up only.
//
// Making the scratch database, and taking it away, is the caller's.
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
	// DB is an empty database that may be filled and emptied. It is left open, and
	// with the last version applied when all went well.
	DB *sql.DB
	// Migrations is the folder migrations.
	Migrations fs.FS
}

// Result is how the migrations of one dialect did.
type Result struct {
	Dialect string `json:"dialect"`
	// Migrations is how many files passed.
	Migrations int `json:"migrations"`
	// Rows is how many rows were generated.
	Rows int `json:"rows"`
	// Failed is the first thing that was wrong; null when nothing was.
	Failed *Failure `json:"failed"`
	// Notes says what was not tested, and why. Never null.
	Notes []string `json:"notes"`
	// Algorithms says how the server ran each change of a table that was there; null on
	// SQLite.
	Algorithms []Algorithm `json:"algorithms,omitzero"`
	// DurationMS is how long it took, in milliseconds.
	DurationMS int64 `json:"duration_ms"`
}

// Failure says where a migration is wrong, and how.
type Failure struct {
	// Version is the file's; "" when it is not about one file.
	Version string `json:"version"`
	// Step is one of the Step constants.
	Step string `json:"step"`
	// Statement is the SQL that the database refused; "" when it was not that.
	Statement string `json:"statement"`
	// Error is a sentence. It may show values of rows: they are generated.
	Error string `json:"error"`
}

// The steps, in the order in which they come. The first is before any file, the
// last two are after all of them.
const (
	StepFiles   = "files"
	StepUp      = "up"
	StepRows    = "rows"
	StepDown    = "down"
	StepUpAgain = "up again"
	StepAllDown = "all the way down"
	StepAllUp   = "all the way up"
)

// Progress is told after each file that passed.
type Progress struct {
	Dialect, Version, Description string
	// Notes says what of this file was not tested, and why.
	Notes []string
	// Algorithms says how the server ran its changes of tables that were there.
	Algorithms []Algorithm
	Took       time.Duration
}

// roundtrip is one run.
type roundtrip struct {
	Target
	engine   *run.Engine
	random   *rand.Rand
	files    []plan.File
	progress func(Progress)
	result   Result

	// at is where the run is; Failed of the result once something is wrong.
	at Failure
	// states has the database at each version that was reached; "" is the empty one.
	states map[string]*state
	// change is what the file at hand does; nil while no rows are compared.
	change *change
}

// Run tests all migrations of the target. progress is told of each file that
// passed; nil for nobody. What is wrong is in the result's Failed: a migration
// that does not do what it should, but also files or a database that cannot be
// read, a database that is not empty, and a ctx that is over.
func Run(ctx context.Context, target Target, progress func(Progress)) Result {
	started := time.Now()
	r := &roundtrip{
		Target: target, progress: progress, at: Failure{Step: StepFiles}, states: map[string]*state{},
		result: Result{Dialect: target.Dialect, Notes: []string{}},
		// The same rows each time: a failure can be looked at again.
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
	if r.states[""], err = r.look(ctx, r.DB); err != nil {
		return err
	}
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

// open makes the engine, which checks the files and the database, and reads the files.
func (r *roundtrip) open(ctx context.Context) (err error) {
	if r.engine, err = run.New(r.DB, r.Dialect, r.Migrations); err != nil {
		return err
	}
	r.engine.Exec = r.exec
	report, err := r.engine.Plan(ctx, "")
	if err := r.refused(report, err); err != nil {
		return err
	}
	if report.From != "" {
		return fmt.Errorf("the scratch database has migration %s already: an empty one is needed", report.From)
	}
	files, err := r.engine.FilesOf(r.engine.Dialect)
	r.files = files.List
	return err
}

// note says, once, what of the file at hand is not tested.
func (r *roundtrip) note(format string, args ...any) {
	note := r.at.Version + ": " + fmt.Sprintf(format, args...)
	if r.at.Version != "" && !slices.Contains(r.result.Notes, note) {
		r.result.Notes = append(r.result.Notes, note)
	}
}
