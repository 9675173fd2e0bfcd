package query_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"slipway/internal/query"
)

var fields = []query.Field{
	{Name: "id", Type: query.Integer},
	{Name: "title", Type: query.Text},
	{Name: "score", Type: query.Number},
	{Name: "is_active", Type: query.Boolean},
	{Name: "created_at", Type: query.Time},
}

// newest is the order of a list that asks for none.
var newest = []query.Order{{Field: "created_at", Desc: true}, {Field: "id", Desc: true}}

func TestParse(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]query.List{
		"":                             {Sort: newest},
		"page=3&per_page=7":            {Sort: newest, Page: 3, PerPage: 7},
		"per_page=1000":                {Sort: newest, PerPage: 1000},
		"title=a%20b+c":                {Sort: newest, Filters: []query.Filter{{Field: "title", Value: "a b c"}}},
		"title=":                       {Sort: newest, Filters: []query.Filter{{Field: "title", Value: ""}}},
		"title=x&id=-5":                {Sort: newest, Filters: []query.Filter{{Field: "id", Value: int64(-5)}, {Field: "title", Value: "x"}}},
		"score=1.5e3":                  {Sort: newest, Filters: []query.Filter{{Field: "score", Value: 1500.0}}},
		"score=-0":                     {Sort: newest, Filters: []query.Filter{{Field: "score", Value: 0.0}}},
		"is_active=false":              {Sort: newest, Filters: []query.Filter{{Field: "is_active", Value: false}}},
		"created_at=2026-01-02T03:04Z": {}, // refused: see below
		"created_at=2026-01-02T05:04:05.1234567%2B02:00": {Sort: newest, Filters: []query.Filter{
			{Field: "created_at", Value: time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)}}},
		"sort=title":     {Sort: []query.Order{{Field: "title"}, {Field: "id"}}},
		"sort=-title":    {Sort: []query.Order{{Field: "title", Desc: true}, {Field: "id", Desc: true}}},
		"sort=id":        {Sort: []query.Order{{Field: "id"}}},
		"sort=-score,id": {Sort: []query.Order{{Field: "score", Desc: true}, {Field: "id"}}},
		// Behind the id nothing ties: the rest of the keys says nothing.
		"sort=id,title": {Sort: []query.Order{{Field: "id"}}},
	} {
		got, err := query.Parse(fields, raw)
		if want.Sort == nil {
			if err == nil {
				t.Errorf("%s: taken", raw)
			}
			continue
		}
		if want.PerPage == 0 {
			want.PerPage = query.DefaultPerPage
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v %v\nwant %+v", raw, got, err, want)
		}
	}
}

// TestRefused: every fault is named, with its parameter and a code.
func TestRefused(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]string{
		"colour=red":                      {"colour unknown"},
		"title[like]=x":                   {"title[like] unknown"},
		"TITLE=x":                         {"TITLE unknown"},
		"=x":                              {`"" unknown`},
		"a%0Ab=x":                         {`"a\nb" unknown`},
		"title=a&title=b":                 {"title repeated"},
		"page=1&page=1":                   {"page repeated"},
		"id=1.0":                          {"id type"},
		"id=%2B1":                         {"id type"},
		"id=0x1":                          {"id type"},
		"id=9223372036854775808":          {"id type"},
		"score=Inf":                       {"score type"},
		"score=0x1p4":                     {"score type"},
		"score=1e999":                     {"score type"},
		"score=1_0":                       {"score type"},
		"is_active=True":                  {"is_active type"},
		"created_at=2026-01-02":           {"created_at type"},
		"created_at=0001-01-01T00:00:00Z": {"created_at out_of_range"},
		"title=%ff":                       {"title invalid_text"},
		"title=%00":                       {"title invalid_text"},
		"page=0":                          {"page out_of_range"},
		"page=-1":                         {"page out_of_range"},
		"page=%2B1":                       {"page out_of_range"},
		"page=1000000001":                 {"page out_of_range"},
		"page=99999999999999999999":       {"page out_of_range"},
		"per_page=1001":                   {"per_page out_of_range"},
		"per_page=ten":                    {"per_page out_of_range"},
		"sort=":                           {"sort unknown"},
		"sort=--id":                       {"sort unknown"},
		"sort=id,":                        {"sort unknown"},
		"sort=title,-title":               {"sort repeated"},
		"sort=1":                          {"sort unknown"},
		"title=%":                         {" syntax"},
		"a=1;b=2":                         {" syntax"},
		"b=1&a=1&page=x":                  {"a unknown", "b unknown", "page out_of_range"},
	} {
		_, err := query.Parse(fields, raw)
		var e *query.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		var got []string
		for _, p := range e.Problems {
			got = append(got, p.Param+" "+p.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestOffset(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ page, perPage, want int }{{0, 20, 0}, {1, 20, 0}, {2, 20, 20}, {1_000_000_000, 1000, 999_999_999_000}} {
		if got := (query.List{Page: c.page, PerPage: c.perPage}).Offset(); got != c.want {
			t.Errorf("page %d of %d: offset %d, want %d", c.page, c.perPage, got, c.want)
		}
	}
}

// FuzzParse: whatever stands behind the ?, the answer is a query that names known
// fields only and is in range, or an error that can be shown.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "page=2&per_page=10", "sort=-title,id&title=x", "score=1e9&is_active=true", "created_at=2026-01-02T03:04:05Z", "a=%zz", "title[like]=%25", strings.Repeat("x", 500)} {
		f.Add(s)
	}
	known := func(name string) bool {
		return slices.ContainsFunc(fields, func(f query.Field) bool { return f.Name == name })
	}
	f.Fuzz(func(t *testing.T, raw string) {
		list, err := query.Parse(fields, raw)
		if err != nil {
			var e *query.Error
			if !errors.As(err, &e) || len(e.Problems) == 0 || !utf8.ValidString(e.Error()) || strings.ContainsAny(e.Error(), "\x00\n") {
				t.Fatalf("%q: %q", raw, err)
			}
			return
		}
		if list.PerPage < 1 || list.PerPage > query.MaxPerPage || list.Page < 0 || list.Offset() < 0 || len(list.Sort) == 0 {
			t.Fatalf("%q: %+v", raw, list)
		}
		for _, o := range list.Sort {
			if !known(o.Field) {
				t.Fatalf("%q sorts by %q", raw, o.Field)
			}
		}
		if list.Sort[len(list.Sort)-1].Field != "id" {
			t.Fatalf("%q may tie: %v", raw, list.Sort)
		}
		for _, x := range list.Filters {
			if !known(x.Field) || x.Value == nil {
				t.Fatalf("%q filters by %v", raw, x)
			}
		}
	})
}
