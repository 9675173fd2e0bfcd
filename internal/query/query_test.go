package query_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"slipway/internal/query"
)

// things has a field of each type, nullable and not nullable, and one with the name of a
// parameter.
var things = &query.Table{
	Name: "things",
	Key:  []string{"id"},
	Fields: []query.Field{
		{Name: "id", Type: query.Integer},
		{Name: "title", Type: query.Text},
		{Name: "note", Type: query.Text, Nullable: true},
		{Name: "seats", Type: query.Integer, Nullable: true},
		{Name: "score", Type: query.Number},
		{Name: "is_active", Type: query.Boolean},
		{Name: "seen_at", Type: query.Time, Nullable: true, ZeroDates: true},
		{Name: "created_at", Type: query.Time},
		{Name: "page", Type: query.Text},
	},
	Includes: []string{"owner", "parts"},
}

// timeless has no created_at.
var timeless = &query.Table{Name: "timeless", Key: []string{"id"},
	Fields: []query.Field{{Name: "name", Type: query.Text}, {Name: "id", Type: query.Integer}}}

// newest is the default order.
var newest = []query.Order{{Field: "created_at", Desc: true}, {Field: "id", Desc: true}}

func filter(field string, op query.Op, values ...any) query.Filter {
	return query.Filter{Field: field, Op: op, Values: values}
}

// TestFilters checks every operator and type.
func TestFilters(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)
	for raw, want := range map[string][]query.Filter{
		"title=a":                      {filter("title", query.Eq, "a")},
		"title[eq]=a":                  {filter("title", query.Eq, "a")},
		"title%5Beq%5D=a":              {filter("title", query.Eq, "a")},
		"title[ne]=a":                  {filter("title", query.Ne, "a")},
		"title[gt]=a":                  {filter("title", query.Gt, "a")},
		"title[gte]=a":                 {filter("title", query.Gte, "a")},
		"title[lt]=a":                  {filter("title", query.Lt, "a")},
		"title[lte]=a":                 {filter("title", query.Lte, "a")},
		"title[like]=a%25_":            {filter("title", query.Like, "a%_")},
		"title[starts]=a%25":           {filter("title", query.Starts, "a%")},
		"title[contains]=%F0%9F%98%80": {filter("title", query.Contains, "😀")},
		"title[in]=a,b,a":              {filter("title", query.In, "a", "b", "a")},
		"title[nin]=a%2Cb":             {filter("title", query.NotIn, "a", "b")},
		"title[in]=":                   {filter("title", query.In, "")},
		"title[in]=,a,":                {filter("title", query.In, "", "a", "")},
		"title[null]=true":             {filter("title", query.Null, true)},
		"note[null]=false":             {filter("note", query.Null, false)},
		"id[null]=true":                {filter("id", query.Null, true)},
		"title=":                       {filter("title", query.Eq, "")},
		"title":                        {filter("title", query.Eq, "")},
		"title[like]=":                 {filter("title", query.Like, "")},
		"title[starts]=":               {filter("title", query.Starts, "")},
		"title=a%20b+c%2B":             {filter("title", query.Eq, "a b c+")},
		"title=%EF%BF%BD":              {filter("title", query.Eq, "\ufffd")},
		"title=a=b":                    {filter("title", query.Eq, "a=b")},
		"title=null":                   {filter("title", query.Eq, "null")},
		"id=-5":                        {filter("id", query.Eq, int64(-5))},
		"id=007":                       {filter("id", query.Eq, int64(7))},
		"id=9223372036854775807":       {filter("id", query.Eq, int64(9223372036854775807))},
		"id=-9223372036854775808":      {filter("id", query.Eq, int64(-9223372036854775808))},
		"id[gt]=5":                     {filter("id", query.Gt, int64(5))},
		"seats[nin]=1,2":               {filter("seats", query.NotIn, int64(1), int64(2))},
		"score=1.5e3":                  {filter("score", query.Eq, 1500.0)},
		"score=.5":                     {filter("score", query.Eq, 0.5)},
		"score=-0":                     {filter("score", query.Eq, 0.0)},
		"score=1e-999":                 {filter("score", query.Eq, 0.0)},
		"score[lte]=-2":                {filter("score", query.Lte, -2.0)},
		"score[in]=1,2.5":              {filter("score", query.In, 1.0, 2.5)},
		"is_active=false":              {filter("is_active", query.Eq, false)},
		"is_active[gt]=false":          {filter("is_active", query.Gt, false)},
		"is_active[in]=true,false":     {filter("is_active", query.In, true, false)},
		"created_at=2026-01-02T05:04:05.1234567%2B02:00": {filter("created_at", query.Eq, when)},
		"seen_at[gte]=2026-01-02T03:04:05.123456Z":       {filter("seen_at", query.Gte, when)},
		"seen_at[in]=1000-01-01T00:00:00Z,9999-12-31T23:59:59.999999Z": {
			filter("seen_at", query.In, time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC),
				time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC))},
		// A field with the name of a parameter.
		"page[eq]=x": {filter("page", query.Eq, "x")},
		"page[in]=x": {filter("page", query.In, "x")},
		// Sorted by name, not by the order in the URL.
		"title=x&id=-5": {filter("id", query.Eq, int64(-5)), filter("title", query.Eq, "x")},
		"title=x&title[ne]=y&id[lt]=9&id[gt]=5": {filter("id", query.Gt, int64(5)), filter("id", query.Lt, int64(9)),
			filter("title", query.Eq, "x"), filter("title", query.Ne, "y")},
		"&&id=1&": {filter("id", query.Eq, int64(1))},
		"title[like]=" + strings.Repeat("%C3%A4",
			query.MaxPattern): {filter("title", query.Like, strings.Repeat("ä", query.MaxPattern))},
	} {
		list, err := things.ParseList(raw)
		if want := (query.List{Filters: want, Sort: newest, PerPage: query.DefaultPerPage}); err != nil ||
			!reflect.DeepEqual(list, want) {
			t.Errorf("%s:\ngot  %+v %v\nwant %+v", raw, list, err, want)
		}
		b, err := things.ParseBulk(raw)
		if want := (query.Bulk{Filters: want, MaxAffected: -1}); err != nil || !reflect.DeepEqual(b, want) {
			t.Errorf("bulk, %s:\ngot  %+v %v\nwant %+v", raw, b, err, want)
		}
	}
}

func TestInTakesManyValues(t *testing.T) {
	t.Parallel()
	list, err := things.ParseList("id[in]=" + strings.TrimSuffix(strings.Repeat("7,", query.MaxIn), ","))
	if err != nil || len(list.Filters) != 1 || len(list.Filters[0].Values) != query.MaxIn {
		t.Errorf("%v %v", list, err)
	}
}

// TestLists checks paging, sorting, fields and include.
func TestLists(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]query.List{
		"":                        {},
		"page=3&per_page=7":       {Page: 3, PerPage: 7, Count: true},
		"page=1000000000":         {Page: 1_000_000_000, Count: true},
		"page=1&count=exact":      {Page: 1, Count: true},
		"per_page=1000":           {PerPage: 1000},
		"per_page=1&count=exact":  {PerPage: 1, Count: true},
		"fields=title":            {Fields: []string{"title"}},
		"fields=title,page,id":    {Fields: []string{"id", "title", "page"}},
		"include=owner":           {Include: []string{"owner"}},
		"include=parts,owner":     {Include: []string{"owner", "parts"}},
		"fields=id&include=parts": {Fields: []string{"id"}, Include: []string{"parts"}},
		"sort=title":              {Sort: []query.Order{{Field: "title"}, {Field: "id"}}},
		"sort=-title":             {Sort: []query.Order{{Field: "title", Desc: true}, {Field: "id", Desc: true}}},
		"sort=-title,note": {
			Sort: []query.Order{{Field: "title", Desc: true}, {Field: "note"}, {Field: "id", Desc: true}}},
		"sort=title,-note": {Sort: []query.Order{{Field: "title"}, {Field: "note", Desc: true}, {Field: "id"}}},
		"sort=page":        {Sort: []query.Order{{Field: "page"}, {Field: "id"}}},
		"sort=id":          {Sort: []query.Order{{Field: "id"}}},
		"sort=-score,id":   {Sort: []query.Order{{Field: "score", Desc: true}, {Field: "id"}}},
		"sort=id,title":    {Sort: []query.Order{{Field: "id"}}}, // fields after the id have no effect
		"sort=title&page=2&score=.5": {Sort: []query.Order{{Field: "title"}, {Field: "id"}}, Page: 2, Count: true,
			Filters: []query.Filter{filter("score", query.Eq, .5)}},
	} {
		if want.Sort == nil {
			want.Sort = newest
		}
		if want.PerPage == 0 {
			want.PerPage = query.DefaultPerPage
		}
		if got, err := things.ParseList(raw); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v %v\nwant %+v", raw, got, err, want)
		}
	}
}

func TestNewestFirstWithoutTimes(t *testing.T) {
	t.Parallel()
	want := query.List{Sort: []query.Order{{Field: "id", Desc: true}}, PerPage: query.DefaultPerPage}
	if got, err := timeless.ParseList(""); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v %v, want %+v", got, err, want)
	}
}

// TestFieldsNamedLikeParameters checks that such a name without an operator is the
// parameter, in lists and in bulk writes alike.
func TestFieldsNamedLikeParameters(t *testing.T) {
	t.Parallel()
	names := []string{"fields", "include", "sort", "page", "per_page", "cursor", "count", "all", "max_affected", "dry_run"}
	table := &query.Table{Name: "odd", Key: []string{"id"}, Fields: []query.Field{{Name: "id", Type: query.Integer}}}
	for _, name := range names {
		table.Fields = append(table.Fields, query.Field{Name: name, Type: query.Text})
	}
	for _, name := range names {
		if list, err := table.ParseList(name + "=true"); err == nil && list.Filters != nil {
			t.Errorf("%s=true filters a list", name)
		}
		if bulk, err := table.ParseBulk(name + "=true"); err == nil && bulk.Filters != nil {
			t.Errorf("%s=true filters a write", name)
		}
		list, err := table.ParseList(name + "[eq]=true")
		if want := []query.Filter{filter(name, query.Eq, "true")}; err != nil || !reflect.DeepEqual(list.Filters, want) {
			t.Errorf("%s[eq]=true: %v %v", name, list.Filters, err)
		}
		if list, err := table.ParseList("sort=" + name); err != nil || list.Sort[0].Field != name {
			t.Errorf("sort=%s: %v %v", name, list.Sort, err)
		}
	}
}

// TestListsShareNothing checks that a change of one List does not change another.
func TestListsShareNothing(t *testing.T) {
	t.Parallel()
	one, _ := things.ParseList("")
	one.Sort[0].Field = "title"
	if two, _ := things.ParseList(""); !reflect.DeepEqual(two.Sort, newest) {
		t.Errorf("%+v", two.Sort)
	}
}

func TestBulk(t *testing.T) {
	t.Parallel()
	byID := []query.Filter{filter("id", query.Eq, int64(1))}
	for raw, want := range map[string]query.Bulk{
		"id=1":                                  {Filters: byID, MaxAffected: -1},
		"all=true":                              {All: true, MaxAffected: -1},
		"all=true&id=1":                         {All: true, Filters: byID, MaxAffected: -1}, // the filter applies
		"all=false&id=1":                        {Filters: byID, MaxAffected: -1},
		"id=1&max_affected=0":                   {Filters: byID, MaxAffected: 0},
		"id=1&max_affected=9223372036854775807": {Filters: byID, MaxAffected: 9223372036854775807},
		"id=1&dry_run=true":                     {Filters: byID, MaxAffected: -1, DryRun: true},
		"id=1&dry_run=false":                    {Filters: byID, MaxAffected: -1},
		"page[eq]=1":                            {Filters: []query.Filter{filter("page", query.Eq, "1")}, MaxAffected: -1},
		// These parameters are ignored.
		"id=1&sort=title&fields=id&include=owner&count=exact": {Filters: byID, MaxAffected: -1},
	} {
		if got, err := things.ParseBulk(raw); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v %v\nwant %+v", raw, got, err, want)
		}
	}
}

func TestOneAndNone(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]query.One{
		"":                              {},
		"fields=title,id":               {Fields: []string{"id", "title"}},
		"include=parts":                 {Include: []string{"parts"}},
		"include=parts,owner&fields=id": {Include: []string{"owner", "parts"}, Fields: []string{"id"}},
	} {
		if got, err := things.ParseOne(raw); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v %v\nwant %+v", raw, got, err, want)
		}
	}
	for _, raw := range []string{"", "&"} {
		if err := query.ParseNone(raw); err != nil {
			t.Errorf("none, %q: %v", raw, err)
		}
	}
}

func TestOffset(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page, perPage, want int
	}{{0, 20, 0}, {1, 20, 0}, {2, 20, 20}, {1_000_000_000, 1000, 999_999_999_000}} {
		if got := (query.List{Page: c.page, PerPage: c.perPage}).Offset(); got != c.want {
			t.Errorf("page %d of %d: offset %d, want %d", c.page, c.perPage, got, c.want)
		}
	}
}

func TestSuccessor(t *testing.T) {
	t.Parallel()
	const greatest = "\U0010FFFF"
	for _, c := range []struct {
		p, want string
		ok      bool
	}{
		{"", "", false},
		{"a", "b", true},
		{"ab", "ac", true},
		{"az", "a{", true},
		{"a\x7f", "a\u0080", true},
		{"\u07ff", "\u0800", true},
		{"\uD7FF", "\uE000", true}, // skips the surrogates
		{"\uFFFF", "\U00010000", true},
		{"\U0010FFFE", greatest, true},
		{"a" + greatest, "b", true},
		{"a\uD7FF" + greatest + greatest, "a\uE000", true},
		{greatest, "", false},
		{greatest + greatest, "", false},
	} {
		got, ok := query.Successor(c.p)
		if got != c.want || ok != c.ok {
			t.Errorf("%q: %q %v, want %q %v", c.p, got, ok, c.want, c.ok)
		}
		if !ok {
			continue
		}
		if longest := c.p + strings.Repeat(greatest, 3); got <= longest {
			t.Errorf("%q: %q is not greater than %q", c.p, got, longest)
		}
	}
}
