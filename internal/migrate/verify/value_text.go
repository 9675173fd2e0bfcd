package verify

import (
	"cmp"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

// long is the length of the longest text for a column without a length. It is longer than
// the limit of MySQL's TEXT.
const long = 66_000

// text returns a text that starts with random characters, so that texts differ. Only the text
// for low is empty. No text ends with a space, because some collations ignore it.
func (v values) text(t *schema.StringType, charset string, e edge) string {
	size := t.Size
	switch {
	case size > 0, v.dialect == plan.MySQL && strings.HasSuffix(t.T, "char"): // varchar(0) is a valid type
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

// beyondASCII has non-ASCII characters of each character set. "" stands for SQLite.
var beyondASCII = map[string]string{
	"": "é ß 漢 \U0001F642", "utf8mb4": "é ß 漢 \U0001F642",
	"utf16": "é ß 漢 \U0001F642", "utf32": "é ß 漢 \U0001F642",
	"utf8": "é ß 漢", "utf8mb3": "é ß 漢", "ucs2": "é ß 漢", "latin1": "é ß",
}

// token returns a random text of lower-case letters and digits.
func (v values) token(length int) string {
	return v.draw(length, "abcdefghijklmnopqrstuvwxyz0123456789")
}

// draw returns a random text of the given letters.
func (v values) draw(length int, letters string) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[v.random.IntN(len(letters))]
	}
	return string(b)
}

// moments has the edge values of the time types, without fractions. Those of timestamp avoid
// the hours that do not exist because of daylight saving time.
var moments = map[string][edges]string{
	"year":      {low: "1901", high: "2155", odd: "2000"},
	"date":      {low: "1000-01-01", high: "9999-12-31", odd: "2024-02-29"},
	"time":      {low: "-838:59:58", high: "838:59:58", odd: "00:00:00"},
	"timestamp": {low: "1971-01-02 12:00:01", high: "2038-01-17 12:14:07", odd: "2024-02-29 12:59:59"},
	"":          {low: "1000-01-01 00:00:00", high: "9999-12-31 23:59:59", odd: "2024-02-29 23:59:59"},
}

// time returns an edge value of a time type or, for other edges, a random time. The fraction
// has the precision of the column.
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
		return "'" + at + ".123456+00:00'" // the form that the Go driver writes
	case t.Precision != nil && *t.Precision > 0:
		return "'" + at + "." + "123456"[:*t.Precision] + "'"
	}
	return "'" + at + "'"
}
