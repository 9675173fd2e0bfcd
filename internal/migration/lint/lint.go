// Package lint looks at migration files before they are applied and says what
// in them is dangerous: what deletes data, what the code that is still running
// cannot live with, what narrows a type, what makes a table's writers wait, and
// a way down that does not lead back.
//
//   - Run looks at files in order and gives findings.
//   - Rules lists what it knows, one entry a code; the codes of the Atlas library
//     (DS, MF, CD, BC, MY, LT) mean what they mean there, SW codes are ours.
//   - Text and GitHub write findings for people and for pull requests.
//
// The room is pure: it opens no database and no file, and knows of other rooms
// only internal/migration/ddl, the model of the schema that statements add up to.
package lint

import (
	"cmp"
	"slices"
	"strings"

	"slipway/internal/migration/ddl"
)

// File is one migration to look at.
type File struct {
	// Name is shown in findings: migrations/mysql/20260102030405_add_bio.sql.
	Name string
	// Text is the whole file, the way down included.
	Text string
	// Statements are the way up, in order.
	Statements []Statement
	Down       Down
}

// Statement is one statement of a file.
type Statement struct {
	Text string
	// Pos is the offset in bytes of the statement in the file's text.
	Pos int
}

// Down is the way down as a file states it.
type Down struct {
	// Stated is false for a file without a section for the way down.
	Stated bool
	// Line is where the section begins.
	Line int
	// Irreversible is the reason of a file that says it cannot be undone.
	Irreversible string
	Statements   []string
	// Problem says why the section cannot be read; "" when it can.
	Problem string
}

// Options say what is known about the database and the code. The zero value
// knows nothing and is fine.
type Options struct {
	// Rows gives about how many rows a table has; known is false when nobody
	// knows. nil: nobody knows anything.
	Rows func(table string) (n int64, known bool)
	// LargeTable is the number of rows from which on a change that copies a table
	// or keeps its writers waiting is an error. 0: no table is large.
	LargeTable int64
	// Uses says whether the code of this build reads or writes a column. nil:
	// unknown.
	Uses func(table, column string) bool
}

// Severity says how bad a finding is.
type Severity string

// The severities. An error should stop a deployment, a warning should be read,
// and a notice is good to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Notice  Severity = "notice"
)

// Finding is one thing to know about a line of a file.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	// Title says in a few words what was found.
	Title string `json:"title"`
	// Detail says what and why, with the names of the table and the column.
	Detail string `json:"detail"`
	// Advice is the safer way.
	Advice string `json:"advice"`
}

// Run looks at files, in order, on top of the state they meet. The findings come
// in the order of files and lines. A dialect is "mysql" or "sqlite"; before is
// not changed.
//
// It finds fault with files only: what it cannot read is a finding, too.
func Run(before *ddl.State, dialect string, files []File, o Options) []Finding {
	state := before.Clone()
	all := []Finding{}
	for _, f := range files {
		p := &pass{file: f, dialect: dialect, options: o, start: state.Clone()}
		p.walk(state)
		p.silence = silences(f, dialect)
		p.form()
		p.atlas()
		p.destructive()
		p.compatible()
		p.narrowing()
		p.blocking()
		p.down(state)
		found := p.found
		slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
		all = append(all, found...)
	}
	return all
}

// report adds a finding about a line, unless the file silences it or it is there
// already. what is a sentence without its full stop; the rule adds why.
func (p *pass) report(code string, s *step, what string) {
	p.add(code, rule(code).Severity, s, what, "")
}

// add is report with a severity and advice of its own; "" takes the rule's. A
// step of nil stands for the file as a whole, at the line of its way down.
func (p *pass) add(code string, severity Severity, s *step, what, advice string) {
	r := rule(code)
	if advice == "" {
		advice = r.Advice
	}
	f := Finding{Code: code, Severity: severity, File: p.file.Name, Line: max(1, p.file.Down.Line), Title: r.Title, Advice: advice}
	f.Detail = strings.Join(strings.Fields(what), " ") + "."
	if r.Why != "" {
		f.Detail += " " + r.Why
	}
	index := -1
	if s != nil {
		index, f.Line = s.index, s.line
	}
	if p.silence.covers(r, index) || slices.Contains(p.found, f) {
		return
	}
	p.found = append(p.found, f)
}
