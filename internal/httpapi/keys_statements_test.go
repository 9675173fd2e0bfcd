package httpapi_test

import (
	"slices"
	"testing"

	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// TestStatementsOfKeys is TestStatementsOnTheWire for tables with every shape of a key.
func TestStatementsOfKeys(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, dbtest.New(t, "mysql"))
	api := newAPI(t, address, func(o *httpapi.Options) { o.Tables = keys.Tables })
	createKeys(t, api)
	for _, c := range []struct {
		name               string
		method, path, body string
		status             int
		want               []string
	}{
		{"create", "POST", "/tags", `[{"slug":"a"},{"slug":"b"}]`, 201, []string{"INSERT"}},
		{"get", "GET", "/tags/a", "", 200, []string{"SELECT"}},
		{"get an invalid key", "GET", "/tags/~", "", 404, nil},
		{"list", "GET", "/tags", "", 200, []string{"SELECT"}},
		{"put that creates", "PUT", "/tags/c", `{"label":"c"}`, 201, []string{"SELECT", "INSERT"}},
		{"put that replaces", "PUT", "/tags/c", `{"label":"d"}`, 200, []string{"SELECT", "UPDATE"}},
		{"put without members", "PUT", "/follows/1,2", `{}`, 422,
			[]string{"SELECT", "INSERT", "SELECT", "SELECT", "SELECT"}},
		{"patch", "PATCH", "/tags/c", `{"label":"e"}`, 200, []string{"SELECT", "UPDATE"}},
		{"delete", "DELETE", "/tags/c", "", 204, []string{"DELETE"}},
		{"create in a relation to a text", "POST", "/tags/a/actors", `[{"name":"ada"},{"name":"bob"}]`, 201,
			[]string{"INSERT"}},
		{"list a relation", "GET", "/tags/a/actors", "", 200, []string{"SELECT"}},
		// The table of films has a foreign key to itself.
		{"create", "POST", "/films", `[{"title":"one"},{"title":"two"}]`, 201, []string{"INSERT"}},
		{"create a sequel", "POST", "/films", `{"title":"three","sequel_of_id":1}`, 201, []string{"INSERT"}},
		{"create a sequel of 0", "POST", "/films", `{"title":"four","sequel_of_id":0}`, 422, []string{"SELECT"}},
		{"link", "PUT", "/films/1/actors/1", "", 204, []string{"INSERT"}},
		{"link again", "PUT", "/films/1/actors/1", "", 204, []string{"INSERT", "SELECT"}},
		{"list links", "GET", "/films/1/actors", "", 200, []string{"SELECT"}},
		{"list no links", "GET", "/films/2/actors", "", 200, []string{"SELECT", "SELECT"}},
		{"include links", "GET", "/films?include=actors", "", 200, []string{"SELECT", "SELECT"}},
		{"include three relations", "GET", "/films?include=actors,film_actor,sequel_of", "", 200,
			[]string{"SELECT", "SELECT", "SELECT", "SELECT"}},
		{"unlink", "DELETE", "/films/1/actors/1", "", 204, []string{"DELETE"}},
		{"unlink again", "DELETE", "/films/1/actors/1", "", 204, []string{"DELETE", "SELECT"}},
		{"delete many films", "DELETE", "/films?title=none", "", 200,
			[]string{"START TRANSACTION", "SELECT", "DELETE", "COMMIT"}},
		{"create without a key", "POST", "/events", `{"name":"e"}`, 201, []string{"INSERT"}},
		{"list without a key: page 1", "GET", "/events", "", 200, []string{"SELECT", "SELECT"}},
		{"a page without a key", "GET", "/events?page=1", "", 200, []string{"SELECT", "SELECT"}},
		{"create a generated column", "POST", "/keyless", `{"id":1,"word":"w"}`, 201,
			[]string{"START TRANSACTION", "INSERT", "SELECT", "COMMIT"}},
	} {
		proxy.Reset()
		api.Must(c.status, c.method, c.path, c.body)
		if commands := proxy.Commands(); !slices.Equal(firstWords(commands), c.want) {
			t.Errorf("%s: %q, want %q", c.name, commands, c.want)
		}
	}
}
