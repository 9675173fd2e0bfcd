package mysql

import (
	"context"
	"database/sql/driver"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// When the context of a statement ends, the driver closes the connection and the
// server goes on: a query whose result nobody reads keeps a processor busy, and a
// change that waits for a lock is made after its request got a 504. So KILL ends
// the statement, sent on a second connection. It needs no privilege for sessions
// of the same user.
//
// The second connection may lead to another server, behind a balancer or a proxy,
// where the same number belongs to a session of somebody else. So each connection
// signs in with a random name as a connection attribute, which costs no round trip.
// The second connection looks the number up by this name, and sends no KILL unless
// there is a row: the server that runs it is then the server of the statement. The
// number stays in a variable of that session, which is NULL in every other: KILL
// ends nothing if a proxy sends it to another session than the lookup.
//
// A proxy that lends its own sessions to its clients signs in with attributes of
// its own, so that there is no row. Nor is there one without the Performance
// Schema, or for a user whose name was changed by a rotation since.
//
// https://dev.mysql.com/doc/refman/8.4/en/kill.html
// https://dev.mysql.com/doc/refman/8.4/en/performance-schema-connection-attribute-tables.html

// killTimeout limits how long KILL, its lookup and its sign-in may delay a response.
// It is less than the time that is kept of a deadline for the response.
const killTimeout = 750 * time.Millisecond

// nameAttribute is the connection attribute with the name of a session.
const nameAttribute = "slipway_session"

// session is a connection as its server knows it.
type session struct {
	name   string   // random; upper-case letters and digits
	server net.Addr // nil until the connection is dialed
}

// named returns a configuration for one connection, which names the session and
// notes in it which server it leads to. The name comes first: a server keeps no
// more than performance_schema_session_connect_attrs_size bytes, 512 by default.
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

// killer returns a connector for the connection that ends the statement of s. It
// dials the address that s leads to, whatever the host's name leads to by now, and
// signs in by the options.
func (s *session) killer(config *mysql.Config, options database.Config) (driver.Connector, error) {
	config = config.Clone()
	config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, s.server.Network(), s.server.String())
	}
	return signingIn(config, options)
}

// killAtEnd kills the session of c if ctx ends before the caller calls done. done
// returns when that is over: after a 504 the statement has ended, if it can be.
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
		case ctx.Err() != nil: // the driver saw the end first
			c.kill(ctx)
		}
	}
}

// kill ends the session of c at its server, with its statement and its transaction.
// It does nothing where it finds no such session, and ignores errors: the response
// is the same.
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
