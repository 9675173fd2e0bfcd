package resource

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// storage is what a column keeps of a value, as far as the tags of its field tell.
// The database has the last word for a type that is not known here.
type storage struct {
	// verbatim says that the column keeps a value as the field holds it once it is decoded.
	verbatim bool
	// fraction is how many digits of a second a time keeps: 0 to 6.
	fraction int
	// digits and scale are those of a decimal(digits,scale); digits is 0 for any other type.
	digits, scale int
	// name is the type of the tag in lower case, such as char; empty where the tag has none.
	name string
}

// exactDigits is how many decimal digits a float64 holds exactly.
const exactDigits = 15

// sqlType splits a type of MySQL: decimal(10,2) unsigned → decimal, 10, 2, unsigned.
var sqlType = regexp.MustCompile(`^([a-z]+)(?:\((\d+)(?:, ?(\d+))?\))?( unsigned)?$`)

// verbatimTypes are the types of MySQL that keep a value of each kind as it is. A decimal and a time depend on their
// digits. Others do not: char loses trailing blanks, float digits, date the time.
var verbatimTypes = map[Type][]string{
	Integer: {"tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year"},
	Number:  {"double", "real", "decimal", "numeric"},
	Boolean: {"bool", "boolean", "tinyint"},
	Text:    {"varchar", "tinytext", "text", "mediumtext", "longtext"},
	Time:    {"datetime", "timestamp"},
}

// newStorage reads a field's gorm tag as GORM's MySQL dialect does. A time without a precision is not verbatim: GORM
// and the column may disagree about it. The error says which part of the tag cannot be read.
func newStorage(f *Field, tags map[string]string) (storage, error) {
	s := storage{verbatim: !f.Computed, fraction: 6}
	s.name = f.addLimits(tags["type"])
	number := func(tag string, most int) (n int, given bool, err error) {
		text, given := tags[tag]
		if !given {
			return 0, false, nil
		}
		if n, err = strconv.Atoi(text); err != nil || n < 0 || n > most {
			return 0, true, fmt.Errorf("%s: %q is not a number from 0 to %d", tag, text, most)
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

// sqlType splits the type of a tag. The name is empty for a type that does not keep the field's values as they are.
func (f *Field) sqlType(text string) (name string, length, scale int) {
	parts := sqlType.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return "", 0, 0
	}
	for _, known := range verbatimTypes[f.Type] {
		if parts[1] == known {
			length, _ = strconv.Atoi(parts[2]) // 0 where there is none, as in MySQL
			scale, _ = strconv.Atoi(parts[3])
			return known, length, scale
		}
	}
	return "", 0, 0
}

// Truncate returns the time as the field's column keeps it: in UTC, without the digits that it has no room for.
func (f *Field) Truncate(t time.Time) time.Time { return t.UTC().Truncate(f.Tick()) }

// Tick is the shortest time by which two values of the field differ: 1 µs to 1 s.
func (f *Field) Tick() time.Duration {
	tick := time.Second
	for range f.storage.fraction {
		tick /= 10
	}
	return tick
}

// Decimal returns how many digits a decimal column keeps before and after the point. It reports false for any other
// column.
func (f *Field) Decimal() (before, after int, ok bool) {
	s := f.storage
	return s.digits - s.scale, s.scale, s.digits > 0
}

// checkDecimal returns the code and predicate of a number that a decimal column would round or refuse.
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
