package query_test

import (
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"slipway/internal/query"
)

func field(table *query.Table, name string) (query.Field, bool) {
	i := slices.IndexFunc(table.Fields, func(f query.Field) bool { return f.Name == name })
	if i < 0 {
		return query.Field{}, false
	}
	return table.Fields[i], true
}

// FuzzParse checks that any query string parses to a query with known fields and values in
// range, or to a printable error, and that the result is always the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "page=2&per_page=10", "sort=-title,id&title=x", "score=1e9&is_active=true", "score=-0",
		"created_at=2026-01-02T03:04:05Z", "a=%zz", "a;b",
		"title[like]=%25", "title[starts]=a&note[contains]=b&id[nin]=1,2", "seats[null]=false&page[eq]=x",
		"title[near]=1&id[]=&[]=",
		"fields=id,title&include=parts,owner&count=exact", "all=true&max_affected=5&dry_run=true", "id[in]=1,2&sort=score",
		`title[in]="a,b",c,"\"\\",d"e&title[in]=f&id[nin]="1"`,
		"sort=title&sort=-id&fields=id&fields=title&include=owner&include=parts",
		"cursor=" + things.Cursor(newest, []any{newYear, int64(7)}), "page=1&cursor=x", strings.Repeat("x", 500),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		list, listErr := things.ParseList(raw)
		checkError(t, raw, listErr)
		if listErr == nil {
			checkList(t, raw, list)
		}
		bulk, bulkErr := things.ParseBulk(raw)
		checkError(t, raw, bulkErr)
		if bulkErr == nil && (bulk.MaxAffected < -1 || len(bulk.Filters) == 0 && !bulk.All) {
			t.Fatalf("%q: %+v", raw, bulk)
		}
		checkFilters(t, raw, bulk.Filters)
		if bulkErr == nil && listErr == nil && !reflect.DeepEqual(bulk.Filters, list.Filters) {
			t.Fatalf("%q: list filters %v, bulk filters %v", raw, list.Filters, bulk.Filters)
		}
		one, oneErr := things.ParseOne(raw)
		checkError(t, raw, oneErr)
		checkShape(t, raw, one.Fields, one.Include)
		noneErr := query.ParseNone(raw)
		checkError(t, raw, noneErr)
		if noneErr == nil && oneErr != nil || oneErr == nil && listErr != nil {
			t.Fatalf("%q: a kind supports less than the previous one: %v, %v, %v", raw, noneErr, oneErr, listErr)
		}

		// The syntax is that of net/url.
		if strings.Count(raw, "&") < 1000 {
			_, err := url.ParseQuery(raw)
			if got := slices.Contains(problems(t, noneErr), " syntax"); got != (err != nil) {
				t.Fatalf("%q: syntax %v, but %v", raw, got, err)
			}
		}
		if again, err := things.ParseList(raw); !reflect.DeepEqual(again, list) || !reflect.DeepEqual(err, listErr) {
			t.Fatalf("%q: %+v %v, then %+v %v", raw, list, listErr, again, err)
		}
	})
}

func checkError(t *testing.T, raw string, err error) {
	t.Helper()
	codes := []string{"unknown", "repeated", "operator", "type", "out_of_range", "invalid_text", "syntax", "conflict",
		"cursor", "required"}
	for _, problem := range problems(t, err) {
		if code := problem[strings.LastIndexByte(problem, ' ')+1:]; !slices.Contains(codes, code) {
			t.Fatalf("%q: %q", raw, problem)
		}
		if !utf8.ValidString(problem) || len(problem) > 1000 {
			t.Fatalf("%q: %q", raw, problem)
		}
	}
	if err != nil && (!utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x00\n")) {
		t.Fatalf("%q: %q", raw, err)
	}
}

func checkList(t *testing.T, raw string, list query.List) {
	t.Helper()
	if list.PerPage < 1 || list.PerPage > query.MaxPerPage || list.Page < 0 || list.Offset() < 0 ||
		list.Page > 0 && (!list.Count || list.After != nil) {
		t.Fatalf("%q: %+v", raw, list)
	}
	for i, o := range list.Sort {
		if _, known := field(things, o.Field); !known || (o.Field == "id") != (i == len(list.Sort)-1) {
			t.Fatalf("%q sorts by %v", raw, list.Sort)
		}
	}
	if len(list.Sort) == 0 || list.After != nil && len(list.After) != len(list.Sort) {
		t.Fatalf("%q: %v after %v", raw, list.Sort, list.After)
	}
	checkFilters(t, raw, list.Filters)
	checkShape(t, raw, list.Fields, list.Include)
}

func checkFilters(t *testing.T, raw string, filters []query.Filter) {
	t.Helper()
	for _, x := range filters {
		f, known := field(things, x.Field)
		if !known || len(x.Values) == 0 || len(x.Values) > 1 && x.Op != query.In && x.Op != query.NotIn {
			t.Fatalf("%q filters by %v", raw, x)
		}
		if x.Op == query.Null {
			f.Type = query.Boolean
		}
		for _, v := range x.Values {
			if !fits(f.Type, v) {
				t.Fatalf("%q: %s is %T %v", raw, x.Field, v, v)
			}
		}
	}
}

func fits(typ query.Type, value any) bool {
	switch v := value.(type) {
	case string:
		return typ == query.Text && utf8.ValidString(v) && !strings.ContainsRune(v, 0)
	case int64:
		return typ == query.Integer
	case float64:
		return typ == query.Number && !math.IsNaN(v) && !math.IsInf(v, 0) && (v != 0 || !math.Signbit(v))
	case bool:
		return typ == query.Boolean
	case time.Time:
		return typ == query.Time && v.Location() == time.UTC && v.Year() >= 1000 && v.Year() <= 9999 &&
			v.Nanosecond()%1000 == 0
	}
	return false
}

func checkShape(t *testing.T, raw string, fields, include []string) {
	t.Helper()
	at := -1
	for _, name := range fields {
		i := slices.IndexFunc(things.Fields, func(f query.Field) bool { return f.Name == name })
		if i <= at {
			t.Fatalf("%q: fields %v", raw, fields)
		}
		at = i
	}
	at = -1
	for _, name := range include {
		i := slices.Index(things.Includes, name)
		if i <= at {
			t.Fatalf("%q includes %v", raw, include)
		}
		at = i
	}
}

// FuzzCursor checks that the keys of a valid cursor, forged or not, encode to the same
// cursor.
func FuzzCursor(f *testing.F) {
	sort := byField("-title", "seats", "score", "is_active", "seen_at", "-id")
	cursor := things.Cursor(sort, []any{"milk", nil, 2.5, true, newYear, int64(7)})
	f.Add(cursor, []byte{})
	f.Add("",
		[]byte(
			"\x06\x00\x01a\x03\x00\x00\x00\x00\x00\x00\x00\x07\x04\x3f\xf0\x00\x00\x00\x00\x00\x00\x01"+
				"\x05\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x07"))
	f.Add("", []byte("\x07\x00\x00\x00\x04\x80\x00\x00\x00\x00\x00\x00\x00\x02\x00\x03\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, text string, content []byte) {
		for _, text := range []string{text, things.Seal(sort, content)} {
			list, err := resume(things, sort, url.QueryEscape(text))
			if err != nil {
				if got := problems(t, err); !slices.Equal(got, []string{"cursor cursor"}) {
					t.Fatalf("%q: %v", text, got)
				}
				continue
			}
			if again := things.Cursor(sort, list.After); again != text {
				t.Fatalf("%q: %v encodes to %q", text, list.After, again)
			}
			for i, o := range sort {
				typed, _ := field(things, o.Field)
				key := list.After[i]
				if p, ok := key.(query.Prefix); ok {
					key = string(p)
				}
				if key == nil && !typed.Nullable || key != nil && !fits(typed.Type, key) {
					t.Fatalf("%q: %s is %T %v", text, o.Field, key, key)
				}
			}
		}
	})
}

// FuzzCursorRoundTrip checks that a cursor decodes to the keys of a row, or to prefixes.
func FuzzCursorRoundTrip(f *testing.F) {
	f.Add("milk", "note", "", int64(3), 2.5, true, int64(0), int64(7), byte(0))
	f.Add(strings.Repeat("x", 1023)+"ä", strings.Repeat("😀", 400), "\xff", int64(math.MinInt64), math.Copysign(0, -1),
		false, int64(-1), int64(math.MaxInt64), byte(7))
	first := time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	span := uint64(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() - first)
	f.Fuzz(
		func(t *testing.T, title, note, page string, seats int64, score float64, active bool, micro, id int64, null byte) {
			if math.IsNaN(score) || math.IsInf(score, 0) {
				return // no column can store them
			}
			when := time.UnixMicro(first + int64(uint64(micro)%span)).UTC()
			sort := byField("-title", "note", "-page", "seats", "score", "is_active", "seen_at", "id")
			keys := []any{title, note, page, seats, score, active, when, id}
			for bit, i := range []int{1, 3, 6} {
				if null>>bit&1 == 1 {
					keys[i] = nil
				}
			}
			cursor := things.Cursor(sort, keys)
			if len(cursor) > maxCursor || url.QueryEscape(cursor) != cursor {
				t.Fatalf("%d characters: %s", len(cursor), cursor)
			}
			list, err := resume(things, sort, cursor)
			if err != nil {
				t.Fatalf("%v: %v", keys, err)
			}
			for i, got := range list.After {
				if want, text := keys[i].(string); text {
					if p, ok := got.(query.Prefix); ok {
						whole := utf8.ValidString(want) && !strings.ContainsRune(want, 0)
						if !strings.HasPrefix(want, string(p)) || len(p) == len(want) || whole && len(p) < 970 {
							t.Fatalf("%.40q (%d bytes) decodes to %.40q (%d bytes)", want, len(want), p, len(p))
						}
						continue
					}
				}
				if got != keys[i] {
					t.Fatalf("%v decodes to %v", keys[i], got)
				}
			}
		})
}
