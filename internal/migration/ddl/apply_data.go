package ddl

import (
	"fmt"
	"strings"
)

// data looks at a statement that changes rows: which table, and whether it has a
// WHERE. Only the statements that can have one are read to their end.
func (x *txn) data(verb string, p *parser) error {
	if verb == "UPDATE" || verb == "DELETE" || verb == "WITH" {
		whole, err := newParser(p.dialect, p.text)
		if err != nil {
			return err
		}
		p = whole
		for p.accept(";") {
		}
		if verb == "WITH" {
			if verb = p.behindWith(); verb == "" {
				return nil // a SELECT
			}
			x.effect.Verb = verb
		}
	}
	p.take()
	for p.acceptOne("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK", "IGNORE") ||
		p.next("OR") && p.peek(1).kind == word && p.accept("OR", strings.ToUpper(p.peek(1).value)) {
	}
	switch verb {
	case "INSERT", "REPLACE":
		p.accept("INTO")
	case "TRUNCATE":
		p.accept("TABLE")
	case "DELETE":
		if !p.accept("FROM") { // DELETE a, b FROM a JOIN b
			for !p.done() && !p.next("FROM") {
				p.take()
			}
			p.accept("FROM")
		}
	}
	if p.next("(") { // UPDATE (a JOIN b) …
		x.effect.Where = p.where()
		return nil
	}
	database, name, err := p.qualified("the name of the table")
	if err != nil {
		return err
	}
	x.effect.Table = name
	if verb == "UPDATE" || verb == "DELETE" {
		x.effect.Where = p.where()
	}
	t := x.find(name)
	if t != nil {
		x.effect.Table = t.name
	}
	internal := strings.HasPrefix(strings.ToLower(name), "sqlite_") && p.dialect == SQLite
	if t == nil && database == "" && !internal && x.isOther(name) == 0 && !x.state.vague {
		return x.noTable(name)
	}
	if t != nil && verb == "TRUNCATE" && !x.state.unchecked {
		if child, key := x.referrer(t.name, t.name); child != nil {
			return fmt.Errorf("table %q cannot be truncated: the foreign key %q of table %q refers to it", t.name, key.name, child.name)
		}
	}
	return nil
}

// behindWith goes to the verb behind WITH and its subqueries, and returns it; ""
// for a SELECT.
func (p *parser) behindWith() string {
	for depth := 0; !p.done(); p.take() {
		t := p.peek(0)
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.kind == word:
			switch verb := strings.ToUpper(t.value); verb {
			case "INSERT", "REPLACE", "UPDATE", "DELETE":
				return verb
			case "SELECT", "VALUES":
				return ""
			}
		}
	}
	return ""
}

// where says whether a WHERE follows, outside of parentheses.
func (p *parser) where() bool {
	for depth := 0; !p.done(); p.take() {
		switch t := p.peek(0); {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.is("WHERE"):
			return true
		}
	}
	return false
}

// setting looks at PRAGMA and SET for the switches that decide what later
// statements do.
func (x *txn) setting(verb string, p *parser) error {
	p.take()
	for !p.done() {
		t := p.take()
		name := strings.ToLower(strings.TrimLeft(t.value, "@"))
		if t.kind != word || !p.next("=") && !p.next(":=") && !p.next("(") {
			continue
		}
		value := p.peek(1)
		if value.kind == symbol {
			continue
		}
		off := strings.EqualFold(value.value, "off") || value.value == "0" || strings.EqualFold(value.value, "false") ||
			strings.EqualFold(value.value, "no")
		switch {
		case verb == "SET" && name == "foreign_key_checks" && !strings.HasPrefix(t.value, "@@global"):
			x.set = append(x.set, func(s *State) { s.unchecked = off })
		case verb == "PRAGMA" && name == "legacy_alter_table":
			x.set = append(x.set, func(s *State) { s.legacy = !off })
		case verb == "PRAGMA" && name == "foreign_keys":
			x.set = append(x.set, func(s *State) { s.unreferenced = off })
		}
	}
	return nil
}
