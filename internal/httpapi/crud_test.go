package httpapi_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 200)
	run(t, []scenario{
		{name: "a note", method: "POST", path: "/notes", body: `{"title":"x"}`, status: 201,
			want:   []string{`{"id":4,"title":"x","content":"","created_at":"`},
			header: map[string]string{"Location": "/notes/4", "Content-Type": "application/json"}},
		{name: "a user takes its defaults", method: "POST", path: "/users", body: `{"username":"eve","email":"e@x.org"}`,
			status: 201,
			want:   []string{`"id":3`, `"bio":null`, `"is_active":true`, `"score":0,`}},
		{name: "false and zero are kept", method: "POST", path: "/users",
			body: `{"username":"fay","email":"f@x.org","is_active":false,"score":-0.0,"bio":""}`, status: 201,
			want: []string{`"bio":""`, `"is_active":false`, `"score":0,`}},
		{name: "read-only members are ignored", method: "POST", path: "/notes",
			body: `{"title":"x","id":99,"created_at":"yesterday","updated_at":7}`, status: 201,
			want: []string{`"id":5`}},
		{name: "text is stored unchanged", method: "POST", path: "/notes",
			body: `{"title":" <a> & \"b\" 😀 é é ","content":"'); DROP TABLE notes; --\n\\"}`, status: 201,
			want: []string{`"title":" <a> & \"b\" 😀 é é "`, `"content":"'); DROP TABLE notes; --\n\\"`}},
		{name: "lengths count characters", method: "POST", path: "/notes", body: `{"title":"` + long + `"}`, status: 201},
		{name: "one too many", method: "POST", path: "/notes", body: `{"title":"` + long + `x"}`, status: 422,
			errors: []string{"title too_long"}},
		{name: "the merge patch type is JSON too", method: "POST", path: "/notes", body: `{"title":"x"}`,
			headers: []string{"Content-Type: application/merge-patch+json; charset=UTF-8"}, status: 201},

		{name: "no title", method: "POST", path: "/notes", body: `{}`, status: 422,
			want: []string{`"error":"Title is required"`}, errors: []string{"title required"}},
		{name: "an empty title", method: "POST", path: "/notes", body: `{"title":""}`, status: 422,
			errors: []string{"title required"}},
		{name: "a null title", method: "POST", path: "/notes", body: `{"title":null}`, status: 422,
			errors: []string{"title required"}},
		{name: "null in a field that is not nullable", method: "POST", path: "/notes", body: `{"title":"x","content":null}`,
			status: 422,
			errors: []string{"content null"}},
		{name: "all errors, in order", method: "POST", path: "/users",
			body: `{"zzz":1,"score":"high","is_active":1,"bio":5,"username":[]}`, status: 422,
			errors: []string{"username type", "email required", "bio type", "is_active type", "score type", "zzz unknown"}},
		{name: "an unknown member", method: "POST", path: "/notes", body: `{"title":"x","Content":"y"}`, status: 422,
			errors: []string{"Content unknown"}},
		{name: "NUL", method: "POST", path: "/notes", body: `{"title":"a\u0000b"}`, status: 422,
			errors: []string{"title invalid_text"}},
		{name: "an unpaired surrogate", method: "POST", path: "/notes", body: `{"title":"a\ud800b"}`, status: 422,
			errors: []string{"title invalid_text"}},
		{name: "a number too large", method: "POST", path: "/users", body: `{"username":"u","email":"e@x.org","score":1e999}`,
			status: 422, errors: []string{"score out_of_range"}},
		{name: "an id too large", method: "POST", path: "/posts", body: `{"title":"t","user_id":9223372036854775808}`,
			status: 422, errors: []string{"user_id out_of_range"}},
		{name: "an id that is not a whole number", method: "POST", path: "/posts", body: `{"title":"t","user_id":1.5}`,
			status: 422, errors: []string{"user_id type"}},
		{name: "an unknown user", method: "POST", path: "/posts", body: `{"title":"t","user_id":99}`, status: 422,
			want: []string{"User id references a row that does not exist"}, errors: []string{"user_id missing_parent"}},
		{name: "a username that is taken", method: "POST", path: "/users", body: `{"username":"ada","email":"new@x.org"}`,
			status: 409, want: []string{"Username is already taken"}, errors: []string{"username duplicate"}},
		{name: "an email that is taken", method: "POST", path: "/users", body: `{"username":"new","email":"ada@example.com"}`,
			status: 409, errors: []string{"email duplicate"}},
		{name: "another case is another name", method: "POST", path: "/users",
			body: `{"username":"Ada","email":"Ada@example.com"}`, status: 201},

		{name: "an array", method: "POST", path: "/notes", body: `[1]`, status: 422, errors: []string{"[0] type"}},
		{name: "a string", method: "POST", path: "/notes", body: `"x"`, status: 422, errors: []string{"type"}},
		{name: "null", method: "POST", path: "/notes", body: `null`, status: 422, errors: []string{"type"}},
		{name: "not JSON", method: "POST", path: "/notes", body: `{"title":`, status: 400, errors: []string{"syntax"}},
		{name: "two values", method: "POST", path: "/notes", body: `{"title":"x"}{}`, status: 400,
			errors: []string{"syntax"}},
		{name: "not UTF-8", method: "POST", path: "/notes", body: "{\"title\":\"\xff\"}", status: 400,
			errors: []string{"syntax"}},
		{name: "deep nesting", method: "POST", path: "/notes", body: strings.Repeat("[", 100_000), status: 400,
			errors: []string{"syntax"}},
		{name: "no body", method: "POST", path: "/notes", headers: []string{"Content-Type: application/json"}, status: 400,
			errors: []string{"syntax"}},
		{name: "a form", method: "POST", path: "/notes", body: `title=x`,
			headers: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 415,
			want:   []string{"must be JSON, not application/x-www-form-urlencoded: send it with"},
			errors: []string{"Content-Type unsupported"}},
		{name: "no type", method: "POST", path: "/notes", body: `{"title":"x"}`, headers: []string{"Content-Type: "},
			status: 415,
			want:   []string{"must be JSON: send it with Content-Type: application/json"},
			errors: []string{"Content-Type unsupported"}},
		{name: "another charset", method: "POST", path: "/notes", body: `{"title":"x"}`,
			headers: []string{"Content-Type: application/json; charset=latin1"}, status: 415,
			want:   []string{"must be JSON in UTF-8, not in the charset latin1: send"},
			errors: []string{"Content-Type unsupported"}},
		{name: "an unprintable type", method: "POST", path: "/notes", body: `{}`,
			headers: []string{"Content-Type: a\tb" + strings.Repeat("ü", 100)}, status: 415,
			want:   []string{`must be JSON, not \"a\\tb` + strings.Repeat("ü", 57) + `…\": send`},
			errors: []string{"Content-Type unsupported"}},
		{name: "compressed", method: "POST", path: "/notes", body: `{"title":"x"}`,
			headers: []string{"Content-Encoding: gzip"}, status: 415,
			want: []string{"Content-Encoding gzip is not supported"}, errors: []string{"Content-Encoding unsupported"}},
		{name: "over the limit", method: "POST", path: "/notes", body: `{"title":"` + strings.Repeat("x", 1<<20) + `"}`,
			status: 413, errors: []string{"too_large"}},
		{name: "invalid requests created nothing", method: "GET", path: "/posts?page=1", status: 200,
			header: map[string]string{"X-Total-Count": "1"}},
	})
}

func TestGet(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "a note", method: "GET", path: "/notes/1", status: 200,
			want: []string{`{"id":1,"title":"one","content":"first","created_at":"`}},
		{name: "a user", method: "GET", path: "/users/1", status: 200,
			want: []string{`"username":"ada","email":"ada@example.com","bio":"wrote the first program","is_active":true,` +
				`"score":9.5,`}},
		{name: "a post", method: "GET", path: "/posts/1", status: 200,
			want: []string{`{"id":1,"title":"on engines","body":"they weave","user_id":1,`}},
		{name: "none", method: "GET", path: "/notes/99", status: 404},
		{name: "no number", method: "GET", path: "/notes/abc", status: 404},
		{name: "zero", method: "GET", path: "/notes/0", status: 404},
		{name: "negative", method: "GET", path: "/notes/-1", status: 404},
		{name: "another spelling", method: "GET", path: "/notes/01", status: 404},
		{name: "too large", method: "GET", path: "/notes/9223372036854775808", status: 404},
		{name: "a slash inside", method: "GET", path: "/notes%2F1", status: 404},
		{name: "a trailing slash", method: "GET", path: "/notes/1/", status: 404},
		{name: "SQL", method: "GET", path: "/notes/1%20OR%201=1", status: 404},
		{name: "another path", method: "GET", path: "/nothing", status: 404},
		{name: "two slashes", method: "GET", path: "//notes", status: 404},
		{name: "a method that a row does not have", method: "POST", path: "/notes/1", body: "{}", status: 405,
			header: map[string]string{"Allow": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"}},
		{name: "a method that a table does not have", method: "TRACE", path: "/notes", status: 405},
	})
}

func TestPatch(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "one member", method: "PATCH", path: "/notes/1", body: `{"title":"uno"}`, status: 200,
			want: []string{`{"id":1,"title":"uno","content":"first",`}},
		{name: "stored", method: "GET", path: "/notes/1", status: 200, want: []string{`"title":"uno","content":"first"`}},
		{name: "to zero values", method: "PATCH", path: "/users/1", body: `{"is_active":false,"score":0,"bio":null}`,
			status: 200, want: []string{`"bio":null,"is_active":false,"score":0,`}},
		{name: "to the same values", method: "PATCH", path: "/notes/1", body: `{"title":"uno"}`, status: 200},
		{name: "nothing", method: "PATCH", path: "/notes/1", body: `{}`, status: 200, want: []string{`"title":"uno"`}},
		{name: "read-only members only", method: "PATCH", path: "/notes/1", body: `{"id":7}`, status: 200,
			want: []string{`"id":1`}},
		{name: "none", method: "PATCH", path: "/notes/99", body: `{"title":"x"}`, status: 404},
		{name: "no members, no row", method: "PATCH", path: "/notes/99", body: `{}`, status: 404},
		{name: "no number", method: "PATCH", path: "/notes/abc", body: `{"title":"x"}`, status: 404},
		{name: "null in a field that is not nullable", method: "PATCH", path: "/users/1", body: `{"score":null}`, status: 422,
			errors: []string{"score null"}},
		{name: "an empty title", method: "PATCH", path: "/notes/1", body: `{"title":""}`, status: 422,
			errors: []string{"title required"}},
		{name: "an unknown member", method: "PATCH", path: "/notes/1", body: `{"colour":"red"}`, status: 422,
			errors: []string{"colour unknown"}},
		{name: "a name that is taken", method: "PATCH", path: "/users/2", body: `{"username":"ada"}`, status: 409,
			errors: []string{"username duplicate"}},
		{name: "its own name", method: "PATCH", path: "/users/1", body: `{"username":"ada"}`, status: 200},
		{name: "an unknown user", method: "PATCH", path: "/posts/1", body: `{"user_id":99}`, status: 422,
			errors: []string{"user_id missing_parent"}},
		{name: "another user", method: "PATCH", path: "/posts/1", body: `{"user_id":2}`, status: 200,
			want: []string{`"user_id":2`}},
		{name: "not JSON", method: "PATCH", path: "/notes/1", body: `nope`, status: 400, errors: []string{"syntax"}},
		{name: "null", method: "PATCH", path: "/notes/1", body: `null`, status: 422, errors: []string{"type"}},
		{name: "a form", method: "PATCH", path: "/notes/1", body: `title=x`, headers: []string{"Content-Type: text/plain"},
			status: 415,
			want:   []string{"must be JSON, not text/plain"}, errors: []string{"Content-Type unsupported"}},
		{name: "invalid requests changed nothing", method: "GET", path: "/notes/1", status: 200,
			want: []string{`"title":"uno"`}},
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "a note", method: "DELETE", path: "/notes/3", status: 204},
		{name: "again", method: "DELETE", path: "/notes/3", status: 404},
		{name: "no number", method: "DELETE", path: "/notes/abc", status: 404},
		{name: "the others exist", method: "GET", path: "/notes?page=1", status: 200,
			header: map[string]string{"X-Total-Count": "2"}},
		{name: "its id is not used again", method: "POST", path: "/notes", body: `{"title":"x"}`, status: 201,
			want: []string{`"id":4`}},
		{name: "a user", method: "DELETE", path: "/users/1", status: 204},
		{name: "the delete cascades to its posts", method: "GET", path: "/posts/1", status: 404},
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{name: "newest first", method: "GET", path: "/notes", status: 200, want: []string{`[{"id":3,`},
			header: map[string]string{"X-Total-Count": "", "Link": "", "Content-Type": "application/json"}},
		{name: "sorted", method: "GET", path: "/notes?sort=title", status: 200, want: []string{`[{"id":1,`}},
		{name: "sorted descending", method: "GET", path: "/notes?sort=-title", status: 200, want: []string{`[{"id":2,`}},
		{name: "ties are sorted by id, ascending", method: "GET", path: "/notes?sort=content", status: 200,
			want: []string{`[{"id":1,"title":"one","content":"first"`}},
		{name: "ties are sorted by id, descending", method: "GET", path: "/notes?sort=-content,title&per_page=1", status: 200,
			want: []string{`[{"id":2,`}},
		{name: "NULL is first ascending", method: "GET", path: "/users?sort=bio&per_page=1", status: 200,
			want: []string{`"username":"bob"`}},
		{name: "NULL is last descending", method: "GET", path: "/users?sort=-bio&per_page=1", status: 200,
			want: []string{`"username":"ada"`}},
		{name: "equal text", method: "GET", path: "/notes?title=two", status: 200, want: []string{`[{"id":2,`}},
		{name: "case matters", method: "GET", path: "/notes?title=TWO", status: 200, want: []string{`[]`}},
		{name: "spaces matter", method: "GET", path: "/notes?title=two%20", status: 200, want: []string{`[]`}},
		{name: "two conditions", method: "GET", path: "/notes?content=first&title=three", status: 200,
			want: []string{`[{"id":3,`}},
		{name: "a boolean", method: "GET", path: "/users?is_active=false", status: 200, want: []string{`[{"id":2,`}},
		{name: "a number", method: "GET", path: "/users?score=9.5", status: 200, want: []string{`[{"id":1,`}},
		{name: "an id", method: "GET", path: "/posts?user_id=1", status: 200, want: []string{`[{"id":1,`}},
		{name: "a text that looks like a number", method: "GET", path: "/notes?title=0", status: 200, want: []string{`[]`}},
		{name: "SQL is text", method: "GET", path: "/notes?title='%20OR%20'1'='1", status: 200, want: []string{`[]`}},
		{name: "the first page", method: "GET", path: "/notes?page=1&per_page=2&sort=id", status: 200,
			want: []string{`[{"id":1,`, `{"id":2,`},
			header: map[string]string{"X-Total-Count": "3", "Link": `</notes?page=2&per_page=2&sort=id>; rel="next", ` +
				`</notes?page=1&per_page=2&sort=id>; rel="first", </notes?page=2&per_page=2&sort=id>; rel="last"`}},
		{name: "the last page", method: "GET", path: "/notes?page=2&per_page=2&sort=id", status: 200,
			want: []string{`[{"id":3,`},
			header: map[string]string{"X-Total-Count": "3", "Link": `</notes?page=1&per_page=2&sort=id>; rel="prev", ` +
				`</notes?page=1&per_page=2&sort=id>; rel="first", </notes?page=2&per_page=2&sort=id>; rel="last"`}},
		{name: "past the end", method: "GET", path: "/notes?page=9", status: 200, want: []string{`[]`},
			header: map[string]string{"X-Total-Count": "3"}},
		{name: "far past the end", method: "GET", path: "/notes?page=1000000000&per_page=1000", status: 200,
			want: []string{`[]`}},
		{name: "a count of what matches", method: "GET", path: "/notes?page=1&content=first", status: 200,
			header: map[string]string{"X-Total-Count": "2"}},

		{name: "an unknown parameter", method: "GET", path: "/notes?colour=red", status: 400,
			errors: []string{"colour unknown"}},
		{name: "an unknown operator", method: "GET", path: "/notes?title[near]=x", status: 400,
			errors: []string{"title[near] operator"}},
		{name: "a member of another table", method: "GET", path: "/notes?username=ada", status: 400,
			errors: []string{"username unknown"}},
		{name: "an invalid id", method: "GET", path: "/posts?user_id=abc", status: 400, errors: []string{"user_id type"}},
		{name: "an empty id", method: "GET", path: "/posts?user_id=", status: 400, errors: []string{"user_id type"}},
		{name: "an id too large", method: "GET", path: "/posts?user_id=9223372036854775808", status: 400,
			errors: []string{"user_id type"}},
		{name: "an invalid number", method: "GET", path: "/users?score=NaN", status: 400, errors: []string{"score type"}},
		{name: "an invalid boolean", method: "GET", path: "/users?is_active=1", status: 400,
			errors: []string{"is_active type"}},
		{name: "an invalid time", method: "GET", path: "/users?created_at=yesterday", status: 400,
			errors: []string{"created_at type"}},
		{name: "text that is not UTF-8", method: "GET", path: "/notes?title=%ff", status: 400,
			errors: []string{"title invalid_text"}},
		{name: "a NUL", method: "GET", path: "/notes?title=%00", status: 400, errors: []string{"title invalid_text"}},
		{name: "a parameter twice", method: "GET", path: "/notes?title=a&title=b", status: 400,
			errors: []string{"title repeated"}},
		{name: "a page of zero", method: "GET", path: "/notes?page=0", status: 400, errors: []string{"page out_of_range"}},
		{name: "no page", method: "GET", path: "/notes?page=", status: 400, errors: []string{"page out_of_range"}},
		{name: "too large a page", method: "GET", path: "/notes?per_page=1001", status: 400,
			errors: []string{"per_page out_of_range"}},
		{name: "an unknown field to sort by", method: "GET", path: "/notes?sort=id,colour", status: 400,
			errors: []string{"sort unknown"}},
		{name: "a field twice", method: "GET", path: "/notes?sort=id,-id", status: 400, errors: []string{"sort repeated"}},
		{name: "SQL to sort by", method: "GET", path: "/notes?sort=id;DROP%20TABLE%20notes", status: 400,
			errors: []string{"syntax"}},
		{name: "an invalid escape", method: "GET", path: "/notes?title=%zz", status: 400, errors: []string{"syntax"}},
		{name: "several errors", method: "GET", path: "/notes?a=1&page=x&b=2", status: 400,
			errors: []string{"a unknown", "b unknown", "page out_of_range"}},
	})
}

// TestTimes checks that times are RFC 3339 in UTC with microseconds and the same in every
// response and filter.
func TestTimes(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		before := time.Now().Add(-time.Millisecond)
		made := api.Must(201, "POST", "/notes", `{"title":"x"}`).Object(t)
		text := made["created_at"].(string)
		if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$`).MatchString(text) {
			t.Errorf("created_at %q is not RFC 3339 in UTC with microseconds", text)
		}
		if at, err := time.Parse(time.RFC3339Nano, text); err != nil || at.Before(before) || at.After(time.Now()) {
			t.Errorf("created_at %q is not now: %v", text, err)
		}
		if made["updated_at"] != text {
			t.Errorf("updated_at %v of a new row is not its created_at %v", made["updated_at"], text)
		}
		if got := api.Must(200, "GET", "/notes/1", "").Object(t); got["created_at"] != text {
			t.Errorf("created_at is %v, want %v", got["created_at"], text)
		}
		if got := api.Must(200, "GET", "/notes?created_at="+text, "").Array(t); len(got) != 1 {
			t.Errorf("a filter by %s returns %d rows", text, len(got))
		}
		changed := api.Must(200, "PATCH", "/notes/1", `{"title":"y"}`).Object(t)
		if changed["created_at"] != text || changed["updated_at"].(string) <= text {
			t.Errorf("after a change: created_at %v, updated_at %v, was %v", changed["created_at"], changed["updated_at"], text)
		}
	})
}

// TestListDefaults checks the defaults: twenty rows, newest first.
func TestListDefaults(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		if got := api.Must(200, "GET", "/notes", ""); got.Body != "[]" {
			t.Errorf("empty table: %s", got.Body)
		}
		for i := range 25 {
			api.Must(201, "POST", "/notes", fmt.Sprintf(`{"title":"note %d"}`, i+1))
		}
		rows := api.Must(200, "GET", "/notes", "").Array(t)
		if len(rows) != 20 || rows[0]["id"] != 25.0 || rows[19]["id"] != 6.0 {
			t.Errorf("%d rows, from %v to %v", len(rows), rows[0]["id"], rows[len(rows)-1]["id"])
		}
		got := api.Must(200, "GET", "/notes?page=2", "")
		if rows := got.Array(t); len(rows) != 5 || rows[0]["id"] != 5.0 {
			t.Errorf("page 2 has %d rows, from %v", len(rows), rows[0]["id"])
		}
	})
}

// TestNoteStory sends the requests of the Flask guide's notes API.
func TestNoteStory(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		check := func(status int, method, path, body string, want ...string) {
			t.Helper()
			got := api.Must(status, method, path, body)
			for _, w := range want {
				if !strings.Contains(got.Body, w) {
					t.Errorf("%s %s: %s lacks %s", method, path, got.Body, w)
				}
			}
		}
		check(http.StatusOK, "GET", "/notes", "", "[]")
		check(http.StatusUnprocessableEntity, "POST", "/notes", `{}`, `"error":"Title is required"`)
		check(http.StatusUnprocessableEntity, "POST", "/notes", `{"title":""}`, `"error":"Title is required"`)
		check(http.StatusUnprocessableEntity, "POST", "/notes", `{"content":"x"}`, `"error":"Title is required"`)
		check(http.StatusCreated, "POST", "/notes", `{"title":"Buy milk"}`, `"id":1`, `"title":"Buy milk"`, `"content":""`,
			`"created_at":`)
		check(http.StatusCreated, "POST", "/notes", `{"title":"Call mum","content":"on Sunday"}`, `"id":2`,
			`"content":"on Sunday"`)
		check(http.StatusOK, "GET", "/notes", "", `[{"id":2,`, `},{"id":1,`)
		check(http.StatusOK, "GET", "/notes/1", "", `"title":"Buy milk"`)
		check(http.StatusNotFound, "GET", "/notes/7", "")
		check(http.StatusOK, "PATCH", "/notes/1", `{"content":"two litres"}`, `"title":"Buy milk","content":"two litres"`)
		check(http.StatusNotFound, "PATCH", "/notes/7", `{"title":"x"}`)
		if got := api.Must(http.StatusNoContent, "DELETE", "/notes/1", ""); got.Body != "" {
			t.Errorf("204 with a body: %s", got.Body)
		}
		check(http.StatusNotFound, "DELETE", "/notes/1", "")
		check(http.StatusNotFound, "GET", "/notes/1", "")
		check(http.StatusMethodNotAllowed, "PUT", "/notes", `{}`)
		// Flask returns 500 or HTML for these requests.
		check(http.StatusUnprocessableEntity, "POST", "/notes", `["title"]`)
		check(http.StatusUnprocessableEntity, "POST", "/notes", `{"title":{"a":1}}`)
		check(http.StatusBadRequest, "POST", "/notes", `{"title"`)
		check(http.StatusUnprocessableEntity, "PATCH", "/notes/2", `{"title":null}`)
		check(http.StatusNotFound, "GET", "/notes/abc", "")
	})
}
