// Package lint checks migration files before they are applied. It reports statements that
// delete data, break the running application code, narrow a type or block writes, and down
// statements that do not restore the schema.
//
//   - [Look] implements db lint. It finds out what each statement of the pending files does,
//     from a plan or on a scratch database, and checks it.
//   - [Rules] returns all rules. The codes of the Atlas library (DS, MF, CD, BC, MY, LT)
//     have the same meaning there; SW codes are slipway's own.
//   - [Text] and [GitHub] format findings for a terminal and for a pull request.
//
// The checks themselves open no database and no file. They parse the text of a statement
// only for facts that the schema does not contain.
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

// Severity and Finding are the types of a [run.Report].
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

// Lint holds the options of [Look].
type Lint struct {
	// Latest is the number of files to check, from the end. Look then does not read the
	// database. 0 means the files that are pending in the database.
	Latest int
	// From is a version, as in [run.PlanFrom]: Look checks the files after it and does not
	// read the database. "" means the files that are pending in the database.
	From string
	// LargeTable is the number of rows from which a change that blocks writes is an error.
	// 0 means that no table is large.
	LargeTable int64
	// Declared is the text of the schema.hcl of this build, which lists the columns that its
	// code uses. nil means that they are unknown.
	Declared []byte
	// Others includes the files of the other dialects with the same versions.
	Others bool
}

// LargeTable is the default of [Lint.LargeTable]: a typical server copies this number of
// rows in about one second.
const LargeTable = 100_000

// Look checks migration files without applying them to the database. See [Rules].
//
// The report lists the findings by file and line. If findings have the severity [Error],
// Look returns an error with their number. It returns another error if the files or the
// database cannot be read.
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
		if err := unmanaged(ctx, e, v); err != nil {
			return err
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
	for _, d := range plan.DialectsOf(e.Migrations) {
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

// lookAt checks the files of a dialect, starting at the version first. It stops after a file
// that cannot be applied, because the schema after it is unknown.
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

// countRows counts the rows of a table up to limit, so that it does not read a large table
// to the end. size is the number of rows as text; "" if the table does not exist.
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
