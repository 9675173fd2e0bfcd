package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// Status reports what is applied, what is pending, and whether an upgrade could
// go on: Failed says why not, Incomplete that a migration is applied in part. It
// changes nothing, not even on a database that was never migrated.
//
// An error means that the files or the database could not be read; the report
// says the same in Failed.
func (e *Engine) Status(ctx context.Context) (Report, error) { return e.status(ctx, "status") }

// History is [Engine.Status] under another name, for those who want the list.
func (e *Engine) History(ctx context.Context) (Report, error) { return e.status(ctx, "history") }

// Current is [Engine.Status] under another name, for those who want From: the
// live version.
func (e *Engine) Current(ctx context.Context) (Report, error) { return e.status(ctx, "current") }

func (e *Engine) status(ctx context.Context, command string) (Report, error) {
	return e.look(ctx, command, func(_ session, st state, report *Report) error {
		report.Failed = st.failure
		if st.problem != nil {
			report.Failed = &st.problem.Failure
		}
		for _, p := range st.pending {
			report.Incomplete = report.Incomplete || p.revision != nil
		}
		return nil
	})
}

// Plan is [Engine.Status] with the statements that are pending, up to a version
// ("" for all), and their hash: what [Upgrade.Plan] takes. Failed says why an
// upgrade would not run them.
func (e *Engine) Plan(ctx context.Context, to string) (Report, error) {
	return e.look(ctx, "plan", func(_ session, st state, report *Report) error {
		report.showSQL = true
		report.describe(st, to)
		return st.allow(to, "")
	})
}

func (e *Engine) look(ctx context.Context, command string, do func(session, state, *Report) error) (Report, error) {
	return e.onState(ctx, command, e.files, true, func(s session, st state, report *Report) error {
		report.describe(st, "")
		report.Applied = append(report.Applied, st.applied...)
		return do(s, st, report)
	})
}

// View is what a command that only reads works on: the files, and what a database has of
// them.
type View struct {
	Report *Report
	Files  plan.Files
	// Conn is the connection to the database; nil where there is none.
	Conn schema.ExecQuerier
	// Applied is the point of the files that the database's record speaks of.
	Applied plan.Point
	// Edited are the files that are applied and were edited since, or are missing.
	Edited []EditedFile
}

// EditedFile is an applied migration whose file is not what was applied.
type EditedFile struct {
	Version string
	// Name is the file; "" where it is missing.
	Name string
	// Detail says what is wrong and what to do, after the name of the migration.
	Detail string
}

// View reads the files and the database, and lets do look at them; do may add to the
// report. The error is that of do, or says that something could not be read, or that the
// record and the files contradict each other.
func (e *Engine) View(ctx context.Context, command string, do func(View) error) (Report, error) {
	return e.look(ctx, command, func(s session, st state, report *Report) error {
		if st.problem != nil {
			return st.problem
		}
		return do(View{Report: report, Files: st.files, Conn: s, Applied: st.recorded(), Edited: st.edited()})
	})
}

// ViewFiles is [Engine.View] without a database: of one at the version from ("" to take
// the last files instead, as many as latest says).
func (e *Engine) ViewFiles(command string, latest int, from string, do func(View) error) (Report, error) {
	return e.command(command, func(report *Report) error {
		files, err := e.files()
		if err != nil {
			return err
		}
		if from != "" {
			if err := report.planFrom(files, from, ""); err != nil {
				return err
			}
			report.Applied = []Migration{}
			return do(View{Report: report, Files: files})
		}
		for _, f := range files.List[max(0, len(files.List)-latest):] {
			report.Pending = append(report.Pending, upStep(f, nil).describe())
		}
		return do(View{Report: report, Files: files})
	})
}

// CheckApplied compares the files with the hashes that the database has of those that
// are applied, in part or whole. It changes nothing and does not look at atlas.sum.
// The error names the first file that was edited, or is missing, although it is
// applied; or it says what could not be read.
func (e *Engine) CheckApplied(ctx context.Context) error {
	return e.with(ctx, e.uncheckedFiles, func(_ session, st state) error {
		for _, f := range st.edited() {
			return errors.New(f.Version + " " + f.Detail)
		}
		return nil
	})
}

// edited finds the files that were edited after they were applied, or are missing.
func (st state) edited() (all []EditedFile) {
	for _, r := range st.revisions {
		i := st.files.Index(r.Version)
		if i < 0 {
			all = append(all, EditedFile{Version: r.Version,
				Detail: "is applied, but its file is missing: a newer build has been at work, or the file is lost"})
			continue
		}
		if file := st.files.List[i]; r.Hash != "" && r.Hash != file.Hash {
			// A hash covers all files before its own: the ones after this say nothing.
			return append(all, EditedFile{Version: r.Version, Name: st.files.Name(file), Detail: fmt.Sprintf(
				"was edited after it was applied: restore %s, or accept it with `db repair`", file.Name())})
		}
	}
	return all
}

// PlanFrom is [Engine.Plan] without a database: the statements that lead from a
// version to another ("" for the last one), and their hash, the one that an upgrade
// of a database at that version takes as [Upgrade.Plan]. So a pipeline that knows
// only which version is live can show what a deployment will run.
//
// from is what [Report.From] says of a live database: a version, or "" where nothing
// is applied yet; [Base] is the same as "". A version later than all files has
// nothing pending, as on a database that a newer build has migrated. Of a file that
// is applied in part the report has all statements; the hash is the same either way.
//
// The error says that there is no such dialect, that the files cannot be read or do
// not match atlas.sum, or that a version has no file.
func PlanFrom(dialect string, migrations fs.FS, from, to string) (Report, error) {
	e, err := New(nil, dialect, migrations)
	if err != nil {
		return FailedReport("plan", err), err
	}
	return e.command("plan", func(report *Report) error {
		report.showSQL = true
		files, err := e.files()
		if err != nil {
			return err
		}
		return report.planFrom(files, from, to)
	})
}

// planFrom makes of the files up to a version the rows that a database would have,
// and lets the engine's own eyes look at them: offline and online cannot differ.
func (r *Report) planFrom(files plan.Files, from, to string) error {
	if from == Base {
		from = ""
	}
	if from != "" && !files.Has(from) && !(digits.MatchString(from) && from > files.Last()) {
		return fmt.Errorf("no migration has version %q: name the one that is live, or %s for a database without any",
			from, Base)
	}
	var rows []*migrate.Revision
	for _, f := range files.List {
		if n := len(f.Statements); f.Version() <= from {
			rows = append(rows, &migrate.Revision{Version: f.Version(), Description: f.Desc(), Applied: n, Total: n})
		}
	}
	if from != "" && !files.Has(from) {
		rows = append(rows, &migrate.Revision{Version: from})
	}
	st := compareRows(files, rows)
	r.Applied = append(r.Applied, st.applied...)
	r.describe(st, to)
	return st.allow(to, "")
}

// digits are what versions that this package writes are made of.
var digits = regexp.MustCompile(`^[0-9]+$`)
