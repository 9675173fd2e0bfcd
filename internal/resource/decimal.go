package resource

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// decimalCodec is the codec of decimal(p,s): a [decimal.Decimal] in Go, and in JSON a
// string with exactly s digits after the point. No step uses a float64.
var decimalCodec = codec{
	declare: declareDecimal, read: readDecimal, append: appendDecimal, parse: parseDecimal, whole: wholeDecimal,
	stored: storedDecimal, schema: decimalSchema, operators: orderedOperators,
}

// maxDigits is MySQL's limit for the digits of a decimal; maxScale for those after the point.
const maxDigits, maxScale = 65, 30

func declareDecimal(f *Field, s *storage, sqlType string) error {
	parts := sqlTypePattern.FindStringSubmatch(strings.ToLower(sqlType))
	if parts == nil || parts[1] != "decimal" && parts[1] != "numeric" {
		return fmt.Errorf("the type of a decimal.Decimal is %q: it must be decimal(p,s)", sqlType)
	}
	s.name, s.digits = "decimal", 10 // MySQL's default
	if parts[2] != "" {
		s.digits, _ = strconv.Atoi(parts[2]) // the pattern allows digits only
	}
	s.scale, _ = strconv.Atoi(parts[3]) // 0 without a scale
	if s.digits < 1 || s.digits > maxDigits || s.scale > min(s.digits, maxScale) {
		return fmt.Errorf("the type %q is invalid", sqlType)
	}
	if parts[4] != "" {
		f.Least = new(decimal.Zero)
	}
	return nil
}

const decimalPredicate = `must be a decimal number, such as "12.50"`

func readDecimal(f *Field, p any, raw []byte) (code, predicate string) {
	s := string(raw)
	if raw[0] == '"' {
		s, _ = text(raw)
	}
	d, code, predicate := f.decimal(s)
	if code == "" {
		*p.(*decimal.Decimal) = d
	}
	return code, predicate
}

// decimal returns the value of a number in JSON's notation, with the column's scale.
func (f *Field) decimal(s string) (d decimal.Decimal, code, predicate string) {
	if !isNumber(s) {
		return d, "type", decimalPredicate
	}
	if code, predicate = f.storage.checkDecimal(s); code != "" {
		return d, code, predicate
	}
	d = scaled(s, f.storage.scale)
	switch {
	case f.Least != nil && d.LessThan(*f.Least):
		return d, "out_of_range", "must be at least " + f.Least.String()
	case f.Most != nil && d.GreaterThan(*f.Most):
		return d, "out_of_range", "must be at most " + f.Most.String()
	}
	return d, "", ""
}

// scaled returns a number that has at most scale digits after the point, with that scale.
func scaled(s string, scale int) decimal.Decimal {
	sign, digits, exponent := splitNumber(s)
	if digits != "0" {
		digits += strings.Repeat("0", exponent+scale)
	}
	if len(digits) <= 18 {
		n, _ := strconv.ParseInt(sign+digits, 10, 64) // at most 18 digits
		return decimal.New(n, -int32(scale))
	}
	n, _ := new(big.Int).SetString(sign+digits, 10) // digits only
	return decimal.NewFromBigInt(n, -int32(scale))
}

func appendDecimal(f *Field, b []byte, p any) []byte {
	b = append(b, '"')
	b = append(b, p.(*decimal.Decimal).StringFixed(int32(f.storage.scale))...)
	return append(b, '"')
}

// parseDecimal returns a number to compare with. It has at most one digit after the point
// more than the column, and at most one before it: a number between two values of the
// column is replaced by the one in the middle, and a number beyond all of them by the next
// power of ten. All comparisons have the same results, on SQLite with 15 digits, too.
func parseDecimal(f *Field, s string) (value any, code, predicate string) {
	if !isNumber(s) {
		return nil, "type", "must be a decimal number, such as 12.50"
	}
	t := f.storage
	sign, digits, exponent := splitNumber(s)
	before := t.digits - t.scale
	beyond, between := len(digits)+exponent > before && digits != "0", -exponent > t.scale
	switch {
	case !beyond && !between:
		return scaled(s, t.scale), "", ""
	case t.digits > maxDigits-2 || t.scale == maxScale: // MySQL cannot compare with more digits
		code, predicate = t.checkDecimal(s)
		return nil, code, predicate
	case beyond:
		return scaled(sign+"1e"+strconv.Itoa(before), t.scale), "", ""
	}
	kept := digits[:max(len(digits)+exponent+t.scale, 0)]
	return scaled(sign+kept+"5e-"+strconv.Itoa(t.scale+1), t.scale+1), "", ""
}

func wholeDecimal(f *Field, s string) (value any, code, predicate string) { return f.decimal(s) }

// storedDecimal returns a text with the column's scale: SQLite keeps a decimal of more than
// 15 digits as text.
func storedDecimal(f *Field, value any) any {
	d := value.(decimal.Decimal)
	return d.StringFixed(int32(max(f.storage.scale, int(-d.Exponent()))))
}

func decimalSchema(f *Field) Schema {
	before, scale, _ := f.Decimal()
	sign, whole, example := "-?", "0", "0"
	if before > 0 {
		whole, example = fmt.Sprintf(`(0|[1-9]\d{0,%d})`, before-1), "1"
	}
	if f.Least != nil && !f.Least.IsNegative() {
		sign = ""
	}
	output, input := "", `(\.0+)?`
	if scale > 0 {
		output, input = fmt.Sprintf(`\.\d{%d}`, scale), fmt.Sprintf(`(\.\d{1,%d}0*)?`, scale)
		example += "." + strings.Repeat("0", scale)
	}
	s := Schema{Type: "string", Format: "decimal", Pattern: "^" + sign + whole + output + "$",
		Input: "^" + sign + whole + input + "$", Filter: `-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`, Example: example}
	s.Description = fmt.Sprintf("A decimal number with at most %d digits before and %d after the point. In a request, a "+
		"JSON number is valid, too", before, scale)
	for _, limit := range []struct {
		name  string
		value *decimal.Decimal
	}{{"minimum", f.Least}, {"maximum", f.Most}} {
		if limit.value != nil {
			s.Description += fmt.Sprintf("; %s %s", limit.name, limit.value)
			if limit.name == "minimum" && limit.value.IsPositive() {
				s.Example = limit.value.StringFixed(int32(scale))
			}
		}
	}
	return s
}

// isNumber reports whether a text is a number in JSON's notation (RFC 8259, section 6).
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := len(s)
		s = strings.TrimLeft(s, "0123456789")
		return len(s) < n
	}
	zero := strings.HasPrefix(s, "0")
	if n := len(s); !digits() || zero && n-len(s) > 1 {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}
