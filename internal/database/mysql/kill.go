package mysql

import (
	"context"
	"database/sql/driver"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// When the context of a statement ends, the driver closes the connection, but the server continues the statement: a
// query uses the CPU without a reader, and a change that waits for a lock is executed after its request returned 504.
// So a second connection sends KILL. KILL needs no privilege for sessions of the same user.
//
// Behind a load balancer or a proxy, the second connection may reach another server, on which the same session number
// belongs to another client. So each connection has a random name as a connection attribute, which needs no round trip.
// The second connection looks up the number by this name, and sends KILL only if there is a row: then it is on the
// server of the statement. The lookup stores the number in a session variable, which is NULL in any other session. So
// KILL has no effect if a proxy sends it to another session than the lookup.
//
// There is no row if a proxy shares its own sessions among clients (they have its attributes), without the Performance
// Schema, or if a rotation changed the user name. Then nothing is killed.
//
// https://dev.mysql.com/doc/refman/8.4/en/kill.html
// https://dev.mysql.com/doc/refman/8.4/en/performance-schema-connection-attribute-tables.html

// killTimeout is the limit for the sign-in, the lookup, and KILL. It is less than the time that is reserved for the
// response before a deadline.
const killTimeout = 750 * time.Millisecond

// nameAttribute is the connection attribute with the name of a session.
const nameAttribute = "slipway_session"

// session identifies a connection on its server.
type session struct {
	name   string   // random; upper-case letters and digits
	server net.Addr // nil until the connection is dialed
}

// named returns a configuration for one connection, which sets the name of the session and stores the address of the
// server in s. The name is the first attribute, because a server stores only
// performance_schema_session_connect_attrs_size bytes, 512 by default.
func (s *session) named(config *mysql.Config) *mysql.Config {
	config = config.Clone()
	config.ConnectionAttributes = nameAttribute + ":" + s.name + "," + config.ConnectionAttributes
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			s.server = conn.RemoteAddr()
		}
		return conn, err
	}
	return config
}

// killer returns a connector for the connection that kills s. It dials the address of s, even if the host name resolves
// to another address now, and uses the credentials of options.
func (s *session) killer(config *mysql.Config, options database.Config) (driver.Connector, error) {
	config = config.Clone()
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, s.server.Network(), s.server.String())
	}
	return signingIn(config, options)
}

// killAtEnd kills the session of c if ctx ends before the caller calls done. done waits for the kill, so that the
// statement has ended before the response, if possible.
func (c *conn) killAtEnd(ctx context.Context) (done func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	killed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		c.kill(ctx)
	})
	return func() {
		switch {
		case !stop():
			<-killed
		case ctx.Err() != nil: // the driver detected the end first
			c.kill(ctx)
		}
	}
}

// kill ends the session of c on its server, with its statement and its transaction. It does nothing if it finds no such
// session, and ignores errors, because they do not change the response.
func (c *conn) kill(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killTimeout)
	defer cancel()
	second, err := c.killer.Connect(ctx)
	if err != nil {
		return
	}
	defer second.Close()
	execer, ok := second.(driver.ExecerContext)
	if !ok {
		return
	}
	number := "@slipway_" + c.session.name
	found, err := execer.ExecContext(ctx, "SELECT PROCESSLIST_ID INTO "+number+
		" FROM performance_schema.session_account_connect_attrs"+
		" WHERE ATTR_NAME = '"+nameAttribute+"' AND ATTR_VALUE = '"+c.session.name+"'", nil)
	if err != nil {
		return
	}
	if rows, err := found.RowsAffected(); err == nil && rows == 1 {
		_, _ = execer.ExecContext(ctx, "KILL "+number, nil)
	}
}
