package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// Status reports which migrations are applied and pending. Failed is the reason why an
// upgrade cannot start or the last one failed. Incomplete is true if a migration is partly
// applied. Status changes nothing, not even on a database that was never migrated.
//
// It returns an error if the files or the database cannot be read; the report has the same
// text in Failed.
func (e *Engine) Status(ctx context.Context) (Report, error) { return e.status(ctx, "status") }

// History is [Engine.Status] with Command "history".
func (e *Engine) History(ctx context.Context) (Report, error) { return e.status(ctx, "history") }

// Current is [Engine.Status] with Command "current". The live version is in From.
func (e *Engine) Current(ctx context.Context) (Report, error) { return e.status(ctx, "current") }

func (e *Engine) status(ctx context.Context, command string) (Report, error) {
	return e.readOnly(ctx, command, func(_ session, st state, report *Report) error {
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

// Plan is [Engine.Status] with the pending statements, up to a version ("" for all), and
// their hash, which [Upgrade.Plan] takes. It returns an error, with the same text in Failed,
// if an upgrade would not run them.
func (e *Engine) Plan(ctx context.Context, to string) (Report, error) {
	return e.readOnly(ctx, "plan", func(_ session, st state, report *Report) error {
		report.showSQL = true
		report.describe(st, to)
		return st.checkUpgrade(to, "")
	})
}

func (e *Engine) readOnly(ctx context.Context, command string, do func(session, state, *Report) error) (Report, error) {
	return e.onState(ctx, command, e.files, true, func(s session, st state, report *Report) error {
		report.describe(st, "")
		report.Applied = append(report.Applied, st.applied...)
		return do(s, st, report)
	})
}

// View is the input of a read-only command: the files, and the state of the database.
type View struct {
	Report *Report
	Files  plan.Files
	// Conn is the connection to the database; nil where there is none.
	Conn schema.ExecQuerier
	// Applied is the point of the migrations that the database has recorded.
	Applied plan.Point
	// Edited lists the applied files that were edited since, or are missing.
	Edited []EditedFile
}

// EditedFile is an applied migration whose file was edited afterwards or is missing.
type EditedFile struct {
	Version string
	// Name is the name of the file; "" if it is missing.
	Name string
	// Detail is the end of a sentence that starts with the version: what is wrong and what
	// to do.
	Detail string
}

// View reads the files and the database and calls do, which may add to the report. It
// returns the error of do, or an error if the files or the database cannot be read or if the
// record contradicts the files.
func (e *Engine) View(ctx context.Context, command string, do func(View) error) (Report, error) {
	return e.readOnly(ctx, command, func(s session, st state, report *Report) error {
		if st.problem != nil {
			return st.problem
		}
		return do(View{Report: report, Files: st.files, Conn: s, Applied: st.recorded(), Edited: st.edited()})
	})
}

// ViewFiles is [Engine.View] without a database. The files after the version from are
// pending; if from is "", the last files are, and latest is their number.
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

// CheckApplied compares the applied files, even partly applied ones, with the hashes in the
// database. It changes nothing and does not read atlas.sum. It returns an error that names
// the first file that was edited or is missing, or an error if something cannot be read.
func (e *Engine) CheckApplied(ctx context.Context) error {
	return e.with(ctx, e.uncheckedFiles, func(_ session, st state) error {
		for _, f := range st.edited() {
			return errors.New(f.Version + " " + f.Detail)
		}
		return nil
	})
}

// edited returns the applied files that were edited afterwards, or are missing.
func (st state) edited() (all []EditedFile) {
	for _, r := range st.revisions {
		i := st.files.Index(r.Version)
		if i < 0 {
			all = append(all, EditedFile{Version: r.Version,
				Detail: "is applied, but its file is missing: a newer build applied it, or the file was deleted"})
			continue
		}
		if file := st.files.List[i]; r.Hash != "" && r.Hash != file.Hash {
			// A hash covers all earlier files too, so later hashes show nothing.
			return append(all, EditedFile{Version: r.Version, Name: st.files.Name(file), Detail: fmt.Sprintf(
				"was edited after it was applied: restore %s, or accept the edit with `db repair`", file.Name())})
		}
	}
	return all
}

// PlanFrom is [Engine.Plan] without a database. It reports the statements between the
// version from and the version to ("" for the last one), and the hash that [Upgrade.Plan]
// takes on a database at the version from. A CI pipeline that knows only the live version can
// show with it what a deployment will run.
//
// from has the meaning of [Report.From]: a version, or "" if nothing is applied; [Base] means
// "". If from is later than all files, nothing is pending, as on a database that a newer
// build has migrated. The report has all statements of a partly applied file, because its
// hash is the same.
//
// PlanFrom returns an error if the dialect is unknown, if the files cannot be read or do not
// match atlas.sum, or if a version has no file.
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

// planFrom creates the rows that a database at the version from has. It uses the same
// functions for them as for a database, so that both report the same.
func (r *Report) planFrom(files plan.Files, from, to string) error {
	if from == Base {
		from = ""
	}
	if from != "" && !files.Has(from) && !(digits.MatchString(from) && from > files.Last()) {
		return fmt.Errorf("no migration has version %q: use the live version, or %s for a database without migrations",
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
	return st.checkUpgrade(to, "")
}

// digits matches a version that slipway wrote.
var digits = lazyregexp.New(`^[0-9]+$`)
