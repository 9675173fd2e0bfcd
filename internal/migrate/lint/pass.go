package lint

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// known holds facts about the database and the code. In the zero value all are unknown.
type known struct {
	// rows reports whether a table is large, and returns its size as text.
	rows func(table string) (large bool, size string)
	// uses contains the columns that the code of this build reads and writes.
	uses *schema.Schema
}

// pass is the check of one file.
type pass struct {
	known
	dialect string
	// name is shown in findings: migrations/mysql/20260102030405_add_bio.sql.
	name, text string
	steps      []*step
	changes    []change
	down       downSection
	// complete is true if the effect of each statement is known.
	complete bool
	// silenced lists the codes and classes that a nolint comment silences in the whole file.
	silenced []string
	// types has the MySQL types of the SQLite columns whose CHECK defines one.
	types map[*schema.Column]schema.Type
	found []Finding
}

// step is one statement of the file.
type step struct {
	plan.Effect
	statement
	index, line int
	silenced    []string
	// fresh contains the tables that earlier statements of the same file created: no code
	// uses them, and they have no rows.
	fresh map[string]bool
	// renamed maps tables that earlier statements of the same file renamed to their names
	// before the file.
	renamed map[string]string
	// unchecked is true while foreign_key_checks is 0 on MySQL.
	unchecked bool
}

// readFile reads a file of a history and finds out the effects of its statements.
func readFile(ctx context.Context, h *plan.History, i int, known known) (*pass, error) {
	f := h.List[i]
	p := &pass{known: known, dialect: h.Dialect.Name, name: h.Name(f), text: string(f.Bytes())}
	statements, err := h.Dialect.Scan(p.text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	effects, err := h.Up(ctx, i)
	if err != nil {
		return nil, err
	}
	p.read(statements, effects)
	return p, p.readDown(ctx, h, i)
}

// read adds the statements of the file and their effects.
func (p *pass) read(statements []*migrate.Stmt, effects []plan.Effect) {
	p.silenced = silenced(migrate.NewLocalFile(p.name, []byte(p.text)))
	p.complete = plan.Complete(effects)
	p.types = map[*schema.Column]schema.Type{}
	fresh, renamed, unchecked := map[string]bool{}, map[string]string{}, false
	for i, e := range effects {
		s := &step{Effect: e, statement: parse(e.Statement, p.dialect), index: i, line: line(p.text, statements[i].Pos),
			silenced: silenced(statements[i]), fresh: maps.Clone(fresh), renamed: maps.Clone(renamed), unchecked: unchecked}
		p.steps = append(p.steps, s)
		if p.dialect == plan.SQLite {
			p.readTypes(s)
		}
		p.changes = append(p.changes, p.changesOf(s)...)
		for _, c := range e.Changes {
			switch c := c.(type) {
			case *schema.AddTable:
				fresh[c.T.Name] = true
			case *schema.DropTable:
				delete(fresh, c.T.Name)
			case *schema.RenameTable:
				fresh[c.To.Name] = fresh[c.From.Name]
				renamed[c.To.Name] = c.From.Name
				delete(fresh, c.From.Name)
			}
		}
		if on, set := s.foreignKeyChecks(); set {
			unchecked = !on
		}
	}
}

// run checks the file and returns the findings, sorted by line.
func (p *pass) run() []Finding {
	p.unknownNames(&step{line: 1}, p.silenced)
	for _, s := range p.steps {
		p.unknownNames(s, s.silenced)
		p.form(s)
		p.rows(s)
	}
	p.schemaAndData()
	for _, c := range p.changes {
		c.check()
		c.looksLikeRename()
	}
	for _, s := range p.steps {
		p.blocking(s)
	}
	p.checkDown()
	slices.SortStableFunc(p.found, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	return p.found
}

// report adds a finding about a statement, unless a nolint comment silences it or it exists
// already. The format is a sentence without the final period; the rule's Why follows it.
func (p *pass) report(code string, s *step, format string, args ...any) {
	p.add(code, rule(code).Severity, s, fmt.Sprintf(format, args...), "")
}

// add is report with a severity and an advice; "" means the rule's advice. If s is nil, the
// finding is about the whole file, at the line of its down statements.
func (p *pass) add(code string, severity Severity, s *step, what, advice string) {
	r := rule(code)
	if s == nil {
		s = &step{line: max(1, p.down.line)}
	}
	what = strings.TrimSuffix(strings.Join(strings.Fields(what), " "), ".")
	f := Finding{Code: code, Severity: severity, File: p.name, Line: s.line, Title: r.Title,
		Detail: strings.TrimSpace(what + ". " + r.Why), Advice: cmp.Or(advice, r.Advice)}
	isSilenced := slices.ContainsFunc(p.silenced, r.named) || slices.ContainsFunc(s.silenced, r.named)
	if !isSilenced && !slices.Contains(p.found, f) {
		p.found = append(p.found, f)
	}
}

// large reports whether a table is known to be large, and returns its size as text.
func (k known) large(table string) (large bool, size string) {
	if k.rows == nil {
		return false, ""
	}
	return k.rows(table)
}

// line returns the line, from 1, of a position in a text. It skips white space after the
// position.
func line(text string, pos int) int {
	pos = min(max(pos, 0), len(text))
	pos += len(text[pos:]) - len(strings.TrimLeft(text[pos:], " \t\r\n"))
	return 1 + strings.Count(text[:pos], "\n")
}
