package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestCreateMany(t *testing.T) {
	t.Parallel()
	thousand := "[" + strings.Repeat(`{"title":"x"},`, 999) + `{"title":"x"}]`
	run(t, []scenario{
		{name: "several, in order", method: "POST", path: "/notes",
			body: `[{"title":"a"},{"title":"b","content":"c"},{"title":"c"}]`, status: 201,
			want:   []string{`[{"id":4,"title":"a","content":"",`, `{"id":5,"title":"b","content":"c",`, `{"id":6,"title":"c",`},
			header: map[string]string{"Location": "", "ETag": ""}},
		{name: "they exist", method: "GET", path: "/notes/5", status: 200, want: []string{`"title":"b"`}},
		{name: "one", method: "POST", path: "/notes", body: `[{"title":"a"}]`, status: 201,
			want: []string{`[{"id":7,"title":"a"`}, header: map[string]string{"Location": ""}},
		{name: "a thousand", method: "POST", path: "/notes", body: thousand, status: 201,
			want: []string{`[{"id":8,`, `{"id":1007,`}},
		{name: "none", method: "POST", path: "/notes", body: `[]`, status: 422, errors: []string{"out_of_range"}},
		{name: "one more than a thousand", method: "POST", path: "/notes",
			body: strings.Replace(thousand, "[", `[{"title":"x"},`, 1), status: 422, errors: []string{"out_of_range"}},
		{name: "all errors, each with its row", method: "POST", path: "/notes",
			body: `[{"title":"x"},{"content":5},7,{"title":"y","colour":1}]`, status: 422,
			want:   []string{`"[1]: Title is required"`},
			errors: []string{"[1].title required", "[1].content type", "[2] type", "[3].colour unknown"}},
		{name: "one that is taken", method: "POST", path: "/users",
			body: `[{"username":"x","email":"x@x.org"},{"username":"ada","email":"y@x.org"}]`, status: 409,
			errors: []string{"[1].username duplicate"}},
		{name: "two alike", method: "POST", path: "/users", body: `[{"username":"x","email":"x@x.org"},{"username":"y",` +
			`"email":"x@x.org"}]`, status: 409, errors: []string{"[1].email duplicate"}},
		{name: "both values taken", method: "POST", path: "/users", body: `{"username":"ada","email":"bob@example.com"}`,
			status: 409, errors: []string{"username duplicate", "email duplicate"}},
		{name: "one without a user", method: "POST", path: "/posts",
			body: `[{"title":"x","user_id":1},{"title":"y","user_id":77}]`, status: 422,
			errors: []string{"[1].user_id missing_parent"}},
		{name: "no user of an invalid array exists", method: "GET", path: "/users?page=1", status: 200,
			header: map[string]string{"X-Total-Count": "2"}},
		{name: "no post of an invalid array exists", method: "GET", path: "/posts?page=1", status: 200,
			header: map[string]string{"X-Total-Count": "1"}},
		{name: "no note of an invalid array exists", method: "GET", path: "/notes?page=1", status: 200,
			header: map[string]string{"X-Total-Count": "1007"}},
	})
}

func TestBulk(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "a dry run changes nothing", method: "PATCH", path: "/notes?content=first&dry_run=true", body: `{"title":"x"}`,
			status: 200, want: []string{`{"affected":2}`}},
		{name: "a dry run of a delete changes nothing", method: "DELETE", path: "/notes?all=true&dry_run=true", status: 200,
			want: []string{`{"affected":3}`}},
		{name: "nothing changed", method: "GET", path: "/notes?title=x", status: 200, want: []string{`[]`}},
		{name: "a change", method: "PATCH", path: "/notes?content=first", body: `{"title":"x"}`, status: 200,
			want: []string{`{"affected":2}`}, header: map[string]string{"Content-Type": "application/json"}},
		{name: "other rows are unchanged", method: "GET", path: "/notes?sort=id&fields=title", status: 200,
			want: []string{`[{"title":"x"},{"title":"two"},{"title":"x"}]`}},
		{name: "a change to the same values counts", method: "PATCH", path: "/notes?content=first", body: `{"title":"x"}`,
			status: 200, want: []string{`{"affected":2}`}},
		{name: "a change of no rows", method: "PATCH", path: "/notes?content=none", body: `{"title":"y"}`, status: 200,
			want: []string{`{"affected":0}`}},
		{name: "a change without members", method: "PATCH", path: "/notes?content=first", body: `{}`, status: 200,
			want: []string{`{"affected":2}`}},
		{name: "more than max_affected", method: "PATCH", path: "/notes?content=first&max_affected=1", body: `{"title":"y"}`,
			status: 409, want: []string{"The number of rows that match (2)"}, errors: []string{"max_affected too_many"}},
		{name: "max_affected rows", method: "PATCH", path: "/notes?content=first&max_affected=2", body: `{"content":"one"}`,
			status: 200, want: []string{`{"affected":2}`}},
		{name: "a dry run that finds too many", method: "DELETE", path: "/notes?all=true&max_affected=2&dry_run=true",
			status: 409, errors: []string{"max_affected too_many"}},
		{name: "a delete that finds too many", method: "DELETE", path: "/notes?all=true&max_affected=2", status: 409,
			errors: []string{"max_affected too_many"}},
		{name: "max_affected is 0", method: "DELETE", path: "/notes?title=two&max_affected=0", status: 409,
			errors: []string{"max_affected too_many"}},
		{name: "nothing was deleted", method: "GET", path: "/notes?page=1", status: 200,
			header: map[string]string{"X-Total-Count": "3"}},
		{name: "no filter", method: "DELETE", path: "/notes", status: 400, errors: []string{"all required"}},
		{name: "sort and fields are not filters", method: "DELETE", path: "/notes?sort=id&fields=title", status: 400,
			errors: []string{"all required"}},
		{name: "a page", method: "DELETE", path: "/notes?page=1&all=true", status: 400,
			errors: []string{"page conflict"}},
		{name: "no filter for a change", method: "PATCH", path: "/notes", body: `{"title":"x"}`, status: 400,
			errors: []string{"all required"}},
		{name: "not all", method: "DELETE", path: "/notes?all=false", status: 400, errors: []string{"all required"}},
		{name: "all of another kind", method: "DELETE", path: "/notes?all=yes", status: 400, errors: []string{"all type"}},
		{name: "a limit of another kind", method: "DELETE", path: "/notes?all=true&max_affected=-1", status: 400,
			errors: []string{"max_affected out_of_range"}},
		{name: "an unknown filter", method: "DELETE", path: "/notes?colour=red", status: 400,
			errors: []string{"colour unknown"}},
		{name: "an ill-typed filter", method: "PATCH", path: "/notes?id[in]=1,x", body: `{"title":"x"}`, status: 400,
			errors: []string{"id[in] type"}},
		{name: "a precondition", method: "DELETE", path: "/notes?all=true", headers: []string{`If-Match: "x"`}, status: 400,
			errors: []string{"If-Match conflict"}},
		{name: "a body that is not valid", method: "PATCH", path: "/notes?all=true", body: `{"title":""}`, status: 422,
			errors: []string{"title required"}},
		{name: "an array", method: "PATCH", path: "/notes?all=true", body: `[{"title":"x"}]`, status: 422,
			errors: []string{"type"}},
		{name: "not JSON", method: "PATCH", path: "/notes?all=true", body: `title`, status: 400, errors: []string{"syntax"}},
		{name: "one value for two unique rows", method: "PATCH", path: "/users?all=true", body: `{"username":"same"}`,
			status: 409, errors: []string{"username duplicate"}},
		{name: "a value that is taken", method: "PATCH", path: "/users?id=2", body: `{"username":"ada"}`, status: 409,
			errors: []string{"username duplicate"}},
		{name: "an unknown user", method: "PATCH", path: "/posts?all=true", body: `{"user_id":99}`, status: 422,
			errors: []string{"user_id missing_parent"}},
		{name: "no row, and an unknown user", method: "PATCH", path: "/posts?id=99", body: `{"user_id":99}`, status: 200,
			want: []string{`{"affected":0}`}},
		{name: "invalid requests changed nothing", method: "GET", path: "/users?sort=id&fields=username", status: 200,
			want: []string{`[{"username":"ada"},{"username":"bob"}]`}},
		{name: "null in a nullable field", method: "PATCH", path: "/users?username[in]=ada,bob",
			body: `{"bio":null,"is_active":false,"score":0}`, status: 200, want: []string{`{"affected":2}`}},
		{name: "a delete cascades and does not count children", method: "DELETE", path: "/users?username=ada",
			status: 200, want: []string{`{"affected":1}`}},
		{name: "the children are deleted", method: "GET", path: "/posts", status: 200, want: []string{`[]`}},
		{name: "all", method: "DELETE", path: "/notes?all=true", status: 200, want: []string{`{"affected":3}`}},
		{name: "nothing is left", method: "GET", path: "/notes", status: 200, want: []string{`[]`}},
		{name: "all of an empty table", method: "DELETE", path: "/notes?all=true", status: 200,
			want: []string{`{"affected":0}`}},
		{name: "a new one has a new id", method: "POST", path: "/notes", body: `{"title":"x"}`, status: 201,
			want: []string{`{"id":4,`}},
	})
}

// TestBulkEveryFilter checks that a bulk write selects the same rows as a list.
func TestBulkEveryFilter(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.manyUsers()
		for _, filter := range []string{
			"username[like]=u_3", "username[starts]=u1", "username[contains]=2", "bio[null]=true", "bio[ne]=bio+1",
			"score[in]=1,2",
			"score[nin]=1,2&is_active=true", "id[gt]=30&id[lte]=40", "created_at[gt]=2000-01-01T00:00:00Z",
		} {
			want := len(api.Must(200, "GET", "/users?per_page=1000&"+filter, "").Array(t))
			got := api.Must(200, "PATCH", "/users?"+filter, `{"score":1.5}`)
			if got.Body != fmt.Sprintf(`{"affected":%d}`, want) || want == 0 {
				t.Errorf("%s: %s, but a list has %d rows", filter, got.Body, want)
			}
			api.Must(200, "PATCH", "/users?score=1.5", `{"score":1}`)
		}
	})
}
