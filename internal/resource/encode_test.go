package resource_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"slipway/internal/resource"
)

// standard returns the JSON of a value by encoding/json, without HTML escaping.
func standard(t testing.TB, value any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// listOf returns a list of samples.
func listOf(all ...sample) *resource.Rows {
	rows := samples.NewRows(0)
	for i := range all {
		rows.Append()
		*rows.Row(i).(*sample) = all[i]
	}
	return rows
}

// TestEncodeLikeStandard checks that the JSON of rows is that of encoding/json.
func TestEncodeLikeStandard(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 1, 2, 3, 4, 5, 123_456_000, time.UTC)
	all := []sample{{}, {ID: math.MaxInt64, Number: math.MinInt64, Flag: new(true), When: &when}}
	for _, s := range []string{"plain", `"quoted" \ /`, "\x00\x01\b\f\n\r\t\x1f\x7f", "<b>&amp;</b>", "é€😀",
		"\u2027\u2028\u2029\u202a", "\xff", "a\xc3", "\xed\xa0\x80", "\ufffd", "e\u0301"} {
		all = append(all, sample{Text: s, Long: s + s, Mail: &s})
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1.5, 0.1, 1e-6, 9.99e-7, 1e-7, 1e-9, 1.5e-10, 1e-100, 5e-324,
		1e20, 999999999999999999999, 1e21, -1e21, 1e22, 1e100, math.MaxFloat64, 1.0 / 3} {
		all = append(all, sample{Ratio: &x})
	}
	rows, view := listOf(all...), samples.View(nil)
	for i := range all {
		want := standard(t, all[i])
		if got := string(view.Append([]byte("before "), rows, i)); got != "before "+want {
			t.Errorf("got  %s\nwant before %s", got, want)
		}
	}
	if got, want := string(view.AppendAll(nil, rows)), standard(t, all); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestEncodeBeyondStandard checks values that encoding/json refuses or encodes differently.
func TestEncodeBeyondStandard(t *testing.T) {
	t.Parallel()
	view := samples.View([]string{"ratio", "when_at"})
	berlin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for want, s := range map[string]sample{
		`{"ratio":0,"when_at":null}`:                             {Ratio: new(0.0)},
		`{"ratio":null,"when_at":"2026-01-02T02:04:05.000000Z"}`: {Ratio: new(math.Inf(-1)), When: &berlin},
		`{"ratio":null,"when_at":null}`:                          {Ratio: new(math.NaN()), When: new(time.Time{})},
	} {
		if got := string(view.Append(nil, listOf(s), 0)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	rows := listOf(sample{ID: 1, Text: "a", Number: 2}, sample{ID: 2, Text: "b"})
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"id"}, `[{"id":1},{"id":2}]`},
		{[]string{"number", "text"}, `[{"text":"a","number":2},{"text":"b","number":0}]`},
		{[]string{}, `[{},{}]`},
	} {
		if got := string(samples.View(c.fields).AppendAll(nil, rows)); got != c.want {
			t.Errorf("%q: got  %s\nwant %s", c.fields, got, c.want)
		}
	}
	if got := string(samples.View(nil).AppendAll(nil, samples.NewRows(0))); got != "[]" {
		t.Errorf("empty list: %s", got)
	}
}

// TestEncodeAllocates checks that encoding into a large enough buffer allocates nothing. It
// is not parallel, because it counts the allocations of the whole process.
func TestEncodeAllocates(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	rows := listOf(sample{ID: 1, Text: "a\n\"é\"", Ratio: new(0.1), Flag: new(true), When: &when, Mail: new("a@b")},
		sample{ID: 2})
	view, b := samples.View(nil), make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { b = view.AppendAll(b[:0], rows) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestEncodeTimes checks that a time has exactly the fractional digits of its column.
func TestEncodeTimes(t *testing.T) {
	t.Parallel()
	type row struct {
		ID      int64     `json:"id"`
		Seconds time.Time `json:"seconds" gorm:"precision:0"`
		Millis  time.Time `json:"millis" gorm:"type:timestamp(3)"`
		Micros  time.Time `json:"micros" gorm:"precision:6"`
	}
	table := resource.Of[row]("rows")
	for _, ns := range []int{0, 1, 1000, 1_000_000, 123_456_789, 100_000_000, 999_999_999} {
		at := time.Date(2026, 1, 2, 3, 4, 5, ns, time.UTC)
		rows := table.NewRows(1)
		rows.Append()
		*rows.Row(0).(*row) = row{1, at, at, at}
		micros := at.Format("2006-01-02T03:04:05.000000")
		want := `{"id":1,"seconds":"` + micros[:19] + `Z","millis":"` + micros[:23] + `Z","micros":"` + micros + `Z"}`
		if got := string(table.View(nil).Append(nil, rows, 0)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
