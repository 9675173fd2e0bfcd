package ddl

import (
	"fmt"
	"strconv"

	"ariga.io/atlas/sql/schema"
)

// columnDef is a column as a statement defines it, with what else its
// definition carries.
type columnDef struct {
	column
	notNull, nullable bool // as stated
	primary, desc     bool
	unique            bool
	binary            bool // MySQL: the binary collation of the character set
	bytes             int  // MySQL: the n of text(n) and blob(n)
	standing          *defaultDef
	keys              []*foreignKey
	checks            []*check
	first             bool   // MySQL: FIRST
	after             string // MySQL: AFTER …
}

// defaultDef is a DEFAULT as it stands.
type defaultDef struct {
	expr  string // the text in parentheses
	now   string // MySQL: CURRENT_TIMESTAMP or CURRENT_TIMESTAMP(n)
	minus bool
	value token  // a literal or a word
	text  string // all of it, as written
}

// serial is what MySQL's type SERIAL means.
func (d *columnDef) serial() { d.notNull, d.autoIncrement, d.unique = true, true, true }

// column takes the definition of a column. The name was taken already.
func (p *parser) column(name string) (*columnDef, error) {
	d := &columnDef{column: column{name: name}}
	if p.dialect == SQLite {
		if err := p.sqliteType(d); err != nil {
			return nil, err
		}
	} else {
		if err := p.mysqlType(d); err != nil {
			return nil, err
		}
	}
	for {
		more, err := p.columnPart(d)
		if err != nil || !more {
			return d, err
		}
	}
}

// columnPart takes one attribute or constraint of a column, if there is one.
func (p *parser) columnPart(d *columnDef) (more bool, err error) {
	constraint, named := "", false
	if p.accept("CONSTRAINT") {
		named = true
		if p.dialect == SQLite || !p.next("CHECK") {
			if constraint, err = p.name("the name of a constraint"); err != nil {
				return false, err
			}
		}
	}
	switch {
	case p.accept("NOT", "NULL"):
		d.notNull = true
		return true, p.conflict()
	case p.accept("NULL"):
		d.nullable = true
		return true, p.conflict()
	case p.accept("DEFAULT"):
		d.standing, err = p.standard(d.name)
		return true, err
	case p.accept("PRIMARY", "KEY"), p.dialect == MySQL && p.accept("KEY"):
		return true, p.inlinePrimary(d)
	case p.accept("UNIQUE"):
		d.unique = true
		if p.dialect == MySQL {
			p.accept("KEY")
		}
		return true, p.conflict()
	case p.accept("CHECK"):
		expr, err := p.skipParens()
		if err != nil {
			return false, err
		}
		d.checks = append(d.checks, &check{name: constraint, unnamed: constraint == "", expr: expr, column: d.name,
			notEnforced: p.notEnforced()})
		return true, nil
	case p.next("REFERENCES"):
		key, err := p.references()
		if err != nil {
			return false, err
		}
		key.name, key.unnamed, key.columns, key.inline = constraint, constraint == "", []string{d.name}, true
		d.keys = append(d.keys, key)
		return true, nil
	case p.accept("COLLATE"):
		d.collate, err = p.name("the name of a collation")
		return true, err
	case p.next("GENERATED", "ALWAYS", "AS"), p.next("AS"):
		return true, p.generated(d)
	case p.dialect == MySQL:
		more, err = p.mysqlPart(d)
	default:
		more = p.deferrable()
	}
	if err == nil && !more && named && p.dialect == MySQL {
		return false, p.unexpected("CHECK")
	}
	// SQLite takes a constraint's name with no constraint behind it.
	return more || named && err == nil, err
}

func (p *parser) inlinePrimary(d *columnDef) error {
	d.primary = true
	if p.dialect == MySQL {
		return nil
	}
	d.desc = p.accept("DESC")
	p.accept("ASC")
	if err := p.conflict(); err != nil {
		return err
	}
	d.autoIncrement = p.accept("AUTOINCREMENT")
	return nil
}

func (p *parser) generated(d *columnDef) error {
	p.accept("GENERATED", "ALWAYS")
	p.accept("AS")
	var err error
	if d.generated, err = p.skipParens(); err != nil {
		return err
	}
	if d.generated == "" {
		return fmt.Errorf("column %q is generated from nothing", d.name)
	}
	d.stored = p.acceptOne("STORED")
	if !d.stored {
		p.accept("VIRTUAL")
	}
	return nil
}

// mysqlPart takes what only MySQL knows of a column.
func (p *parser) mysqlPart(d *columnDef) (bool, error) {
	var err error
	switch {
	case p.accept("CHARACTER", "SET"), p.accept("CHARSET"), p.accept("CHAR", "SET"):
		if p.accept("BINARY") {
			d.charset = "binary"
			return true, nil
		}
		d.charset, err = p.name("the name of a character set")
		d.charset = canonicalCharset(d.charset)
	case p.accept("ASCII"):
		d.charset = "latin1"
	case p.accept("UNICODE"):
		d.charset = "ucs2"
	case p.accept("BINARY"):
		d.binary = true
	case p.accept("AUTO_INCREMENT"):
		d.autoIncrement, d.notNull = true, true
	case p.accept("COMMENT"):
		d.comment, err = p.stringValue()
	case p.accept("ON", "UPDATE"):
		var ok bool
		if d.onUpdate, ok = p.now(); !ok {
			err = p.unexpected("CURRENT_TIMESTAMP")
		}
	case p.accept("SERIAL", "DEFAULT", "VALUE"):
		d.serial()
	case p.acceptOne("VISIBLE", "INVISIBLE", "VIRTUAL"):
	case p.acceptOne("STORED", "PERSISTENT"):
		d.stored = true
	case p.acceptOne("COLUMN_FORMAT", "STORAGE", "SRID", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"):
		p.accept("=")
		p.take()
	default:
		return false, nil
	}
	return true, err
}

// standard takes what stands behind DEFAULT.
func (p *parser) standard(column string) (*defaultDef, error) {
	from := p.peek(0).from
	d := &defaultDef{}
	if p.next("(") {
		expr, err := p.skipParens()
		if err == nil && expr == "" {
			err = fmt.Errorf("the default of column %q is empty", column)
		}
		d.expr, d.text = expr, expr
		return d, err
	}
	if now, ok := p.now(); ok && p.dialect == MySQL {
		d.now, d.text = now, p.raw(from)
		return d, nil
	} else if ok {
		p.at-- // a word to SQLite
	}
	switch {
	case p.accept("-"):
		d.minus = true
	case p.accept("+"):
	case p.dialect == MySQL && p.peek(0).kind == word && p.peek(0).value[0] == '_' && p.peek(1).kind == text:
		p.at++ // the character set of a string
	}
	d.value = p.take()
	ok := d.value.kind == number || d.value.kind == text || d.value.kind == word && (p.dialect == SQLite ||
		d.value.is("NULL") || d.value.is("TRUE") || d.value.is("FALSE")) || d.value.kind == quoted && p.dialect == SQLite
	if !ok {
		p.at = max(0, p.at-1)
		return nil, p.unexpected("the default of column " + strconv.Quote(column))
	}
	d.text = p.raw(from)
	return d, nil
}

// now takes one of the spellings of CURRENT_TIMESTAMP and returns MySQL's own.
func (p *parser) now() (string, bool) {
	if !p.oneOf("CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP") {
		return "", false
	}
	if p.next("NOW") && !p.peek(1).is("(") {
		return "", false
	}
	if p.dialect == SQLite {
		p.at++
		return "CURRENT_TIMESTAMP", true
	}
	p.at++
	if p.next("(", ")") {
		p.at += 2
		return "CURRENT_TIMESTAMP", true
	}
	if p.next("(") && p.peek(1).kind == number && p.peek(2).is(")") {
		digits := p.peek(1).value
		p.at += 3
		if digits == "0" {
			return "CURRENT_TIMESTAMP", true
		}
		return "CURRENT_TIMESTAMP(" + digits + ")", true
	}
	return "CURRENT_TIMESTAMP", true
}

// references takes REFERENCES table (columns) and its actions.
func (p *parser) references() (*foreignKey, error) {
	if err := p.expect("REFERENCES"); err != nil {
		return nil, err
	}
	_, table, err := p.qualified("the name of the table referred to")
	if err != nil {
		return nil, err
	}
	key := &foreignKey{table: table, onUpdate: schema.NoAction, onDelete: schema.NoAction}
	if p.next("(") {
		if key.refColumns, err = p.names("the name of a column referred to"); err != nil {
			return nil, err
		}
	}
	for {
		switch {
		case p.accept("ON", "DELETE"):
			key.onDelete, err = p.action()
		case p.accept("ON", "UPDATE"):
			key.onUpdate, err = p.action()
		case p.accept("MATCH"):
			_, err = p.name("FULL, PARTIAL or SIMPLE")
		case p.dialect == SQLite && p.deferrable():
		default:
			return key, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *parser) action() (schema.ReferenceOption, error) {
	switch {
	case p.accept("CASCADE"):
		return schema.Cascade, nil
	case p.accept("RESTRICT"):
		return schema.Restrict, nil
	case p.accept("SET", "NULL"):
		return schema.SetNull, nil
	case p.accept("SET", "DEFAULT"):
		return schema.SetDefault, nil
	case p.accept("NO", "ACTION"):
		return schema.NoAction, nil
	}
	return "", p.unexpected("CASCADE, RESTRICT, SET NULL, SET DEFAULT or NO ACTION")
}

// deferrable takes SQLite's [NOT] DEFERRABLE [INITIALLY …].
func (p *parser) deferrable() bool {
	if !p.accept("NOT", "DEFERRABLE") && !p.accept("DEFERRABLE") {
		return false
	}
	if p.accept("INITIALLY") {
		p.acceptOne("DEFERRED", "IMMEDIATE")
	}
	return true
}

// conflict takes SQLite's ON CONFLICT.
func (p *parser) conflict() error {
	if p.dialect == SQLite && p.accept("ON", "CONFLICT") {
		if !p.acceptOne("ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE") {
			return p.unexpected("ROLLBACK, ABORT, FAIL, IGNORE or REPLACE")
		}
	}
	return nil
}

// notEnforced takes MySQL's [NOT] ENFORCED behind a check.
func (p *parser) notEnforced() bool {
	if p.dialect == MySQL && p.accept("NOT", "ENFORCED") {
		return true
	}
	if p.dialect == MySQL {
		p.accept("ENFORCED")
	}
	return false
}

// stringValue takes a string.
func (p *parser) stringValue() (string, error) {
	if p.peek(0).kind != text {
		return "", p.unexpected("a string in quotes")
	}
	return p.take().value, nil
}
