// Package lint checks migration files before they are applied and reports what
// in them is dangerous: what deletes data, what the code that is still running
// cannot live with, what narrows a type, what makes a table's writers wait, and
// a way down that does not lead back.
//
//   - Look is db lint: it finds out what each statement of the pending files does,
//     from a plan or on a scratch database, and checks it.
//   - Rules lists what it knows, one entry a code; the codes of the Atlas library
//     (DS, MF, CD, BC, MY, LT) mean what they mean there, SW codes are ours.
//   - Text and GitHub write findings for people and for pull requests.
//
// The checks themselves open no database and no file. Of the words of a statement
// they read only what no schema shows.
package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// Severity and Finding are those of a report.
type (
	Severity = run.Severity
	Finding  = run.Finding
)

// The severities; see package run.
const (
	Error   = run.Error
	Warning = run.Warning
	Notice  = run.Notice
)

// Lint has the files to check, and what is known.
type Lint struct {
	// Latest is how many files to look at, the last ones; 0 for those that are
	// pending in the database. With Latest the database is not asked.
	Latest int
	// From is the version of a database that is not asked either, as [run.PlanFrom]
	// takes it: the files to look at are those pending there. "" for none of that.
	From string
	// LargeTable is the number of rows from which on a change that makes writers
	// wait is an error. 0: no table is large.
	LargeTable int64
	// Declared is the text of the schema.hcl that the code of this build is generated
	// from: the columns that it reads and writes. nil: what it uses is not known.
	Declared []byte
	// Others includes the files of the other dialects with the same versions.
	Others bool
}

// LargeTable is the default of Lint.LargeTable: the rows that a server of ordinary
// size copies in about a second.
const LargeTable = 100_000

// Look looks at migration files before they are applied, without running them:
// what deletes data, breaks the code that is still running, narrows a type, makes
// writers wait, or does not lead back. See Rules.
//
// The report has the findings, by file and line. When one of them is an error, the
// error counts them; another error means that the files or the database cannot be read.
func Look(ctx context.Context, e *run.Engine, opts Lint) (run.Report, error) {
	look := func(v run.View) error {
		v.Report.Applied, v.Report.Findings = []run.Migration{}, []Finding{}
		for _, f := range v.Edited {
			if f.Name != "" {
				v.Report.Findings = append(v.Report.Findings, Edited(f.Name))
			}
		}
		if len(v.Report.Pending) > 0 {
			if err := lookAtAll(ctx, e, v, opts); err != nil {
				return err
			}
		}
		isError := func(f Finding) bool { return f.Severity == Error }
		if slices.ContainsFunc(v.Report.Findings, isError) {
			return fmt.Errorf("lint found %s", count(v.Report.Findings, Error))
		}
		return nil
	}
	if opts.Latest > 0 || opts.From != "" {
		return e.ViewFiles("lint", opts.Latest, opts.From, look)
	}
	return e.View(ctx, "lint", look)
}

// lookAtAll looks at the pending files, and at those of the other dialects with the same
// versions. How large the tables of those are is not known.
func lookAtAll(ctx context.Context, e *run.Engine, v run.View, opts Lint) error {
	var known known
	if opts.Declared != nil {
		uses, err := declared.MySQL(plan.SchemaFile, opts.Declared)
		if err != nil {
			return err
		}
		known.uses = uses
	}
	look := func(files plan.Files) error {
		found, err := lookAt(ctx, e.HistoryOf(files), v.Report.Pending[0].Version, known)
		v.Report.Findings = append(v.Report.Findings, found...)
		return err
	}
	if v.Conn != nil {
		known.rows = func(table string) (bool, string) { return countRows(ctx, v.Conn, table, opts.LargeTable) }
	}
	if err := look(v.Files); err != nil {
		return err
	}
	known.rows = nil
	for _, d := range plan.Dialects {
		if !opts.Others || d.Name == e.Dialect.Name {
			continue
		}
		files, err := e.FilesOf(d)
		if err == nil {
			err = look(files)
		}
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", d.Name, err)
		}
	}
	return nil
}

// lookAt looks at the files of a dialect from a version on. After one that a database
// refuses it looks at no more: what they meet is not known.
func lookAt(ctx context.Context, h *plan.History, first string, known known) (found []Finding, err error) {
	defer func() { err = errors.Join(err, h.Close()) }()
	for i, f := range h.List {
		if f.Version() < first {
			continue
		}
		p, err := readFile(ctx, h, i, known)
		if err != nil {
			return nil, err
		}
		found = append(found, p.run()...)
		if slices.ContainsFunc(p.steps, func(s *step) bool { return s.Problem != nil }) {
			break
		}
	}
	return found, nil
}

// countRows counts the rows of a table, as far as the limit from which on it is large: a
// large table is not read to its end. The size is their number in words, "" where there is
// no such table.
func countRows(ctx context.Context, conn schema.ExecQuerier, table string, limit int64) (large bool, size string) {
	query := fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT %d) AS some", plan.Quote(table), limit)
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return false, ""
	}
	var n int64
	for rows.Next() {
		err = errors.Join(err, rows.Scan(&n))
	}
	if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return false, ""
	}
	return limit > 0 && n >= limit, fmt.Sprintf(" (about %d rows)", n)
}
