package dbtest_test

import (
	"testing"

	"slipway/internal/test/dbtest"
)

// TestPrivate: the server has its options. After a crash and after a shutdown it has the same rows and the same port.
func TestPrivate(t *testing.T) {
	t.Parallel()
	server := dbtest.Private(t, "--max-connections=7")
	address, before := server.Database("app"), server.URL()
	db := dbtest.Open(t, address)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE x (y int)"); err != nil {
		t.Fatal(err)
	}
	for i, end := range []func(){server.Kill, server.Stop} {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO x VALUES (1)"); err != nil {
			t.Fatal(err)
		}
		end()
		if err := db.PingContext(t.Context()); err == nil {
			t.Error("the server responds after its end")
		}
		server.Restart()
		var most, rows int
		if err := db.QueryRowContext(t.Context(), "SELECT @@max_connections, (SELECT COUNT(*) FROM x)").
			Scan(&most, &rows); err != nil {
			t.Fatal(err)
		}
		if most != 7 || rows != i+1 || server.URL() != before {
			t.Errorf("%d connections, %d rows at %s; want 7, %d at %s", most, rows, server.URL(), i+1, before)
		}
	}
}
