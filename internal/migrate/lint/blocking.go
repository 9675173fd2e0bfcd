package lint

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// blocking finds what makes the writers of a table wait, and says of what does
// not that it does not.
func (p *pass) blocking() {
	for _, s := range p.steps {
		if p.dialect == mySQL {
			p.alters(s)
		} else if s.Rebuilds != "" && !s.fresh[s.Rebuilds] {
			severity, advice := Notice, rule("SW407").Advice
			if p.large(s.Rebuilds) {
				severity, advice = Warning, "Do it at a quiet time: the larger the table, the longer writers wait."
			}
			p.add("SW407", severity, s, fmt.Sprintf("Table %q is rebuilt%s", s.Rebuilds, p.size(s.Rebuilds)), advice)
		}
		p.wholeTable(s)
	}
}

// alters looks at an ALTER TABLE, CREATE INDEX or DROP INDEX of MySQL.
func (p *pass) alters(s *step) {
	table, method, what, ok := p.methodOf(s)
	if !ok || s.fresh[table] {
		return
	}
	if s.Clause != "" {
		p.add("SW405", Error, s, "The server says: "+strings.TrimSuffix(s.Clause, "."), fmt.Sprintf("The best there is: %s.", method.clause()))
	}
	large := p.large(table)
	says := fmt.Sprintf("On table %q%s, %s", table, p.size(table), what)
	clause := ", " + method.clause()
	if s.verb != "ALTER TABLE" { // CREATE INDEX and DROP INDEX take no commas
		clause = strings.ReplaceAll(clause, ",", "")
	}
	ask := fmt.Sprintf("Write %q behind it, and the server refuses rather than do it in a worse way.", clause)
	if s.algorithm != "" {
		ask = ""
	}
	severity := func(small, large_ Severity) Severity {
		if large {
			return large_
		}
		return small
	}
	switch method {
	case instant:
		p.add("SW401", Notice, s, says+" changes the definition only (ALGORITHM=INSTANT)", ask)
	case inPlace:
		p.add("SW401", Notice, s, says+" is done in place (ALGORITHM=INPLACE, LOCK=NONE)", ask)
	case inPlaceNew:
		if large {
			ask = "Do it at a quiet time and watch the replicas."
		}
		p.add("SW404", severity(Notice, Warning), s, says+" is done in place (ALGORITHM=INPLACE, LOCK=NONE)", ask)
	case inPlaceLock:
		p.add("SW403", severity(Warning, Error), s, says+" keeps writers waiting", "")
	case copied:
		p.add("SW402", severity(Warning, Error), s, says+" copies the table", gentler(s))
	}
}

// gentler is advice for a statement of one action that copies; "" is the rule's own.
func gentler(s *step) string {
	m, ok := s.changes[0].(*schema.ModifyTable)
	if !ok || len(m.Changes) != 1 {
		return ""
	}
	switch c := m.Changes[0].(type) {
	case *schema.AddColumn:
		if generated(c.C) == "STORED" {
			return "A VIRTUAL column is added instantly, and can be in an index."
		}
		if c.C.Default != nil {
			return "Add it without the default, set the default with ALTER COLUMN … SET DEFAULT, and fill the rows in batches."
		}
	case *schema.AddForeignKey:
		return "Check that every row has its parent, then SET foreign_key_checks = 0 before the statement and 1 after it: it is done in place then."
	case *schema.AddCheck:
		return "Add it NOT ENFORCED, which is instant, and enforce it at a quiet time."
	}
	return ""
}

// wholeTable finds an UPDATE or DELETE that goes through all rows of a large
// table at once.
func (p *pass) wholeTable(s *step) {
	u, ok := readUpdate(s.tokens)
	table := s.head.table
	if !ok || u.limit || s.fresh[table] || !p.large(table) {
		return
	}
	if t := p.steps[0].oldTable(table); t != nil && t.PrimaryKey != nil && len(u.where) > 0 {
		names, _ := columnNames(t.PrimaryKey)
		for _, n := range names {
			if mentions(u.where, n) {
				return
			}
		}
	}
	p.report("SW406", s, fmt.Sprintf("%s on table %q%s", strings.ToUpper(s.tokens[0].text), table, p.size(table)))
}

// size is the number of rows in words, as far as it is known.
func (p *pass) size(table string) string {
	if p.options.Rows != nil {
		if n, known := p.options.Rows(table); known {
			return fmt.Sprintf(" (about %d rows)", n)
		}
	}
	return ""
}
