// Package run applies migration files to a database, and undoes them, under a lock. Its
// entry point is [Engine]. It reports which migrations are applied and pending, resumes
// after a run that was killed, and repairs the record of applied migrations.
//
// Each statement is recorded as soon as it has run. MySQL commits a schema change by
// itself, so before each statement the engine also stores a fingerprint of the schema.
// After a kill, it compares the fingerprints to find out whether the statement ran.
//
// The record is Atlas's own table, with the same rows that the Atlas CLI writes. You can
// use both tools on one database. The package imports no GORM, no Gin and no SQLite driver.
package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// Engine applies the migration files of one folder to one database. It keeps no
// state between calls: each call reads the files and the database again.
type Engine struct {
	// Progress is called for each event of an upgrade or downgrade, on the goroutine that
	// called it. nil means no progress reports.
	Progress func(Progress)
	// Exec runs a statement of a file instead of the connection; nil means the connection.
	// It must run the statement exactly once, or return an error.
	Exec func(ctx context.Context, conn schema.ExecQuerier, statement string) error
	// Scratch creates empty databases on which files are replayed; nil if there are none.
	Scratch plan.Scratch

	// Disposable is true for a database that is dropped afterwards. Then no journal is written,
	// so a run on MySQL cannot continue after a kill, and a downgrade does not report losses.
	Disposable bool

	// Dialect is the dialect of the database.
	Dialect plan.Dialect
	// Migrations is the folder migrations.
	Migrations fs.FS

	db *sql.DB
	// waitTimeout limits how long a statement, or a whole upgrade, waits for locks.
	waitTimeout time.Duration
}

// New returns an engine for an open database. dialect is [plan.MySQL] or [plan.SQLite].
// The folder migrations contains one folder for each dialect, with its files and atlas.sum,
// and the folder snapshots. The engine uses one connection of db at a time and never closes
// db. New returns an error if the dialect is unknown.
func New(db *sql.DB, dialect string, migrations fs.FS) (*Engine, error) {
	d, err := plan.DialectByName(dialect)
	return &Engine{db: db, Dialect: d, Migrations: migrations, waitTimeout: defaultWaitTimeout}, err
}

// command runs do and completes its report: the error, and the duration.
func (e *Engine) command(name string, do func(*Report) error) (Report, error) {
	started := time.Now()
	report := &Report{Command: name, Dialect: e.Dialect.Name, Applied: []Migration{}, Pending: []Migration{}}
	err := do(report)
	report.Fail(err)
	for i := range report.Pending {
		if !report.showSQL {
			report.Pending[i].SQL = nil
		}
	}
	report.DurationMS = time.Since(started).Milliseconds()
	return *report, err
}

// with reads the files, opens the session, reads the state of the database, and calls do.
func (e *Engine) with(
	ctx context.Context, read func() (plan.Files, error), do func(session, state) error,
) (err error) {
	files, err := read()
	if err != nil {
		return err
	}
	s, err := e.openSession(ctx)
	if err != nil {
		return err
	}
	defer func() {
		// do has returned the error of a lost connection already.
		if closeErr := s.close(); !errors.Is(closeErr, sql.ErrConnDone) {
			err = errors.Join(err, closeErr)
		}
	}()
	st, err := readState(ctx, files, s)
	if err != nil {
		return err
	}
	return do(s, st)
}

// onState runs a command on the state of the database. With dryRun, do only reads.
// Otherwise do may change the record of migrations, and runs under the lock.
func (e *Engine) onState(
	ctx context.Context, command string, read func() (plan.Files, error), dryRun bool,
	do func(session, state, *Report) error,
) (Report, error) {
	return e.command(command, func(report *Report) error {
		return e.with(ctx, read, func(s session, st state) error {
			if dryRun {
				return do(s, st, report)
			}
			return withLock(ctx, s, func() error {
				return perFile(ctx, s, func() error {
					st, err := readState(ctx, st.files, s)
					if err != nil {
						return err
					}
					return do(s, st, report)
				})
			})
		})
	})
}

// files reads and checks the folder of the dialect.
func (e *Engine) files() (plan.Files, error) { return e.ownFiles(plan.OpenDir) }

// uncheckedFiles reads the folder of the dialect without a check of atlas.sum.
func (e *Engine) uncheckedFiles() (plan.Files, error) { return e.ownFiles(plan.OpenUnchecked) }

func (e *Engine) ownFiles(open func(fs.FS) (*migrate.MemDir, error)) (plan.Files, error) {
	files, err := e.readFiles(e.Dialect, open)
	if err != nil {
		return files, fmt.Errorf("migrations for %s: %w", e.Dialect.Name, err)
	}
	return files, nil
}

// FilesOf reads and checks the folder of any dialect. It returns an error if a file cannot
// be read or atlas.sum does not match.
func (e *Engine) FilesOf(d plan.Dialect) (plan.Files, error) { return e.readFiles(d, plan.OpenDir) }

func (e *Engine) readFiles(d plan.Dialect, open func(fs.FS) (*migrate.MemDir, error)) (plan.Files, error) {
	folder, err := fs.Sub(e.Migrations, d.Name)
	if err != nil {
		return plan.Files{}, err
	}
	dir, err := open(folder)
	if err == nil {
		err = plan.CheckNames(dir)
	}
	if err != nil {
		return plan.Files{}, err
	}
	return d.ReadFiles(dir)
}

// HistoryOf returns the [plan.History] of the files. The caller closes it.
func (e *Engine) HistoryOf(files plan.Files) *plan.History {
	return &plan.History{Files: files, Migrations: e.Migrations, Scratch: e.Scratch}
}

func (e *Engine) notify(p Progress) {
	if e.Progress != nil {
		e.Progress(p)
	}
}
