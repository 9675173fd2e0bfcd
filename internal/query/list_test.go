package query_test

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/query"
)

// TestQuoted checks the values of lists with and without quotes.
func TestQuoted(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]any{
		`"a,b",c`:      {"a,b", "c"},
		`c,"a,b"`:      {"c", "a,b"},
		`""`:           {""},
		`"",`:          {"", ""},
		`"\""`:         {`"`},
		`"\\"`:         {`\`},
		`"\\\","`:      {`\",`},
		`a"b,c"`:       {`a"b`, `c"`}, // a quote inside a plain value
		`a\,b`:         {`a\`, "b"},   // a backslash, too
		` "a"`:         {` "a"`},
		`"é😀"`:         {"é😀"},
		`"a" `:         nil,
		`"a"b`:         nil,
		`"a""b"`:       nil,
		`"`:            nil,
		`"a,b`:         nil,
		`"a\"`:         nil,
		`"\a"`:         nil,
		`"\`:           nil,
		"\"\x00\"":     nil,
		"\"\xff\"":     nil,
		`x,"a\,b"`:     nil,
		`"a,b",c,"d`:   nil,
		`"a" ,b`:       nil,
		`“a,b”`:        {"“a", "b”"},
		`'a,b'`:        {"'a", "b'"},
		`"line` + "\n": nil,
	} {
		got, err := things.ParseList("title[in]=" + url.QueryEscape(list))
		switch {
		case want == nil && err == nil:
			t.Errorf("%s: %v, want an error", list, got.Filters)
		case want != nil && (err != nil || !slices.Equal(got.Filters[0].Values, want)):
			t.Errorf("%s: %v %v, want %q", list, got.Filters, err, want)
		}
	}
}

// TestRepeated checks that list parameters may be repeated. A quoted value cannot continue
// in the next parameter.
func TestRepeated(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	for raw, want := range map[string][]query.Filter{
		`id[in]=1,"2"&id[in]=3`: {
			filter("id", query.In, int64(1), int64(2), int64(3))},
		`id[nin]=3&title=x&id[nin]="1"`: {filter("id", query.NotIn, int64(3), int64(1)),
			filter("title", query.Eq, "x")},
		`title[in]="a,b"&title[in]=c&title%5Bin]=`:                            {filter("title", query.In, "a,b", "c", "")},
		`score[in]="1.5"&score[in]=2`:                                         {filter("score", query.In, 1.5, 2.0)},
		`is_active[in]="true"&is_active[in]=false`:                            {filter("is_active", query.In, true, false)},
		`page[in]=a&page[in]=b`:                                               {filter("page", query.In, "a", "b")},
		`seen_at[in]="2026-01-01T00:00:00Z"&seen_at[in]=2026-01-02T00:00:00Z`: {filter("seen_at", query.In, day(1), day(2))},
	} {
		got, err := things.ParseList(raw)
		if err != nil || !slices.EqualFunc(got.Filters, want, func(a, b query.Filter) bool {
			return a.Field == b.Field && a.Op == b.Op && slices.Equal(a.Values, b.Values)
		}) {
			t.Errorf("%s: %v %v, want %v", raw, got.Filters, err, want)
		}
	}
	got, err := things.ParseList("sort=-title&sort=seats,score&fields=score&fields=id&include=parts&include=owner")
	same, sameErr := things.ParseList("sort=-title,seats,score&fields=score,id&include=parts,owner")
	if err != nil || sameErr != nil || !reflect.DeepEqual(got, same) {
		t.Errorf("%+v %v, want %+v %v", got, err, same, sameErr)
	}
	part := "id[in]=1" + strings.Repeat(",1", 499) + "&"
	if _, err := things.ParseList(part + part); err != nil {
		t.Error(err)
	}
	_, err = things.ParseList(part + part + "id[in]=1")
	if want := "id[in] must have at most 1000 values, not 1001"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// quote returns a text as a quoted value.
func quote(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }

// FuzzQuoted checks that a list of texts parses to the same texts: quoted or plain, in one
// parameter or several.
func FuzzQuoted(f *testing.F) {
	f.Add("a,b", `"`, `\`, byte(0))
	f.Add("", "c", `d"e\`, byte(7))
	f.Add(`"x"`, ",", "\u2028", byte(5))
	f.Fuzz(func(t *testing.T, a, b, c string, ways byte) {
		texts := []string{a, b, c}
		raw := "title[in]="
		var want []any
		for i, text := range texts {
			text = strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "")
			want = append(want, text)
			if ways>>i&1 == 0 || strings.Contains(text, ",") || strings.HasPrefix(text, `"`) {
				text = quote(text)
			}
			if i > 0 {
				raw += map[bool]string{false: "%2C", true: "&title[in]="}[ways>>(3+i)&1 == 1]
			}
			raw += url.QueryEscape(text)
		}
		list, err := things.ParseList(raw)
		if err != nil || !slices.Equal(list.Filters[0].Values, want) {
			t.Fatalf("%s: %q %v, want %q", raw, list.Filters, err, want)
		}
	})
}
