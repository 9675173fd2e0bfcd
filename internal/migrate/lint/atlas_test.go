package lint_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlcheck"
	"ariga.io/atlas/sql/sqlcheck/condrop"
	"ariga.io/atlas/sql/sqlcheck/datadepend"
	"ariga.io/atlas/sql/sqlcheck/destructive"
	"ariga.io/atlas/sql/sqlcheck/incompatible"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/plan"
)

// TestAgainstAtlas: lint reports each finding of the analyzers of the Atlas library, at the
// same line, with the same code or a more specific one.
func TestAgainstAtlas(t *testing.T) {
	t.Parallel()
	// The codes that lint reports instead, where it knows more than a single statement shows.
	exact := map[string]string{
		"MF101": "MF102", // an index that existed and was not unique
		"DS103": "BC102", // a rename that the statement tells
		"MF104": "LT101", // SQLite, where the copy of the rows fails
	}
	// What lint knows to be harmless, by fixture.
	harmlessHere := map[string]string{
		"made NOT NULL and filled by copying, SQLite": "MF104", // IFNULL in the copy
		"a new table, changed at once":                "DS102", // the same file made it
		"a unique index implied by another":           "MF101", // unique already
	}
	compared := 0
	for _, x := range slices.Concat(hazards, harmless) {
		// With rows or offline a fixture has other severities; nolint silences findings.
		if x.offline || x.rows != nil || strings.Contains(x.file, "nolint") {
			continue
		}
		findings := atlasFindings(t, x)
		if len(findings) == 0 {
			continue
		}
		for _, f := range findings {
			at := func(code string) bool { // TestHazards checks that lint reports what the fixture wants
				return slices.ContainsFunc(x.want, func(want string) bool {
					return strings.HasPrefix(want, strconv.Itoa(f.line)+" ") && strings.HasSuffix(want, " "+code)
				})
			}
			compared++
			if harmlessHere[x.name] != f.code && !at(f.code) && !at(exact[f.code]) {
				t.Errorf("%s: Atlas finds %s at line %d, %s", x.name, f.code, f.line, f.text)
			}
		}
	}
	if compared < 20 {
		t.Errorf("Atlas finds %d things in all fixtures: does it look at them?", compared)
	}
}

type atlasFinding struct {
	line       int
	code, text string
}

// atlasFindings runs the analyzers on the changes of a fixture.
func atlasFindings(t *testing.T, x fixture) (found []atlasFinding) {
	t.Helper()
	dialect, files := x.files(t)
	d, err := plan.DialectByName(dialect)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := files.Sub(dialect)
	if err != nil {
		t.Fatal(err)
	}
	memory, err := plan.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.ReadFiles(memory)
	if err != nil {
		t.Fatal(err)
	}
	history := &plan.History{Files: list, Migrations: files, Scratch: scratch(t, false)}
	defer history.Close()
	effects, err := history.Up(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := d.Scan(x.file)
	if err != nil {
		t.Fatal(err)
	}
	pass := &sqlcheck.Pass{
		File: &sqlcheck.File{File: noStatements{migrate.NewLocalFile("2.sql", []byte(x.file))}, Parser: updates(statements)},
		Reporter: sqlcheck.ReportWriterFunc(func(r sqlcheck.Report) {
			for _, d := range r.Diagnostics {
				line := 1 + strings.Count(x.file[:d.Pos], "\n")
				if slices.ContainsFunc(lint.Rules(), func(r lint.Rule) bool { return r.Code == d.Code }) {
					found = append(found, atlasFinding{line, d.Code, d.Text})
				}
			}
		}),
	}
	for i, e := range effects {
		pass.File.Changes = append(pass.File.Changes, &sqlcheck.Change{Changes: e.Changes, Stmt: statements[i]})
	}
	ds, err1 := destructive.New(nil)
	cd, err2 := condrop.New(nil)
	dd, err3 := datadepend.New(nil, datadepend.Handler{})
	bc, err4 := incompatible.New(nil)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, analyzer := range []sqlcheck.Analyzer{ds, cd, dd, bc} {
		// Findings that count as errors are an error, too.
		_ = analyzer.Analyze(context.Background(), pass)
	}
	return found
}

// noStatements is a file without text: the analyzers read only its changes.
type noStatements struct{ *migrate.LocalFile }

func (noStatements) StmtDecls() ([]*migrate.Stmt, error) { return nil, nil }

// updates implements the queries of the analyzers about the statements of a file.
type updates []*migrate.Stmt

func (u updates) fill(c *schema.Column, wanted func(pos int) bool) bool {
	return slices.ContainsFunc(u, func(s *migrate.Stmt) bool {
		return wanted(s.Pos) && strings.HasPrefix(s.Text, "UPDATE") && strings.Contains(s.Text, c.Name)
	})
}

func (u updates) ColumnFilledBefore(_ []*migrate.Stmt, _ *schema.Table, c *schema.Column, pos int) (bool, error) {
	return u.fill(c, func(at int) bool { return at < pos }), nil
}

func (u updates) ColumnFilledAfter(_ []*migrate.Stmt, _ *schema.Table, c *schema.Column, pos int, _ any) (bool, error) {
	return u.fill(c, func(at int) bool { return at > pos }), nil
}

func (u updates) CreateViewAfter(_ []*migrate.Stmt, old, _ string, pos int) (bool, error) {
	return slices.ContainsFunc(u, func(s *migrate.Stmt) bool {
		return s.Pos > pos && strings.HasPrefix(s.Text, "CREATE VIEW") && strings.Contains(s.Text, old)
	}), nil
}
