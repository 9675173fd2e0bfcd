package rowtypes

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/schema"
)

// field is a field of a row type.
type field struct {
	column *atlas.Column
	name   string
	typ    string   // the Go type, without the pointer of a nullable column
	gorm   []string // parts of the gorm tag
	// readOnly means that the server sets the column.
	readOnly bool
	// nullable means that the column can be NULL.
	nullable bool
	// place is the place in a key of several columns, if it is not that of the struct; else 0.
	place int
}

// unservedColumn returns why a column is not served, or "" if it is served.
func unservedColumn(c *atlas.Column) string {
	if strings.ContainsFunc(c.Name, notInParameter) || strings.HasPrefix(c.Name, "-") {
		return "its name is not valid as a parameter; use letters, digits, _ and -"
	}
	if typ, _ := typeOf(c); typ != "" {
		return ""
	}
	return typeName(c.Type.Type) + " has no form in JSON"
}

// addField adds the field of a served column to its table.
func (g *generator) addField(t *table, c *atlas.Column) {
	f := &field{column: c}
	name, usual := goName(c.Name)
	f.name = t.fieldNames.take(name, name+"Column")
	if !usual || f.name != name {
		g.note("%s.%s: its field is called %s", t.Name, c.Name, f.name)
	}
	t.members[c.Name] = true
	typ, stated := t.typeOf(c)
	f.typ, f.gorm = typ, []string{"column:" + c.Name}
	add := func(part string) { f.gorm = append(f.gorm, part) }
	key := keyOf(t.Table)
	inKey, auto := slices.Contains(key, c), isAutoIncrement(c)
	f.nullable, f.readOnly = c.Type.Null && !inKey, auto
	switch {
	case inKey:
		add("primaryKey")
		f.place = placeInKey(t.Table, c)
	case c.Name == "id": // which GORM takes for the key
		add("primaryKey:false")
	}
	switch {
	case auto && !inKey:
		add("autoIncrement")
	case inKey && !auto && (typ == "int64" || typ == "uint64"):
		add("autoIncrement:false")
	}
	if stated != "" {
		add(stated)
	}
	if !f.nullable && !auto {
		add("not null")
	}
	isTime := typ == "time.Time"
	switch {
	case isGenerated(c):
		add("->")
	case isTime && isClock(c):
		add("autoUpdateTime")
		f.readOnly = true
	case isTime && (c.Name == "created_at" || c.Name == "updated_at"):
		f.readOnly = true
	case f.name == "UpdatedAt": // without it, GORM sets the column to the current time
		add("autoUpdateTime:false")
	}
	for _, part := range t.uniqueIndexes(c) {
		add(part)
	}
	if text, problem := t.defaultOf(c, typ); problem != "" {
		g.note("%s.%s: %s", t.Name, c.Name, problem)
	} else if text != "" {
		add("default:" + text)
	}
	t.fields = append(t.fields, f)
}

// placeInKey returns the place of a column in a key of several columns, from 1, or 0 if the columns of the table have
// the order of the key.
func placeInKey(t *atlas.Table, c *atlas.Column) int {
	key, place := keyOf(t), 0
	sorted := slices.IsSortedFunc(key, func(a, b *atlas.Column) int {
		return cmp.Compare(slices.Index(t.Columns, a), slices.Index(t.Columns, b))
	})
	if !sorted {
		place = slices.Index(key, c) + 1
	}
	return place
}

// uniqueIndexes returns the parts of the tag for the unique indexes of a column. It omits
// indexes with expressions or prefixes, because two different values can be duplicates
// there.
func (t *table) uniqueIndexes(c *atlas.Column) (parts []string) {
	for _, several := range []bool{true, false} {
		for _, index := range t.Indexes {
			if !index.Unique || several != (len(index.Parts) > 1) || slices.ContainsFunc(index.Parts, isPartial) {
				continue
			}
			for i, p := range index.Parts {
				switch {
				case p.C != c:
				case several:
					parts = append(parts, fmt.Sprintf("uniqueIndex:%s,priority:%d", label(index.Name), i+1))
				default:
					parts = append(parts, "uniqueIndex:"+label(index.Name))
				}
			}
		}
	}
	return parts
}

// isPartial reports whether an index part is an expression, a prefix or an unserved column.
func isPartial(p *atlas.IndexPart) bool {
	return p.C == nil || schema.HasAttr[*mysql.SubPart](p.Attrs) || unservedColumn(p.C) != ""
}

// label returns the name of an index or a foreign key without characters that separate the
// parts of a tag.
func label(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`,;:"\`, r) {
			return '_'
		}
		return r
	}, name)
}

// defaultOf returns the default of a column in the form of the tag, or "" for none. problem
// describes a default that the server does not support.
// The server reads a row with its key, so that the database cannot compute the key.
func (t *table) defaultOf(c *atlas.Column, typ string) (text, problem string) {
	d, ok := schema.DefaultOf(c)
	if !ok || isGenerated(c) || isAutoIncrement(c) {
		return "", ""
	}
	inKey := slices.Contains(keyOf(t.Table), c)
	shown := cmp.Or(d.Expr, strconv.Quote(d.Literal))
	switch {
	case d.Now && (typ == "time.Time" || typ == "resource.Date" || typ == "resource.Clock"):
		return "CURRENT_TIMESTAMP", ""
	case d.UUID && holdsUUID(c):
		return "UUID()", ""
	case d.Now:
		shown = "CURRENT_TIMESTAMP"
	case d.UUID:
		shown = "UUID()"
	case d.Expr != "" && !inKey:
		return "(expression)", ""
	case d.Expr != "" && typ == "resource.UUID" && len(keyOf(t.Table)) == 1: // the server generates it
		return "", ""
	case d.Expr == "":
		text = literal(c, typ, d.Literal)
	}
	if text != "" {
		return text, ""
	}
	gets := "must have a value"
	if c.Type.Null {
		gets = "without a value gets null"
	}
	return "", fmt.Sprintf("the API does not support the default %s: a new row %s", shown, gets)
}
