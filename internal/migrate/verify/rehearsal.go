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
// Those columns that are there, with one type, before and after the file: of all
// rows, told apart by their primary key. What the file renames, by a RENAME or by
// MySQL's CHANGE, is followed. A column whose type the file changes is compared
// after the way down, with what it was before the way up. A NULL may become a
// value in a column that the file makes NOT NULL. What a statement that changes
// rows writes is not compared:
//
//   - UPDATE: the columns that it sets;
//   - INSERT, REPLACE and DELETE: the whole table, and with DELETE and REPLACE
//     the tables whose foreign keys refer to it.
//
// The copy that SQLite needs to rebuild a table is no such statement. A file that
// says that it cannot be undone is tested on the way up only.
//
// Making the scratch database, and taking it away, is the caller's.
package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/sqlite"
)

// Target is a scratch database and the migrations to test on it.
type Target struct {
	// Dialect is [plan.MySQL] or [plan.SQLite].
	Dialect string
	// DB is an empty database that may be filled and emptied. It is left open, and
	// with the last version applied when all went well.
	DB *sql.DB
	// Folder has the dialect's files and atlas.sum.
	Folder fs.FS
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

// rehearsal is one run.
type rehearsal struct {
	Target
	engine   *run.Engine
	driver   migrate.Driver
	random   *rand.Rand
	files    []file
	progress func(Progress)
	result   Result

	// Where the run is, for the failure.
	version, step string
	// from and to are the versions around the file at hand.
	from, to string
	// algorithms are those of the file at hand.
	algorithms []Algorithm
	// states has the schema of each version that was reached; "" is the empty one.
	states map[string]*state
}

// Run tests all migrations of the target. progress is told of each file that
// passed; nil for nobody. What is wrong is in the result's Failed: a migration
// that does not do what it should, but also files or a database that cannot be
// read, a database that is not empty, and a ctx that is over.
func Run(ctx context.Context, target Target, progress func(Progress)) Result {
	started := time.Now()
	r := &rehearsal{
		Target: target, progress: progress, step: StepFiles, states: map[string]*state{},
		result: Result{Dialect: target.Dialect, Notes: []string{}},
		// The same rows each time: a failure can be looked at again.
		random: rand.New(rand.NewPCG(20, 26)),
	}
	if err := r.run(ctx); err != nil {
		r.result.Failed = &Failure{Version: r.version, Step: r.step, Error: err.Error()}
		if ctx.Err() != nil {
			r.result.Failed.Error = "stopped: " + ctx.Err().Error()
		}
		if refused, ok := errors.AsType[*refusedError](err); ok {
			r.result.Failed.Statement = refused.statement
		}
	}
	r.result.DurationMS = time.Since(started).Milliseconds()
	return r.result
}

// refusedError is a statement that the database refused.
type refusedError struct{ statement, message string }

func (e *refusedError) Error() string { return e.message }

func (r *rehearsal) run(ctx context.Context) error {
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.read(ctx); err != nil {
		return err
	}
	empty, err := r.inspect(ctx)
	if err != nil {
		return err
	}
	r.states[""] = empty
	before := ""
	for _, f := range r.files {
		began := time.Now()
		notes := len(r.result.Notes)
		r.version, r.from, r.to, r.algorithms = f.version, before, f.version, nil
		if err := r.one(ctx, before, f); err != nil {
			return err
		}
		before = f.version
		r.result.Algorithms = append(r.result.Algorithms, r.algorithms...)
		r.result.Migrations++
		if r.progress != nil {
			r.progress(Progress{Dialect: r.Dialect, Version: f.version, Description: f.description,
				Notes: r.result.Notes[notes:], Algorithms: r.algorithms, Took: time.Since(began)})
		}
	}
	r.version = ""
	return r.allTheWay(ctx)
}

// open finds Atlas's driver and the engine.
func (r *rehearsal) open(ctx context.Context) (err error) {
	switch r.Dialect {
	case plan.MySQL:
		r.driver, err = mysql.Open(r.DB)
	case plan.SQLite:
		r.driver, err = sqlite.Open(r.DB)
	}
	if err != nil {
		return fmt.Errorf("cannot read the scratch database: %w", err)
	}
	r.engine, err = run.New(r.DB, r.Dialect, only{r.Dialect, r.Folder})
	if err != nil {
		return err
	}
	if r.Dialect == plan.MySQL {
		r.engine.Exec = r.ask
	}
	return ctx.Err()
}

// note says, once, what of the file at hand is not tested.
func (r *rehearsal) note(format string, args ...any) {
	note := r.version + ": " + fmt.Sprintf(format, args...)
	if r.version != "" && !slices.Contains(r.result.Notes, note) {
		r.result.Notes = append(r.result.Notes, note)
	}
}

// only is a folder migrations with the files of one dialect.
type only struct {
	dialect string
	files   fs.FS
}

// Open opens a file of the dialect's folder.
func (o only) Open(name string) (fs.File, error) {
	if name == o.dialect {
		name = o.dialect + "/."
	}
	file, ok := strings.CutPrefix(name, o.dialect+"/")
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.files.Open(file)
}
