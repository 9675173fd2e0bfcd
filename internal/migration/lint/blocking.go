package lint

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// blocking finds what makes the writers of a table wait, and says of what does
// not that it does not.
func (p *pass) blocking() {
	for _, s := range p.steps {
		if p.dialect == ddl.MySQL {
			p.alters(s)
		} else if s.rebuilt != "" && !s.fresh[s.rebuilt] {
			severity, advice := Notice, rule("SW407").Advice
			if p.large(s.rebuilt) {
				severity, advice = Warning, "Do it at a quiet time: the larger the table, the longer writers wait."
			}
			p.add("SW407", severity, s, fmt.Sprintf("Table %q is rebuilt%s", s.rebuilt, p.size(s.rebuilt)), advice)
		}
		p.wholeTable(s)
	}
}

// alters looks at an ALTER TABLE, CREATE INDEX or DROP INDEX of MySQL.
func (p *pass) alters(s *step) {
	a, ok := alterOf(s)
	if !ok || s.fresh[a.after.Name] {
		return
	}
	table := a.after.Name
	method, what := a.method()
	p.stated(s, method, what)
	large := p.large(table)
	says := fmt.Sprintf("On table %q%s, %s", table, p.size(table), what)
	clause := ", " + method.clause()
	if s.effect.Verb != "ALTER TABLE" { // CREATE INDEX and DROP INDEX take no commas
		clause = strings.ReplaceAll(clause, ",", "")
	}
	ask := fmt.Sprintf("Write %q behind it, and the server refuses rather than do it in a worse way.", clause)
	if s.effect.Algorithm != "" {
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
		p.add("SW402", severity(Warning, Error), s, says+" copies the table", a.gentler())
	}
}

// alterOf gives what a statement does to one table that is there.
func alterOf(s *step) (alter, bool) {
	m, ok := tableOf(s)
	if !ok {
		m, ok = stored(s)
	}
	if !ok {
		return alter{}, false
	}
	a := alter{before: s.oldTable(s.effect.Table), after: m.T, schema: s.before, unchecked: s.unchecked, actions: m.Changes}
	if a.before == nil {
		a.before = s.oldTable(m.T.Name)
	}
	return a, true
}

// tableOf gives the changes of one existing table that a statement makes. A
// rename of the table alone is such a change, too.
func tableOf(s *step) (*schema.ModifyTable, bool) {
	all := &schema.ModifyTable{}
	for _, c := range s.changes {
		switch c := c.(type) {
		case *schema.ModifyTable:
			if all.T != nil && all.T.Name != c.T.Name && s.effect.Verb != "ALTER TABLE" {
				return nil, false
			}
			all.T = c.T
			all.Changes = append(all.Changes, c.Changes...)
		case *schema.RenameTable:
			if s.effect.Verb != "ALTER TABLE" {
				return nil, false
			}
			all.T = c.To
		default:
			return nil, false
		}
	}
	return all, all.T != nil && len(all.Changes) > 0
}

// stored gives the change of an ALTER TABLE that alters nothing in the schema, and
// the table still: how it is stored, or its indexes are used.
func stored(s *step) (*schema.ModifyTable, bool) {
	old := s.oldTable(s.effect.Table)
	if s.err != nil || s.effect.Verb != "ALTER TABLE" || len(s.changes) > 0 || old == nil {
		return nil, false
	}
	var option schema.Attr = &schema.Comment{}
	for _, word := range []string{"ENGINE", "ROW_FORMAT", "KEY_BLOCK_SIZE", "FORCE"} {
		if topLevel(s.tokens, 3, word) < len(s.tokens) {
			option = &mysql.CreateOptions{}
		}
	}
	return &schema.ModifyTable{T: old, Changes: []schema.Change{&schema.AddAttr{A: option}}}, true
}

// gentler is advice for a statement that copies; "" is the rule's own.
func (a alter) gentler() string {
	if len(a.actions) != 1 {
		return ""
	}
	switch c := a.actions[0].(type) {
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

// stated compares what a statement asks for with what the server can do.
func (p *pass) stated(s *step, method method, what string) {
	algorithm, lock := s.effect.Algorithm, s.effect.Lock
	none := lock == "NONE"
	refused := ""
	switch algorithm {
	case "INSTANT":
		if method > instant {
			refused = "ALGORITHM=INSTANT"
		} else if lock != "" && lock != "DEFAULT" {
			refused = "LOCK=" + lock + " together with ALGORITHM=INSTANT"
		}
	case "INPLACE":
		if method == copied {
			refused = "ALGORITHM=INPLACE"
		} else if method == inPlaceLock && none {
			refused = "LOCK=NONE"
		}
	case "COPY":
		if none {
			refused = "LOCK=NONE together with ALGORITHM=COPY"
		}
	case "", "DEFAULT":
		if none && method >= inPlaceLock {
			refused = "LOCK=NONE"
		}
	}
	if refused != "" {
		p.add("SW405", Error, s, fmt.Sprintf("The statement asks for %s, which %s does not have", refused, what),
			fmt.Sprintf("The best there is: %s.", method.clause()))
	}
}

// wholeTable finds an UPDATE or DELETE that goes through all rows of a large
// table at once.
func (p *pass) wholeTable(s *step) {
	u, ok := readUpdate(s.tokens)
	table := s.effect.Table
	if !ok || u.limit || s.fresh[table] || !p.large(table) {
		return
	}
	if t, ok := p.start.Schema().Table(table); ok && t.PrimaryKey != nil && len(u.where) > 0 {
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
