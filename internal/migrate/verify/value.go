package verify

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf8"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// edge is what kind of value a column gets.
type edge int

const (
	plain edge = iota // what one would expect
	low               // empty, the smallest
	high              // the longest, the largest
	odd               // beyond ASCII, negative, to the microsecond
	none              // NULL
	edges
)

// values makes SQL literals for columns.
type values struct {
	dialect string
	random  *rand.Rand
}

// value returns a literal that a column of a table can hold; ok is false for a type
// that is not known. NULL is for the caller to choose.
func (v values) value(t *schema.Table, c *schema.Column, e edge) (literal string, ok bool) {
	if typ, ok := v.declared(t, c); ok {
		return v.checked(typ, e)
	}
	return v.of(c.Type.Type, charsetOf(c), e)
}

// of is value for a type and a character set.
func (v values) of(typ schema.Type, charset string, e edge) (literal string, ok bool) {
	switch t := typ.(type) {
	case *schema.BoolType:
		return strconv.Itoa(v.random.IntN(2)), true
	case *schema.IntegerType:
		return v.integer(t, e), true
	case *schema.DecimalType:
		return v.decimal(t, e), true
	case *schema.FloatType:
		return v.float(t, e), true
	case *schema.StringType:
		return quoteText(v.dialect, v.text(t, charset, e)), true
	case *schema.BinaryType:
		return v.binary(t, e), true
	case *schema.TimeType:
		return v.time(t, e), true
	case *schema.EnumType:
		return quoteText(v.dialect, t.Values[v.random.IntN(len(t.Values))]), true
	case *mysql.SetType:
		members := t.Values[:v.random.IntN(len(t.Values)+1)]
		return quoteText(v.dialect, strings.Join(members, ",")), true
	case *mysql.BitType:
		return fmt.Sprintf("b'%b'", v.random.Uint64()>>(64-max(t.Size, 1))), true
	case *mysql.NetworkType:
		return "'127.0.0.1'", true
	case *schema.JSONType:
		return quoteText(v.dialect, v.json(e)), true
	case *schema.UUIDType:
		a, b := v.random.Uint64(), v.random.Uint64()
		return fmt.Sprintf("'%08x-%04x-%04x-%04x-%012x'", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1)), true
	case *schema.SpatialType:
		if t.T == "point" || t.T == "geometry" {
			return fmt.Sprintf("ST_GeomFromText('POINT(%d 1)')", v.random.IntN(90)), true
		}
		return "", false
	default:
		// SQLite takes any name for a type, and any value.
		return quoteText(v.dialect, v.token(8)), v.dialect == plan.SQLite
	}
}

// bits is the size of an integer by its type's name; 64 for the others.
var bits = map[string]int{"tinyint": 8, "smallint": 16, "int2": 16, "mediumint": 24}

// limits are the smallest and the largest integer of a type.
func (v values) limits(t *schema.IntegerType) (smallest int64, largest uint64) {
	n := bits[t.T]
	switch {
	case n == 0 && t.T == "int" && v.dialect == plan.MySQL:
		n = 32
	case n == 0:
		n = 64
	}
	if t.Unsigned {
		return 0, math.MaxUint64 >> (64 - n)
	}
	return math.MinInt64 >> (64 - n), math.MaxInt64 >> (64 - n)
}

func (v values) integer(t *schema.IntegerType, e edge) string {
	smallest, largest := v.limits(t)
	switch e {
	case low:
		return "0"
	case high:
		return strconv.FormatUint(largest, 10)
	case odd:
		if smallest == math.MinInt64 {
			smallest++ // SQLite reads the sign apart, and the rest as a real number
		}
		return strconv.FormatInt(smallest, 10)
	}
	return strconv.FormatUint(v.random.Uint64N(min(largest, math.MaxInt32))+1, 10)
}

func (v values) decimal(t *schema.DecimalType, e edge) string {
	precision, scale := t.Precision, t.Scale
	if precision == 0 {
		precision = 10
	}
	digits := strings.Repeat("9", precision)
	switch {
	case e == low:
		digits = "0"
	case e == plain:
		digits = strconv.FormatUint(v.random.Uint64N(uint64(math.Pow10(min(precision, 15)))), 10)
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	number := digits[:len(digits)-scale]
	if scale > 0 {
		number += "." + digits[len(digits)-scale:]
	}
	if e == odd && !t.Unsigned {
		return "-" + number
	}
	return number
}

func (v values) float(t *schema.FloatType, e edge) string {
	switch {
	case e == low:
		return "0"
	case e == odd && !t.Unsigned:
		return "-1.5"
	case e == high && t.Precision == 0:
		return "1.25e30"
	}
	// Halves are the same in any precision.
	halves := 1 << 20
	if t.Precision > 0 {
		halves = 18
	}
	return strconv.FormatFloat(float64(v.random.IntN(halves))/2, 'f', 1, 64)
}

// sizes are how much a text of MySQL holds, in bytes.
var sizes = map[string]int{"tinytext": 255, "text": 65535}

// long is how long the longest text of a column without a length is: longer than
// MySQL's TEXT can hold, where the column holds more than that.
const long = 66_000

// text begins with something random, so that texts differ; only the low one is
// empty. No text ends in a space, which some collations pass over.
func (v values) text(t *schema.StringType, charset string, e edge) string {
	size, inBytes := t.Size, false
	if size == 0 && (t.T == "char" || t.T == "varchar") && v.dialect == plan.MySQL {
		return "" // varchar(0) is a type
	}
	if size == 0 {
		size, inBytes = long, true
		if v.dialect == plan.SQLite {
			size = 2000
		} else if bytes, found := sizes[t.T]; found {
			size = min(bytes, 2000)
		}
	}
	start := v.token(min(size, 8))
	switch e {
	case low:
		return ""
	case high:
		return start + strings.Repeat("x", min(size, long)-len(start))
	case odd:
		tail := " 'it''s' \"100%\" \\ _\n" + foreign(charset)
		for utf8.RuneCountInString(start+tail) > size || inBytes && len(start+tail) > size {
			_, last := utf8.DecodeLastRuneInString(tail)
			tail = tail[:len(tail)-last]
		}
		return strings.TrimRight(start+tail, " \n")
	}
	return start
}

// foreign are letters beyond ASCII, as far as a character set has them.
func foreign(charset string) string {
	switch charset {
	case "utf8mb4", "utf16", "utf32", "":
		return "é ß 漢 \U0001F642"
	case "utf8", "utf8mb3", "ucs2":
		return "é ß 漢"
	case "latin1":
		return "é ß"
	}
	return ""
}

// charsetOf is a column's character set; "" when it is not said.
func charsetOf(c *schema.Column) string {
	for _, a := range c.Attrs {
		if set, ok := a.(*schema.Charset); ok {
			return set.V
		}
	}
	return ""
}

// token is a random text of small letters and digits.
func (v values) token(length int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[v.random.IntN(len(letters))]
	}
	return string(b)
}

func (v values) binary(t *schema.BinaryType, e edge) string {
	size := 255 // of tinyblob
	if t.Size != nil {
		size = *t.Size
	}
	length := map[edge]int{low: 0, high: min(size, 2000)}[e]
	if e != low && e != high || t.T == "binary" {
		length = min(size, 8)
	}
	if t.T == "binary" && v.dialect == plan.SQLite {
		length = size // which MySQL fills up
	}
	data := make([]byte, length)
	for i := range data {
		data[i] = byte(v.random.UintN(256))
	}
	return fmt.Sprintf("x'%X'", data)
}

func (v values) json(e edge) string {
	switch e {
	case low:
		return "[]"
	case odd:
		return `{"é": ["漢", null, -1.5]}`
	}
	return `{"a": "` + v.token(8) + `"}`
}

// time gives the edges of what a type can hold, and else some second. The
// fraction is as precise as the column.
func (v values) time(t *schema.TimeType, e edge) string {
	fraction, zone := "", ""
	if v.dialect == plan.SQLite {
		// As Go's driver writes it.
		fraction, zone = ".123456", "+00:00"
	} else if t.Precision != nil && *t.Precision > 0 {
		fraction = "." + "123456"[:*t.Precision]
	}
	second := v.random.IntN(60 * 60 * 24)
	clock := fmt.Sprintf("%02d:%02d:%02d", second/3600, second/60%60, second%60)
	day := fmt.Sprintf("20%02d-%02d-%02d", v.random.IntN(30), v.random.IntN(12)+1, v.random.IntN(28)+1)
	switch strings.ToLower(t.T) {
	case "year":
		return [...]string{strconv.Itoa(1980 + v.random.IntN(60)), "1901", "2155", "2000", "2000"}[e%edges]
	case "date":
		return "'" + [...]string{day, "1000-01-01", "9999-12-31", "2024-02-29", day}[e%edges] + "'"
	case "time":
		if v.dialect == plan.MySQL {
			clock = [...]string{clock, "-838:59:58", "838:59:58", "00:00:00", clock}[e%edges]
		}
		return "'" + clock + fraction + "'"
	case "timestamp":
		// Neither near the hours that a change of clocks takes away.
		at := day + " 12:" + clock[3:]
		return "'" + [...]string{at, "1971-01-02 12:00:01", "2038-01-17 12:14:07", "2024-02-29 12:59:59", at}[e%edges] + fraction + zone + "'"
	}
	at := day + " " + clock
	return "'" + [...]string{at, "1000-01-01 00:00:00", "9999-12-31 23:59:59", "2024-02-29 23:59:59", at}[e%edges] + fraction + zone + "'"
}
