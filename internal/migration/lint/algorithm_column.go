package lint

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// modifyColumn is how the server changes a column: by what is different.
func (a alter) modifyColumn(from, to *schema.Column) way {
	renamed := from.Name != to.Name
	switch {
	case generated(from) != generated(to):
		return way{method: copied, what: "making a column computed, or not"}
	case generated(to) != "" && plain(expression(from)) != plain(expression(to)):
		return way{method: copied, what: "changing what a column is computed from"}
	case generated(to) == "VIRTUAL" && !sameType(from, to):
		return way{method: copied, what: "changing the type of a computed column"}
	case automatic(from) != automatic(to):
		return way{method: copied, what: "making a column AUTO_INCREMENT, or not"}
	}
	w := a.modifyType(from, to)
	if w.method == copied {
		return w
	}
	switch {
	case from.Type.Null != to.Type.Null && generated(to) != "VIRTUAL":
		return way{method: inPlaceNew, what: "changing whether a column takes NULL", rebuilds: true}
	case a.moved(from.Name, to.Name) && generated(to) != "VIRTUAL":
		return way{method: inPlaceNew, what: "moving a column", rebuilds: true}
	case w.method > instant:
		return w
	case renamed && a.referenced(from.Name):
		return way{method: inPlace, what: "renaming a column that a foreign key refers to"}
	}
	return way{method: instant, what: "changing the definition of a column"}
}

// modifyType is how the server changes a column's type and charset.
func (a alter) modifyType(from, to *schema.Column) way {
	setA, collationA := charset(from, a.before)
	setB, collationB := charset(to, a.after)
	if !isText(from) || !isText(to) {
		setA, setB, collationA, collationB = "", "", "", ""
	}
	recoded := setA != setB || collationA != collationB
	conversion := way{method: copied, what: "changing the type of a column"}
	switch {
	case setA != setB && !(setA == "utf8mb3" && setB == "utf8mb4"):
		return way{method: copied, what: "changing the charset of a column"}
	case recoded && (indexed(a.before, from.Name) || indexed(a.after, to.Name)):
		return way{method: copied, what: "changing the collation of a column that is in an index"}
	}
	if grown, ok := growth(from, to); ok {
		if !grown {
			return conversion
		}
		if sameType(from, to) && !recoded {
			return way{method: instant}
		}
		// A length is stored in one byte up to 255 bytes, in two from there on.
		_, bytesA, _ := capacity(from, a.before)
		_, bytesB, _ := capacity(to, a.after)
		if (bytesA <= 255) != (bytesB <= 255) {
			return way{method: copied, what: "making a column longer across the line of 255 bytes"}
		}
		return way{method: inPlace, what: "making a column longer"}
	}
	switch {
	case appended(from, to):
		return way{method: instant}
	case !sameType(from, to):
		return conversion
	case recoded && !lists(to):
		return way{method: inPlace, what: "changing the charset or collation of a column"}
	}
	return way{method: instant}
}

// growth says whether both types are varchar, or both varbinary, and the new one
// is not shorter. ok is false for other types.
func growth(from, to *schema.Column) (grown, ok bool) {
	switch a := from.Type.Type.(type) {
	case *schema.StringType:
		b, same := to.Type.Type.(*schema.StringType)
		if !same || a.T != mysql.TypeVarchar || b.T != mysql.TypeVarchar {
			return false, false
		}
		return b.Size >= a.Size, true
	case *schema.BinaryType:
		b, same := to.Type.Type.(*schema.BinaryType)
		if !same || a.T != mysql.TypeVarBinary || b.T != mysql.TypeVarBinary || a.Size == nil || b.Size == nil {
			return false, false
		}
		return *b.Size >= *a.Size, true
	}
	return false, false
}

// lists says whether a type is an enum or a set.
func lists(c *schema.Column) bool {
	listed, _ := values(c)
	return listed
}

// appended says whether an enum or set got values at its end only, and is stored
// in as many bytes as before.
func appended(from, to *schema.Column) bool {
	listedA, a := values(from)
	listedB, b := values(to)
	if !listedA || !listedB || isSet(from) != isSet(to) || len(b) < len(a) || !slices.Equal(a, b[:len(a)]) {
		return false
	}
	if isSet(from) {
		bytes := func(n int) int {
			if n = (n + 7) / 8; n > 4 {
				return 8
			}
			return n
		}
		return bytes(len(a)) == bytes(len(b))
	}
	return (len(a) <= 255) == (len(b) <= 255)
}

// sameType compares types as the server stores them: without display widths.
func sameType(from, to *schema.Column) bool {
	switch a := from.Type.Type.(type) {
	case *schema.IntegerType, *schema.BoolType:
		switch to.Type.Type.(type) {
		case *schema.IntegerType, *schema.BoolType:
			lowA, highA := integerRange(from)
			lowB, highB := integerRange(to)
			return lowA == lowB && highA == highB
		}
		return false
	case *schema.EnumType:
		b, ok := to.Type.Type.(*schema.EnumType)
		return ok && slices.Equal(a.Values, b.Values)
	}
	x, errX := mysql.FormatType(from.Type.Type)
	y, errY := mysql.FormatType(to.Type.Type)
	return errX == nil && errY == nil && strings.EqualFold(x, y)
}

// moved says whether a column changed its place among those that stay.
func (a alter) moved(from, to string) bool {
	if a.before == nil {
		return false
	}
	renamed := map[string]string{from: to}
	for _, c := range a.actions {
		switch c := c.(type) {
		case *schema.RenameColumn:
			renamed[c.From.Name] = c.To.Name
		case *schema.ModifyColumn:
			renamed[c.From.Name] = c.To.Name
		}
	}
	var old, now []string
	for _, c := range a.before.Columns {
		name := c.Name
		if r, ok := renamed[name]; ok {
			name = r
		}
		if _, kept := a.after.Column(name); kept {
			old = append(old, name)
		}
	}
	for _, c := range a.after.Columns {
		if slices.Contains(old, c.Name) {
			now = append(now, c.Name)
		}
	}
	return !slices.Equal(old, now)
}

// convertsText says whether a column gets another charset together with
// something that builds the table anew.
func (a alter) convertsText() bool {
	return slices.ContainsFunc(a.actions, func(c schema.Change) bool {
		m, ok := c.(*schema.ModifyColumn)
		if !ok || !isText(m.From) || !isText(m.To) {
			return false
		}
		x, _ := charset(m.From, a.before)
		y, _ := charset(m.To, a.after)
		return x != y
	})
}

// plain takes out of an expression what does not count.
func plain(x string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "`", "", "(", "", ")", "").Replace(x))
}
