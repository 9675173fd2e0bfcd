package ddl

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/sqlite"
)

// mysqlTypes gives the name that MySQL has for a type with several. The key is
// in small letters, its words separated by one space.
var mysqlTypes = map[string]string{
	"int1": "tinyint", "int2": "smallint", "int3": "mediumint", "middleint": "mediumint", "int4": "int",
	"integer": "int", "int8": "bigint", "dec": "decimal", "numeric": "decimal", "fixed": "decimal",
	"float4": "float", "float8": "double", "real": "double", "double precision": "double",
	"character": "char", "character varying": "varchar", "char varying": "varchar", "varcharacter": "varchar",
	"nchar": "char", "nvarchar": "varchar", "nchar varying": "varchar", "nchar varchar": "varchar", "nvarcharacter": "varchar",
	"national char": "char", "national character": "char", "national varchar": "varchar",
	"national varcharacter": "varchar", "national char varying": "varchar", "national character varying": "varchar",
	"char byte": "binary", "character byte": "binary",
	"long": "mediumtext", "long varchar": "mediumtext", "long char varying": "mediumtext",
	"long character varying": "mediumtext", "long varcharacter": "mediumtext", "long varbinary": "mediumblob",
	"geomcollection": "geomcollection", "geometrycollection": "geomcollection",
}

// typeWords are the words that a type of more than one word consists of.
var typeWords = []string{"VARYING", "PRECISION", "VARCHAR", "VARCHARACTER", "CHAR", "CHARACTER", "VARBINARY", "BYTE"}

// widths are the display widths that ZEROFILL brings along.
var widths = map[string]int{"tinyint": 3, "smallint": 5, "mediumint": 8, "int": 10, "bigint": 20}

// mysqlType takes a type and what may stand directly behind it, and leaves it in
// the column as MySQL's information schema spells it.
func (p *parser) mysqlType(d *columnDef) error {
	first := p.peek(0)
	if first.kind != word {
		return p.unexpected("the type of column " + strconv.Quote(d.name))
	}
	p.at++
	words := []string{strings.ToLower(first.value)}
	if p.oneOf(typeWords...) && !first.is("VARCHAR") && !first.is("TEXT") {
		switch words[0] {
		case "national", "nchar", "char", "character", "long", "double":
			for p.oneOf(typeWords...) {
				words = append(words, strings.ToLower(p.take().value))
			}
		}
	}
	name := strings.Join(words, " ")
	if words[0] == "national" || words[0] == "nchar" || strings.HasPrefix(words[0], "nvar") {
		d.charset = "utf8mb3"
	}
	if known, ok := mysqlTypes[name]; ok {
		name = known
	}
	var args []token
	if p.next("(") {
		var err error
		if args, err = p.arguments(); err != nil {
			return err
		}
	}
	unsigned, zerofill := false, false
	for {
		switch {
		case p.accept("UNSIGNED"):
			unsigned = true
		case p.accept("ZEROFILL"):
			unsigned, zerofill = true, true
		case p.accept("SIGNED"):
		default:
			raw, err := spellType(d, name, args, unsigned, zerofill)
			if err != nil {
				return err
			}
			if d.typ, err = mysql.ParseType(raw); err != nil {
				return fmt.Errorf("column %q has no type that MySQL knows: %s", d.name, raw)
			}
			d.raw = raw
			return nil
		}
	}
}

// arguments takes the tokens between parentheses, commas left out.
func (p *parser) arguments() ([]token, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var all []token
	for !p.accept(")") {
		t := p.take()
		switch {
		case t.kind == end || t.is("("):
			p.at = max(0, p.at-1)
			return nil, p.unexpected(")")
		case !t.is(","):
			all = append(all, t)
		}
	}
	return all, nil
}

func spellType(d *columnDef, name string, args []token, unsigned, zerofill bool) (string, error) {
	n := make([]int, len(args))
	for i, a := range args {
		if name != "enum" && name != "set" {
			var err error
			if n[i], err = strconv.Atoi(a.value); err != nil || a.kind != number || n[i] > math.MaxUint32 {
				return "", fmt.Errorf("the type of column %q takes numbers in its parentheses, not %s", d.name, excerpt(a.value))
			}
		}
	}
	sign := ""
	if unsigned {
		sign = " unsigned"
	}
	if zerofill {
		sign += " zerofill"
	}
	list := func() string {
		if len(n) == 0 {
			return name
		}
		parts := make([]string, len(n))
		for i := range n {
			parts[i] = strconv.Itoa(n[i])
		}
		return name + "(" + strings.Join(parts, ",") + ")"
	}
	switch name {
	case "bool", "boolean":
		return "tinyint(1)", nil
	case "serial":
		d.serial()
		return "bigint unsigned", nil
	case "tinyint", "smallint", "mediumint", "int", "bigint":
		width := ""
		switch {
		case zerofill && len(n) > 0:
			width = fmt.Sprintf("(%d)", n[0])
		case zerofill:
			width = fmt.Sprintf("(%d)", widths[name])
		case name == "tinyint" && len(n) == 1 && n[0] == 1 && !unsigned:
			width = "(1)"
		}
		return name + width + sign, nil
	case "decimal":
		switch len(n) {
		case 0:
			n = []int{10, 0}
		case 1:
			n = append(n, 0)
		}
		if n[0] == 0 {
			n[0] = 10
		}
		if n[0] > 65 || n[1] > 30 || n[1] > n[0] {
			return "", fmt.Errorf("column %q: %s is more than a decimal holds: 65 digits, 30 of them behind the point", d.name, list())
		}
		return list() + sign, nil
	case "float", "double":
		if len(n) == 1 {
			if name == "float" && n[0] > 24 {
				name = "double"
			}
			n = nil
		}
		return list() + sign, nil
	case "bit", "char", "binary":
		if len(n) == 0 {
			n = []int{1}
		}
		return list(), nil
	case "varchar", "varbinary":
		if len(n) != 1 {
			return "", fmt.Errorf("column %q: %s needs a length in parentheses", d.name, name)
		}
		return list(), nil
	case "text", "blob":
		if len(n) == 1 {
			d.bytes = n[0] // the size of the type depends on it and on the character set
		}
		return name, nil
	case "tinytext", "mediumtext", "longtext", "tinyblob", "mediumblob", "longblob":
		return name, nil
	case "enum", "set":
		values := make([]string, len(args))
		for i, a := range args {
			if a.kind != text {
				return "", fmt.Errorf("the values of column %q are strings, not %s", d.name, excerpt(a.value))
			}
			values[i] = literal(strings.TrimRight(a.value, " "))
		}
		if len(values) == 0 {
			return "", fmt.Errorf("column %q: %s needs values in parentheses", d.name, name)
		}
		return name + "(" + strings.Join(values, ",") + ")", nil
	case "time", "datetime", "timestamp":
		if len(n) == 1 && n[0] == 0 {
			n = nil
		}
		if len(n) > 1 || len(n) == 1 && n[0] > 6 {
			return "", fmt.Errorf("column %q: %s has more than 6 digits behind the second", d.name, list())
		}
		return list(), nil
	case "year":
		return name, nil
	}
	return list(), nil
}

// literal is a string as SQL, in quotes.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// sqliteEnds are the words that a type in SQLite cannot go past.
var sqliteEnds = []string{"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE",
	"REFERENCES", "GENERATED", "AS", "DEFERRABLE"}

// sqliteType takes a type, which may be any words, or none.
func (p *parser) sqliteType(d *columnDef) error {
	var words []string
	for t := p.peek(0); (t.kind == word || t.kind == quoted || t.kind == text) && !p.oneOf(sqliteEnds...); t = p.peek(0) {
		words = append(words, t.value)
		p.at++
	}
	raw := strings.Join(words, " ")
	if len(words) > 0 && p.next("(") {
		inside, err := p.skipParens()
		if err != nil {
			return err
		}
		raw += "(" + strings.Join(strings.Fields(inside), " ") + ")"
	}
	// "INTEGER GENERATED ALWAYS" is not a type: the words end at GENERATED.
	typ, err := sqlite.ParseType(raw)
	if err != nil {
		return fmt.Errorf("column %q has a type that cannot be read: %s", d.name, excerpt(raw))
	}
	d.raw, d.typ = raw, typ
	return nil
}
