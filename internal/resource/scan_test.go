package resource_test

import (
	"database/sql"
	"math"
	"strings"
	"testing"
)

// TestScanDecimal checks that a decimal is read from every value that a database can have, without a panic and without
// a text of a huge number of digits.
func TestScanDecimal(t *testing.T) {
	t.Parallel()
	f := typedTable.Field("price")
	for _, c := range []struct {
		value any
		want  string
	}{
		{int64(7), `"7.00"`}, {-1.5, `"-1.50"`}, {"12.5", `"12.50"`}, {[]byte("0.10"), `"0.10"`}, {"1e2", `"100.00"`},
		{nil, "null"}, {true, ""}, {"", ""}, {"abc", ""}, {"NaN", ""}, {"Inf", ""}, {"0x1", ""}, {"1e999999999", ""},
		{"1e-999999999", ""}, {strings.Repeat("9", 1000), ""}, {1e300, ""}, {math.Inf(1), ""}, {math.Inf(-1), ""},
		{math.NaN(), ""},
	} {
		rows := typedTable.NewRows(1, f)
		err := rows.Append()[0].(sql.Scanner).Scan(c.value)
		if (err == nil) != (c.want != "") {
			t.Errorf("%v: the error is %v", c.value, err)
		}
		if err == nil {
			if got := string(typedTable.View([]string{"price"}).Append(nil, rows, 0)); got != `{"price":`+c.want+`}` {
				t.Errorf("%v: %s, want %s", c.value, got, c.want)
			}
		}
	}
}
