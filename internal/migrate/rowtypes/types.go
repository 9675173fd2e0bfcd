package rowtypes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
)

// typeName returns a type as MySQL writes it, for a message.
func typeName(t atlas.Type) string {
	text, err := mysql.FormatType(t)
	if err != nil {
		text = fmt.Sprintf("%T", t)
	}
	return "the type " + text
}

// typeOf returns the Go type of a column of a table, and the part of the gorm tag with its
// MySQL type. A key decides more than its type: see [isUUID] and [isID].
func (t *table) typeOf(c *atlas.Column) (typ, tag string) {
	typ, tag = typeOf(c)
	switch {
	case isUUID(t.Table, c):
		typ = "resource.UUID"
	case typ == "uint64" && isID(t.Table, c):
		typ = "int64"
	}
	return typ, tag
}

// typeOf returns the Go type of a column, and the part of the gorm tag with its MySQL type.
// The tag is "" if GORM uses this type by default. Both are "" for a type that is not
// served.
func typeOf(c *atlas.Column) (typ, tag string) {
	unsigned := func(is bool) string { return map[bool]string{true: " unsigned"}[is] }
	switch t := c.Type.Type.(type) {
	case *atlas.BoolType:
		return "bool", ""
	case *mysql.BitType:
		if t.Size <= 1 {
			return "bool", "type:bit(1)"
		}
	case *atlas.IntegerType:
		return integerType(t)
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
		return "decimal.Decimal", fmt.Sprintf("type:decimal(%d,%d)%s", digits, t.Scale, unsigned(t.Unsigned))
	case *atlas.StringType:
		return textType(t)
	case *atlas.TimeType:
		return timeType(t)
	case *atlas.EnumType:
		return "string", "type:enum" + members(t.Values)
	case *mysql.SetType:
		return "resource.Set", "type:set" + members(t.Values)
	case *atlas.JSONType:
		return "resource.JSON", "type:json"
	case *atlas.BinaryType:
		return binaryType(t)
	}
	return "", ""
}

// integerType returns uint64 only for bigint unsigned: an int64 has all other values.
func integerType(t *atlas.IntegerType) (typ, tag string) {
	switch {
	case t.T != mysql.TypeBigInt && t.Unsigned:
		return "int64", "type:" + t.T + " unsigned"
	case t.T != mysql.TypeBigInt:
		return "int64", "type:" + t.T
	case t.Unsigned:
		return "uint64", "type:bigint unsigned"
	}
	return "int64", ""
}

// members returns a list of members, whose quotes are doubled: ('a','it”s').
func members(values []string) string { return "('" + strings.Join(values, "','") + "')" }

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
	case mysql.TypeDate:
		return "resource.Date", "type:date"
	case mysql.TypeTime:
		return "resource.Clock", fmt.Sprintf("type:time(%d)", precision)
	}
	return "", ""
}

func binaryType(t *atlas.BinaryType) (typ, tag string) {
	size := 1
	if t.Size != nil {
		size = *t.Size
	}
	switch {
	case t.T == mysql.TypeBinary:
		return "[]byte", fmt.Sprintf("type:binary(%d)", max(size, 1))
	case t.T == mysql.TypeVarBinary && t.Size != nil:
		return "[]byte", fmt.Sprintf("type:varbinary(%d)", size)
	case strings.HasSuffix(t.T, "blob"):
		return "[]byte", "type:" + t.T
	}
	return "", ""
}

// isUUID reports whether a column is a binary(16) that is the whole primary key, or that
// references one.
func isUUID(t *atlas.Table, c *atlas.Column) bool {
	binary, ok := c.Type.Type.(*atlas.BinaryType)
	if !ok || binary.T != mysql.TypeBinary || binary.Size == nil || *binary.Size != 16 {
		return false
	}
	return isKey(t, c) || slices.ContainsFunc(references(t, c), func(r reference) bool { return isKey(r.table, r.column) })
}

// isID reports whether a column is an auto_increment column, or references one.
func isID(t *atlas.Table, c *atlas.Column) bool {
	return isAutoIncrement(c) ||
		slices.ContainsFunc(references(t, c), func(r reference) bool { return isAutoIncrement(r.column) })
}

// isKey reports whether a column is the whole primary key.
func isKey(t *atlas.Table, c *atlas.Column) bool {
	return t.PrimaryKey != nil && len(t.PrimaryKey.Parts) == 1 && t.PrimaryKey.Parts[0].C == c
}

// reference is a column that a foreign key references.
type reference struct {
	table  *atlas.Table
	column *atlas.Column
}

// references returns the columns that the foreign keys of a column reference, except itself.
func references(t *atlas.Table, c *atlas.Column) (all []reference) {
	for _, k := range t.ForeignKeys {
		for i, own := range k.Columns {
			if own == c && i < len(k.RefColumns) && k.RefColumns[i] != c {
				all = append(all, reference{k.RefTable, k.RefColumns[i]})
			}
		}
	}
	return all
}
