package lint

// rows checks the statements about rows: what deletes or overwrites them, and what goes
// through a large table at once.
func (p *pass) rows() {
	for _, s := range p.steps {
		if s.fresh[s.about] {
			continue
		}
		switch s.verb {
		case "TRUNCATE":
			p.report("SW101", s, "TRUNCATE of table %q", s.about)
		case "DELETE":
			if len(s.where) == 0 && !s.limit {
				p.report("SW102", s, "DELETE of all rows of table %q", s.about)
			}
			p.allRows(s)
		case "UPDATE":
			if len(s.where) == 0 && !p.setsNewOnly(s) {
				p.report("SW103", s, "UPDATE of all rows of table %q", s.about)
			}
			p.allRows(s)
		case "REPLACE":
			p.report("SW104", s, "REPLACE into table %q", s.about)
		}
	}
}

// setsNewOnly says whether an UPDATE sets only columns that the file itself has
// added: there is nothing in them to overwrite.
func (p *pass) setsNewOnly(s *step) bool {
	for column := range s.sets {
		if !p.newColumn(s.about, column, s) {
			return false
		}
	}
	return len(s.sets) > 0
}

// allRows finds an UPDATE or DELETE that goes through all rows of a large table at once:
// one whose condition does not name the key.
func (p *pass) allRows(s *step) {
	if s.limit || !p.large(s.about) {
		return
	}
	if t := p.steps[0].oldTable(s.about); t != nil && t.PrimaryKey != nil {
		names, _ := columnNames(t.PrimaryKey)
		for _, n := range names {
			if mentions(s.where, n) {
				return
			}
		}
	}
	p.report("SW406", s, "%s on table %q%s", s.verb, s.about, p.size(s.about))
}
