package run

import (
	"context"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

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
	report, started := e.begin(command), time.Now()
	err := e.with(ctx, func(files plan.Files, s session) error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		report.describe(st, "")
		report.Applied = append(report.Applied, st.applied...)
		view := View{Report: report, Files: files, Conn: s, Applied: st.recorded(), Edited: st.edited()}
		if st.problem != nil {
			return &failureError{Failure: *st.problem}
		}
		return do(view)
	})
	return report.finish(started, err)
}

// ViewFiles is [Engine.View] without a database: of one at the version from ("" to take
// the last files instead, as many as latest says).
func (e *Engine) ViewFiles(command string, latest int, from string, do func(View) error) (Report, error) {
	report, started := e.begin(command), time.Now()
	err := func() error {
		files, err := readFiles(e.Dialect.Name, e.folder)
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", e.Dialect.Name, err)
		}
		if from != "" {
			if err := report.planFrom(files, from, ""); err != nil {
				return err
			}
			report.Applied = []Migration{}
		} else {
			report.Pending = describeFiles(files.List[max(0, len(files.List)-latest):])
		}
		return do(View{Report: report, Files: files})
	}()
	return report.finish(started, err)
}

// edited finds the files that were edited after they were applied, or are missing.
func (st state) edited() (all []EditedFile) {
	for _, r := range st.revisions {
		i := st.files.Index(r.Version)
		if i < 0 {
			all = append(all, EditedFile{Version: r.Version,
				Detail: "is applied, and its file is not here: a newer build has been at work, or the file is lost"})
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

// describeFiles describes files for a report, as if they were pending.
func describeFiles(list []plan.File) []Migration {
	var steps []step
	for _, f := range list {
		steps = append(steps, step{File: f})
	}
	return describeSteps(steps)
}
