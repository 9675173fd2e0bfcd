package query_test

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/query"
)

// maxCursor is the maximum length of a cursor. API Gateway limits the request line and the
// headers to 10,240 bytes.
const maxCursor = 4000

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func byField(names ...string) []query.Order {
	var sort []query.Order
	for _, name := range names {
		name, desc := strings.CutPrefix(name, "-")
		sort = append(sort, query.Order{Field: name, Desc: desc})
	}
	return sort
}

// resume parses a query with this sort and cursor.
func resume(table *query.Table, sort []query.Order, cursor string) (query.List, error) {
	var names []string
	for _, o := range sort {
		if o.Desc {
			names = append(names, "-"+o.Field)
		} else {
			names = append(names, o.Field)
		}
	}
	return table.ParseList("sort=" + strings.Join(names, ",") + "&cursor=" + cursor)
}

func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1024)
	for name, c := range map[string]struct {
		sort string
		keys []any
		want []any // default: keys
	}{
		"id alone": {sort: "-id", keys: []any{int64(7)}},
		"newest":   {sort: "-created_at,-id", keys: []any{newYear, int64(7)}},
		"a tie":    {sort: "title,score,id", keys: []any{"same", 1.5, int64(8)}},
		"every type": {sort: "title,note,seats,score,is_active,seen_at,-id",
			keys: []any{"a", "b", int64(3), 4.5, true, newYear, int64(7)}},
		"all NULL":            {sort: "note,-seats,seen_at,id", keys: []any{nil, nil, nil, int64(7)}},
		"empty text":          {sort: "title,note,id", keys: []any{"", "", int64(7)}},
		"text like a number":  {sort: "title,id", keys: []any{"7", int64(7)}},
		"4-byte runes":        {sort: "title,id", keys: []any{"😀\U0010FFFF", int64(7)}},
		"U+FFFD":              {sort: "title,id", keys: []any{"a\uFFFDb", int64(7)}},
		"line breaks":         {sort: "title,id", keys: []any{"a\r\nb", int64(7)}},
		"text that just fits": {sort: "title,id", keys: []any{long, int64(7)}},
		"long text": {sort: "title,id", keys: []any{long + "y", int64(7)},
			want: []any{query.Prefix(long), int64(7)}},
		"very long text": {sort: "title,id", keys: []any{strings.Repeat("x", 1<<20), int64(7)},
			want: []any{query.Prefix(long), int64(7)}},
		"a rune across the cut": {sort: "title,id", keys: []any{long[:1021] + "😀", int64(7)},
			want: []any{query.Prefix(long[:1021]), int64(7)}},
		"a rune up to the cut": {sort: "title,id", keys: []any{long[:1020] + "😀y", int64(7)},
			want: []any{query.Prefix(long[:1020] + "😀"), int64(7)}},
		"a prefix again": {sort: "title,id", keys: []any{query.Prefix("abc"), int64(7)}},
		"several long": {sort: "title,note,page,id", keys: []any{long, long, "", int64(7)},
			want: []any{query.Prefix(long[:991]), query.Prefix(long[:991]), "", int64(7)}},
		// Text that only another program can have stored.
		"not UTF-8": {sort: "title,id", keys: []any{"ab\xffc", int64(7)},
			want: []any{query.Prefix("ab"), int64(7)}},
		"NUL": {sort: "title,id", keys: []any{"\x00", int64(7)},
			want: []any{query.Prefix(""), int64(7)}},
		"negative integer": {sort: "seats,id", keys: []any{int64(-1), int64(-7)}},
		"greatest integer": {sort: "seats,id", keys: []any{int64(math.MaxInt64), int64(math.MaxInt64)}},
		"least integer":    {sort: "seats,id", keys: []any{int64(math.MinInt64), int64(math.MinInt64)}},
		"greatest number":  {sort: "score,id", keys: []any{math.MaxFloat64, int64(7)}},
		"least number":     {sort: "score,id", keys: []any{-math.MaxFloat64, int64(7)}},
		"smallest number":  {sort: "score,id", keys: []any{math.SmallestNonzeroFloat64, int64(7)}},
		"negative zero": {sort: "score,id", keys: []any{math.Copysign(0, -1), int64(7)},
			want: []any{0.0, int64(7)}},
		"zero date":  {sort: "seen_at,id", keys: []any{query.ZeroDate{}, int64(7)}},
		"false":      {sort: "is_active,id", keys: []any{false, int64(7)}},
		"first time": {sort: "seen_at,id", keys: []any{time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC), int64(7)}},
		"last time": {sort: "seen_at,id",
			keys: []any{time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC), int64(7)}},
		"a microsecond before 1970": {sort: "seen_at,id",
			keys: []any{time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), int64(7)}},
		"a time elsewhere": {sort: "seen_at,id", keys: []any{newYear.In(time.FixedZone("", 3600)), int64(7)},
			want: []any{newYear, int64(7)}},
	} {
		sort := byField(strings.Split(c.sort, ",")...)
		cursor := things.Cursor(sort, c.keys)
		if len(cursor) > maxCursor || url.QueryEscape(cursor) != cursor {
			t.Errorf("%s: %d characters: %s", name, len(cursor), cursor)
		}
		if c.want == nil {
			c.want = c.keys
		}
		list, err := resume(things, sort, cursor)
		if err != nil || !reflect.DeepEqual(list.After, c.want) || !slices.Equal(list.Sort, sort) {
			t.Errorf("%s:\ngot  %#v %v\nwant %#v", name, list.After, err, c.want)
		}
		// The decoded keys encode to the same cursor.
		if again := things.Cursor(sort, list.After); again != cursor {
			t.Errorf("%s: the keys of %s encode to %s", name, cursor, again)
		}
	}
}

// TestCursorIsBounded checks the length of a cursor with the longest keys and order.
func TestCursorIsBounded(t *testing.T) {
	t.Parallel()
	for texts := range query.MaxSort + 1 {
		wide := &query.Table{Name: "wide", Key: []string{"id"}}
		var keys []any
		for i := range query.MaxSort {
			f := query.Field{Name: "f" + string(rune('A'+i)), Type: query.Integer}
			keys = append(keys, int64(i))
			if i < texts {
				f.Type = query.Text
				keys[i] = strings.Repeat("😀", 1000)
			}
			wide.Fields = append(wide.Fields, f)
		}
		wide.Fields = append(wide.Fields, query.Field{Name: "id", Type: query.Integer})
		keys = append(keys, int64(7))
		var sort []query.Order
		for _, f := range wide.Fields {
			sort = append(sort, query.Order{Field: f.Name})
		}
		cursor := wide.Cursor(sort, keys)
		if len(cursor) > maxCursor {
			t.Fatalf("%d texts: %d characters", texts, len(cursor))
		}
		list, err := resume(wide, sort[:query.MaxSort], cursor) // the parser adds the id
		if err != nil || list.After[query.MaxSort] != int64(7) {
			t.Fatalf("%d texts: %v %v", texts, list.After, err)
		}
		for i := range texts {
			if p, ok := list.After[i].(query.Prefix); !ok || len(p) < 80 || !strings.HasPrefix(keys[i].(string), string(p)) {
				t.Fatalf("%d texts: %#v", texts, list.After[i])
			}
		}
	}
}

// TestCursorOrder checks that a cursor is valid for every sort parameter with the same
// order, and invalid for other orders and tables.
func TestCursorOrder(t *testing.T) {
	t.Parallel()
	cursor := things.Cursor(newest, []any{newYear, int64(7)})
	for _, raw := range []string{"", "sort=-created_at&", "sort=-created_at,-id&", "sort=-created_at,-id,title&",
		"title=x&per_page=3&count=exact&"} {
		list, err := things.ParseList(raw + "cursor=" + cursor)
		if want := []any{newYear, int64(7)}; err != nil || !reflect.DeepEqual(list.After, want) {
			t.Errorf("%s: %v %v", raw, list.After, err)
		}
	}
	for _, raw := range []string{"sort=created_at&", "sort=-created_at,id&", "sort=-id&", "sort=-seen_at&",
		"sort=-created_at,-title&"} {
		if _, err := things.ParseList(raw + "cursor=" + cursor); !slices.Equal(problems(t, err), []string{"cursor cursor"}) {
			t.Errorf("%s: %v", raw, err)
		}
	}
	other := *things
	other.Name = "others"
	if _, err := other.ParseList("cursor=" + cursor); !slices.Equal(problems(t, err), []string{"cursor cursor"}) {
		t.Errorf("another table: %v", err)
	}
}

// TestAlteredCursor checks that a change of any character makes a cursor invalid.
func TestAlteredCursor(t *testing.T) {
	t.Parallel()
	sort := byField("-title", "score", "-id")
	cursor := things.Cursor(sort, []any{"milk", 2.5, int64(7)})
	if _, err := resume(things, sort, cursor); err != nil {
		t.Fatal(err)
	}
	refused := func(altered string) {
		t.Helper()
		if altered == cursor {
			return
		}
		if list, err := resume(things, sort, url.QueryEscape(altered)); !slices.Equal(problems(t, err),
			[]string{"cursor cursor"}) {
			t.Errorf("%q: %v %v", altered, list.After, err)
		}
	}
	replacements := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.\n\r \x00é"
	for i := range len(cursor) {
		refused(cursor[:i])
		refused(cursor[i:])
		refused(cursor[:i] + cursor[i+1:])
		for _, r := range replacements {
			refused(cursor[:i] + string(r) + cursor[i+1:])
			refused(cursor[:i] + string(r) + cursor[i:])
		}
	}
	for _, end := range []string{"A", "AA", "=", "==", "\n", strings.Repeat("A", maxCursor)} {
		refused(cursor + end)
	}
}

// TestForgedCursor checks that keys that no row can have are refused even with a valid
// checksum.
func TestForgedCursor(t *testing.T) {
	t.Parallel()
	const null, no, yes, integer = "\x00", "\x01", "\x02", "\x03"
	const number, instant, text, prefix = "\x04", "\x05", "\x06", "\x07"
	id := integer + "\x00\x00\x00\x00\x00\x00\x00\x07"
	long := func(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }
	float := func(x float64) string { return number + long(math.Float64bits(x)) }
	when := func(t time.Time) string { return instant + long(uint64(t.UnixMicro())) }
	for name, c := range map[string]struct {
		sort, content string
		valid         bool
	}{
		"as it should be":        {"title", text + "\x00\x01a" + id, true},
		"a prefix":               {"title", prefix + "\x00\x01a" + id, true},
		"NULL where it may be":   {"note", null + id, true},
		"nothing":                {"title", "", false},
		"no id":                  {"title", text + "\x00\x01a", false},
		"a byte more":            {"title", text + "\x00\x01a" + id + "\x00", false},
		"a key more":             {"title", text + "\x00\x01a" + id + id, false},
		"half an id":             {"title", text + "\x00\x01a" + id[:5], false},
		"an unknown kind":        {"title", "\x08\x00\x01a" + id, false},
		"NULL where it may not":  {"title", null + id, false},
		"NULL as the id":         {"title", text + "\x00\x01a" + null, false},
		"a prefix as the id":     {"title", text + "\x00\x01a" + prefix + "\x00\x017", false},
		"a text without length":  {"title", text, false},
		"half a length":          {"title", text + "\x00", false},
		"a text too short":       {"title", text + "\x00\x02" + "a", false},
		"a text too long":        {"title", text + "\x04\x01" + strings.Repeat("a", 1025) + id, false},
		"a prefix too long":      {"title", prefix + "\x04\x01" + strings.Repeat("a", 1025) + id, false},
		"not UTF-8":              {"title", text + "\x00\x01\xff" + id, false},
		"half a rune":            {"title", prefix + "\x00\x01\xc3" + id, false},
		"NUL":                    {"title", text + "\x00\x01\x00" + id, false},
		"a number as text":       {"title", integer + long(1) + id, false},
		"a text as a number":     {"score", text + "\x00\x01a" + id, false},
		"a boolean as a number":  {"score", yes + id, false},
		"an integer as a number": {"score", integer + long(1) + id, false},
		"a number as an integer": {"seats", float(1) + id, false},
		"an integer as a time":   {"seen_at", integer + long(1) + id, false},
		"a time as an integer":   {"seats", instant + long(1) + id, false},
		"an integer as boolean":  {"is_active", integer + long(1) + id, false},
		"false":                  {"is_active", no + id, true},
		"NaN":                    {"score", float(math.NaN()) + id, false},
		"Inf":                    {"score", float(math.Inf(-1)) + id, false},
		"-0":                     {"score", float(math.Copysign(0, -1)) + id, false},
		"the year 999":           {"seen_at", when(time.Date(1000, 1, 1, 0, 0, 0, -1000, time.UTC)) + id, false},
		"the year 10000":         {"seen_at", when(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) + id, false},
		"the last of times":      {"seen_at", instant + long(math.MaxInt64) + id, false},
		"the first of times":     {"seen_at", instant + long(1<<63) + id, false},
	} {
		sort := byField(c.sort, "id")
		_, err := resume(things, sort, things.Seal(sort, []byte(c.content)))
		if c.valid && err != nil || !c.valid && !slices.Equal(problems(t, err), []string{"cursor cursor"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Another version, and a cursor over the maximum length.
	sealed, _ := base64.RawURLEncoding.DecodeString(things.Seal(byField("id"), []byte(id)))
	sealed[0]++
	for _, cursor := range []string{base64.RawURLEncoding.EncodeToString(sealed),
		things.Seal(byField("id"), []byte(id+strings.Repeat("x", 5000)))} {
		if _, err := resume(things, byField("id"), cursor); !slices.Equal(problems(t, err), []string{"cursor cursor"}) {
			t.Errorf("%s: %v", cursor, err)
		}
	}
}

func TestCursorInvalidKeyType(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic for a key of type int")
		}
	}()
	things.Cursor(byField("id"), []any{7})
}
