package verify

import (
	"math"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// declared returns the type in MySQL's terms that a CHECK on SQLite holds a column to;
// ok is false where there is none.
func (v values) declared(t *schema.Table, c *schema.Column) (typ schema.Type, ok bool) {
	if v.dialect != plan.SQLite {
		return nil, false
	}
	return declared.TypeOf(t, c)
}

// checked returns a literal of SQLite that the CHECK of a type takes.
func (v values) checked(typ schema.Type, e edge) (literal string, ok bool) {
	// Sizes and ranges are MySQL's.
	sized := values{plan.MySQL, v.random}
	unquoted := func(member string) string { return strings.ReplaceAll(member, "''", "'") }
	switch t := typ.(type) {
	case *schema.IntegerType:
		if _, largest := sized.limits(t); e == high && largest > math.MaxInt64 {
			return strconv.Itoa(math.MaxInt64), true
		}
		return sized.integer(t, e), true
	case *schema.DecimalType:
		return declared.SQLiteDecimal(t, sized.decimal(t, e)), true
	case *schema.StringType:
		if t.T == "longtext" || t.T == "mediumtext" {
			return quoteText(v.dialect, v.text(t, "", e)), true
		}
		return quoteText(v.dialect, sized.text(t, "", e)), true
	case *schema.EnumType:
		return quoteText(v.dialect, unquoted(t.Values[v.random.IntN(len(t.Values))])), true
	case *mysql.SetType:
		return quoteText(v.dialect, unquoted(strings.Join(t.Values[:v.random.IntN(len(t.Values)+1)], ","))), true
	case *mysql.BitType:
		return strconv.FormatUint(v.random.Uint64()>>(64-min(t.Size, 63)), 10), true
	case *schema.TimeType:
		if t.T == mysql.TypeTime || t.T == mysql.TypeYear {
			return sized.time(t, e), true
		}
	}
	return v.of(typ, "", e)
}
