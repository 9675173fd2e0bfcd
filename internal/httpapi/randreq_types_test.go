package httpapi_test

import (
	"encoding/base64"
	"fmt"
	"strings"

	"slipway/internal/resource"
)

// custom returns a JSON value of a type that is not a basic one. It is seldom invalid.
func (d *randreq) custom(f *resource.Field) string {
	switch f.Type {
	case resource.Decimal:
		return d.decimal(f)
	case resource.Unsigned:
		return d.of("0", "1", "2", "3", "4", "10", "1e1", "9223372036854775807", "9223372036854775808", "-1")
	case resource.Enum:
		return quote(d.of(append([]string{"nothing"}, f.Members()...)...))
	case resource.SetOf:
		var members []string
		for range d.IntN(4) {
			members = append(members, quote(d.of(f.Members()...)))
		}
		return "[" + strings.Join(members, ",") + "]"
	case resource.Document:
		return d.document(3)
	case resource.Day:
		return quote(d.of("2026-01-31", "2026-02-01", "2024-02-29", "1000-01-01", "9999-12-31", "2026-02-30"))
	case resource.TimeOfDay:
		return quote(d.of("", "", "-") + d.of("00", "09", "10", "99", "100", "838") + d.of(":00:00", ":00:01", ":59:59") +
			d.of("", "", ".5", ".05", ".0009", ".999999999"))
	case resource.Identifier:
		return quote(d.of("00000000", "7fffffff", "80000000", "ABCDEF01", "abcdef02", "ffffffff") +
			"-7d3c-7c1e-9f2a-3b4c5d6e7f80")
	}
	s := f.Schema() // base64
	n := min(s.Least+d.IntN(4), s.Most) / 4 * 3
	if s.Least == s.Most {
		n = s.Most/4*3 - strings.Count(fmt.Sprint(s.Example), "=")
	}
	value := make([]byte, max(n, 0))
	for i := range value {
		value[i] = d.of("\x00", " ", "A", "a", "\x7f", "\x80", "\xff")[0]
	}
	return quote(base64.StdEncoding.EncodeToString(value))
}

// decimal returns a number or a text. Some have more digits than the column.
func (d *randreq) decimal(f *resource.Field) string {
	number := d.of("", "", "-") + d.of("0", "0", "0.5", "0.50", "0.1", "0.05", "0.005", "1", "1.5", "2", "9", "10",
		"12.50", "1e1", "1.5E1", "1e-2", "99999999.99", "9999999999", "9999999999999999.9999",
		"0.000000000000000000000000000001")
	if d.chance(40) {
		return number
	}
	return quote(number)
}

// document returns a document with at most that many levels.
func (d *randreq) document(levels int) string {
	if levels == 0 || d.chance(50) {
		return d.of("true", "false", "0", "-0", "1.0", "1.50", "1e2", "1e-7", "1e21", "123456789012345678901",
			"18446744073709551615", "-9223372036854775808", "9007199254740993", "0.1", "5e-324", `"\u00e9\/"`,
			`"\ud83d\ude00"`, quote(d.text()))
	}
	var parts []string
	if d.chance(50) {
		for range d.IntN(4) {
			parts = append(parts, d.of("null", d.document(levels-1)))
		}
		return "[ " + strings.Join(parts, " ,\t") + "]"
	}
	for range d.IntN(5) {
		parts = append(parts, quote(d.of("a", "b", "B", "aa", "é", "", d.text()))+" : "+d.document(levels-1))
	}
	return "{" + strings.Join(parts, ", ") + " }"
}

// hasNoOrder reports whether SQLite refuses to compare and sort a decimal, because it has too many digits. MySQL does
// both.
func hasNoOrder(f *resource.Field) bool {
	before, after, _ := f.Decimal()
	return f.Type == resource.Decimal && before+after > 15
}
