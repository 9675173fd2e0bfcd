package store

import (
	"strings"

	"slipway/internal/resource"
)

// Ordered reports whether requests can sort by a field and compare it by order. They cannot for decimals that the
// database stores as texts, because no index helps; only a list in the order of a key sorts them.
func (t *Table) Ordered(f *resource.Field) bool { return f.Sortable() && !t.isDecimalText(f) }

// isDecimalText reports whether the database stores the decimals of a field as texts.
func (t *Table) isDecimalText(f *resource.Field) bool {
	before, after, ok := f.Decimal()
	return ok && f.Type == resource.Decimal && t.db.DecimalOrder != "" && before+after > t.db.ExactDigits
}

// decimalWidth returns the number of characters to which the texts of a field are padded with zeros, without a sign.
func decimalWidth(f *resource.Field) int {
	before, after, _ := f.Decimal()
	if after > 0 {
		after++ // the point
	}
	return max(before, 1) + after
}

// nines replaces each digit by a letter, so that a larger digit sorts first.
var nines = strings.NewReplacer("0", "J", "1", "I", "2", "H", "3", "G", "4", "F", "5", "E", "6", "D", "7", "C",
	"8", "B", "9", "A")

// decimalOrder returns a stored text as a text of [database.Traits.DecimalOrder], which sorts like the number.
func decimalOrder(f *resource.Field, stored string) string {
	digits, negative := strings.CutPrefix(stored, "-")
	digits = strings.Repeat("0", max(decimalWidth(f)-len(digits), 0)) + digits
	if negative {
		return "-" + nines.Replace(digits) + "~"
	}
	return "0" + digits
}
