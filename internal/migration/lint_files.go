package migration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
	"slipway/internal/migration/lint"
)

// Lint says what to look at, and what is known.
type Lint struct {
	// Latest is how many files to look at, the last ones; 0 for those that are
	// pending in the database. With Latest the database is not asked.
	Latest int
	// From is the version of a database that is not asked either, as [PlanFrom]
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

// Lint looks at migration files before they are applied, without running them:
// what deletes data, breaks the code that is still running, narrows a type, makes
// writers wait, or does not lead back. See the rules of package lint.
//
// The report has the findings. When one of them is an error, the error counts
// them; another error says that the files or the database could not be read.
func LintFiles(ctx context.Context, e *Engine, opts Lint) (Report, error) {
	look := func(v View) error {
		v.Report.Applied, v.Report.Findings = []Migration{}, []lint.Finding{}
		for _, f := range v.Edited {
			if f.Name != "" {
				v.Report.Findings = append(v.Report.Findings, lint.Edited(f.Name))
			}
		}
		if len(v.Report.Pending) > 0 {
			if err := e.lintAll(ctx, v, opts); err != nil {
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

func lintError(findings []lint.Finding) error {
	errors := 0
	for _, f := range findings {
		if f.Severity == lint.Error {
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
func (e *Engine) lintAll(ctx context.Context, v View, opts Lint) error {
	first := v.Report.Pending[0].Version
	used, err := uses(opts.Declared)
	if err != nil {
		return err
	}
	known := lint.Options{LargeTable: opts.LargeTable, Uses: used}
	if v.Conn != nil {
		known.Rows = func(table string) (int64, bool) { return countRows(ctx, v.Conn, table, opts.LargeTable) }
	}
	found, err := e.lintFrom(ctx, v.files, first, known)
	v.Report.Findings = append(v.Report.Findings, found...)
	if err != nil {
		return err
	}
	known.Rows = nil
	for _, d := range dialects {
		if !opts.Others || d.name == e.dialect.name {
			continue
		}
		files, err := e.filesOf(d)
		if err == nil {
			found, err = e.lintFrom(ctx, files, first, known)
			v.Report.Findings = append(v.Report.Findings, found...)
		}
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", d.name, err)
		}
	}
	return nil
}

// lintFrom looks at the files of a dialect from a version on. After one that a database
// refuses it looks at no more: what they meet is not known.
func (e *Engine) lintFrom(ctx context.Context, files files, first string, known lint.Options) (found []lint.Finding, err error) {
	h := e.history(files)
	defer func() { err = errors.Join(err, h.close()) }()
	var looked []lint.File
	for i, f := range files.list {
		if f.Version() < first {
			continue
		}
		file, err := h.toLint(ctx, i)
		if err != nil {
			return nil, err
		}
		looked = append(looked, file)
		if slices.ContainsFunc(file.Statements, func(s lint.Statement) bool { return s.Problem != "" }) {
			break
		}
	}
	return lint.Run(files.dialect.name, looked, known), nil
}

// toLint is a file in the words of package lint: its statements, and what they do.
func (h *history) toLint(ctx context.Context, i int) (lint.File, error) {
	f := h.list[i]
	text := string(f.Bytes())
	file := lint.File{Name: h.name(f), Text: text}
	statements, err := h.dialect.scan(text)
	if err != nil {
		return file, fmt.Errorf("%s: %w", f.Name(), err)
	}
	effects, err := h.up(ctx, i)
	if err != nil {
		return file, err
	}
	for n, e := range effects {
		s := lint.Statement{Text: e.statement, Pos: statements[n].Pos, Before: e.before, After: e.after,
			Changes: e.changes, Rebuilds: e.rebuilds, Copies: e.copies, Unknown: e.unknown}
		if e.problem != nil {
			s.Problem = e.problem.Error()
		}
		if e.clause != nil {
			s.Clause = e.clause.Error()
		}
		file.Statements = append(file.Statements, s)
	}
	way, stated, err := h.dialect.parseDown(text)
	file.Down = lint.Down{Stated: stated, Irreversible: way.Irreversible}
	if stated {
		file.Down.Line = strings.Count(text[:strings.LastIndex(text, downMarker)], "\n") + 1
	}
	if err != nil {
		file.Down.Problem = err.Error()
		return file, nil
	}
	if !stated || way.Irreversible != "" || !complete(effects) {
		return file, nil
	}
	return file, h.downToLint(ctx, i, way.Statements, &file.Down)
}

// downToLint says where the way down of a file leads.
func (h *history) downToLint(ctx context.Context, i int, statements []string, down *lint.Down) error {
	effects, left, err := h.down(ctx, point{i, len(h.list[i].statements)}, statements)
	if err != nil {
		return err
	}
	down.Changes = left
	for n, e := range effects {
		switch {
		case e.problem != nil && down.Refused == 0:
			down.Refused, down.Refusal = n+1, e.problem.Error()
		case e.unknown && down.Unknown == "":
			down.Unknown = e.statement
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
	s, err := declared.MySQL(schemaFile, text)
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

// describeFiles describes files for a report, as if they were pending.
func describeFiles(list []migrationFile) []Migration {
	var steps []step
	for _, f := range list {
		steps = append(steps, step{migrationFile: f})
	}
	return describeSteps(steps)
}

// countRows counts the rows of a table, as far as limit: a large table is not read
// to its end. known is false when there is no such table.
func countRows(ctx context.Context, conn schema.ExecQuerier, table string, limit int64) (n int64, known bool) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT %d) AS some", quote(table), limit))
	if err != nil {
		return 0, false
	}
	for rows.Next() {
		err = errors.Join(err, rows.Scan(&n))
	}
	return n, errors.Join(err, rows.Err(), rows.Close()) == nil
}
