package lint

import (
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// methods contains, for each method, the code of the finding, its severity on a large table,
// and the clause that requires the method.
var methods = [...]struct {
	code   string
	large  Severity
	clause string
	does   string
}{
	instant:        {"SW401", Notice, "ALGORITHM=INSTANT", "changes only the definition (ALGORITHM=INSTANT)"},
	inPlace:        {"SW401", Notice, online, "runs in place (" + online + ")"},
	inPlaceRebuild: {"SW404", Warning, online, "runs in place (" + online + ")"},
	inPlaceLock:    {"SW403", Error, "ALGORITHM=INPLACE, LOCK=SHARED", "blocks writes"},
	copied:         {"SW402", Error, "ALGORITHM=COPY", "copies the table"},
}

const online = "ALGORITHM=INPLACE, LOCK=NONE"

// blocking adds a finding if a statement blocks the writes of a table or rebuilds it.
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
		severity, advice = Warning, "Run it when traffic is low: the time grows with the size of the table."
	}
	p.add("SW407", severity, s, fmt.Sprintf("Table %q is rebuilt%s", s.Rebuilds, size), advice)
}

// alters checks an ALTER TABLE, CREATE INDEX or DROP INDEX of MySQL.
func (p *pass) alters(s *step) {
	table, method, what := p.methodOf(s)
	if what == "" {
		return
	}
	m := methods[method]
	if s.Clause != nil {
		p.add("SW405", Error, s, fmt.Sprintf("Error of the server: %v", s.Clause),
			fmt.Sprintf("Use %s.", m.clause))
	}
	severity, advice := rule(m.code).Severity, ""
	large, size := p.large(table)
	if large {
		severity = m.large
	}
	switch {
	case method == copied:
		advice = alternatives[what]
	case method == inPlaceRebuild && large:
		advice = "Run it when traffic is low, and monitor the lag of the replicas."
	case method <= inPlaceRebuild && !s.has("ALGORITHM"):
		clause := ", " + m.clause
		if s.verb != "ALTER TABLE" { // CREATE INDEX and DROP INDEX take no commas
			clause = strings.ReplaceAll(clause, ",", "")
		}
		advice = fmt.Sprintf("Append %q: the statement then fails instead of using a slower method.", clause)
	}
	p.add(m.code, severity, s, fmt.Sprintf("On table %q%s, %s %s", table, size, what, m.does), advice)
}

// alternatives maps an action that copies the table to an alternative without a copy.
var alternatives = map[string]string{
	"adding a computed column that is stored": "Use a VIRTUAL column: adding it is instant, and it can be indexed.",
	"adding a column whose default is an expression": "Add it without the default, " +
		"set the default with ALTER COLUMN … SET DEFAULT, and fill the rows in batches.",
	"adding a foreign key": "Check that every row has a parent. Then SET foreign_key_checks = 0 before the statement " +
		"and 1 after it: the statement then runs in place.",
	"adding a check": "Add it as NOT ENFORCED, which is instant, and enforce it when traffic is low.",
}
