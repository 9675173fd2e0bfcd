package verify

import (
	"cmp"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

// long is how long the longest text of a column without a length is: longer than MySQL's
// TEXT can hold, where the column holds more than that.
const long = 66_000

// text begins with something random, so that texts differ; only the low one is empty. No
// text ends in a space, which some collations pass over.
func (v values) text(t *schema.StringType, charset string, e edge) string {
	size := t.Size
	switch {
	case size > 0, v.dialect == plan.MySQL && strings.HasSuffix(t.T, "char"): // varchar(0) is a type
	case t.T == "tinytext":
		size = 255
	case v.dialect == plan.SQLite, t.T == "text":
		size = 2000
	default:
		size = long
	}
	start := v.token(min(size, 8))
	switch e {
	case low:
		return ""
	case high:
		return start + strings.Repeat("x", min(size, long)-len(start))
	case odd:
		tail := []rune(" 'it''s' \"100%\" \\ _\n" + beyondASCII[charset])
		return strings.TrimRight(start+string(tail[:min(len(tail), size-len(start))]), " \n")
	}
	return start
}

// beyondASCII are letters, as far as a character set has them; "" is that of SQLite.
var beyondASCII = map[string]string{
	"": "é ß 漢 \U0001F642", "utf8mb4": "é ß 漢 \U0001F642",
	"utf16": "é ß 漢 \U0001F642", "utf32": "é ß 漢 \U0001F642",
	"utf8": "é ß 漢", "utf8mb3": "é ß 漢", "ucs2": "é ß 漢", "latin1": "é ß",
}

// token is a random text of small letters and digits.
func (v values) token(length int) string {
	return v.draw(length, "abcdefghijklmnopqrstuvwxyz0123456789")
}

func (v values) draw(length int, letters string) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[v.random.IntN(len(letters))]
	}
	return string(b)
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
	clock := fmt.Sprintf("12:%02d:%02d", v.random.IntN(60), v.random.IntN(60))
	at := map[string]string{"year": day[:4], "date": day, "time": clock}[typ]
	at = cmp.Or(edge[e], at, day+" "+clock)
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
