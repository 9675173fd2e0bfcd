package resource

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// integerBits are the sizes of MySQL's integer types in bits
// (dev.mysql.com/doc/refman/en/integer-types.html), except bigint, which has the range of an int64.
var integerBits = map[string]int{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32}

// textBytes are the sizes of MySQL's text types in bytes
// (dev.mysql.com/doc/refman/en/storage-requirements.html), except longtext, which is larger than any body.
var textBytes = map[string]int{"tinytext": 1<<8 - 1, "text": 1<<16 - 1, "mediumtext": 1<<24 - 1}

// addLimits sets the limits of a MySQL type, so that all dialects refuse the same values, and returns the name of the
// type: tinyint(3) unsigned → 0 to 255, tinyint.
func (f *Field) addLimits(text string) (name string) {
	parts := sqlTypePattern.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return ""
	}
	name, unsigned := parts[1], parts[4] != ""
	limit := func(least, most float64) { f.Min, f.Max = &least, &most }
	bits := integerBits[name]
	switch {
	case f.Type == Integer && bits > 0 && unsigned:
		limit(0, math.Pow(2, float64(bits))-1)
	case f.Type == Integer && bits > 0:
		limit(-math.Pow(2, float64(bits-1)), math.Pow(2, float64(bits-1))-1)
	case f.Type == Integer && name == "year":
		limit(1901, 2155)
	case f.Type == Number && name == "float":
		limit(-math.MaxFloat32, math.MaxFloat32)
	case f.Type == Text:
		f.Bytes = textBytes[name]
		if name == "char" && f.Size == 0 {
			f.Size, _ = strconv.Atoi(parts[2])
			f.Size = max(f.Size, 1)
		}
	}
	if unsigned && f.Min == nil || unsigned && *f.Min < 0 {
		f.Min = new(0.0)
	}
	return name
}

// single reports whether the column is a float of 32 bits.
func (s storage) single() bool { return s.name == "float" }

// sixDigits rounds a number to six significant digits, the precision of a float of 32 bits. MySQL returns the same.
func sixDigits(x float64) float64 {
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64) // never fails
	return x
}

// keep returns a number as the column stores it.
func (s storage) keep(x float64) float64 {
	if s.single() {
		x = float64(float32(sixDigits(x)))
	}
	return x + 0 // makes 0 of -0, which the dialects store differently
}

// Compared returns the value to compare the column with in SQL. A database compares with 64 bits, and 0.1 in a float of
// 32 bits differs from 0.1 in 64 bits.
func (f *Field) Compared(value any) any {
	if x, ok := value.(float64); ok && f.storage.single() {
		return float64(float32(x))
	}
	return value
}

// keepText returns a text as the column stores it: a char has no trailing spaces.
func (s storage) keepText(text string) string {
	if s.name == "char" {
		return strings.TrimRight(text, " ")
	}
	return text
}

// The first and the last second of a timestamp of MySQL (dev.mysql.com/doc/refman/en/datetime.html).
var (
	firstTimestamp = time.Unix(1, 0).UTC()
	lastTimestamp  = time.Unix(1<<31-1, 0).UTC()
)

// checkTime returns the code and predicate of the fault if a time is outside the range of a timestamp, else "".
func (s storage) checkTime(t time.Time) (code, predicate string) {
	if s.name != "timestamp" || !t.Before(firstTimestamp) && !t.After(lastTimestamp) {
		return "", ""
	}
	return "out_of_range", fmt.Sprintf("must be a time from %s to %s",
		firstTimestamp.Format(time.RFC3339), lastTimestamp.Format(time.RFC3339))
}

// IsNoYear reports whether the column stores years, and the value is a number that is not one. 0 is a year of MySQL.
func (f *Field) IsNoYear(value any) bool {
	n, ok := value.(int64)
	return ok && f.storage.name == "year" && n != 0 && (n < 1901 || n > 2155)
}
