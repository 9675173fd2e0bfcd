package lint

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// narrowing finds columns whose new type holds less than the old one.
func (p *pass) narrowing() {
	for _, c := range p.existing() {
		change, ok := c.change.(*schema.ModifyColumn)
		if !ok || p.newColumn(c.table.Name, change.To.Name, c.step) {
			continue
		}
		code := p.conversion(c, change)
		from, to := p.typeName(change.From), p.typeName(change.To)
		if code == "" && isText(change.From) && isText(change.To) {
			a, _ := charset(change.From, c.old)
			b, _ := charset(change.To, c.table)
			if a != b && !holdsCharset(b, a) {
				code, from, to = "SW306", a, b
			}
		}
		if code != "" {
			p.report(code, c.step, fmt.Sprintf("Column %q of table %q changes from %s to %s", change.To.Name, c.table.Name, from, to))
		}
	}
}

// holdsCharset says whether a charset has all characters of another.
func holdsCharset(a, b string) bool {
	unicode := []string{"utf8mb4", "utf16", "utf16le", "utf32", "gb18030"}
	switch {
	case slices.Contains(unicode, a):
		return true
	case a == "utf8mb3" || a == "ucs2":
		return !slices.Contains(unicode, b)
	}
	return b == "ascii"
}

// family is the kind of value that a type holds; "" when it is not known.
func family(c *schema.Column) string {
	switch c.Type.Type.(type) {
	case *schema.StringType, *schema.EnumType, *mysql.SetType:
		return "text"
	case *schema.BinaryType:
		return "bytes"
	case *schema.IntegerType, *schema.BoolType:
		return "integer"
	case *schema.DecimalType:
		return "decimal"
	case *schema.FloatType:
		return "float"
	case *schema.TimeType:
		return "time"
	case *schema.JSONType:
		return "json"
	}
	return ""
}

// conversion gives the code of the rule that a change of type breaks, "" when
// every value stays what it is.
func (p *pass) conversion(c tableChange, change *schema.ModifyColumn) string {
	if !p.typed(change.From) || !p.typed(change.To) {
		return ""
	}
	from, to := change.From, change.To
	switch a, b := family(from), family(to); {
	case a == "" || b == "":
		if p.typeName(from) != p.typeName(to) {
			return "SW307"
		}
	case b == "text":
		return toText(from, to, c)
	case a == "integer" && b == "integer":
		lowA, highA := integerRange(from)
		lowB, highB := integerRange(to)
		if lowB > lowA || highB < highA {
			return "SW302"
		}
	case a == "integer" && b == "decimal":
		d := to.Type.Type.(*schema.DecimalType)
		if _, high := integerRange(from); d.Precision-d.Scale < digits(high) || d.Unsigned && !unsigned(from) {
			return "SW302"
		}
	case a == "integer" && b == "float":
		if _, high := integerRange(from); high > 1<<53 || high > 1<<24 && single(to) {
			return "SW303"
		}
	case a == "decimal" && b == "decimal":
		x, y := from.Type.Type.(*schema.DecimalType), to.Type.Type.(*schema.DecimalType)
		switch {
		case y.Scale < x.Scale:
			return "SW303"
		case y.Precision-y.Scale < x.Precision-x.Scale, y.Unsigned && !x.Unsigned:
			return "SW302"
		}
	case a == "float" && b == "float":
		if single(to) && !single(from) {
			return "SW303"
		}
	case (a == "decimal" || a == "float") && (b == "integer" || b == "decimal" || b == "float"):
		return "SW303"
	case a == "time" && b == "time":
		return timeConversion(from, to)
	case a == "bytes" && b == "bytes", a == "text" && b == "bytes":
		if shorter(from, to, c) {
			return "SW301"
		}
	case a != b:
		return "SW307"
	}
	return ""
}

// toText is conversion for a new type of text.
func toText(from, to *schema.Column, c tableChange) string {
	if listed, allowed := values(to); listed {
		old, oldValues := values(from)
		switch {
		case !old:
			return "SW305"
		case slices.ContainsFunc(oldValues, func(v string) bool { return !slices.Contains(allowed, v) }):
			return "SW305"
		case isSet(from) && !isSet(to):
			return "SW305"
		}
		return ""
	}
	characters, bytes, _ := capacity(to, c.table)
	if characters == 0 {
		characters = bytes
	}
	longest := 0
	switch a := from.Type.Type.(type) {
	case *schema.StringType:
		if shorter(from, to, c) {
			return "SW301"
		}
		return ""
	case *schema.BinaryType:
		return "SW307"
	case *schema.EnumType:
		for _, v := range a.Values {
			longest = max(longest, len([]rune(v)))
		}
	case *mysql.SetType:
		longest = len([]rune(strings.Join(a.Values, ",")))
	case *schema.IntegerType, *schema.BoolType:
		low, high := integerRange(from)
		longest = digits(high)
		if low < 0 {
			longest++
		}
	case *schema.DecimalType:
		longest = a.Precision + 2
	case *schema.TimeType:
		longest = map[string]int{"date": 10, "time": 17, "year": 4}[a.T]
		if longest == 0 {
			longest = 26
		}
	case *schema.FloatType:
		longest = 24
	}
	if characters < longest {
		return "SW301"
	}
	return ""
}

// shorter says whether a type of text or bytes holds less than another.
func shorter(from, to *schema.Column, c tableChange) bool {
	charsA, bytesA, okA := capacity(from, c.old)
	charsB, bytesB, okB := capacity(to, c.table)
	if !okA || !okB {
		return false
	}
	if charsA > 0 && charsB > 0 && family(from) == family(to) {
		return charsB < charsA
	}
	return bytesB < bytesA
}

// values gives the values of an enum or set.
func values(c *schema.Column) (listed bool, all []string) {
	switch t := c.Type.Type.(type) {
	case *schema.EnumType:
		return true, t.Values
	case *mysql.SetType:
		return true, t.Values
	}
	return false, nil
}

func isSet(c *schema.Column) bool {
	_, ok := c.Type.Type.(*mysql.SetType)
	return ok
}

// timeConversion is conversion for two types of time.
func timeConversion(from, to *schema.Column) string {
	a, b := from.Type.Type.(*schema.TimeType), to.Type.Type.(*schema.TimeType)
	precision := func(t *schema.TimeType) int {
		if t.Precision == nil {
			return 0
		}
		return *t.Precision
	}
	wider := map[string][]string{
		"date": {"date", "datetime"}, "datetime": {"datetime"}, "timestamp": {"timestamp", "datetime"},
		"time": {"time"}, "year": {"year"},
	}
	if !slices.Contains(wider[strings.ToLower(a.T)], strings.ToLower(b.T)) || precision(b) < precision(a) {
		return "SW304"
	}
	return ""
}

func single(c *schema.Column) bool {
	f, ok := c.Type.Type.(*schema.FloatType)
	return ok && strings.EqualFold(f.T, "float") && f.Precision <= 24
}

func unsigned(c *schema.Column) bool {
	i, ok := c.Type.Type.(*schema.IntegerType)
	return ok && i.Unsigned
}

// integerRange is what an integer type of MySQL holds, as floats: they are
// compared only, and the largest does not fit an int64.
func integerRange(c *schema.Column) (low, high float64) {
	i, ok := c.Type.Type.(*schema.IntegerType)
	if !ok {
		return -128, 127 // bool
	}
	bits := map[string]uint{"tinyint": 8, "bool": 8, "boolean": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32}[strings.ToLower(i.T)]
	if bits == 0 {
		bits = 64
	}
	size := float64(uint64(1) << (bits - 1))
	if i.Unsigned {
		return 0, 2*size - 1
	}
	return -size, size - 1
}

// digits is how many digits a number has before its point.
func digits(n float64) int { return len(fmt.Sprintf("%.0f", n)) }
