package plan

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// family is a group of types that differ in size. A database converts values within a
// family, and from most families to text.
type family int

const (
	familyOther family = iota
	familyInteger
	familyDecimal
	familyFloat
	familyBool
	familyText
	familyBinary
	familyTime
	familyJSON
	familyEnum
)

func familyOf(t schema.Type) family {
	switch t.(type) {
	case *schema.IntegerType, *mysql.BitType:
		return familyInteger
	case *schema.DecimalType:
		return familyDecimal
	case *schema.FloatType:
		return familyFloat
	case *schema.BoolType:
		return familyBool
	case *schema.StringType, *schema.UUIDType:
		return familyText
	case *schema.BinaryType:
		return familyBinary
	case *schema.TimeType:
		return familyTime
	case *schema.JSONType:
		return familyJSON
	case *schema.EnumType, *mysql.SetType:
		return familyEnum
	}
	return familyOther
}

// typeName returns the name of a type without its size: varchar for varchar(80).
func typeName(t schema.Type) string {
	name, err := mysql.FormatType(t)
	if err != nil {
		if name, err = sqlite.FormatType(t); err != nil {
			return fmt.Sprintf("%T", t)
		}
	}
	name, _, _ = strings.Cut(name, "(")
	return name
}

// zeroOf returns the zero value of a type: 0, an empty text, or the first enum member.
func zeroOf(t schema.Type) (literal, bool) {
	switch familyOf(t) {
	case familyInteger, familyDecimal, familyFloat:
		return literal{kind: literalNumber, text: "0"}, true
	case familyBool:
		return literal{kind: literalFalse}, true
	case familyText:
		switch t.(type) {
		case *schema.UUIDType:
			return literal{kind: literalText, text: "00000000-0000-0000-0000-000000000000"}, true
		}
		return literal{kind: literalText}, true
	case familyBinary:
		return literal{kind: literalText}, true
	case familyJSON:
		return literal{kind: literalText, text: "{}"}, true
	case familyEnum:
		if e, ok := t.(*schema.EnumType); ok && len(e.Values) > 0 {
			return literal{kind: literalText, text: e.Values[0]}, true
		}
		return literal{kind: literalText}, true
	case familyTime:
		at := map[string]string{"date": "1970-01-01", "time": "00:00:00", "year": "1970",
			"timestamp": "1970-01-02 00:00:00"}[t.(*schema.TimeType).T]
		if at == "" {
			at = "1970-01-01 00:00:00"
		}
		return literal{kind: literalText, text: at}, true
	}
	return literal{}, false
}

// typeWarnings returns warnings about changes of type that fail for some values, such as text
// to a number. back is true for the down statements.
func typeWarnings(changes []schema.Change, back bool) (warnings []string) {
	for _, m := range changesOf(changes).modified {
		for _, action := range m.Changes {
			c, ok := action.(*schema.ModifyColumn)
			if !ok || !c.Change.Is(schema.ChangeType) || converts(c.From.Type.Type, c.To.Type.Type) {
				continue
			}
			action := "changes"
			if back {
				action = "(down statement) changes"
			}
			from, to := typeName(c.From.Type.Type), typeName(c.To.Type.Type)
			warnings = append(warnings, fmt.Sprintf("%s.%s %s from %s to %s: this fails on a row whose value is not a valid "+
				"%s: check the rows first", m.T.Name, c.To.Name, action, from, to, to))
		}
	}
	return warnings
}

// converts reports whether every value of one type can be converted to the other, apart from
// its size.
func converts(from, to schema.Type) bool {
	a, b := familyOf(from), familyOf(to)
	switch {
	case a == familyEnum && b == familyEnum:
		return keepsMembers(from, to)
	case a == b && a != familyOther:
		return true
	case isNumeric(a) && isNumeric(b):
		return b != familyBool
	case b == familyText:
		return a != familyBinary
	}
	return false
}

// keepsMembers reports whether an enum or a set has all members of another.
func keepsMembers(from, to schema.Type) bool {
	members := func(t schema.Type) (all []string, set bool) {
		switch t := t.(type) {
		case *schema.EnumType:
			return t.Values, false
		case *mysql.SetType:
			return t.Values, true
		}
		return nil, false
	}
	old, wasSet := members(from)
	all, isSet := members(to)
	return (isSet || !wasSet) && !slices.ContainsFunc(old, func(m string) bool { return !slices.Contains(all, m) })
}

// uniqueValue returns a value that differs in each row, for a column with a unique index: the
// row's id. ok is false if the id cannot be converted to the column's type.
func (f filler) uniqueValue(t *schema.Table, c *schema.Column) (string, bool) {
	if !uniqueAlone(t, c) || t.PrimaryKey == nil || len(t.PrimaryKey.Parts) != 1 || t.PrimaryKey.Parts[0].C == nil {
		return "", false
	}
	id := t.PrimaryKey.Parts[0].C
	if familyOf(id.Type.Type) != familyInteger {
		return "", false
	}
	switch familyOf(c.Type.Type) {
	case familyInteger, familyDecimal, familyFloat:
		return Quote(id.Name), true
	case familyText:
		as := "CHAR"
		if f.Name == SQLite {
			as = "TEXT"
		}
		return fmt.Sprintf("CAST(%s AS %s)", Quote(id.Name), as), true
	}
	return "", false
}

// uniqueAlone reports whether the column has a unique index of its own.
func uniqueAlone(t *schema.Table, c *schema.Column) bool {
	return slices.ContainsFunc(t.Indexes, func(i *schema.Index) bool {
		return i.Unique && len(i.Parts) == 1 && i.Parts[0].C != nil && i.Parts[0].C.Name == c.Name
	})
}
