package schema

import (
	"strconv"
	"strings"

	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
)

// numberOf returns the number that a default of a numeric type stands for, if it has another
// form: 1.5 for '1.5', and 1 for true.
func numberOf(typ atlas.Type, written string) (number string, ok bool) {
	switch typ.(type) {
	case *atlas.IntegerType, *atlas.DecimalType, *atlas.FloatType:
		if isTruth(written) {
			return map[bool]string{true: "1", false: "0"}[strings.EqualFold(written, "true")], true
		}
	case *atlas.BoolType:
	default:
		return "", false
	}
	number, rest, err := unquoteSQL(withoutParentheses(written))
	_, notNumber := strconv.ParseFloat(number, 64)
	return number, err == nil && rest == "" && notNumber == nil
}

// nowOfSQLite matches the calls that return the same text as CURRENT_TIMESTAMP.
var nowOfSQLite = lazyregexp.New(
	`(?i)^\(*(?:datetime\(\s*('now')?\s*\)|strftime\(\s*'%Y-%m-%d %H:%M:%S'\s*,\s*'now'\s*\))\)*$`)

func isNow(x atlas.Expr) bool {
	written := exprText(x)
	return currentTimestamp.MatchString(written) || nowOfSQLite.MatchString(written)
}

func isTruth(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }
