package mysql

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// When the context of a statement ends, the driver closes the connection and the
// server goes on: a query that nobody waits for keeps a processor busy, and a
// change that waits for a lock is made after its request was answered 504. So
// the server is told, on another connection, to end it: KILL, which needs no
// privilege for one's own connections. The number of the connection comes from
// the server's greeting, at no round trip. It means something to that server only:
// behind a name that leads to many, as that of a cluster's readers does, another
// one may have a connection of the same number, which somebody else uses.
//
// https://dev.mysql.com/doc/refman/8.4/en/kill.html

// killTimeout is how long the answer to a request may be held up by this. It is
// less than the time that is kept of a deadline for the answer.
const killTimeout = 750 * time.Millisecond

// connector makes connections whose statements end with their context.
type connector struct {
	driver.Connector
	// plain makes the connections that KILL is sent on, to the server that the
	// context names.
	plain driver.Connector
	// writes says that a server which is read-only is the wrong one.
	writes bool
	// now is the time by the calendar.
	now func() time.Time
}

// newConnector takes a configuration without a DialFunc of its own. All its
// connections sign in by the options, those for KILL among them.
func newConnector(config *mysql.Config, options database.Config) (connector, error) {
	var dialer net.Dialer
	killing := config.Clone()
	killing.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if server, ok := ctx.Value(serverKey{}).(net.Addr); ok {
			network, address = server.Network(), server.String()
		}
		return dialer.DialContext(ctx, network, address)
	}
	plain, err := signingIn(killing, options)
	if err != nil {
		return connector{}, err
	}
	listening := config.Clone()
	listening.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if s, ok := c.(socket); ok {
			if w, ok := ctx.Value(whoKey{}).(*who); ok {
				w.server = s.RemoteAddr()
				return &greeted{socket: s, id: &w.id}, nil
			}
		}
		return c, err
	}
	c, err := signingIn(listening, options)
	return connector{Connector: c, plain: plain, now: byCalendar}, err
}

type (
	whoKey    struct{}
	serverKey struct{}
)

// who is a connection as its server knows it.
type who struct {
	server net.Addr
	id     atomic.Uint32
}

// killAtEnd kills the connection at the server if ctx ends before the function
// that it gives is called. That function waits until it is done: who is told
// that time is over may rely on it.
func (c *conn) killAtEnd(ctx context.Context) (done func()) {
	if ctx.Done() == nil || c.who.id.Load() == 0 {
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

// kill does what it can: a server that cannot be reached ends nothing.
func (c *conn) kill(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killTimeout)
	defer cancel()
	other, err := c.plain.Connect(context.WithValue(ctx, serverKey{}, c.who.server))
	if err != nil {
		return
	}
	defer other.Close()
	if execer, ok := other.(driver.ExecerContext); ok {
		_, _ = execer.ExecContext(ctx, fmt.Sprintf("KILL %d", c.who.id.Load()), nil)
	}
}

// socket is a network connection whose liveness the driver can check.
type socket interface {
	net.Conn
	syscall.Conn
}

// greeted reads the number of the connection out of the server's greeting, the
// first packet, as it passes by.
//
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
type greeted struct {
	socket
	id   *atomic.Uint32
	seen []byte
	over bool
}

func (g *greeted) Read(p []byte) (int, error) {
	n, err := g.socket.Read(p)
	if g.over {
		return n, err
	}
	g.seen = append(g.seen, p[:n]...)
	id, more := connectionID(g.seen)
	if !more {
		g.id.Store(id)
		g.seen, g.over = nil, true
	}
	return n, err
}

// connectionID gives the number in a greeting, 0 in what is none; more says that
// it takes more bytes to tell.
func connectionID(packet []byte) (id uint32, more bool) {
	const header, longest = 4, 200                    // more than any version has
	if len(packet) > header && packet[header] != 10 { // an error, or another protocol
		return 0, false
	}
	for i := header + 1; i < min(len(packet), longest); i++ {
		if packet[i] != 0 {
			continue
		}
		if len(packet) < i+5 {
			return 0, true
		}
		return binary.LittleEndian.Uint32(packet[i+1:]), false
	}
	return 0, len(packet) < longest
}
