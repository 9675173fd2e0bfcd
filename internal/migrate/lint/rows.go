package lint

import "slices"

// rows checks a statement that changes rows: whether it deletes or overwrites all of them,
// and whether it changes a large table in one statement.
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

// setsNewOnly reports whether an UPDATE sets only columns that the file adds: they contain
// no values to overwrite.
func (p *pass) setsNewOnly(s *step) bool {
	for column := range s.sets {
		if !p.addsColumn(s.about, column, 0, s.index) {
			return false
		}
	}
	return len(s.sets) > 0
}

// allRows reports an UPDATE or DELETE that reads all rows of a large table, because its
// condition does not name the key.
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

// changesRows reports whether a statement changes rows. It is false for the statements with
// which SQLite copies a table.
func (s *step) changesRows() bool {
	return !s.Copies && slices.Contains([]string{"INSERT", "REPLACE", "UPDATE", "DELETE"}, s.verb)
}
