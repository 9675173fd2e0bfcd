package plan

import (
	"context"
	"database/sql"
)

// Conn is a connection for Atlas to inspect. Atlas leaves rows open after an error, and
// database/sql waits for open rows when it closes a connection. Therefore Conn cancels the
// context of every query when the connection ends.
type Conn struct {
	*sql.Conn
	life context.Context
}

// NewConn wraps a connection. end closes the rows that its queries left open.
func NewConn(conn *sql.Conn) (c Conn, end func()) {
	life, end := context.WithCancel(context.Background())
	return Conn{conn, life}, end
}

// QueryContext is [sql.Conn.QueryContext]; the end function of NewConn cancels the query.
func (c Conn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(c.life, cancel)
	return c.Conn.QueryContext(ctx, query, args...)
}
