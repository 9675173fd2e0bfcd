package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
)

// TestDeadlineWithoutKill: if the server cannot identify the session, nothing is killed. The request still returns 504
// in time, and a change that waits for a lock ends after innodb_lock_wait_timeout.
func TestDeadlineWithoutKill(t *testing.T) {
	t.Parallel()
	address, root := migratedOn(t, dbtest.Private(t, "--performance-schema=OFF", "--innodb-lock-wait-timeout=4"))
	run(t, root, "INSERT INTO notes (title, content, created_at, updated_at) VALUES ('one', '', NOW(6), NOW(6))")
	s := start(t, address)
	s.must(http.StatusOK, "GET", "/notes/1", "")
	lock, err := root.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ExecContext(t.Context(), "SELECT id FROM notes WHERE id = 1 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	got, err := s.try(ctx, request{method: "PATCH", path: "/notes/1", body: `{"title":"late"}`})
	if err != nil || got.status != http.StatusGatewayTimeout {
		t.Fatalf("%d %s, %v\n%s", got.status, got.body, err, s.Logs())
	}
	running := func() int {
		t.Helper()
		return len(dbtest.Processes(t, lock, func(p dbtest.Process) bool {
			return p.User == "api" && strings.HasPrefix(p.Statement, "UPDATE")
		}))
	}
	if running() == 0 {
		t.Error("the statement does not wait any more: something ended it")
	}
	for begun := time.Now(); running() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 5*time.Second {
			t.Fatal("the statement waits for longer than innodb_lock_wait_timeout")
		}
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if all := titles(t, root); !all["one"] {
		t.Errorf("the response was 504, but the change is stored: %v", all)
	}
}
