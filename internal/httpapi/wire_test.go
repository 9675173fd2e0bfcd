package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/dbtest/migrated"
	"slipway/internal/wire"
)

// TestStatementsOnTheWire counts what a request sends to MySQL: that is what a
// database is paid for, and each statement is a round trip. Nothing is prepared
// on the server, pinged or set: in RDS Proxy it would pin the connection.
func TestStatementsOnTheWire(t *testing.T) {
	t.Parallel()
	proxy, address := wire.Through(t, migrated.MySQL(t))
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
		{"create a child of nobody", "POST", "/posts", `{"title":"x","user_id":99}`, 422, []string{"INSERT"}},
		{"create what is there", "POST", "/users", `{"username":"ada","email":"a@x.org"}`, 409, []string{"INSERT"}},
		{"create what is not valid", "POST", "/notes", `{}`, 422, nil},
		{"patch", "PATCH", "/notes/1", `{"title":"uno"}`, 200, []string{"UPDATE", "SELECT"}},
		{"patch nothing", "PATCH", "/notes/1", `{}`, 200, []string{"SELECT"}},
		{"patch none", "PATCH", "/notes/99", `{"title":"uno"}`, 404, []string{"UPDATE"}},
		{"delete", "DELETE", "/notes/1", "", 204, []string{"DELETE"}},
		{"delete none", "DELETE", "/notes/1", "", 404, []string{"DELETE"}},
		{"delete with children", "DELETE", "/users/1", "", 204, []string{"DELETE"}},
		{"alive", "GET", "/healthz", "", 200, nil},
		{"ready", "GET", "/readyz", "", 200, []string{"SELECT"}},
	} {
		proxy.Reset()
		api.must(c.status, c.method, c.path, c.body)
		commands := proxy.Commands()
		var got []string
		for _, command := range commands {
			// Anything but a plain query shows with its own name: "STMT_PREPARE".
			name, statement, _ := strings.Cut(command, " ")
			if name == "QUERY" {
				name, _, _ = strings.Cut(statement, " ")
			}
			got = append(got, name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, commands, c.want)
		}
	}
}
