package verify

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// edge is a kind of value.
type edge int

const (
	plain edge = iota // a usual value
	low               // empty, the smallest
	high              // the longest, the largest
	odd               // beyond ASCII, negative, to the microsecond
	none              // NULL if the column allows it, otherwise as plain
	edges
)

// values generates SQL literals for columns.
type values struct {
	dialect string
	random  *rand.Rand
}

// typeOf returns the type that determines the values of a column. On SQLite, this is the
// MySQL type that its CHECK enforces, or else the type that an adopted table gets.
func (v values) typeOf(t *schema.Table, c *schema.Column) schema.Type {
	if v.dialect == plan.SQLite {
		if typ, ok := declared.TypeOf(t, c); ok {
			return typ
		}
		return declared.NearestType(t, c)
	}
	return c.Type.Type
}

// of returns a literal for a column of a type and a character set. ok is false for an
// unknown type.
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
		return strconv.FormatUint(v.random.Uint64()>>(64-min(max(t.Size, 1), 63)), 10), true
	case *schema.JSONType:
		documents := [edges]string{low: `'[]'`, odd: `'{"é": ["漢", null, -1.5]}'`}
		return cmp.Or(documents[e], `'{"a": "`+v.token(8)+`"}'`), true
	case *schema.SpatialType:
		return fmt.Sprintf("ST_GeomFromText('POINT(%d 1)')", v.random.IntN(90)), t.T == "point" || t.T == "geometry"
	default:
		// SQLite accepts any type name, and any value in such a column.
		return v.quote(v.token(8)), v.dialect == plan.SQLite
	}
}

// quote returns a text as an SQL literal.
func (v values) quote(text string) string {
	if v.dialect == plan.MySQL {
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// members returns members of an enum or a set as an SQL literal. On SQLite, the members are
// from a CHECK, in which quotes are doubled.
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
		return strconv.FormatUint(math.MaxUint64, 10) // slipway does not write it, but other programs can
	case e == high:
		return strconv.FormatInt(greatest, 10)
	case e == odd:
		// SQLite parses -9223372036854775808 as a real number with a sign.
		return strconv.FormatInt(max(least, math.MinInt64+1), 10)
	}
	return strconv.FormatInt(v.random.Int64N(min(greatest, math.MaxInt32))+1, 10)
}

func (v values) decimal(t *schema.DecimalType, e edge) string {
	precision := cmp.Or(t.Precision, 10)
	whole, fraction := strings.Repeat("9", precision-t.Scale), strings.Repeat("9", t.Scale)
	switch e {
	case low:
		return "0"
	case plain, none:
		whole, fraction = v.draw(min(len(whole), 15), "123456789"), v.draw(len(fraction), "0123456789")
	}
	number := strings.TrimSuffix(cmp.Or(whole, "0")+"."+fraction, ".")
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
	// Every precision holds multiples of 0.5 exactly.
	halves := 1 << 20
	if t.Precision > 0 {
		halves = 18
	}
	return strconv.FormatFloat(float64(v.random.IntN(halves))/2, 'f', 1, 64)
}

func (v values) binary(t *schema.BinaryType, e edge) string {
	size := 255 // the size of tinyblob
	if t.Size != nil {
		size = *t.Size
	}
	length := min(size, 8)
	switch fixed := t.T == "binary"; {
	case fixed && v.dialect == plan.SQLite:
		length = size // MySQL pads shorter values itself
	case !fixed && e == low:
		length = 0
	case !fixed && e == high:
		length = min(size, 2000)
	}
	data := make([]byte, length)
	for i := range data {
		data[i] = byte(v.random.UintN(256))
	}
	return fmt.Sprintf("x'%X'", data)
}
