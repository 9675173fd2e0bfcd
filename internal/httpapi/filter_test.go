package httpapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestFilters checks every operator on every type, on both dialects.
func TestFilters(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		for _, u := range []string{
			`{"username":"ada","email":"ada@example.com","bio":"100% sure_of!it","score":9.5}`,
			`{"username":"Ada","email":"ADA@example.com","bio":"","score":-1}`,
			`{"username":"bob","email":"bob@example.com","is_active":false}`,
			`{"username":"böb","email":"boeb@example.com","bio":"back\\slash's \"quote\"","score":1e300}`,
			`{"username":"😀","email":"smile@example.com","bio":"line\nbreak","score":0.1}`,
		} {
			api.Must(201, "POST", "/users", u)
		}
		api.Must(201, "POST", "/posts", `[{"title":"a","user_id":1},{"title":"b","user_id":2},{"title":"c","user_id":1}]`)
		for _, c := range []struct{ query, want string }{
			{"username=ada", "1"},
			{"username[eq]=ada", "1"},
			{"username[ne]=ada", "2 3 4 5"},
			{"username[gt]=ada", "3 4 5"},
			{"username[gte]=ada", "1 3 4 5"},
			{"username[lt]=ada", "2"},
			{"username[lte]=ada", "1 2"},
			{"username[in]=ada,bob", "1 3"},
			{"username[in]=ada", "1"},
			{"username[nin]=ada,bob", "2 4 5"},
			{"username[like]=b_b", "3 4"},
			{"username[like]=%25", "1 2 3 4 5"},
			{"username[like]=_", "5"},
			{"username[like]=a%25", "1"},
			{"username[like]=A%25", "2"},
			{"username[starts]=b", "3 4"},
			{"username[starts]=", "1 2 3 4 5"},
			{"username[starts]=😀", "5"},
			{"username[contains]=d", "1 2"},
			{"username[contains]=D", ""},
			{"username[contains]=", "1 2 3 4 5"},
			{"bio[null]=true", "3"},
			{"bio[null]=false", "1 2 4 5"},
			{"bio=", "2"},
			{"bio[ne]=x", "1 2 4 5"}, // NULL does not match ne
			{"bio[nin]=x,y", "1 2 4 5"},
			{"bio[like]=100%25", "1"},
			{"bio[contains]=0%25+s", "1"},
			{"bio[contains]=e_o", "1"},
			{"bio[contains]=!", "1"},
			{"bio[like]=%25!it", "1"},
			{"bio[like]=%25!%25", "1"},
			{"bio[starts]=100%25", "1"},
			{`bio[contains]=\`, "4"},
			{`bio[like]=%25\%25`, "4"},
			{`bio[like]=back\slash%25`, "4"},
			{`bio[contains]='s "q`, "4"},
			{"bio[contains]=%0A", "5"},
			{"bio[like]=line_break", "5"},
			{"score=9.5", "1"},
			{"score[gt]=0", "1 4 5"},
			{"score[lte]=0", "2 3"},
			{"score[in]=0.1,1e300,-1", "2 4 5"},
			{"score[ne]=0", "1 2 4 5"},
			{"score[null]=true", ""},
			{"is_active=false", "3"},
			{"is_active[ne]=false", "1 2 4 5"},
			{"is_active[in]=true,false", "1 2 3 4 5"},
			{"id[gt]=3", "4 5"},
			{"id[in]=5,1,1", "1 5"},
			{"id[nin]=5,1", "2 3 4"},
			{"id[gte]=-9223372036854775808&id[lt]=3", "1 2"},
			{"created_at[gt]=2000-01-01T00:00:00Z", "1 2 3 4 5"},
			{"created_at[lt]=2000-01-01T00:00:00%2B02:00", ""},
			{"created_at[null]=false", "1 2 3 4 5"},
			{"username[gte]=a&username[lt]=b&is_active=true", "1"},
		} {
			api.lists("/users?sort=id&"+escape(c.query), c.want)
		}
		api.lists("/posts?user_id=1&sort=id", "1 3")
		api.lists("/posts?user_id[in]=1,2&sort=-id", "3 2 1")
		api.lists("/posts?user_id[gt]=1", "2")
	})
}

// escape encodes a readable query for a URL.
func escape(query string) string {
	return strings.NewReplacer(`"`, "%22", " ", "+", `\`, "%5C", "ö", url.QueryEscape("ö")).Replace(query)
}

// lists checks the ids in a list, in order.
func (a *testAPI) lists(path, ids string) response {
	a.T.Helper()
	got := a.Must(200, "GET", path, "")
	if text := idsOf(got.Array(a.T)); text != ids {
		a.T.Errorf("%s: ids %q, want %q", path, text, ids)
	}
	return got
}

// TestQuotedValues checks that a value in double quotes may contain commas.
func TestQuotedValues(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		for _, title := range []string{"a,b", "c", `"c"`, `a\"b`, "d\"e"} {
			api.Must(201, "POST", "/notes", fmt.Sprintf(`{"title":%q}`, title))
		}
		for list, ids := range map[string]string{
			`"a,b",c`:      "1 2",
			`"a,b","c"`:    "1 2",
			`a,b,c`:        "2",
			`"\"c\""`:      "3",
			`"a\\\"b",d"e`: "4 5",
			`"a,b"&c`:      "1 2",
		} {
			query := ""
			for part := range strings.SplitSeq(list, "&") {
				query += "&title[in]=" + url.QueryEscape(part)
			}
			api.lists("/notes?sort=id"+query, ids)
		}
		api.lists("/notes?sort=id&id[in]=%221%22,3&id[nin]=%223%22", "1")
		api.lists("/notes?sort=id&created_at[in]=%222026-01-02T03:04:05Z%22", "")
	})
}

// TestRepeatedLists checks that list parameters may be repeated, and that links repeat them.
func TestRepeatedLists(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed() // notes: one first, two second, three first
		api.lists("/notes?sort=content&sort=-title", "3 1 2")
		api.lists("/notes?sort=content&sort=title", "1 3 2")
		api.lists("/notes?sort=-title&sort=content", "2 3 1")
		for _, mode := range []string{"", "&page=1"} {
			got := api.lists("/notes?sort=content&sort=-title&fields=id&fields=title&id[in]=1&id[in]=2,3&per_page=1"+mode, "3")
			for _, want := range []string{`[{"id":1,"title":"one"}]`, `[{"id":2,"title":"two"}]`} {
				if got = api.Must(200, "GET", got.Next(), ""); got.Body != want {
					t.Errorf("%s, want %s", got.Body, want)
				}
			}
		}
		if got := api.Must(200, "GET", "/posts?include=author&fields=title&fields=id", "").Body; !strings.HasPrefix(got,
			`[{"id":1,"title":"on engines","author":{"id":1,`) {
			t.Error(got)
		}
		if got := api.Must(200, "DELETE", "/notes?id[in]=1&id[in]=3", "").Body; got != `{"affected":2}` {
			t.Error(got)
		}
	})
}

func TestInvalidFilters(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "an unknown operator", method: "GET", path: "/notes?title[near]=x", status: 400,
			errors: []string{"title[near] operator"}},
		{name: "an operator in capitals", method: "GET", path: "/notes?title[LIKE]=x", status: 400,
			errors: []string{"title[LIKE] operator"}},
		{name: "an operator of text on a number", method: "GET", path: "/users?score[like]=1%25", status: 400,
			errors: []string{"score[like] operator"}},
		{name: "an operator of text on a time", method: "GET", path: "/users?created_at[starts]=2026", status: 400,
			errors: []string{"created_at[starts] operator"}},
		{name: "an unknown field with an operator", method: "GET", path: "/notes?colour[gt]=1", status: 400,
			errors: []string{"colour[gt] unknown"}},
		{name: "one invalid value in a list", method: "GET", path: "/notes?id[in]=1,x,3", status: 400,
			errors: []string{"id[in] type"}},
		{name: "an empty value in a list", method: "GET", path: "/notes?id[in]=1,,3", status: 400,
			errors: []string{"id[in] type"}},
		{name: "null is true or false", method: "GET", path: "/users?bio[null]=yes", status: 400,
			errors: []string{"bio[null] type"}},
		{name: "an operator twice", method: "GET", path: "/notes?id[gt]=1&id[gt]=2", status: 400,
			errors: []string{"id[gt] repeated"}},
		{name: "a quote without an end", method: "GET", path: "/notes?title[in]=%22a,b", status: 400,
			errors: []string{"title[in] syntax"}},
		{name: "a list of pages", method: "GET", path: "/notes?page=1&page=2", status: 400,
			errors: []string{"page repeated"}},
		{name: "not UTF-8", method: "GET", path: "/notes?title[contains]=%ff", status: 400,
			errors: []string{"title[contains] invalid_text"}},
		{name: "NUL", method: "GET", path: "/notes?title[like]=%00", status: 400,
			errors: []string{"title[like] invalid_text"}},
		{name: "a pattern too long", method: "GET", path: "/notes?title[like]=" + strings.Repeat("%25", 1001), status: 400,
			errors: []string{"title[like] out_of_range"}},
		{name: "too many values", method: "GET", path: "/notes?id[in]=1" + strings.Repeat(",1", 1000), status: 400,
			errors: []string{"id[in] out_of_range"}},
		{name: "count of another kind", method: "GET", path: "/notes?count=planned", status: 400,
			errors: []string{"count out_of_range"}},
		{name: "an unknown member", method: "GET", path: "/notes?fields=id,colour", status: 400,
			errors: []string{"fields unknown"}},
		{name: "a member twice", method: "GET", path: "/notes?fields=id,id", status: 400,
			errors: []string{"fields repeated"}},
		{name: "no members", method: "GET", path: "/notes?fields=", status: 400, errors: []string{"fields unknown"}},
		{name: "an unknown relation", method: "GET", path: "/notes?include=author", status: 400,
			errors: []string{"include unknown"}},
		{name: "a relation of a relation", method: "GET", path: "/posts?include=author.posts", status: 400,
			errors: []string{"include unknown"}},
		{name: "a page and a cursor", method: "GET", path: "/notes?page=1&cursor=x", status: 400,
			errors: []string{"page conflict", "cursor cursor"}},
		{name: "no cursor", method: "GET", path: "/notes?cursor=", status: 400, errors: []string{"cursor cursor"}},
		{name: "a bulk guard on a list", method: "GET", path: "/notes?all=true", status: 400,
			errors: []string{"all unknown"}},
		{name: "a parameter of one row", method: "GET", path: "/notes/1?title=x", status: 400,
			errors: []string{"title unknown"}},
		{name: "a parameter of a create", method: "POST", path: "/notes?title=x", body: `{"title":"x"}`, status: 400,
			errors: []string{"title unknown"}},
		{name: "a parameter of a patch", method: "PATCH", path: "/notes/1?dry_run=true", body: `{"title":"x"}`, status: 400,
			errors: []string{"dry_run unknown"}},
		{name: "a parameter of a put", method: "PUT", path: "/notes/1?x", body: `{"title":"x"}`, status: 400,
			errors: []string{"x unknown"}},
		{name: "a parameter of a delete", method: "DELETE", path: "/notes/1?dry_run=true", status: 400,
			errors: []string{"dry_run unknown"}},
		{name: "invalid requests created nothing", method: "GET", path: "/notes?sort=id&page=1", status: 200,
			want: []string{`"title":"one"`}, header: map[string]string{"X-Total-Count": "3"}},
	})
}
