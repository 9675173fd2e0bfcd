package ddl

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// sqliteDefault is a default as SQLite's table_info shows it and Atlas reads it:
// the text without parentheses.
func sqliteDefault(d *defaultDef) schema.Expr {
	x := d.text
	_, notBool := strconv.ParseBool(x)
	_, notNumber := strconv.ParseFloat(x, 64)
	_, notHex := strconv.ParseUint(strings.ToLower(x), 0, 64)
	if notBool == nil || notNumber == nil || notHex == nil || d.value.kind == text || d.value.kind == quoted && strings.HasPrefix(x, `"`) ||
		d.expr != "" && whole(x, '\'', '"') {
		return &schema.Literal{V: x}
	}
	return &schema.RawExpr{X: x}
}

// whole says whether a text is one string in one of these quotes.
func whole(s string, quotes ...byte) bool {
	for _, q := range quotes {
		if len(s) < 2 || s[0] != q || s[len(s)-1] != q {
			continue
		}
		inside := strings.ReplaceAll(s[1:len(s)-1], string([]byte{q, q}), "")
		if strings.IndexByte(inside, q) < 0 {
			return true
		}
	}
	return false
}

// mysqlDefault is a default as MySQL's information schema shows it and Atlas
// reads it. Nil is none.
func mysqlDefault(c *column, d *defaultDef) (schema.Expr, error) {
	lob := false
	switch t := c.typ.(type) {
	case *schema.StringType:
		lob = strings.HasSuffix(t.T, "text")
	case *schema.BinaryType:
		lob = strings.HasSuffix(t.T, "blob")
	case *schema.JSONType, *schema.SpatialType:
		lob = true
	}
	switch {
	case d.expr != "":
		return &schema.RawExpr{X: "(" + d.expr + ")"}, nil
	case d.value.is("NULL"):
		return nil, nil
	case d.now != "":
		if t, ok := c.typ.(*schema.TimeType); !ok || t.T != mysql.TypeDateTime && t.T != mysql.TypeTimestamp {
			return nil, fmt.Errorf("the default of column %q cannot be %s: it is neither datetime nor timestamp", c.name, d.now)
		}
		return &schema.RawExpr{X: d.now}, nil
	case lob:
		return nil, fmt.Errorf("column %q of type %s can have no default but one in parentheses", c.name, c.raw)
	}
	value := d.plain()
	switch t := c.typ.(type) {
	case *schema.BinaryType:
		return &schema.Literal{V: "0x" + strings.ToUpper(hex.EncodeToString([]byte(value)))}, nil
	case *mysql.BitType:
		n, ok := d.integer()
		if !ok {
			break
		}
		return &schema.Literal{V: fmt.Sprintf("b'%b'", n)}, nil
	case *schema.BoolType, *schema.IntegerType:
		n, ok := d.integer()
		if !ok {
			return nil, fmt.Errorf("the default of column %q is not a number: %s", c.name, excerpt(d.text))
		}
		return &schema.Literal{V: strconv.FormatInt(n, 10)}, nil
	case *schema.FloatType:
		if f, err := strconv.ParseFloat(value, 64); err == nil {
			return &schema.Literal{V: strconv.FormatFloat(f, 'g', -1, 64)}, nil
		}
	case *schema.DecimalType:
		// Only what a decimal can hold: 1e999999999 would be a lot of digits.
		if size, err := strconv.ParseFloat(value, 64); err != nil || math.Abs(size) > 1e65 {
			break
		}
		if f, ok := new(big.Rat).SetString(value); ok && len(value) < 100 && !strings.Contains(fold(value), "e-") {
			return &schema.Literal{V: f.FloatString(t.Scale)}, nil
		}
	case *schema.TimeType:
		return &schema.Literal{V: strconv.Quote(timeLiteral(t, value))}, nil
	case *schema.StringType, *schema.EnumType, *mysql.SetType:
		return &schema.Literal{V: strconv.Quote(value)}, nil
	default:
		return &schema.Literal{V: strconv.Quote(value)}, nil
	}
	return nil, fmt.Errorf("the default of column %q is not a number: %s", c.name, excerpt(d.text))
}

// plain is the value of a literal as text.
func (d *defaultDef) plain() string {
	value := d.value.value
	switch {
	case d.value.is("TRUE"):
		value = "1"
	case d.value.is("FALSE"):
		value = "0"
	case d.value.prefix == "x", d.value.kind == number && len(value) > 2 && strings.EqualFold(value[:2], "0x"):
		digits := strings.TrimPrefix(strings.ToLower(value), "0x")
		if raw, err := hex.DecodeString(strings.Repeat("0", len(digits)%2) + digits); err == nil {
			return string(raw)
		}
	}
	if d.minus {
		return "-" + value
	}
	return value
}

// integer is the value of a literal as a number, rounded as MySQL rounds.
func (d *defaultDef) integer() (int64, bool) {
	value := d.value.value
	switch {
	case d.value.prefix == "b":
		n, err := strconv.ParseUint(value, 2, 64)
		return int64(n), err == nil
	case d.value.prefix == "x":
		n, err := strconv.ParseUint(value, 16, 64)
		return int64(n), err == nil
	case d.value.kind == number && len(value) > 2 && strings.EqualFold(value[:2], "0x"),
		d.value.kind == number && len(value) > 2 && strings.EqualFold(value[:2], "0b"):
		n, err := strconv.ParseUint(value, 0, 64)
		return int64(n), err == nil
	}
	plain := strings.TrimSpace(d.plain())
	if n, err := strconv.ParseInt(plain, 10, 64); err == nil {
		return n, true
	}
	if n, err := strconv.ParseUint(plain, 10, 64); err == nil {
		return int64(n), true
	}
	f, err := strconv.ParseFloat(plain, 64)
	return int64(math.Round(f)), err == nil && math.Abs(f) < math.MaxInt64
}

// timeLiteral writes a time as MySQL shows it, as far as that is no more than
// filling in what is missing.
func timeLiteral(t *schema.TimeType, value string) string {
	fraction := ""
	if t.Precision != nil && *t.Precision > 0 {
		fraction = "." + strings.Repeat("0", *t.Precision)
	}
	switch t.T {
	case mysql.TypeDateTime, mysql.TypeTimestamp:
		switch len(value) {
		case len("2006-01-02"):
			return value + " 00:00:00" + fraction
		case len("2006-01-02 15:04:05"):
			return value[:10] + " " + value[11:] + fraction
		}
	case mysql.TypeTime:
		switch len(value) {
		case len("15:04"):
			return value + ":00" + fraction
		case len("15:04:05"):
			return value + fraction
		}
	}
	return value
}
