package lint

import (
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// methods has the finding for each way to run a statement, its severity on a large table,
// and the clause with which a statement asks for it.
var methods = [...]struct {
	code   string
	large  Severity
	clause string
	does   string
}{
	instant:     {"SW401", Notice, "ALGORITHM=INSTANT", "changes the definition only (ALGORITHM=INSTANT)"},
	inPlace:     {"SW401", Notice, online, "is done in place (" + online + ")"},
	inPlaceNew:  {"SW404", Warning, online, "is done in place (" + online + ")"},
	inPlaceLock: {"SW403", Error, "ALGORITHM=INPLACE, LOCK=SHARED", "keeps writers waiting"},
	copied:      {"SW402", Error, "ALGORITHM=COPY", "copies the table"},
}

const online = "ALGORITHM=INPLACE, LOCK=NONE"

// blocking reports whether a statement makes the writers of a table wait.
func (p *pass) blocking(s *step) {
	if p.dialect == plan.MySQL {
		p.alters(s)
		return
	}
	if s.Rebuilds == "" || s.fresh[s.Rebuilds] {
		return
	}
	severity, advice := Notice, ""
	large, size := p.large(s.Rebuilds)
	if large {
		severity, advice = Warning, "Do it at a quiet time: the larger the table, the longer writers wait."
	}
	p.add("SW407", severity, s, fmt.Sprintf("Table %q is rebuilt%s", s.Rebuilds, size), advice)
}

// alters looks at an ALTER TABLE, CREATE INDEX or DROP INDEX of MySQL.
func (p *pass) alters(s *step) {
	table, method, what := p.methodOf(s)
	if what == "" {
		return
	}
	way := methods[method]
	if s.Clause != nil {
		p.add("SW405", Error, s, fmt.Sprintf("The server says: %v", s.Clause),
			fmt.Sprintf("The best there is: %s.", way.clause))
	}
	severity, advice := rule(way.code).Severity, ""
	large, size := p.large(table)
	if large {
		severity = way.large
	}
	switch {
	case method == copied:
		advice = gentler[what]
	case method == inPlaceNew && large:
		advice = "Do it at a quiet time and watch the replicas."
	case method <= inPlaceNew && !s.has("ALGORITHM"):
		clause := ", " + way.clause
		if s.verb != "ALTER TABLE" { // CREATE INDEX and DROP INDEX take no commas
			clause = strings.ReplaceAll(clause, ",", "")
		}
		advice = fmt.Sprintf("Write %q behind it, and the server refuses rather than do it in a worse way.", clause)
	}
	p.add(way.code, severity, s, fmt.Sprintf("On table %q%s, %s %s", table, size, what, way.does), advice)
}

// gentler has the way to do without a copy what an action does.
var gentler = map[string]string{
	"adding a computed column that is stored": "A VIRTUAL column is added instantly, and can be in an index.",
	"adding a column whose default is an expression": "Add it without the default, " +
		"set the default with ALTER COLUMN … SET DEFAULT, and fill the rows in batches.",
	"adding a foreign key": "Check that every row has its parent, then SET foreign_key_checks = 0 before the statement " +
		"and 1 after it: it is done in place then.",
	"adding a check": "Add it NOT ENFORCED, which is instant, and enforce it at a quiet time.",
}
