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

	declared "slipway/internal/migrate/schema"
)

// edge is what kind of value a column gets.
type edge int

const (
	plain edge = iota // what one would expect
	low               // empty, the smallest
	high              // the longest, the largest
	odd               // beyond ASCII, negative, to the microsecond
	none              // NULL, which the caller chooses; else as plain
	edges
)

// values makes SQL literals for columns.
type values struct {
	dialect string
	random  *rand.Rand
}

// typeOf returns the type of a column that decides which values it takes: on SQLite the
// one in MySQL's terms that its CHECK stands for, where there is one.
func (v values) typeOf(t *schema.Table, c *schema.Column) schema.Type {
	if v.dialect == plan.SQLite {
		if typ, ok := declared.TypeOf(t, c); ok {
			return typ
		}
		if _, ok := c.Type.Type.(*schema.IntegerType); ok {
			return &schema.IntegerType{T: "bigint"} // whatever it is called
		}
	}
	return c.Type.Type
}

// of returns a literal that a column of a type and a character set takes; ok is false for
// a type that is not known.
func (v values) of(typ schema.Type, charset string, e edge) (literal string, ok bool) {
	switch t := typ.(type) {
	case *schema.BoolType:
		return strconv.Itoa(v.random.IntN(2)), true
	case *schema.IntegerType:
		return v.integer(t, e), true
	case *schema.DecimalType:
		number := v.decimal(t, e)
		if v.dialect == plan.SQLite {
			number = declared.SQLiteDecimal(t, number)
		}
		return number, true
	case *schema.FloatType:
		return v.float(t, e), true
	case *schema.StringType:
		return v.quote(v.text(t, charset, e)), true
	case *schema.BinaryType:
		return v.binary(t, e), true
	case *schema.TimeType:
		return v.time(t, e), true
	case *schema.EnumType:
		return v.members([]string{t.Values[v.random.IntN(len(t.Values))]}), true
	case *mysql.SetType:
		return v.members(t.Values[:v.random.IntN(len(t.Values)+1)]), true
	case *mysql.BitType:
		if v.dialect == plan.SQLite {
			return strconv.FormatUint(v.random.Uint64()>>(64-min(t.Size, 63)), 10), true
		}
		return fmt.Sprintf("b'%b'", v.random.Uint64()>>(64-max(t.Size, 1))), true
	case *schema.JSONType:
		switch e {
		case low:
			return "'[]'", true
		case odd:
			return `'{"é": ["漢", null, -1.5]}'`, true
		}
		return `'{"a": "` + v.token(8) + `"}'`, true
	case *schema.UUIDType:
		a, b := v.random.Uint64(), v.random.Uint64()
		return fmt.Sprintf("'%08x-%04x-%04x-%04x-%012x'", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1)), true
	case *schema.SpatialType:
		return fmt.Sprintf("ST_GeomFromText('POINT(%d 1)')", v.random.IntN(90)), t.T == "point" || t.T == "geometry"
	default:
		// SQLite takes any name for a type, and any value.
		return v.quote(v.token(8)), v.dialect == plan.SQLite
	}
}

// quote makes a literal of a text.
func (v values) quote(text string) string {
	if v.dialect == plan.MySQL {
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// members makes a literal of members of an enum or a set. In a CHECK of SQLite their quotes
// are doubled.
func (v values) members(list []string) string {
	text := strings.Join(list, ",")
	if v.dialect == plan.SQLite {
		text = strings.ReplaceAll(text, "''", "'")
	}
	return v.quote(text)
}

func (v values) integer(t *schema.IntegerType, e edge) string {
	least, greatest := declared.IntegerRange(t)
	switch {
	case e == low:
		return "0"
	case e == high && v.dialect == plan.MySQL && t.Unsigned && greatest == math.MaxInt64:
		return strconv.FormatUint(math.MaxUint64, 10) // what slipway does not write, others may
	case e == high:
		return strconv.FormatInt(greatest, 10)
	case e == odd:
		// SQLite reads the sign apart, and the rest as a real number.
		return strconv.FormatInt(max(least, math.MinInt64+1), 10)
	}
	return strconv.FormatInt(v.random.Int64N(min(greatest, math.MaxInt32))+1, 10)
}

func (v values) decimal(t *schema.DecimalType, e edge) string {
	precision := t.Precision
	if precision == 0 {
		precision = 10
	}
	digits := strings.Repeat("9", precision)
	switch {
	case e == low:
		digits = "0"
	case e == plain || e == none:
		digits = strconv.FormatInt(v.random.Int64N(int64(math.Pow10(min(precision, 15)))), 10)
	}
	if missing := t.Scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	number := digits[:len(digits)-t.Scale]
	if t.Scale > 0 {
		number += "." + digits[len(digits)-t.Scale:]
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

// long is how long the longest text of a column without a length is: longer than MySQL's
// TEXT can hold, where the column holds more than that.
const long = 66_000

// text begins with something random, so that texts differ; only the low one is empty. No
// text ends in a space, which some collations pass over.
func (v values) text(t *schema.StringType, charset string, e edge) string {
	size, inBytes := t.Size, false
	if size == 0 {
		switch hasLength := t.T == "char" || t.T == "varchar"; {
		case v.dialect == plan.MySQL && hasLength:
			return "" // varchar(0) is a type
		case t.T == "tinytext":
			size = 255
		case v.dialect == plan.SQLite || t.T == "text":
			size = 2000
		default:
			size = long
		}
		inBytes = true
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

// charsetOf returns a column's character set; "" when it is not stated.
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
	length := min(size, 8)
	switch {
	case t.T == "binary" && v.dialect == plan.SQLite:
		length = size // which MySQL fills up
	case t.T == "binary":
	case e == low:
		length = 0
	case e == high:
		length = min(size, 2000)
	}
	data := make([]byte, length)
	for i := range data {
		data[i] = byte(v.random.UintN(256))
	}
	return fmt.Sprintf("x'%X'", data)
}

// moments are the edges of what the types of times take, without fractions. Those of a
// timestamp keep away from the hours that a change of clocks takes away.
var moments = map[string][edges]string{
	"year":      {low: "1901", high: "2155", odd: "2000"},
	"date":      {low: "1000-01-01", high: "9999-12-31", odd: "2024-02-29"},
	"time":      {low: "-838:59:58", high: "838:59:58", odd: "00:00:00"},
	"timestamp": {low: "1971-01-02 12:00:01", high: "2038-01-17 12:14:07", odd: "2024-02-29 12:59:59"},
	"":          {low: "1000-01-01 00:00:00", high: "9999-12-31 23:59:59", odd: "2024-02-29 23:59:59"},
}

// time returns the edges of what a type takes, and else some second. The fraction is as
// precise as the column.
func (v values) time(t *schema.TimeType, e edge) string {
	typ := strings.ToLower(t.T)
	edge, known := moments[typ]
	if !known {
		typ, edge = "", moments[""]
	}
	day := fmt.Sprintf("20%02d-%02d-%02d", v.random.IntN(30), v.random.IntN(12)+1, v.random.IntN(28)+1)
	second := v.random.IntN(60 * 60)
	clock := fmt.Sprintf("12:%02d:%02d", second/60, second%60)
	at := map[string]string{"year": day[:4], "date": day, "time": clock}[typ]
	if at == "" {
		at = day + " " + clock
	}
	if edge[e] != "" {
		at = edge[e]
	}
	switch {
	case typ == "year":
		return at
	case typ == "date":
		return "'" + at + "'"
	case v.dialect == plan.SQLite && typ != "time":
		return "'" + at + ".123456+00:00'" // as Go's driver writes it
	case t.Precision != nil && *t.Precision > 0:
		return "'" + at + "." + "123456"[:*t.Precision] + "'"
	}
	return "'" + at + "'"
}
