package ddl

import (
	"slices"
	"strconv"
	"strings"
)

// action is one action of an ALTER TABLE, or all of a CREATE INDEX, DROP INDEX
// and RENAME, which are the same by another name.
type action struct {
	what actionKind
	// name is what the action is about, to the new name where there is one.
	name, to string
	column   *columnDef
	index    *index
	key      *foreignKey
	check    *check
	standard *defaultDef // SET DEFAULT; nil to drop it
	options  *options
	enforced bool
}

type actionKind uint8

const (
	addColumn actionKind = iota
	dropColumn
	changeColumn // MODIFY and CHANGE: name is the old one
	renameColumn
	setDefault
	setNull // SQLite: ALTER COLUMN … DROP NOT NULL
	setNotNull
	addIndex
	dropIndex
	renameIndex
	addPrimary
	dropPrimary
	addKey
	dropKey
	addCheck
	dropCheck
	dropConstraint // DROP CONSTRAINT, whatever it is
	alterCheck
	convert // CONVERT TO CHARACTER SET
	setOptions
	renameTable
	nothing // what changes no schema: FORCE, ORDER BY, VISIBLE
	unknown // what the model does not know
)

// alter is an ALTER TABLE.
type alter struct {
	table           string
	actions         []action
	algorithm, lock string
}

// alterTable takes what stands behind ALTER TABLE.
func (p *parser) alterTable() (*alter, error) {
	a := &alter{}
	var err error
	if _, a.table, err = p.qualified("the name of the table"); err != nil {
		return nil, err
	}
	if p.dialect == MySQL && p.done() {
		return a, nil
	}
	for {
		if p.dialect == SQLite {
			err = p.sqliteAction(a)
		} else {
			err = p.mysqlAction(a)
		}
		if err != nil {
			return nil, err
		}
		if p.dialect == SQLite || !p.accept(",") && (p.done() || !p.oneOf(tableOptions...)) {
			break
		}
	}
	if p.next("PARTITION") || len(a.actions) > 0 && a.actions[len(a.actions)-1].what == unknown {
		return a, nil
	}
	return a, p.expectDone()
}

func (a *alter) add(one action) { a.actions = append(a.actions, one) }

func (p *parser) mysqlAction(a *alter) error {
	switch {
	case p.oneOf("ALGORITHM", "LOCK"):
		return p.algorithm(&a.algorithm, &a.lock)
	case p.accept("ADD"):
		return p.addAction(a)
	case p.accept("DROP"):
		return p.dropAction(a)
	case p.accept("MODIFY"):
		p.accept("COLUMN")
		return p.changeAction(a, false)
	case p.accept("CHANGE"):
		p.accept("COLUMN")
		return p.changeAction(a, true)
	case p.accept("RENAME"):
		return p.renameAction(a)
	case p.accept("ALTER"):
		return p.alterAction(a)
	case p.accept("CONVERT", "TO"):
		o := &options{}
		if ok, err := p.tableOption(o); err != nil || !ok {
			return orUnexpected(err, p, "CHARACTER SET")
		}
		if p.next("COLLATE") {
			if _, err := p.tableOption(o); err != nil {
				return err
			}
		}
		a.add(action{what: convert, options: o})
	case p.accept("ORDER", "BY"):
		// Columns of the order are separated by commas, too: it comes last.
		for !p.done() {
			p.take()
		}
		a.add(action{what: nothing})
	case p.acceptOne("FORCE"), p.accept("ENABLE", "KEYS"), p.accept("DISABLE", "KEYS"),
		p.accept("WITH", "VALIDATION"), p.accept("WITHOUT", "VALIDATION"):
		a.add(action{what: nothing})
	default:
		o := &options{}
		ok, err := p.tableOption(o)
		for more := ok; more && err == nil; { // options need no comma between them
			more, err = p.tableOption(o)
		}
		if err != nil {
			return err
		}
		if !ok {
			if p.done() || p.next(",") {
				return p.unexpected("an action")
			}
			for !p.done() {
				p.take()
			}
			a.add(action{what: unknown})
			return nil
		}
		a.add(action{what: setOptions, options: o})
	}
	return nil
}

func orUnexpected(err error, p *parser, wanted string) error {
	if err != nil {
		return err
	}
	return p.unexpected(wanted)
}

// algorithm takes ALGORITHM=… and LOCK=….
func (p *parser) algorithm(algorithm, lock *string) error {
	into := algorithm
	if p.take().is("LOCK") {
		into = lock
	}
	p.accept("=")
	value, err := p.name("a word")
	*into = strings.ToUpper(value)
	return err
}

func (p *parser) addAction(a *alter) error {
	part, err := p.constraint()
	if err != nil {
		return err
	}
	if part != nil {
		a.add(adding(part))
		return nil
	}
	if p.next("PARTITION") {
		for !p.done() {
			p.take()
		}
		a.add(action{what: nothing})
		return nil
	}
	p.accept("COLUMN")
	if p.accept("(") {
		for {
			part, err := p.constraint()
			if err != nil {
				return err
			}
			if part == nil {
				if part, err = p.columnDef(false); err != nil {
					return err
				}
			}
			a.add(adding(part))
			if !p.accept(",") {
				return p.expect(")")
			}
		}
	}
	d, err := p.columnDef(p.dialect == MySQL)
	if err != nil {
		return err
	}
	a.add(adding(d))
	return nil
}

// adding is the action that adds a part of a table.
func adding(part any) action {
	switch part := part.(type) {
	case *columnDef:
		return action{what: addColumn, name: part.name, column: part}
	case *foreignKey:
		return action{what: addKey, name: part.name, key: part}
	case *check:
		return action{what: addCheck, name: part.name, check: part}
	case *index:
		if part.primary {
			return action{what: addPrimary, index: part}
		}
		return action{what: addIndex, name: part.name, index: part}
	}
	return action{what: unknown}
}

// columnDef takes a name and a definition, and where MySQL is to put the column.
func (p *parser) columnDef(position bool) (*columnDef, error) {
	name, err := p.name("the name of a column")
	if err != nil {
		return nil, err
	}
	d, err := p.column(name)
	if err != nil {
		return nil, err
	}
	if position && p.accept("FIRST") {
		d.first = true
	} else if position && p.accept("AFTER") {
		d.after, err = p.name("the name of a column")
	}
	return d, err
}

func (p *parser) dropAction(a *alter) error {
	one := action{}
	switch {
	case p.accept("PRIMARY", "KEY"):
		a.add(action{what: dropPrimary})
		return nil
	case p.accept("FOREIGN", "KEY"):
		one.what = dropKey
	case p.acceptOne("INDEX", "KEY"):
		one.what = dropIndex
	case p.accept("CHECK"):
		one.what = dropCheck
	case p.accept("CONSTRAINT"):
		one.what = dropConstraint
	case p.next("PARTITION"):
		p.skipTo()
		a.add(action{what: nothing})
		return nil
	default:
		p.accept("COLUMN")
		one.what = dropColumn
	}
	var err error
	if one.name, err = p.name("the name of what to drop"); err != nil {
		return err
	}
	p.acceptOne("RESTRICT", "CASCADE")
	a.add(one)
	return nil
}

func (p *parser) changeAction(a *alter, renames bool) error {
	name, err := p.name("the name of a column")
	if err != nil {
		return err
	}
	if !renames {
		p.at-- // it is the new name as well
	}
	d, err := p.columnDef(true)
	if err != nil {
		return err
	}
	a.add(action{what: changeColumn, name: name, to: d.name, column: d})
	return nil
}

func (p *parser) renameAction(a *alter) error {
	one := action{what: renameTable}
	var err error
	switch {
	case p.accept("COLUMN"):
		one.what = renameColumn
	case p.acceptOne("INDEX", "KEY"):
		one.what = renameIndex
	default:
		p.acceptOne("TO", "AS")
		p.accept("=")
		_, one.to, err = p.qualified("the new name of the table")
		a.add(one)
		return err
	}
	if one.name, err = p.name("the name of what to rename"); err != nil {
		return err
	}
	if err := p.expect("TO"); err != nil {
		return err
	}
	one.to, err = p.name("the new name")
	a.add(one)
	return err
}

// alterAction takes what stands behind ALTER within an ALTER TABLE.
func (p *parser) alterAction(a *alter) error {
	var err error
	one := action{}
	switch {
	case p.acceptOne("INDEX"):
		if _, err = p.name("the name of an index"); err == nil && !p.acceptOne("VISIBLE", "INVISIBLE") {
			err = p.unexpected("VISIBLE or INVISIBLE")
		}
		a.add(action{what: nothing})
		return err
	case p.acceptOne("CHECK", "CONSTRAINT"):
		one.what = alterCheck
		if one.name, err = p.name("the name of a constraint"); err != nil {
			return err
		}
		one.enforced = !p.accept("NOT")
		a.add(one)
		return p.expect("ENFORCED")
	}
	p.accept("COLUMN")
	one.what = setDefault
	if one.name, err = p.name("the name of a column"); err != nil {
		return err
	}
	switch {
	case p.accept("SET", "DEFAULT"):
		one.standard, err = p.standard(one.name)
	case p.accept("DROP", "DEFAULT"):
	case p.dialect == SQLite && p.accept("SET", "NOT", "NULL"):
		one.what = setNotNull
		err = p.conflict()
	case p.dialect == SQLite && p.accept("DROP", "NOT", "NULL"):
		one.what = setNull
	case p.accept("SET", "VISIBLE"), p.accept("SET", "INVISIBLE"):
		one.what = nothing
	default:
		err = p.unexpected("SET DEFAULT or DROP DEFAULT")
	}
	a.add(one)
	return err
}

// sqliteAction takes the one action of an ALTER TABLE of SQLite.
func (p *parser) sqliteAction(a *alter) error {
	switch {
	case p.accept("RENAME", "TO"):
		to, err := p.name("the new name of the table")
		a.add(action{what: renameTable, to: to})
		return err
	case p.accept("RENAME"):
		p.accept("COLUMN")
		from, err := p.name("the name of a column")
		if err == nil {
			err = p.expect("TO")
		}
		if err != nil {
			return err
		}
		to, err := p.name("the new name")
		a.add(action{what: renameColumn, name: from, to: to})
		return err
	case p.accept("ADD"):
		return p.addAction(a)
	case p.accept("DROP", "CONSTRAINT"):
		name, err := p.name("the name of a constraint")
		a.add(action{what: dropConstraint, name: name})
		return err
	case p.accept("DROP"):
		p.accept("COLUMN")
		name, err := p.name("the name of a column")
		a.add(action{what: dropColumn, name: name})
		return err
	case p.accept("ALTER"):
		return p.alterAction(a)
	}
	return p.unexpected("RENAME, ADD or DROP")
}

// tableOptions are the words that options of a table of MySQL begin with.
var tableOptions = []string{"DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "ENGINE", "TYPE", "COMMENT", "AUTO_INCREMENT",
	"ROW_FORMAT", "KEY_BLOCK_SIZE", "AVG_ROW_LENGTH", "CHECKSUM", "COMPRESSION", "CONNECTION", "DATA", "INDEX", "DELAY_KEY_WRITE",
	"ENCRYPTION", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE", "INSERT_METHOD", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PASSWORD",
	"STATS_AUTO_RECALC", "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLESPACE", "AUTOEXTEND_SIZE", "SECONDARY_ENGINE", "UNION"}

// tableOption takes one option of a table, if one is next.
func (p *parser) tableOption(o *options) (ok bool, err error) {
	if p.dialect == SQLite {
		switch {
		case p.accept("WITHOUT", "ROWID"):
			o.withoutRowID = true
		case p.accept("STRICT"):
			o.strict = true
		default:
			return false, nil
		}
		return true, nil
	}
	if !p.oneOf(tableOptions...) {
		return false, nil
	}
	p.accept("DEFAULT")
	switch {
	case p.accept("CHARACTER", "SET"), p.accept("CHARSET"):
		p.accept("=")
		o.charset, err = p.name("the name of a character set")
		o.charset = canonicalCharset(o.charset)
	case p.accept("COLLATE"):
		p.accept("=")
		o.collate, err = p.name("the name of a collation")
		o.collate = fold(o.collate)
	case p.accept("COMMENT"):
		p.accept("=")
		var comment string
		comment, err = p.stringValue()
		o.comment = &comment
	case p.accept("AUTO_INCREMENT"):
		p.accept("=")
		n, failed := strconv.ParseInt(p.peek(0).value, 10, 64)
		if failed != nil {
			return false, p.unexpected("a number")
		}
		p.at++
		o.autoIncrement = &n
	case p.acceptOne("ENGINE", "TYPE"):
		p.accept("=")
		o.engine, err = p.name("the name of an engine")
	default:
		t := p.take()
		p.acceptOne("DIRECTORY")
		p.accept("=")
		value := p.peek(0)
		if value.is("(") {
			_, err = p.skipParens()
		} else {
			p.at = min(p.at+1, len(p.all)-1)
		}
		if slices.Contains(tableOptions, strings.ToUpper(t.value)) && t.kind == word {
			o.others = append(o.others, strings.ToLower(t.value)+"="+value.value)
		}
	}
	return true, err
}
