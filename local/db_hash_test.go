package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// TestDBHash edits a pending migration and an applied one. db hash accepts the second one only
// without --url.
func TestDBHash(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dir, env := projectFolder(t), []string{"DATABASE_URL=mysql://root@127.0.0.1:1/nowhere"}
		dialect, _, _ := strings.Cut(address, "://")
		const nothing = "nothing changed: the files match atlas.sum"
		has(t, succeeds(t, dir, env, "db", "hash"), nothing)
		succeeds(t, dir, env, "db", "upgrade", "--url", address)
		succeeds(t, dir, env, "db", "migrate", "--empty", "-m", "by hand")

		pending, err := filepath.Glob(filepath.Join(dir, "migrations/*/*_by_hand.sql"))
		if err != nil || len(pending) != 2 {
			t.Fatal(pending, err)
		}
		for _, path := range pending {
			edit(t, path, func(s string) string { return "UPDATE users SET score = 1;\n" + s })
		}
		fails(t, dir, env, "run `db hash` if no database has applied it", "db", "status", "--url", address)
		name := filepath.Base(pending[0])
		has(t, succeeds(t, dir, env, "db", "hash", "--url", address),
			"migrations/mysql/"+name+" was edited\nmigrations/sqlite/"+name+" was edited\n"+
				"wrote migrations/mysql/atlas.sum\nwrote migrations/sqlite/atlas.sum\n")
		has(t, succeeds(t, dir, env, "db", "hash"), nothing)
		has(t, succeeds(t, dir, env, "db", "upgrade", "--url", address), "applied 1 migration")

		path := filepath.Join("migrations", dialect, name)
		editFile(t, dir, path, "score = 1", "score = 2")
		sums := loadFile(t, dir, filepath.Join("migrations", dialect, "atlas.sum"))
		want := "was edited after it was applied: restore " + name + ", or accept the edit with `db repair`"
		fails(t, dir, env, want, "db", "hash", "--url", address)
		if loadFile(t, dir, filepath.Join("migrations", dialect, "atlas.sum")) != sums {
			t.Error("db hash failed, but changed atlas.sum")
		}
		var made plan.Rehashed
		if err := json.Unmarshal([]byte(succeeds(t, dir, env, "db", "hash", "--json")), &made); err != nil {
			t.Fatal(err)
		}
		want = fmt.Sprintf("{[{migrations/%[1]s/%[2]s edited}] [migrations/%[1]s/atlas.sum]}", dialect, name)
		if got := fmt.Sprint(made); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		has(t, succeeds(t, dir, env, "db", "hash", "--json"), `"files": []`, `"written": []`)
	})
	fails(t, t.TempDir(), nil, "schema.hcl is missing", "db", "hash")
}
