package query_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"slipway/internal/query"
)

// problems returns the problems of an error, as "param code".
func problems(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var e *query.Error
	if !errors.As(err, &e) || len(e.Problems) == 0 {
		t.Fatalf("unexpected type of error: %v", err)
	}
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.Param+" "+p.Code)
	}
	return got
}

// TestRefused checks the parameter and code of every problem, in lists and bulk writes.
func TestRefused(t *testing.T) {
	t.Parallel()
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat("1,", n), ",") }
	for raw, want := range map[string][]string{
		"colour=red":                           {"colour unknown"},
		"colour[eq]=red":                       {"colour[eq] unknown"},
		"colour[near]=x":                       {"colour[near] unknown"},
		"TITLE=x":                              {"TITLE unknown"},
		"=x":                                   {`"" unknown`},
		"[eq]=x":                               {"[eq] unknown"},
		"title[eq=x":                           {"title[eq unknown"},
		"titleeq]=x":                           {"titleeq] unknown"},
		"title[eq]x=x":                         {"title[eq]x unknown"},
		"per_page[eq]=x":                       {"per_page[eq] unknown"},
		"a%0Ab=x":                              {`"a\nb" unknown`},
		"owner=1":                              {"owner unknown"},
		"title[near]=x":                        {"title[near] operator"},
		"title[]=x":                            {"title[] operator"},
		"title[EQ]=x":                          {"title[EQ] operator"},
		"title[eq][ne]=x":                      {"title[eq][ne] operator"},
		"title[%00]=x":                         {`"title[\x00]" operator`},
		"id[like]=1":                           {"id[like] operator"},
		"score[starts]=1":                      {"score[starts] operator"},
		"is_active[contains]=true":             {"is_active[contains] operator"},
		"seen_at[like]=2026%25":                {"seen_at[like] operator"},
		"title=a&title=b":                      {"title repeated"},
		"title[like]=a&title%5blike]=a":        {"title[like] repeated"},
		"id[in]=1&id[in]=x":                    {"id[in] type"},
		"colour[in]=1&colour[in]=2":            {"colour[in] unknown"},
		"sort=title&sort=":                     {"sort unknown"},
		`title[in]="a`:                         {"title[in] syntax"},
		"colour=1&colour=2":                    {"colour repeated"},
		"id=":                                  {"id type"},
		"id=1.0":                               {"id type"},
		"id=%2B1":                              {"id type"},
		"id=0x1":                               {"id type"},
		"id=1_0":                               {"id type"},
		"id=9223372036854775808":               {"id type"},
		"id[gt]=x":                             {"id[gt] type"},
		"id[in]=":                              {"id[in] type"},
		"id[in]=1,,2":                          {"id[in] type"},
		"id[nin]=1,x,y":                        {"id[nin] type"},
		"id[in]=" + many(query.MaxIn+1):        {"id[in] out_of_range"},
		"id[null]=":                            {"id[null] type"},
		"id[null]=1":                           {"id[null] type"},
		"note[null]=True":                      {"note[null] type"},
		"score=Inf":                            {"score type"},
		"score=NaN":                            {"score type"},
		"score=0x1p4":                          {"score type"},
		"score=1e999":                          {"score type"},
		"score=1_0":                            {"score type"},
		"score=":                               {"score type"},
		"is_active=True":                       {"is_active type"},
		"is_active=1":                          {"is_active type"},
		"created_at=2026-01-02":                {"created_at type"},
		"created_at=2026-01-02T03:04Z":         {"created_at type"},
		"created_at=0999-12-31T23:59:59Z":      {"created_at out_of_range"},
		"created_at=9999-12-31T23:59:59-01:00": {"created_at out_of_range"},
		"seen_at[in]=2026-01-02T03:04:05Z,0001-01-01T00:00:00Z": {"seen_at[in] out_of_range"},
		"title=%ff":       {"title invalid_text"},
		"title=%00":       {"title invalid_text"},
		"title=%ED%A0%80": {"title invalid_text"},
		"title[like]=%ff": {"title[like] invalid_text"},
		"title[in]=a,%00": {"title[in] invalid_text"},
		"title[like]=" + strings.Repeat("%25", 1001):   {"title[like] out_of_range"},
		"title[starts]=" + strings.Repeat("x", 1001):   {"title[starts] out_of_range"},
		"title[contains]=" + strings.Repeat("x", 1001): {"title[contains] out_of_range"},
		"sort=":                    {"sort unknown"},
		"sort=--id":                {"sort unknown"},
		"sort=id,":                 {"sort unknown"},
		"sort=owner":               {"sort unknown"},
		"sort=1,title,two":         {"sort unknown", "sort unknown"},
		"sort=title,-title":        {"sort repeated"},
		"sort=id,id":               {"sort repeated"},
		"sort=id&sort=id":          {"sort repeated"},
		"count=":                   {"count out_of_range"},
		"count=true":               {"count out_of_range"},
		"fields=":                  {"fields unknown"},
		"fields=id,":               {"fields unknown"},
		"fields=owner":             {"fields unknown"},
		"fields=id,id":             {"fields repeated"},
		"include=":                 {"include unknown"},
		"include=title":            {"include unknown"},
		"include=owner,owner,boss": {"include repeated", "include unknown"},
		"title=%":                  {" syntax"},
		"%zz=1":                    {" syntax"},
		"id=1;title=2":             {" syntax"},
		strings.Repeat("a&", 1000): {" out_of_range"},
		// Several problems, sorted by name.
		"id=x&b=1&a=1&title=%00&score[like]=1": {"a unknown", "b unknown", "id type", "score[like] operator",
			"title invalid_text"},
	} {
		if _, err := things.ParseList(raw); !slices.Equal(problems(t, err), want) {
			t.Errorf("%.60s: %q, want %q", raw, problems(t, err), want)
		}
		// A bulk write has the same problems. The filter avoids the problem of a missing one.
		if strings.HasSuffix(raw, "&") {
			continue
		}
		if _, err := things.ParseBulk(raw + "&note[null]=false"); !slices.Equal(problems(t, err), want) &&
			!strings.Contains(raw, "note[null]") {
			t.Errorf("bulk, %.60s: %q, want %q", raw, problems(t, err), want)
		}
	}
}

// TestRefusedPages checks the parameters that only a list supports.
func TestRefusedPages(t *testing.T) {
	t.Parallel()
	next := things.Cursor([]query.Order{{Field: "id"}}, []any{int64(1)})
	for raw, want := range map[string][]string{
		"page=0":                        {"page out_of_range"},
		"page=-1":                       {"page out_of_range"},
		"page=%2B1":                     {"page out_of_range"},
		"page=":                         {"page out_of_range"},
		"page=1000000001":               {"page out_of_range"},
		"page=99999999999999999999":     {"page out_of_range"},
		"page=1&page=1":                 {"page repeated"},
		"per_page=0":                    {"per_page out_of_range"},
		"per_page=1001":                 {"per_page out_of_range"},
		"per_page=ten":                  {"per_page out_of_range"},
		"b=1&a=1&page=x":                {"a unknown", "b unknown", "page out_of_range"},
		"all=true":                      {"all unknown"},
		"max_affected=1":                {"max_affected unknown"},
		"dry_run=true":                  {"dry_run unknown"},
		"cursor=":                       {"cursor cursor"},
		"cursor=x":                      {"cursor cursor"},
		"cursor=" + next:                {"cursor cursor"}, // for another order
		"cursor=x&cursor=y":             {"cursor repeated"},
		"cursor=" + next + "&sort=ID":   {"sort unknown"},
		"cursor=x&sort=id&id=x":         {"id type", "cursor cursor"},
		"page=1&sort=id&cursor=" + next: {"page conflict"},
		"page=0&cursor=x":               {"page out_of_range", "page conflict", "cursor cursor"},
	} {
		if _, err := things.ParseList(raw); !slices.Equal(problems(t, err), want) {
			t.Errorf("%s: %q, want %q", raw, problems(t, err), want)
		}
	}
}

// TestRefusedBulk checks that a bulk write requires a filter and refuses page, per_page and
// cursor.
func TestRefusedBulk(t *testing.T) {
	t.Parallel()
	next := things.Cursor(newest[1:], []any{int64(1)})
	for raw, want := range map[string][]string{
		"":                                      {"all required"},
		"all=false":                             {"all required"},
		"dry_run=true":                          {"all required"},
		"max_affected=5":                        {"all required"},
		"fields=id":                             {"all required"},
		"include=owner":                         {"all required"},
		"count=exact":                           {"all required"},
		"sort=title":                            {"all required"},
		"sort=colour":                           {"sort unknown", "all required"},
		"page=1":                                {"page conflict", "all required"},
		"id=1&page=1":                           {"page conflict"},
		"id=1&per_page=10":                      {"per_page conflict"},
		"id=1&page=0":                           {"page out_of_range", "page conflict"},
		"id=1&sort=-id&cursor=" + next:          {"cursor conflict"},
		"id=1&cursor=x&page=1":                  {"cursor cursor", "cursor conflict", "page conflict"},
		"all=":                                  {"all type"},
		"all=1":                                 {"all type"},
		"all=true&all=false":                    {"all repeated"},
		"all=false&all=true":                    {"all repeated"},
		"dry_run=yes&id=1":                      {"dry_run type"},
		"max_affected=-1&id=1":                  {"max_affected out_of_range"},
		"max_affected=&id=1":                    {"max_affected out_of_range"},
		"max_affected=1.5&id=1":                 {"max_affected out_of_range"},
		"max_affected=9223372036854775808&id=1": {"max_affected out_of_range"},
		"max_affected=1&max_affected=1&id=1":    {"max_affected repeated"},
		"all[eq]=true":                          {"all[eq] unknown"},
		// An invalid filter counts as a filter.
		"id=x":          {"id type"},
		"colour=red":    {"colour unknown"},
		"id=1&id=2":     {"id repeated"},
		"title[near]=x": {"title[near] operator"},
		"title=%":       {" syntax"},
	} {
		if _, err := things.ParseBulk(raw); !slices.Equal(problems(t, err), want) {
			t.Errorf("%s: %q, want %q", raw, problems(t, err), want)
		}
	}
}

func TestRefusedOneAndNone(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]string{
		"title=x":          {"title unknown"},
		"title[eq]=x":      {"title[eq] unknown"},
		"sort=id":          {"sort unknown"},
		"page=1":           {"page unknown"},
		"cursor=x":         {"cursor unknown"},
		"count=exact":      {"count unknown"},
		"all=true":         {"all unknown"},
		"fields=x":         {"fields unknown"},
		"fields=id,id":     {"fields repeated"},
		"fields=id&fields": {"fields unknown"},
		"include=x":        {"include unknown"},
		"x=%":              {" syntax"},
	} {
		if _, err := things.ParseOne(raw); !slices.Equal(problems(t, err), want) {
			t.Errorf("%s: %q, want %q", raw, problems(t, err), want)
		}
	}
	for raw, want := range map[string][]string{
		"fields=id":    {"fields unknown"},
		"x=1&include=": {"include unknown", "x unknown"},
		"x=1&x=2":      {"x repeated"},
		"x=%":          {" syntax"},
	} {
		if err := query.ParseNone(raw); !slices.Equal(problems(t, err), want) {
			t.Errorf("none, %s: %q, want %q", raw, problems(t, err), want)
		}
	}
}

// TestDetails checks the texts for people.
func TestDetails(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"title[near]=x": "title does not support operator near: use one of eq, ne, gt, gte, lt, lte, like, in, nin, " +
			"null, starts, contains",
		"id[like]=1":          "id does not support operator like: use one of eq, ne, gt, gte, lt, lte, in, nin, null",
		"id[in]=1,x":          "id[in] has an invalid value at position 2 of 2: it must be a whole number of at most 64 bits",
		"id[in]=1&id[in]=2,x": "id[in] has an invalid value at position 3 of 3: it must be a whole number of at most 64 bits",
		`title[in]=a,"b`:      "title[in] has an invalid value at position 2: the closing quote is missing",
		`title[in]=a&title[in]="b"c`: `title[in] has an invalid value at position 2: a comma must follow the closing ` +
			`quote (write a quote inside a quoted value as \")`,
		`title[nin]="\n"`: `title[nin] has an invalid value at position 1: a quote or a backslash must follow each ` +
			`backslash in a quoted value, as in \" and \\`,
		"id[in]=1,2&id=x":                    "id must be a whole number of at most 64 bits",
		"sort=x":                             "Unknown field x in sort",
		"fields=x":                           "Unknown field x",
		"include=x":                          "Unknown relation x",
		"include=" + strings.Repeat("x", 70): "Unknown relation " + strings.Repeat("x", 60) + "…",
		"a=1&b=1":                            "Unknown parameter a; Unknown parameter b",
		"title[like]=" + strings.Repeat("x", 1001): "title[like] must have at most 1000 " +
			"characters, not 1001",
		"page=1&cursor=" + things.Cursor(newest, []any{newYear, int64(1)}): "page and cursor cannot be combined: send one " +
			"of them",
	} {
		if _, err := things.ParseList(raw); err == nil || err.Error() != want {
			t.Errorf("%.60s:\ngot  %v\nwant %s", raw, err, want)
		}
	}
	for raw, want := range map[string]string{
		"": "This request requires a filter, such as id[in]=1,2: send one, or all=true to select every row",
		"id=1&page=1": "page is not supported here, because the request writes every row that matches: use max_affected to " +
			"limit it",
	} {
		if _, err := things.ParseBulk(raw); err == nil || err.Error() != want {
			t.Errorf("bulk, %s:\ngot  %v\nwant %s", raw, err, want)
		}
	}
}

// TestManyProblems checks that the number of problems in an error is limited.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	_, err := things.ParseList("sort=" + strings.Repeat("x,", 5000))
	if got := len(problems(t, err)); got != 1000 {
		t.Errorf("%d problems", got)
	}
}

// TestSortIsBounded uses a table with more fields than a cursor can have keys.
func TestSortIsBounded(t *testing.T) {
	t.Parallel()
	wide := &query.Table{Name: "wide", Key: []string{"id"}, Fields: []query.Field{{Name: "id", Type: query.Integer}}}
	var names []string
	for i := range query.MaxSort + 1 {
		names = append(names, fmt.Sprint("f", i))
		wide.Fields = append(wide.Fields, query.Field{Name: names[i], Type: query.Text})
	}
	if list, err := wide.ParseList("sort=" + strings.Join(names[1:], ",")); err != nil ||
		len(list.Sort) != query.MaxSort+1 {
		t.Errorf("%v %v", list, err)
	}
	_, err := wide.ParseList("sort=" + strings.Join(names, ","))
	if got, want := problems(t, err), []string{"sort out_of_range"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
