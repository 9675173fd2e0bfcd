// Package lint looks at migration files before they are applied and says what
// in them is dangerous: what deletes data, what the code that is still running
// cannot live with, what narrows a type, what makes a table's writers wait, and
// a way down that does not lead back.
//
//   - Look is db lint: it finds out what each statement of the pending files does,
//     from a plan or on a scratch database, and has Run look at that.
//   - Run is pure: it opens no database and no file, and of the words of a statement
//     it reads only what no schema shows.
//   - Rules lists what it knows, one entry a code; the codes of the Atlas library
//     (DS, MF, CD, BC, MY, LT) mean what they mean there, SW codes are ours.
//   - Text and GitHub write findings for people and for pull requests.
package lint

import (
	"cmp"
	"slices"
	"strings"

	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/schema"
)

// The dialects, as DATABASE_URL and the folders of migrations/ name them.
const (
	mySQL  = "mysql"
	sqLite = "sqlite"
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

// Statement is one statement of a file, and what it does.
type Statement struct {
	Text string
	// Pos is the offset in bytes of the statement in the file's text.
	Pos int
	// Before and After are the schemas around the statement or, where no database ran
	// it, around its file.
	Before, After *schema.Schema
	// Changes lead from Before to After; none for a statement about rows or settings.
	Changes []schema.Change
	// Rebuilds names the table that SQLite copies, beginning with this statement: its
	// Changes are those of the whole copy. Copies marks the other statements of the copy.
	Rebuilds string
	Copies   bool
	// Problem is why a database refuses the statement; "" where none does.
	Problem string
	// Clause is why the server does not take the ALGORITHM or LOCK that the statement
	// asks for; the rest of it has run. "" where there is nothing to refuse.
	Clause string
	// Unknown says that it was written by hand, and no database ran it.
	Unknown bool
}

// Down is the way down as a file states it.
type Down struct {
	// Stated is false for a file without a section for the way down.
	Stated bool
	// Line is where the section begins.
	Line int
	// Irreversible is the reason of a file that says it cannot be undone.
	Irreversible string
	// Problem says why the section cannot be read; "" when it can.
	Problem string
	// Refused is the number of the statement, from 1, that a database refuses, and
	// Refusal is why; 0 where none is.
	Refused int
	Refusal string
	// Unknown is a statement that was written by hand and that no database ran.
	Unknown string
	// Changes lead from where the way down leads to the schema before the file.
	Changes []schema.Change
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

// Run looks at files, in order. The findings come in the order of files and lines. A
// dialect is "mysql" or "sqlite".
func Run(dialect string, files []File, o Options) []Finding {
	all := []Finding{}
	for _, f := range files {
		p := &pass{file: f, dialect: dialect, options: o}
		p.walk()
		p.silence = silences(f, dialect)
		p.form()
		p.atlas()
		p.destructive()
		p.compatible()
		p.narrowing()
		p.blocking()
		p.down()
		slices.SortStableFunc(p.found, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
		all = append(all, p.found...)
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
