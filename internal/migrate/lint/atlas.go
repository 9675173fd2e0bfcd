package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlcheck"
	"ariga.io/atlas/sql/sqlcheck/condrop"
	"ariga.io/atlas/sql/sqlcheck/datadepend"
	"ariga.io/atlas/sql/sqlcheck/destructive"
	"ariga.io/atlas/sql/sqlcheck/incompatible"
)

// atlas runs the analyzers of the Atlas library over the file. They are put
// together here rather than asked for by the name of a driver: those ask a
// connected server for its version, and there is none. What they add for a
// dialect is in addNotNull and modifyNotNull.
func (p *pass) atlas() {
	ds, err1 := destructive.New(nil)
	cd, err2 := condrop.New(nil)
	dd, err3 := datadepend.New(nil, p.handlers())
	bc, err4 := incompatible.New(nil)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil { // there are no options to read, so there is nothing to fail
			p.report("SW605", nil, fmt.Sprintf("The Atlas analyzers do not start: %v", err))
			return
		}
	}
	for _, analyzer := range []sqlcheck.Analyzer{ds, cd, dd, bc} {
		reported := 0
		err := analyzer.Analyze(context.Background(), &sqlcheck.Pass{
			File: p.atlasFile(),
			Reporter: sqlcheck.ReportWriterFunc(func(r sqlcheck.Report) {
				for _, d := range r.Diagnostics {
					reported++
					p.diagnostic(d)
				}
			}),
		})
		// An analyzer whose findings count as errors returns one as well.
		if err != nil && reported == 0 {
			p.report("SW605", nil, fmt.Sprintf("An Atlas analyzer gave up: %v", err))
		}
	}
	p.inlineReferences()
}

// atlasFile is the file as the analyzers take it.
func (p *pass) atlasFile() *sqlcheck.File {
	f := &sqlcheck.File{File: atlasText{migrate.NewLocalFile(p.file.Name, []byte(p.file.Text))}, Parser: parser{p}}
	for _, s := range p.steps {
		f.Changes = append(f.Changes, &sqlcheck.Change{
			Changes: slices.Clone(s.changes),
			// The number of the statement stands for its position.
			Stmt: &migrate.Stmt{Pos: s.index, Text: s.Text},
		})
	}
	return f
}

// atlasText is a file whose statements are taken from the steps, not from the
// text.
type atlasText struct{ *migrate.LocalFile }

func (atlasText) StmtDecls() ([]*migrate.Stmt, error) { return nil, nil }

// diagnostic makes a finding of what an analyzer says.
func (p *pass) diagnostic(d sqlcheck.Diagnostic) {
	if d.Pos < 0 || d.Pos >= len(p.steps) || !slices.ContainsFunc(rules, func(r Rule) bool { return r.Code == d.Code }) {
		return
	}
	s := p.steps[d.Pos]
	if p.known(s, d.Code) {
		return
	}
	if d.Code == "MF101" && p.wasIndex(s) {
		d.Code = "MF102"
	}
	what := strings.Replace(d.Text, "non-virtual ", "", 1)
	if s.head.table != "" && !strings.Contains(what, `"`+s.head.table+`"`) {
		what += fmt.Sprintf(" of table %q", s.table())
	}
	p.report(d.Code, s, what)
}

// known says whether what an analyzer found is nothing to speak of: it is about a
// table that the file made and renamed, or about a unique index on columns that
// were unique already.
func (p *pass) known(s *step, code string) bool {
	tables, fresh, indexes, fine := 0, 0, 0, 0
	count := func(t *schema.Table) {
		tables++
		if s.fresh[t.Name] {
			fresh++
		}
	}
	for _, c := range s.changes {
		switch c := c.(type) {
		case *schema.DropTable:
			count(c.T)
		case *schema.RenameTable:
			count(c.From)
		case *schema.ModifyTable:
			count(c.T)
			for _, action := range c.Changes {
				if add, ok := action.(*schema.AddIndex); ok && add.I.Unique {
					indexes++
					if old := s.oldTable(c.T.Name); old != nil && implied(add.I, old) {
						fine++
					}
				}
			}
		}
	}
	return tables > 0 && tables == fresh || code == "MF101" && indexes > 0 && indexes == fine
}

// wasIndex says whether a step makes an index that was there before the file, and
// was not unique. Atlas would see it as one change; statements drop and create.
func (p *pass) wasIndex(s *step) bool {
	for _, c := range s.changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok {
			continue
		}
		old := p.steps[0].oldTable(m.T.Name)
		for _, action := range m.Changes {
			if add, ok := action.(*schema.AddIndex); ok && old != nil {
				if i, there := old.Index(add.I.Name); there && !i.Unique {
					return true
				}
			}
		}
	}
	return false
}

// table is the table that a step is about.
func (s *step) table() string {
	if s.Rebuilds != "" {
		return s.Rebuilds
	}
	return s.head.table
}

// parser answers what Atlas's analyzers ask about the statements of the file.
type parser struct{ *pass }

// ColumnFilledBefore says whether a column is given values before a statement.
func (p parser) ColumnFilledBefore(_ []*migrate.Stmt, t *schema.Table, c *schema.Column, pos int) (bool, error) {
	return p.filled(t.Name, c.Name, 0, pos), nil
}

// ColumnFilledAfter says whether a column is given values after a statement.
func (p parser) ColumnFilledAfter(_ []*migrate.Stmt, t *schema.Table, c *schema.Column, pos int, _ any) (bool, error) {
	return p.filled(t.Name, c.Name, pos+1, len(p.steps)), nil
}

// CreateViewAfter says whether a view takes the old name of a table.
func (p parser) CreateViewAfter(_ []*migrate.Stmt, old, _ string, pos int) (bool, error) {
	return slices.ContainsFunc(p.steps[pos+1:], func(s *step) bool {
		return s.verb == "CREATE VIEW" && mentions(s.tokens[:topLevel(s.tokens, 0, "AS")], old)
	}), nil
}

// filled says whether statements of the file give a column values.
func (p *pass) filled(table, column string, from, to int) bool {
	return slices.ContainsFunc(p.steps[from:to], func(s *step) bool {
		u, ok := readUpdate(s.tokens)
		return ok && s.verb == "UPDATE" && s.head.table == table && u.fills(column)
	})
}

// handlers are what Atlas leaves to the dialects.
func (p *pass) handlers() datadepend.Handler {
	if p.dialect == mySQL {
		return datadepend.Handler{AddNotNull: p.addNotNullMySQL}
	}
	return datadepend.Handler{AddNotNull: p.addNotNullSQLite, ModifyNotNull: p.modifyNotNullSQLite}
}

// addNotNullMySQL tells what MySQL, strict as it is by default, puts into the
// rows that are there.
func (p *pass) addNotNullMySQL(c *datadepend.ColumnPass) ([]sqlcheck.Diagnostic, error) {
	if generated(c.Column) != "" || automatic(c.Column) || p.filled(c.Table.Name, c.Column.Name, c.Change.Stmt.Pos+1, len(p.steps)) {
		return nil, nil
	}
	value := ""
	switch t := c.Column.Type.Type.(type) {
	case *schema.StringType, *mysql.SetType, *schema.BinaryType:
		value = "''"
	case *schema.EnumType:
		if len(t.Values) > 0 {
			value = "'" + t.Values[0] + "'"
		}
	case *schema.JSONType:
		value = "the JSON null"
	case *schema.TimeType:
		switch t.T {
		case mysql.TypeTime:
			value = "00:00:00"
		case mysql.TypeYear:
			value = "0000"
		case mysql.TypeTimestamp:
			value = "0000-00-00 00:00:00"
		}
	case *schema.SpatialType:
	default:
		value = "0"
	}
	what := fmt.Sprintf("Adding the NOT NULL column %q to table %q", c.Column.Name, c.Table.Name)
	if value == "" {
		return []sqlcheck.Diagnostic{{Pos: c.Change.Stmt.Pos, Code: "MF103", Text: what + " without a default"}}, nil
	}
	return []sqlcheck.Diagnostic{{Pos: c.Change.Stmt.Pos, Code: "MY101", Text: what + " sets the rows that are there to " + value}}, nil
}

// addNotNullSQLite is for a column that SQLite refuses to add to a table with
// rows, in place or by copying them.
func (p *pass) addNotNullSQLite(c *datadepend.ColumnPass) ([]sqlcheck.Diagnostic, error) {
	s := p.steps[c.Change.Stmt.Pos]
	if generated(c.Column) != "" || s.Rebuilds != "" && p.copiesInto(s, c.Column.Name) {
		return nil, nil
	}
	return []sqlcheck.Diagnostic{{Pos: s.index, Code: "MF103",
		Text: fmt.Sprintf("Adding the NOT NULL column %q to table %q without a default", c.Column.Name, c.Table.Name)}}, nil
}

// modifyNotNullSQLite is for a column that is made NOT NULL by copying the rows.
func (p *pass) modifyNotNullSQLite(c *datadepend.ColumnPass) ([]sqlcheck.Diagnostic, error) {
	s := p.steps[c.Change.Stmt.Pos]
	if c.Column.Default != nil && !p.copiesAsIs(s, c.Column.Name) || p.copiesInto(s, c.Column.Name) ||
		p.filled(c.Table.Name, c.Column.Name, 0, s.index) {
		return nil, nil
	}
	return []sqlcheck.Diagnostic{{Pos: s.index, Code: "LT101",
		Text: fmt.Sprintf("Making column %q of table %q NOT NULL", c.Column.Name, c.Table.Name)}}, nil
}

// copied gives the expression that a rebuild fills a column with.
func (p *pass) copied(s *step, column string) []token {
	for _, next := range p.steps[s.index+1:] {
		if i, ok := readInsertSelect(next.tokens); ok && next.Copies {
			return i.filled[column]
		}
	}
	return nil
}

// copiesInto says whether a rebuild fills a column with more than another
// column as it is: with IFNULL, COALESCE, a literal.
func (p *pass) copiesInto(s *step, column string) bool {
	expression := p.copied(s, column)
	return len(expression) > 1 || len(expression) == 1 && expression[0].kind != aName && !expression[0].is("NULL")
}

// copiesAsIs says whether a rebuild fills a column from a column as it is, so
// that a NULL stays one in spite of the default.
func (p *pass) copiesAsIs(s *step, column string) bool {
	expression := p.copied(s, column)
	return len(expression) == 1 && expression[0].kind == aName
}

// inlineReferences is Atlas's rule for REFERENCES in the definition of a column.
func (p *pass) inlineReferences() {
	if p.dialect != mySQL {
		return
	}
	for _, s := range p.steps {
		if s.verb != "CREATE TABLE" && s.verb != "ALTER TABLE" {
			continue
		}
		for _, column := range inlineReferences(s.tokens) {
			p.report("MY102", s, fmt.Sprintf("Column %q of table %q has REFERENCES in its own definition", column, s.head.table))
		}
	}
}
