// Package run applies migration files to a database under a lock and undoes them: the
// [Engine]. It says what is applied and what is pending, takes up what a killed run left,
// and repairs the record.
//
// The way of an upgrade from top to bottom: upgrade.go says which files are pending, and
// downgrade.go which are to be undone; state.go compares the files with the record in the
// database (revision.go); run.go takes the lock (lock.go), goes from file to file, runs one
// statement after another and records each; on MySQL, journal.go notes the schema before
// each statement (fingerprint.go), and resume.go compares after a kill, by the words of the
// statement (words.go). What differs between databases is in session_mysql.go and
// session_sqlite.go. What a downgrade would lose is counted in loss.go.
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

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// Engine applies the migration files of one folder to one database. It keeps no
// state between calls: each reads the files and the database again.
type Engine struct {
	// Progress is told what an upgrade does as it goes; nil for none. It is
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
	// waitTimeout is how long others may hold up a statement, or a whole upgrade.
	waitTimeout time.Duration
}

// New makes an engine for an open database that speaks the dialect, [plan.MySQL]
// or [plan.SQLite], and the folder migrations: in it are a folder for each dialect, with its
// files and atlas.sum, and snapshots. It uses one connection of db at a time and never
// closes db. The error says that there is no such dialect.
func New(db *sql.DB, dialect string, migrations fs.FS) (*Engine, error) {
	d, err := plan.DialectByName(dialect)
	return &Engine{db: db, Dialect: d, Migrations: migrations, waitTimeout: defaultWaitTimeout}, err
}

// command runs a command, and completes the report of it.
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

// with reads the files, takes the one connection for do, and reads what the database has of
// the files.
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
		// A connection that broke has said so already.
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

// onState is a command on what a database has of the files: one that changes the record of
// migrations, under the lock, or with dryRun one that only looks.
func (e *Engine) onState(
	ctx context.Context, command string, read func() (plan.Files, error), dryRun bool,
	do func(session, state, *Report) error,
) (Report, error) {
	return e.command(command, func(report *Report) error {
		return e.with(ctx, read, func(s session, st state) error {
			if dryRun {
				return do(s, st, report)
			}
			return locked(ctx, s, func() error {
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

// uncheckedFiles reads the folder, whatever atlas.sum says of it.
func (e *Engine) uncheckedFiles() (plan.Files, error) { return e.ownFiles(plan.OpenUnchecked) }

func (e *Engine) ownFiles(open func(fs.FS) (*migrate.MemDir, error)) (plan.Files, error) {
	files, err := e.readFiles(e.Dialect, open)
	if err != nil {
		return files, fmt.Errorf("migrations for %s: %w", e.Dialect.Name, err)
	}
	return files, nil
}

// FilesOf reads and checks the folder of another dialect.
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

// HistoryOf is what the files do, and the schema around them.
func (e *Engine) HistoryOf(files plan.Files) *plan.History {
	return &plan.History{Files: files, Migrations: e.Migrations, Scratch: e.Scratch}
}

func (e *Engine) tell(p Progress) {
	if e.Progress != nil {
		e.Progress(p)
	}
}
