package rowtypes

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

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
	if typ, _ := typeOf(c.Type.Type); typ != "" {
		return ""
	}
	text, err := mysql.FormatType(c.Type.Type)
	if err != nil {
		text = fmt.Sprintf("%T", c.Type.Type)
	}
	return fmt.Sprintf("the type %s is not served yet", text)
}

// typeOf returns the Go type of a column, and the part of the gorm tag with its MySQL type.
// The tag is "" if GORM uses this type by default. Both are "" for a type that is not
// served.
func typeOf(t atlas.Type) (typ, tag string) {
	unsigned := func(is bool) string { return map[bool]string{true: " unsigned"}[is] }
	switch t := t.(type) {
	case *atlas.BoolType:
		return "bool", ""
	case *atlas.IntegerType:
		if t.T == mysql.TypeBigInt && !t.Unsigned {
			return "int64", ""
		}
		return "int64", "type:" + t.T + unsigned(t.Unsigned)
	case *atlas.FloatType:
		if t.T == mysql.TypeFloat && t.Precision <= 24 {
			return "float64", "type:float" + unsigned(t.Unsigned)
		}
		if !t.Unsigned {
			return "float64", ""
		}
		return "float64", "type:double unsigned"
	case *atlas.DecimalType:
		digits := cmp.Or(t.Precision, 10) // MySQL's default
		if digits <= schema.ExactDigits {
			return "float64", fmt.Sprintf("type:decimal(%d,%d)%s", digits, t.Scale, unsigned(t.Unsigned))
		}
	case *atlas.StringType:
		return textType(t)
	case *atlas.TimeType:
		return timeType(t)
	}
	return "", ""
}

func textType(t *atlas.StringType) (typ, tag string) {
	switch {
	case t.T == mysql.TypeChar:
		return "string", fmt.Sprintf("type:char(%d)", max(t.Size, 1))
	case t.T == mysql.TypeVarchar && t.Size > 0:
		return "string", fmt.Sprintf("size:%d", t.Size)
	case t.T == mysql.TypeLongText:
		return "string", ""
	case t.T == mysql.TypeTinyText, t.T == mysql.TypeText, t.T == mysql.TypeMediumText:
		return "string", "type:" + t.T
	}
	return "", ""
}

func timeType(t *atlas.TimeType) (typ, tag string) {
	precision := 0
	if t.Precision != nil {
		precision = *t.Precision
	}
	switch t.T {
	case mysql.TypeDateTime:
		return "time.Time", fmt.Sprintf("precision:%d", precision)
	case mysql.TypeTimestamp:
		return "time.Time", fmt.Sprintf("type:timestamp(%d)", precision)
	case mysql.TypeYear:
		return "int64", "type:year"
	}
	return "", ""
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
	typ, stated := typeOf(c.Type.Type)
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
	case inKey && !auto && typ == "int64":
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
	if text, problem := defaultOf(c, typ); problem != "" {
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
func defaultOf(c *atlas.Column, typ string) (text, problem string) {
	d, ok := schema.DefaultOf(c)
	if !ok || isGenerated(c) || isAutoIncrement(c) {
		return "", ""
	}
	shown := cmp.Or(d.Expr, strconv.Quote(d.Literal))
	switch {
	case d.Now && typ == "time.Time":
		return "CURRENT_TIMESTAMP", ""
	case d.Now:
		shown = "CURRENT_TIMESTAMP"
	case d.Expr == "":
		text = literal(typ, d.Literal)
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

// literal returns a value of a Go type in the form of the tag, or "" if it is invalid.
func literal(typ, text string) string {
	switch typ {
	case "int64":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
		if x, err := strconv.ParseFloat(text, 64); err == nil && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return strconv.FormatFloat(x, 'f', -1, 64)
		}
	case "float64":
		if x, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(x, 0) && !math.IsNaN(x) {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
	case "bool":
		if is, err := strconv.ParseBool(text); err == nil {
			return strconv.FormatBool(is)
		}
	case "string":
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case "time.Time":
		for _, layout := range []string{time.DateTime, time.DateOnly} {
			if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1000 {
				return "'" + t.Format("2006-01-02 15:04:05.999999") + "'"
			}
		}
	}
	return ""
}
