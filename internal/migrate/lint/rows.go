package lint

import "slices"

// rows checks a statement about rows: what deletes or overwrites them, and what goes
// through a large table at once.
func (p *pass) rows(s *step) {
	if s.fresh[s.about] {
		return
	}
	switch s.verb {
	case "TRUNCATE":
		p.report("SW101", s, "TRUNCATE of table %q", s.about)
	case "REPLACE":
		p.report("SW104", s, "REPLACE into table %q", s.about)
	case "DELETE":
		if len(s.where) == 0 && !s.has("LIMIT") {
			p.report("SW102", s, "DELETE of all rows of table %q", s.about)
		}
		p.allRows(s)
	case "UPDATE":
		if len(s.where) == 0 && !p.setsNewOnly(s) {
			p.report("SW103", s, "UPDATE of all rows of table %q", s.about)
		}
		p.allRows(s)
	}
}

// setsNewOnly reports whether an UPDATE sets only columns that the file itself has
// added: there is nothing in them to overwrite.
func (p *pass) setsNewOnly(s *step) bool {
	for column := range s.sets {
		if !p.addsColumn(s.about, column, 0, s.index) {
			return false
		}
	}
	return len(s.sets) > 0
}

// allRows finds an UPDATE or DELETE that goes through all rows of a large table at once:
// one whose condition does not name the key.
func (p *pass) allRows(s *step) {
	large, size := p.large(s.about)
	if s.has("LIMIT") || !large {
		return
	}
	if t := p.steps[0].oldTable(s.about); t != nil && t.PrimaryKey != nil {
		names, _ := columnNames(t.PrimaryKey)
		if slices.ContainsFunc(names, func(n string) bool { return mentions(s.where, n) }) {
			return
		}
	}
	p.report("SW406", s, "%s on table %q%s", s.verb, s.about, size)
}

// changesRows reports whether a statement changes rows, beside those with which SQLite copies
// a table.
func (s *step) changesRows() bool {
	return !s.Copies && slices.Contains([]string{"INSERT", "REPLACE", "UPDATE", "DELETE"}, s.verb)
}
