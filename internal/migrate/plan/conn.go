package plan

import (
	"context"
	"database/sql"
)

// Conn is a connection that Atlas inspects. To close one, database/sql waits for
// rows that are still open, and Atlas leaves rows open when it fails: so the context of
// every query ends with the connection.
type Conn struct {
	*sql.Conn
	life context.Context
}

// NewConn wraps a connection; end lets go of what its queries left open.
func NewConn(conn *sql.Conn) (c Conn, end func()) {
	life, end := context.WithCancel(context.Background())
	return Conn{conn, life}, end
}

// QueryContext is that of [sql.Conn].
func (c Conn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(c.life, cancel)
	return c.Conn.QueryContext(ctx, query, args...)
}
