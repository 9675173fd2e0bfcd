package migration

import (
	"context"
	"fmt"
	"strings"
	"time"

	declared "slipway/internal/migrate/schema"
	"slipway/internal/migration/ddl"
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
func (e *Engine) Lint(ctx context.Context, opts Lint) (Report, error) {
	report, started := e.begin("lint"), time.Now()
	report.Findings = []lint.Finding{}
	err := e.lint(ctx, opts, report)
	if err == nil {
		err = lintError(report.Findings)
	}
	return report.finish(started, err)
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

func (e *Engine) lint(ctx context.Context, opts Lint, report *Report) error {
	if opts.Latest > 0 || opts.From != "" {
		files, err := readFiles(e.dialect.name, e.folder)
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", e.dialect.name, err)
		}
		if opts.From != "" {
			if err := report.planFrom(files, opts.From, ""); err != nil {
				return err
			}
			report.Applied = []Migration{}
		} else {
			report.Pending = describeFiles(files.list[max(0, len(files.list)-opts.Latest):])
		}
		if len(report.Pending) == 0 {
			return nil
		}
		first := report.Pending[0].Version
		if report.Findings, err = files.lint(first, opts, nil); err != nil {
			return err
		}
		return e.lintOthers(first, opts, report)
	}
	return e.with(ctx, func(files files, s session) error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		report.describe(st, "")
		report.Findings = append(report.Findings, st.edited()...)
		if st.problem != nil {
			return &failureError{Failure: *st.problem}
		}
		if len(st.pending) == 0 {
			return nil
		}
		first := st.pending[0].file.Version()
		found, err := files.lint(first, opts, func(table string) (int64, bool) { return countRows(ctx, s, table, opts.LargeTable) })
		report.Findings = append(report.Findings, found...)
		if err != nil {
			return err
		}
		return e.lintOthers(first, opts, report)
	})
}

// lintOthers looks at the files of the other dialects from a version on. How
// large their tables are nobody knows.
func (e *Engine) lintOthers(first string, opts Lint, report *Report) error {
	for _, d := range dialects {
		if !opts.Others || d.name == e.dialect.name {
			continue
		}
		files, err := e.filesOf(d)
		if err == nil {
			var found []lint.Finding
			found, err = files.lint(first, opts, nil)
			report.Findings = append(report.Findings, found...)
		}
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", d.name, err)
		}
	}
	return nil
}

// edited finds the first file that was changed after it was applied. A hash covers
// all files before its own, so the ones after that say nothing.
func (st state) edited() []lint.Finding {
	f := st.files
	for _, r := range st.revisions {
		if i := f.index(r.Version); i >= 0 && r.Hash != "" && r.Hash != f.list[i].hash {
			return []lint.Finding{lint.Edited(f.name(f.list[i]))}
		}
	}
	return nil
}

// lint looks at the files from a version on.
func (f files) lint(first string, opts Lint, rows func(string) (int64, bool)) ([]lint.Finding, error) {
	before, err := ddl.New(f.dialect.name)
	if err != nil {
		return nil, err
	}
	used, err := uses(opts.Declared)
	if err != nil {
		return nil, err
	}
	var looked []lint.File
	for _, s := range f.list {
		if s.file.Version() < first {
			for _, statement := range s.statements {
				// What cannot be followed is found where the file is looked at, or was.
				_, _ = before.Apply(statement)
			}
			continue
		}
		file, err := f.toLint(s)
		if err != nil {
			return nil, err
		}
		looked = append(looked, file)
	}
	return lint.Run(before, f.dialect.name, looked, lint.Options{
		Rows: rows, LargeTable: opts.LargeTable, Uses: used,
	}), nil
}

// toLint is a file in the words of package lint.
func (f files) toLint(s migrationFile) (lint.File, error) {
	text := string(s.file.Bytes())
	statements, err := f.dialect.scan(text)
	if err != nil {
		return lint.File{}, fmt.Errorf("%s: %w", s.file.Name(), err)
	}
	file := lint.File{Name: f.name(s), Text: text}
	for _, statement := range statements {
		file.Statements = append(file.Statements, lint.Statement{Text: statement.Text, Pos: statement.Pos})
	}
	way, stated, err := f.dialect.parseDown(text)
	file.Down = lint.Down{Stated: stated, Irreversible: way.Irreversible, Statements: way.Statements}
	if stated {
		file.Down.Line = strings.Count(text[:strings.LastIndex(text, downMarker)], "\n") + 1
	}
	if err != nil {
		file.Down.Problem = err.Error()
	}
	return file, nil
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
