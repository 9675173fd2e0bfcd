package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// TestStatementsOnTheWire checks the commands that each request sends to MySQL, because each is a round trip. Requests
// prepare, ping and set nothing: in RDS Proxy this would pin the connection.
func TestStatementsOnTheWire(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, blog.MySQL(t))
	api := newAPI(t, address, nil)
	api.seed() // opens the connection for the requests below
	for _, c := range []struct {
		name               string
		method, path, body string
		status             int
		want               []string // the first word of each statement
	}{
		{"get", "GET", "/notes/1", "", 200, []string{"SELECT"}},
		{"get a missing row", "GET", "/notes/99", "", 404, []string{"SELECT"}},
		{"get an invalid id", "GET", "/notes/abc", "", 404, nil},
		{"list", "GET", "/notes", "", 200, []string{"SELECT"}},
		{"list by filter and sort", "GET", "/posts?user_id=1&title=it%27s&sort=title", "", 200, []string{"SELECT"}},
		{"a page and its total", "GET", "/notes?page=1&per_page=2", "", 200, []string{"SELECT", "SELECT"}},
		{"list by an unknown field", "GET", "/notes?colour=red", "", 400, nil},
		{"create", "POST", "/notes", `{"title":"it's 100% \\ \"new\""}`, 201, []string{"INSERT"}},
		{"create a child", "POST", "/posts", `{"title":"x","user_id":1}`, 201, []string{"INSERT"}},
		{"create with a missing parent", "POST", "/posts", `{"title":"x","user_id":99}`, 422, []string{"INSERT", "SELECT"}},
		{"create several", "POST", "/notes", `[{"title":"x"},{"title":"y"},{"title":"z"}]`, 201, []string{"INSERT"}},
		{"create in a relation", "POST", "/users/1/posts", `{"title":"x"}`, 201, []string{"INSERT"}},
		{"list a relation", "GET", "/users/1/posts", "", 200, []string{"SELECT"}},
		{"list an empty relation", "GET", "/users/2/posts", "", 200, []string{"SELECT", "SELECT"}},
		{"list by every operator", "GET",
			"/users?username[like]=a%25&email[contains]=@&bio[null]=false&id[in]=1,2&score[nin]=5", "", 200, []string{"SELECT"}},
		{"list and count", "GET", "/notes?count=exact", "", 200, []string{"SELECT", "SELECT"}},
		{"list with authors", "GET", "/posts?include=author", "", 200, []string{"SELECT", "SELECT"}},
		{"list with posts", "GET", "/users?include=posts", "", 200, []string{"SELECT", "SELECT"}},
		{"get with posts", "GET", "/users/1?include=posts", "", 200, []string{"SELECT", "SELECT"}},
		{"count", "HEAD", "/notes", "", 200, []string{"SELECT"}},
		{"count, and find the next page", "HEAD", "/notes?per_page=1", "", 200, []string{"SELECT", "SELECT"}},
		{"create a duplicate", "POST", "/users", `{"username":"ada","email":"a@x.org"}`, 409,
			[]string{"INSERT", "SELECT", "SELECT"}},
		{"create an invalid row", "POST", "/notes", `{}`, 422, nil},
		{"patch", "PATCH", "/notes/1", `{"title":"uno"}`, 200, []string{"SELECT", "UPDATE"}},
		{"patch nothing", "PATCH", "/notes/1", `{}`, 200, []string{"SELECT"}},
		{"patch a missing row", "PATCH", "/notes/99", `{"title":"uno"}`, 404, []string{"SELECT"}},
		{"put", "PUT", "/notes/1", `{"title":"uno"}`, 200, []string{"SELECT", "UPDATE"}},
		{"patch with If-Match", "PATCH", "/notes/1", `{"title":"eins"}`, 200, []string{"SELECT", "UPDATE"}},
		{"patch with a stale ETag", "PATCH", "/notes/1", `{"title":"eins"}`, 412, []string{"SELECT"}},
		{"patch many", "PATCH", "/notes?title=eins", `{"title":"uno"}`, 200, []string{"UPDATE"}},
		{"patch few", "PATCH", "/notes?title=eins&max_affected=3", `{"title":"uno"}`, 200,
			[]string{"START TRANSACTION", "UPDATE", "COMMIT"}},
		{"patch too many", "PATCH", "/notes?all=true&max_affected=1", `{"title":"uno"}`, 409,
			[]string{"START TRANSACTION", "UPDATE", "ROLLBACK"}},
		{"dry run of a delete", "DELETE", "/notes?all=true&dry_run=true", "", 200, []string{"SELECT"}},
		{"delete many", "DELETE", "/notes?title=nothing", "", 200, []string{"DELETE"}},
		// The first create with a key deletes expired keys.
		{"create with a key", "POST", "/notes", `{"title":"once"}`, 201,
			[]string{"SELECT", "INSERT", "START TRANSACTION", "INSERT", "UPDATE", "COMMIT"}},
		{"create again with the key", "POST", "/notes", `{"title":"once"}`, 201, []string{"INSERT", "SELECT"}},
		{"delete", "DELETE", "/notes/1", "", 204, []string{"DELETE"}},
		{"delete a missing row", "DELETE", "/notes/1", "", 404, []string{"DELETE"}},
		{"delete with children", "DELETE", "/users/1", "", 204, []string{"DELETE"}},
		{"health", "GET", "/healthz", "", 200, nil},
		{"ready", "GET", "/readyz", "", 200, []string{"SELECT"}},
	} {
		var headers []string
		switch {
		case c.name == "patch with If-Match":
			headers = []string{"If-Match: *"}
		case c.name == "patch with a stale ETag":
			headers = []string{`If-Match: "x"`}
		case strings.HasSuffix(c.name, "key"):
			headers = []string{key}
		}
		proxy.Reset()
		api.Must(c.status, c.method, c.path, c.body, headers...)
		if commands := proxy.Commands(); !slices.Equal(firstWords(commands), c.want) {
			t.Errorf("%s: %q, want %q", c.name, commands, c.want)
		}
	}
}

// firstWords returns the first word of each statement, or all of START TRANSACTION.
func firstWords(commands []string) (words []string) {
	for _, command := range commands {
		// The proxy returns other commands by name, such as STMT_PREPARE.
		name, statement, _ := strings.Cut(command, " ")
		if name == "QUERY" {
			if name, _, _ = strings.Cut(statement, " "); name == "START" {
				name = statement
			}
		}
		words = append(words, name)
	}
	return words
}
