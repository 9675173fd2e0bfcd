package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// Lint says what to look at, and what is known.
type Lint struct {
	// Latest is how many files to look at, the last ones; 0 for those that are
	// pending in the database. With Latest the database is not asked.
	Latest int
	// From is the version of a database that is not asked either, as [run.PlanFrom]
	// takes it: the files to look at are those pending there. "" for none of that.
	From string
	// LargeTable is the number of rows from which on a change that makes writers
	// wait is an error.
	LargeTable int64
	// Declared is the text of the schema.hcl that the code of this build is generated
	// from: the columns that it reads and writes. nil: what it uses is not known.
	Declared []byte
	// Others says that the files of the other dialects are looked at as well, those of
	// the same versions.
	Others bool
}

// LargeTable is what Lint.LargeTable is where nobody says otherwise: the rows
// that a server of ordinary size copies in about a second.
const LargeTable = 100_000

// Look looks at migration files before they are applied, without running them:
// what deletes data, breaks the code that is still running, narrows a type, makes
// writers wait, or does not lead back. See Rules.
//
// The report has the findings. When one of them is an error, the error counts
// them; another error says that the files or the database could not be read.
func Look(ctx context.Context, e *run.Engine, opts Lint) (run.Report, error) {
	look := func(v run.View) error {
		v.Report.Applied, v.Report.Findings = []run.Migration{}, []Finding{}
		for _, f := range v.Edited {
			if f.Name != "" {
				v.Report.Findings = append(v.Report.Findings, Edited(f.Name))
			}
		}
		if len(v.Report.Pending) > 0 {
			if err := lintAll(ctx, e, v, opts); err != nil {
				return err
			}
		}
		return lintError(v.Report.Findings)
	}
	if opts.Latest > 0 || opts.From != "" {
		return e.ViewFiles("lint", opts.Latest, opts.From, look)
	}
	return e.View(ctx, "lint", look)
}

func lintError(findings []Finding) error {
	errors := 0
	for _, f := range findings {
		if f.Severity == Error {
			errors++
		}
	}
	switch errors {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("lint found 1 error")
	}
	return fmt.Errorf("lint found %d errors", errors)
}

// lintAll looks at the pending files, and at those of the other dialects with the same
// versions. How large the tables of those are is not known.
func lintAll(ctx context.Context, e *run.Engine, v run.View, opts Lint) error {
	first := v.Report.Pending[0].Version
	used, err := uses(opts.Declared)
	if err != nil {
		return err
	}
	known := Options{LargeTable: opts.LargeTable, Uses: used}
	if v.Conn != nil {
		known.Rows = func(table string) (int64, bool) { return countRows(ctx, v.Conn, table, opts.LargeTable) }
	}
	found, err := lintFrom(ctx, e, v.Files, first, known)
	v.Report.Findings = append(v.Report.Findings, found...)
	if err != nil {
		return err
	}
	known.Rows = nil
	for _, d := range plan.Dialects {
		if !opts.Others || d.Name == e.Dialect.Name {
			continue
		}
		files, err := e.FilesOf(d)
		if err == nil {
			found, err = lintFrom(ctx, e, files, first, known)
			v.Report.Findings = append(v.Report.Findings, found...)
		}
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", d.Name, err)
		}
	}
	return nil
}

// lintFrom looks at the files of a dialect from a version on. After one that a database
// refuses it looks at no more: what they meet is not known.
func lintFrom(ctx context.Context, e *run.Engine, files plan.Files, first string, known Options) (found []Finding, err error) {
	h := e.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	var looked []File
	for i, f := range files.List {
		if f.Version() < first {
			continue
		}
		file, err := toLint(ctx, h, i)
		if err != nil {
			return nil, err
		}
		looked = append(looked, file)
		if slices.ContainsFunc(file.Statements, func(s Statement) bool { return s.Problem != "" }) {
			break
		}
	}
	return Run(files.Dialect.Name, looked, known), nil
}

// toLint returns a file as Run takes it: its statements, and what they do.
func toLint(ctx context.Context, h *plan.History, i int) (File, error) {
	f := h.List[i]
	text := string(f.Bytes())
	file := File{Name: h.Name(f), Text: text}
	statements, err := h.Dialect.Scan(text)
	if err != nil {
		return file, fmt.Errorf("%s: %w", f.Name(), err)
	}
	effects, err := h.Up(ctx, i)
	if err != nil {
		return file, err
	}
	for n, e := range effects {
		s := Statement{Text: e.Statement, Pos: statements[n].Pos, Before: e.Before, After: e.After,
			Changes: e.Changes, Rebuilds: e.Rebuilds, Copies: e.Copies, Unknown: e.Unknown}
		if e.Problem != nil {
			s.Problem = e.Problem.Error()
		}
		if e.Clause != nil {
			s.Clause = e.Clause.Error()
		}
		file.Statements = append(file.Statements, s)
	}
	way, stated, err := h.Dialect.ParseDown(text)
	file.Down = Down{Stated: stated, Irreversible: way.Irreversible}
	if stated {
		file.Down.Line = strings.Count(text[:strings.LastIndex(text, plan.DownMarker)], "\n") + 1
	}
	if err != nil {
		file.Down.Problem = err.Error()
		return file, nil
	}
	if !stated || way.Irreversible != "" || !plan.Complete(effects) {
		return file, nil
	}
	return file, downToLint(ctx, h, i, way.Statements, &file.Down)
}

// downToLint says where the way down of a file leads.
func downToLint(ctx context.Context, h *plan.History, i int, statements []string, down *Down) error {
	effects, left, err := h.Down(ctx, plan.Point{File: i, Statements: len(h.List[i].Statements)}, statements)
	if err != nil {
		return err
	}
	down.Changes = left
	for n, e := range effects {
		switch {
		case e.Problem != nil && down.Refused == 0:
			down.Refused, down.Refusal = n+1, e.Problem.Error()
		case e.Unknown && down.Unknown == "":
			down.Unknown = e.Statement
		}
	}
	return nil
}

// uses says which columns the code that is generated from a schema.hcl uses; nil when
// there is no text.
func uses(text []byte) (func(table, column string) bool, error) {
	if text == nil {
		return nil, nil
	}
	s, err := declared.MySQL(plan.SchemaFile, text)
	if err != nil {
		return nil, err
	}
	return func(table, column string) bool {
		t, ok := s.Table(table)
		if ok && column != "" {
			_, ok = t.Column(column)
		}
		return ok
	}, nil
}

// countRows counts the rows of a table, as far as limit: a large table is not read
// to its end. known is false when there is no such table.
func countRows(ctx context.Context, conn schema.ExecQuerier, table string, limit int64) (n int64, known bool) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT %d) AS some", plan.Quote(table), limit))
	if err != nil {
		return 0, false
	}
	for rows.Next() {
		err = errors.Join(err, rows.Scan(&n))
	}
	return n, errors.Join(err, rows.Err(), rows.Close()) == nil
}
