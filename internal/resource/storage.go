package resource

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// storage describes how a column stores values, from the tags of its field. For an unknown
// type, verbatim is false, and the store reads a row again after it writes it.
type storage struct {
	// verbatim is true if the column stores a decoded value unchanged.
	verbatim bool
	// fraction is the number of fractional digits of a time in seconds: 0 to 6.
	fraction int
	// digits and scale are those of decimal(digits,scale); digits is 0 for other types.
	digits, scale int
	// members are the members of an enum or a set, in their order.
	members []string
	// name is the name of the type in lower case, such as char; empty without a type tag.
	name string
}

// exactDigits is the number of decimal digits that a float64 can store exactly.
const exactDigits = 15

// sqlTypePattern matches a MySQL type: decimal(10,2) unsigned → decimal, 10, 2, unsigned.
var sqlTypePattern = regexp.MustCompile(`^([a-z]+)(?:\((\d+)(?:, ?(\d+))?\))?( unsigned)?$`)

// verbatimTypes are the MySQL types that store values unchanged; for decimals and times this also depends on the number
// of digits. Other types change values: char removes trailing spaces, float removes digits, date removes the time.
var verbatimTypes = map[Type][]string{
	Integer: {"tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year"},
	Number:  {"double", "real", "decimal", "numeric"},
	Boolean: {"bool", "boolean", "tinyint", "bit"},
	Text:    {"varchar", "tinytext", "text", "mediumtext", "longtext"},
	Time:    {"datetime", "timestamp"},
}

// newStorage returns the storage for a field's gorm tag, like GORM's MySQL dialect. A time without a precision is not
// verbatim, because GORM's precision and the column's may differ. The error names the invalid part of the tag.
func newStorage(f *Field, tags map[string]string) (storage, error) {
	s := storage{verbatim: !f.Computed, fraction: 6}
	if f.codec != nil {
		return s, f.codec.declare(f, &s, tags["type"])
	}
	s.name = f.addLimits(tags["type"])
	number := func(tag string, most int) (n int, given bool, err error) {
		text, given := tags[tag]
		if !given {
			return 0, false, nil
		}
		if n, err = strconv.Atoi(text); err != nil || n < 0 || n > most {
			return 0, true, fmt.Errorf("%s is %q: it must be a number from 0 to %d", tag, text, most)
		}
		return n, true, nil
	}
	name, length, scale := f.sqlType(tags["type"])
	precision, hasPrecision, err := number("precision", 65)
	if err != nil {
		return s, err
	}
	if name != "" {
		precision, hasPrecision = length, true
	} else if scale, _, err = number("scale", 30); err != nil {
		return s, err
	}
	switch {
	case tags["type"] != "" && name == "":
		s.verbatim = false
	case f.Type == Time && hasPrecision:
		s.fraction = min(precision, 6)
	case f.Type == Time:
		s.verbatim = false
	case f.Type == Number && (name == "decimal" || name == "numeric" || name == "" && precision > 0):
		s.digits, s.scale = precision, scale
		if s.digits == 0 {
			s.digits = 10 // MySQL's default
		}
		s.verbatim = s.verbatim && s.digits <= exactDigits
	case f.Type == Number && name == "":
		bits, given, err := number("size", 64)
		if given && bits <= 32 {
			s.verbatim, s.name = false, "float"
		}
		return s, err
	}
	return s, nil
}

// sqlType parses the type in a tag. The name is empty if the type is not in verbatimTypes for the field.
func (f *Field) sqlType(text string) (name string, length, scale int) {
	parts := sqlTypePattern.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return "", 0, 0
	}
	for _, known := range verbatimTypes[f.Type] {
		if parts[1] == known {
			length, _ = strconv.Atoi(parts[2]) // 0 by default, like in MySQL
			scale, _ = strconv.Atoi(parts[3])
			return known, length, scale
		}
	}
	return "", 0, 0
}

// Truncate returns a time as the column stores it: in UTC, with the column's fractional digits.
func (f *Field) Truncate(t time.Time) time.Time { return t.UTC().Truncate(f.Tick()) }

// Tick returns the resolution of the column's times: 1 µs to 1 s.
func (f *Field) Tick() time.Duration {
	tick := time.Second
	for range f.storage.fraction {
		tick /= 10
	}
	return tick
}

// Decimal returns the number of digits of a decimal column before and after the point. It reports false for other
// columns.
func (f *Field) Decimal() (before, after int, ok bool) {
	s := f.storage
	return s.digits - s.scale, s.scale, s.digits > 0
}

// checkDecimal returns the code and predicate of the fault if a decimal column would round or refuse a number, else "".
func (s storage) checkDecimal(raw string) (code, predicate string) {
	if s.digits == 0 {
		return "", ""
	}
	_, digits, exponent := splitNumber(raw)
	switch {
	case -exponent > s.scale:
		return "out_of_range", fmt.Sprintf("must have at most %d digits after the point", s.scale)
	case len(digits)+exponent > s.digits-s.scale && digits != "0":
		return "out_of_range", fmt.Sprintf("must have at most %d digits before the point", s.digits-s.scale)
	}
	return "", ""
}
