// Package run applies migration files to a database under a lock and undoes them: the
// [Engine]. It says what is applied and what is pending, takes up what a killed run left,
// and repairs the record.
//
// The way of an upgrade from top to bottom: upgrade.go takes the lock and goes from file
// to file; state.go compares the files with the record in the database (revision.go);
// run.go runs one statement and records it; on MySQL, journal.go notes the schema before
// each statement (fingerprint.go), and resume.go compares after a kill. What differs
// between databases is in session_mysql.go and session_sqlite.go. A downgrade goes the
// same way through downgrade.go and undo.go; what it would lose is counted in loss.go.
//
// The table of applied versions is Atlas's own, row for row as its CLI writes it: both
// take turns freely on one database.
package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

// Engine applies the migration files of one folder to one database. It keeps no
// state between calls: each reads the files and the database anew.
type Engine struct {
	// Progress is told what an upgrade does as it goes; nil for nobody. It is
	// called on the goroutine of the upgrade.
	Progress func(Progress)
	// Exec runs a statement of a file in place of the connection; nil for the connection
	// itself. It runs the statement exactly once, or returns an error.
	Exec func(ctx context.Context, conn schema.ExecQuerier, statement string) error
	// Scratch makes the databases on which files are looked at; nil where there are
	// none.
	Scratch plan.Scratch

	// Dialect is that of the database, and Migrations is the folder migrations.
	Dialect    plan.Dialect
	Migrations fs.FS

	db *sql.DB
	// folder is the dialect's folder in Migrations.
	folder fs.FS

	// shortPatience is for tests, in place of lockPatience.
	shortPatience time.Duration
}

// New makes an engine for an open database that speaks the dialect, [plan.MySQL]
// or [plan.SQLite], and the folder migrations: in it are a folder for each dialect, with its
// files and atlas.sum, and snapshots. It uses one connection of db at a time and never
// closes db. The error says that there is no such dialect.
func New(db *sql.DB, dialect string, migrations fs.FS) (*Engine, error) {
	d, err := plan.DialectByName(dialect)
	if err != nil {
		return nil, err
	}
	folder, err := fs.Sub(migrations, dialect)
	return &Engine{db: db, Dialect: d, Migrations: migrations, folder: folder}, err
}

// Status reports what is applied, what is pending, and whether an upgrade could
// go on: Failed says why not, Incomplete that a migration is applied in part. It
// changes nothing, not even on a database that was never migrated.
//
// An error means that the files or the database could not be read; the report
// says the same in Failed.
func (e *Engine) Status(ctx context.Context) (Report, error) { return e.look(ctx, "status") }

// History is [Engine.Status] under another name, for those who want the list.
func (e *Engine) History(ctx context.Context) (Report, error) { return e.look(ctx, "history") }

// Current is [Engine.Status] under another name, for those who want From: the
// live version.
func (e *Engine) Current(ctx context.Context) (Report, error) { return e.look(ctx, "current") }

// Plan is [Engine.Status] with the statements that are pending, up to a version
// ("" for all), and their hash: what [Upgrade.Plan] takes. Failed says why an
// upgrade would not run them.
func (e *Engine) Plan(ctx context.Context, to string) (Report, error) {
	report, started := e.begin("plan"), time.Now()
	report.showSQL = true
	err := e.with(ctx, func(files plan.Files, s session) error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		report.describe(st, to)
		report.Applied = append(report.Applied, st.applied...)
		return st.allow(Upgrade{To: to})
	})
	return report.finish(started, err)
}

func (e *Engine) look(ctx context.Context, command string) (Report, error) {
	report, started := e.begin(command), time.Now()
	err := e.with(ctx, func(files plan.Files, s session) error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		report.describe(st, "")
		report.Applied = append(report.Applied, st.applied...)
		if report.Failed = st.problem; report.Failed == nil {
			report.Failed = st.failure
		}
		for _, p := range st.pending {
			report.Incomplete = report.Incomplete || p.revision != nil
		}
		return nil
	})
	return report.finish(started, err)
}

func (e *Engine) begin(command string) *Report {
	return &Report{Command: command, Dialect: e.Dialect.Name, Applied: []Migration{}, Pending: []Migration{}}
}

// FailedReport is the report of a command that failed before there was an
// engine: its database could not be opened, say.
func FailedReport(command string, err error) Report {
	return Report{Command: command, Applied: []Migration{}, Pending: []Migration{}, Failed: &Failure{Error: err.Error()}}
}

// with reads the files and takes the one connection for do.
func (e *Engine) with(ctx context.Context, do func(plan.Files, session) error) (err error) {
	files, err := readFiles(e.Dialect.Name, e.folder)
	if err != nil {
		return fmt.Errorf("migrations for %s: %w", e.Dialect.Name, err)
	}
	return e.withFiles(ctx, files, do)
}

// withFiles takes the one connection for do.
func (e *Engine) withFiles(ctx context.Context, files plan.Files, do func(plan.Files, session) error) (err error) {
	s, closeSession, err := e.openSession(ctx)
	if err != nil {
		return err
	}
	defer func() {
		// A connection that broke has said so already.
		if closeErr := closeSession(); !errors.Is(closeErr, sql.ErrConnDone) {
			err = errors.Join(err, closeErr)
		}
	}()
	return do(files, s)
}

// readFiles reads and checks a dialect's folder.
func readFiles(dialect string, folder fs.FS) (plan.Files, error) {
	d, err := plan.DialectByName(dialect)
	if err != nil {
		return plan.Files{}, err
	}
	dir, err := plan.OpenDir(folder)
	if err != nil {
		return plan.Files{}, err
	}
	return d.ReadFiles(dir)
}

func (e *Engine) tell(p Progress) {
	if e.Progress != nil {
		e.Progress(p)
	}
}

// describe fills in what was found, for an upgrade to a version or, with "", to
// the last one.
func (r *Report) describe(st state, to string) {
	steps := st.upTo(to)
	r.From, r.To = st.live, st.live
	if len(steps) > 0 {
		r.To = steps[len(steps)-1].Version()
	}
	r.Pending = describeSteps(steps)
	r.Plan = planHash(steps)
}

// finish completes the report of a command that ended with err.
func (r *Report) finish(started time.Time, err error) (Report, error) {
	r.Fail(err)
	for i := range r.Pending {
		if !r.showSQL {
			r.Pending[i].SQL = nil
		}
	}
	r.DurationMS = time.Since(started).Milliseconds()
	return *r, err
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

func (f *failureError) Error() string {
	if f.cause != nil {
		return "migration " + f.Version + ": " + f.Failure.Error
	}
	return f.Failure.Error
}

func (f *failureError) Unwrap() error { return f.cause }

// FilesOf reads and checks the folder of another dialect.
func (e *Engine) FilesOf(d plan.Dialect) (plan.Files, error) {
	folder, err := fs.Sub(e.Migrations, d.Name)
	if err != nil {
		return plan.Files{}, err
	}
	return readFiles(d.Name, folder)
}

// HistoryOf is what the files do, and the schema around them.
func (e *Engine) HistoryOf(files plan.Files) *plan.History {
	return &plan.History{Files: files, Migrations: e.Migrations, Scratch: e.Scratch}
}
