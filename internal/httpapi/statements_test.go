package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

// TestStatementsOnTheWire counts what a request sends to MySQL: that is what a database is paid for, and each
// statement is a round trip. Nothing is prepared on the server, pinged or set: in RDS Proxy it would pin the
// connection.
func TestStatementsOnTheWire(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, blog.MySQL(t))
	api := newAPI(t, address, nil)
	api.seed() // over the connection that the requests below find open
	for _, c := range []struct {
		name               string
		method, path, body string
		status             int
		want               []string // how each statement begins
	}{
		{"get", "GET", "/notes/1", "", 200, []string{"SELECT"}},
		{"get none", "GET", "/notes/99", "", 404, []string{"SELECT"}},
		{"get what no row can be", "GET", "/notes/abc", "", 404, nil},
		{"list", "GET", "/notes", "", 200, []string{"SELECT"}},
		{"list by filter and sort", "GET", "/posts?user_id=1&title=it%27s&sort=title", "", 200, []string{"SELECT"}},
		{"a page and its total", "GET", "/notes?page=1&per_page=2", "", 200, []string{"SELECT", "SELECT"}},
		{"list by what there is not", "GET", "/notes?colour=red", "", 400, nil},
		{"create", "POST", "/notes", `{"title":"it's 100% \\ \"new\""}`, 201, []string{"INSERT"}},
		{"create a child", "POST", "/posts", `{"title":"x","user_id":1}`, 201, []string{"INSERT"}},
		{"create a child of nobody", "POST", "/posts", `{"title":"x","user_id":99}`, 422, []string{"INSERT", "SELECT"}},
		{"create several", "POST", "/notes", `[{"title":"x"},{"title":"y"},{"title":"z"}]`, 201, []string{"INSERT"}},
		{"create below a row", "POST", "/users/1/posts", `{"title":"x"}`, 201, []string{"INSERT"}},
		{"list below a row", "GET", "/users/1/posts", "", 200, []string{"SELECT"}},
		{"list below a row that has none", "GET", "/users/2/posts", "", 200, []string{"SELECT", "SELECT"}},
		{"list by every operator", "GET",
			"/users?username[like]=a%25&email[contains]=@&bio[null]=false&id[in]=1,2&score[nin]=5", "", 200, []string{"SELECT"}},
		{"list and count", "GET", "/notes?count=exact", "", 200, []string{"SELECT", "SELECT"}},
		{"list with authors", "GET", "/posts?include=author", "", 200, []string{"SELECT", "SELECT"}},
		{"list with posts", "GET", "/users?include=posts", "", 200, []string{"SELECT", "SELECT"}},
		{"get with posts", "GET", "/users/1?include=posts", "", 200, []string{"SELECT", "SELECT"}},
		{"count", "HEAD", "/notes", "", 200, []string{"SELECT"}},
		{"count, and find the next page", "HEAD", "/notes?per_page=1", "", 200, []string{"SELECT", "SELECT"}},
		{"create what is there", "POST", "/users", `{"username":"ada","email":"a@x.org"}`, 409,
			[]string{"INSERT", "SELECT", "SELECT"}},
		{"create what is not valid", "POST", "/notes", `{}`, 422, nil},
		{"patch", "PATCH", "/notes/1", `{"title":"uno"}`, 200, []string{"SELECT", "UPDATE"}},
		{"patch nothing", "PATCH", "/notes/1", `{}`, 200, []string{"SELECT"}},
		{"patch none", "PATCH", "/notes/99", `{"title":"uno"}`, 404, []string{"SELECT"}},
		{"put", "PUT", "/notes/1", `{"title":"uno"}`, 200, []string{"SELECT", "UPDATE"}},
		{"patch what was seen", "PATCH", "/notes/1", `{"title":"eins"}`, 200, []string{"SELECT", "UPDATE"}},
		{"patch what was not seen", "PATCH", "/notes/1", `{"title":"eins"}`, 412, []string{"SELECT"}},
		{"patch many", "PATCH", "/notes?title=eins", `{"title":"uno"}`, 200, []string{"UPDATE"}},
		{"patch few", "PATCH", "/notes?title=eins&max_affected=3", `{"title":"uno"}`, 200,
			[]string{"START TRANSACTION", "UPDATE", "COMMIT"}},
		{"patch too many", "PATCH", "/notes?all=true&max_affected=1", `{"title":"uno"}`, 409,
			[]string{"START TRANSACTION", "UPDATE", "ROLLBACK"}},
		{"try a delete of many", "DELETE", "/notes?all=true&dry_run=true", "", 200, []string{"SELECT"}},
		{"delete many", "DELETE", "/notes?title=nothing", "", 200, []string{"DELETE"}},
		// The first one deletes what is expired.
		{"create once", "POST", "/notes", `{"title":"once"}`, 201,
			[]string{"SELECT", "INSERT", "START TRANSACTION", "INSERT", "UPDATE", "COMMIT"}},
		{"create once again", "POST", "/notes", `{"title":"once"}`, 201, []string{"INSERT", "SELECT"}},
		{"delete", "DELETE", "/notes/1", "", 204, []string{"DELETE"}},
		{"delete none", "DELETE", "/notes/1", "", 404, []string{"DELETE"}},
		{"delete with children", "DELETE", "/users/1", "", 204, []string{"DELETE"}},
		{"alive", "GET", "/healthz", "", 200, nil},
		{"ready", "GET", "/readyz", "", 200, []string{"SELECT"}},
	} {
		var headers []string
		switch {
		case c.name == "patch what was seen":
			headers = []string{"If-Match: *"}
		case c.name == "patch what was not seen":
			headers = []string{`If-Match: "x"`}
		case strings.HasPrefix(c.name, "create once"):
			headers = []string{key}
		}
		proxy.Reset()
		api.must(c.status, c.method, c.path, c.body, headers...)
		commands := proxy.Commands()
		var got []string
		for _, command := range commands {
			// Anything but a plain query shows with its own name: "STMT_PREPARE".
			name, statement, _ := strings.Cut(command, " ")
			if name == "QUERY" {
				if name, _, _ = strings.Cut(statement, " "); name == "START" {
					name = statement
				}
			}
			got = append(got, name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, commands, c.want)
		}
	}
}
