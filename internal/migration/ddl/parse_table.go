package ddl

import (
	"strconv"
	"strings"
)

// tableDef is a table as CREATE TABLE defines it.
type tableDef struct {
	name        string
	ifNotExists bool
	temporary   bool
	like        string // MySQL: LIKE …
	selects     bool   // AS SELECT …
	parts       []any  // *columnDef, *index, *foreignKey and *check, as they stand
	options     options
}

// options are those of a table, as stated.
type options struct {
	charset, collate, engine string
	comment                  *string
	autoIncrement            *int64
	others                   []string
	strict, withoutRowID     bool
}

// createTable takes what stands behind CREATE [TEMPORARY] TABLE.
func (p *parser) createTable() (*tableDef, error) {
	d := &tableDef{ifNotExists: p.accept("IF", "NOT", "EXISTS")}
	database, name, err := p.qualified("the name of the table")
	if err != nil {
		return nil, err
	}
	d.name = name
	d.temporary = p.dialect == SQLite && same(database, "temp")
	if p.dialect == MySQL && (p.accept("LIKE") || p.next("(", "LIKE") && p.accept("(", "LIKE")) {
		if _, d.like, err = p.qualified("the name of the table to be like"); err != nil {
			return nil, err
		}
		p.accept(")")
		return d, p.expectDone()
	}
	if p.done() {
		return nil, p.unexpected("(")
	}
	if p.oneOf("AS", "SELECT", "WITH") || p.next("(", "SELECT") || p.dialect == MySQL && !p.next("(") {
		d.selects = true
		return d, nil
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	constraints := false
	for {
		part, err := p.tablePart(d, constraints)
		if err != nil {
			return nil, err
		}
		if _, ok := part.(*columnDef); !ok {
			constraints = p.dialect == SQLite
		}
		// SQLite wants no comma between constraints.
		if !p.accept(",") && !(p.dialect == SQLite && p.oneOf("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")) {
			break
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return d, p.tableEnd(d)
}

// tableEnd takes what stands behind the parentheses.
func (p *parser) tableEnd(d *tableDef) error {
	for !p.done() {
		switch {
		case p.oneOf("AS", "SELECT", "WITH", "IGNORE", "REPLACE", "VALUES", "TABLE"):
			if p.dialect == SQLite {
				return p.unexpected("the end of the statement")
			}
			d.selects = true
			return nil
		case p.next("PARTITION"):
			return nil // how rows are laid out changes no column
		}
		ok, err := p.tableOption(&d.options)
		if err != nil {
			return err
		}
		if !ok {
			return p.unexpected("an option of the table")
		}
		p.accept(",")
	}
	return nil
}

// tablePart takes a column or a constraint.
func (p *parser) tablePart(d *tableDef, constraintsOnly bool) (any, error) {
	part, err := p.constraint()
	if err != nil {
		return nil, err
	}
	if part == nil {
		if constraintsOnly {
			return nil, p.unexpected("a constraint")
		}
		name, err := p.name("the name of a column")
		if err != nil {
			return nil, err
		}
		if part, err = p.column(name); err != nil {
			return nil, err
		}
	}
	d.parts = append(d.parts, part)
	return part, nil
}

// constraint takes a constraint or an index as it stands in CREATE TABLE and
// behind ADD; nil when something else is next.
func (p *parser) constraint() (part any, err error) {
	name, named := "", false
	if p.peek(0).kind != word {
		return nil, nil
	}
	if p.accept("CONSTRAINT") {
		named = true
		if !p.oneOf("PRIMARY", "UNIQUE", "CHECK", "FOREIGN") || p.dialect == SQLite {
			if name, err = p.name("the name of a constraint"); err != nil {
				return nil, err
			}
		}
	}
	mysql := p.dialect == MySQL
	switch {
	case p.accept("PRIMARY", "KEY"):
		i := &index{name: primaryName, primary: true, unique: true, kind: "BTREE", constraint: true}
		return i, p.indexRest(i)
	case p.accept("UNIQUE"):
		i := &index{name: name, unique: true, kind: "BTREE", constraint: true}
		if mysql {
			p.acceptOne("KEY", "INDEX")
		}
		return i, p.indexRest(i)
	case p.accept("CHECK"):
		expr, err := p.skipParens()
		if err != nil {
			return nil, err
		}
		return &check{name: name, unnamed: name == "", expr: expr, notEnforced: p.notEnforced()}, p.conflict()
	case p.accept("FOREIGN", "KEY"):
		return p.foreignKey(name)
	case named:
		return nil, p.unexpected("PRIMARY KEY, UNIQUE, CHECK or FOREIGN KEY")
	case mysql && p.acceptOne("KEY", "INDEX"):
		i := &index{kind: "BTREE"}
		return i, p.indexRest(i)
	case mysql && p.oneOf("FULLTEXT", "SPATIAL"):
		i := &index{kind: strings.ToUpper(p.take().value)}
		p.acceptOne("KEY", "INDEX")
		return i, p.indexRest(i)
	}
	return nil, nil
}

// primaryName is the name of a primary key, and of no other index on MySQL.
const primaryName = "PRIMARY"

// foreignKey takes what stands behind FOREIGN KEY.
func (p *parser) foreignKey(name string) (*foreignKey, error) {
	indexName := ""
	var err error
	if p.dialect == MySQL && !p.next("(") {
		if indexName, err = p.name("the columns of the foreign key"); err != nil {
			return nil, err
		}
	}
	columns, err := p.names("the name of a column")
	if err != nil {
		return nil, err
	}
	key, err := p.references()
	if err != nil {
		return nil, err
	}
	key.name, key.unnamed, key.columns, key.index = name, name == "", columns, indexName
	return key, nil
}

// indexRest takes the name, if any, the columns and the options of an index.
func (p *parser) indexRest(i *index) error {
	if p.dialect == MySQL && !p.next("(") {
		if !p.oneOf("USING", "TYPE") {
			name, err := p.name("the columns of the index")
			if err != nil {
				return err
			}
			if !i.primary { // MySQL takes a name for that, and forgets it
				i.name = name
			}
		}
		p.indexType(i)
	}
	i.unnamed = i.name == ""
	if err := p.parts(i); err != nil {
		return err
	}
	if p.dialect == SQLite {
		return p.conflict()
	}
	return p.indexOptions(i)
}

func (p *parser) indexType(i *index) {
	if p.acceptOne("USING", "TYPE") {
		kind := strings.ToUpper(p.take().value)
		// InnoDB makes a BTREE of a HASH.
		if kind != "HASH" {
			i.kind = kind
		}
	}
}

// parts takes the columns and expressions of an index, in parentheses.
func (p *parser) parts(i *index) error {
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		from := p.peek(0).from
		var one part
		t := p.peek(0)
		if n := p.peek(1); (t.kind == word || t.kind == quoted || t.kind == text && p.dialect == SQLite) && (n.is(",") || n.is(")") || n.is("ASC") ||
			n.is("DESC") || n.is("COLLATE") || n.is("AUTOINCREMENT") || n.is("(") && p.dialect == MySQL) {
			one.column = p.take().value
			if p.dialect == MySQL && p.next("(") {
				size, err := p.arguments()
				if err != nil {
					return err
				}
				if len(size) == 1 {
					one.length, _ = strconv.Atoi(size[0].value)
				}
				if one.length <= 0 {
					return p.unexpected("the length of the prefix in digits")
				}
			}
		} else if p.dialect == MySQL {
			expr, err := p.skipParens()
			if err != nil {
				return err
			}
			one.expr = "(" + expr + ")"
		} else {
			p.expression()
			one.expr = p.raw(from)
		}
		if p.dialect == SQLite && p.accept("COLLATE") {
			if _, err := p.name("the name of a collation"); err != nil {
				return err
			}
		}
		if one.desc = p.accept("DESC"); !one.desc {
			p.accept("ASC")
		}
		i.autoIncrement = p.accept("AUTOINCREMENT") || i.autoIncrement
		if one.column == "" && one.expr == "" {
			return p.unexpected("the name of a column")
		}
		i.parts = append(i.parts, one)
		if !p.accept(",") {
			return p.expect(")")
		}
	}
}

// expression passes over an expression of an index of SQLite.
func (p *parser) expression() {
	for depth := 0; ; p.at++ {
		t := p.peek(0)
		switch {
		case t.kind == end, depth == 0 && (t.is(",") || t.is(")") || t.is("ASC") || t.is("DESC")):
			return
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
	}
}

// indexOptions takes what MySQL allows behind the columns of an index.
func (p *parser) indexOptions(i *index) error {
	for {
		switch {
		case p.oneOf("USING", "TYPE"):
			p.indexType(i)
		case p.accept("KEY_BLOCK_SIZE"), p.accept("ENGINE_ATTRIBUTE"), p.accept("SECONDARY_ENGINE_ATTRIBUTE"):
			p.accept("=")
			p.take()
		case p.accept("COMMENT"):
			var err error
			if i.comment, err = p.stringValue(); err != nil {
				return err
			}
		case p.accept("WITH", "PARSER"):
			var err error
			if i.parser, err = p.name("the name of a parser"); err != nil {
				return err
			}
		case p.acceptOne("VISIBLE", "INVISIBLE"):
		default:
			return nil
		}
	}
}
