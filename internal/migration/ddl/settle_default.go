package ddl

import (
	"encoding/hex"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// canonicalDefault is a default as it is compared; "" for none.
func (c *comparison) canonicalDefault(column *schema.Column) string {
	var x string
	literal := true
	switch d := schema.UnderlyingExpr(column.Default).(type) {
	case *schema.Literal:
		x = strings.TrimSpace(d.V)
	case *schema.RawExpr:
		x, literal = canonical(c.dialect, d.X), false
		if d.X != "" && d.X[0] == '"' && whole(d.X, '"') {
			x = d.X // a string to SQLite when it stands for a default
		}
	default:
		return ""
	}
	if strings.EqualFold(x, "null") {
		return ""
	}
	value, isText := textValue(x)
	if !isText && literal && holdsText(column.Type.Type) {
		isText = true // a schema.hcl gives strings without quotes
	}
	switch {
	case isText:
	case fold(x) == "true":
		x, value = "1", "1"
	case fold(x) == "false":
		x, value = "0", "0"
	}
	switch t := column.Type.Type.(type) {
	case *schema.BinaryType:
		if raw, err := hex.DecodeString(strings.TrimPrefix(fold(x), "0x")); err == nil && strings.HasPrefix(fold(x), "0x") {
			value, isText = string(raw), true
		}
		value = strings.TrimRight(value, "\x00")
	case *mysql.BitType:
		if bits, ok := strings.CutPrefix(fold(x), "b'"); ok {
			if n, err := strconv.ParseUint(strings.TrimSuffix(bits, "'"), 2, 64); err == nil {
				return strconv.FormatUint(n, 10)
			}
		}
	case *schema.TimeType:
		if isText && c.dialect == MySQL {
			value = timeLiteral(t, value)
		}
	}
	if holdsText(column.Type.Type) {
		if isText || plainNumber(strings.TrimPrefix(x, "-")) {
			return "'" + value
		}
		return x
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
		return strconv.FormatInt(n, 10) // a float would round it
	}
	if f, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	switch {
	case isText:
		return "'" + value
	case literal:
		return canonical(c.dialect, x)
	}
	return x
}

// holdsText says whether a default of a type is a text, whatever it looks like.
func holdsText(t schema.Type) bool {
	switch t.(type) {
	case *schema.StringType, *schema.EnumType, *mysql.SetType, *schema.BinaryType, *schema.JSONType, *schema.TimeType:
		return true
	}
	return false
}

// textValue is what stands in quotes, and whether it does; the text itself where
// it does not. Atlas writes a string in one kind of quotes or the other.
func textValue(x string) (string, bool) {
	switch {
	case whole(x, '\''):
		return strings.ReplaceAll(x[1:len(x)-1], "''", "'"), true
	case len(x) > 1 && x[0] == '"':
		if s, err := strconv.Unquote(x); err == nil {
			return s, true
		}
		if whole(x, '"') {
			return strings.ReplaceAll(x[1:len(x)-1], `""`, `"`), true
		}
	}
	return x, false
}
