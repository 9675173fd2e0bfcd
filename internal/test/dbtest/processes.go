package dbtest

import (
	"context"
	"database/sql"
	"testing"
)

// Process is a session of a MySQL server.
type Process struct {
	ID int64
	// Here says that it is another session on the same database.
	Here                            bool
	User, Command, State, Statement string
}

// querier is a *sql.DB, a *sql.Conn or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Processes returns the sessions for which wanted returns true. It uses SHOW PROCESSLIST: the table in
// information_schema fails while a session runs a statement with characters beyond utf8mb3, and the table in
// performance_schema is empty if that schema is turned off.
func Processes(t testing.TB, q querier, wanted func(Process) bool) (found []Process) {
	t.Helper()
	var database sql.NullString
	var own int64
	if err := q.QueryRowContext(t.Context(), "SELECT DATABASE(), CONNECTION_ID()").Scan(&database, &own); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	rows, err := q.QueryContext(t.Context(), "SHOW FULL PROCESSLIST")
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Process
		var uses, state, statement sql.NullString
		if err := rows.Scan(&p.ID, &p.User, new(any), &uses, &p.Command, new(any), &state, &statement); err != nil {
			t.Fatalf("dbtest: %v", err)
		}
		p.Here, p.State, p.Statement = uses == database && p.ID != own, state.String, statement.String
		if wanted(p) {
			found = append(found, p)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return found
}
