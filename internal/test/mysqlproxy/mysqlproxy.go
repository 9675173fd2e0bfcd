// Package mysqlproxy stands between a test and a MySQL server: a TCP proxy that
// records every command a client sends, and that can be cut, to play a database
// that went away. Statements on the wire are what a database is paid for, and
// what a driver does by itself is seen here and nowhere else.
//
// It is for tests only and imports no other package of slipway.
package mysqlproxy

import (
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// Proxy is a recording proxy in front of one MySQL server. Its methods may be
// called from any goroutine.
type Proxy struct {
	t    testing.TB
	addr string
	wait sync.WaitGroup

	mu       sync.Mutex
	server   string
	listener net.Listener // nil while cut
	live     map[net.Conn]bool
	commands []string
}

// Start begins to listen on a free loopback port and to pass everything on to
// the server, a host:port. The proxy ends with the test.
func Start(t testing.TB, server string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("wire: %v", err)
	}
	p := &Proxy{t: t, server: server, addr: listener.Addr().String(), live: map[net.Conn]bool{}}
	p.serve(listener)
	t.Cleanup(func() {
		p.Cut()
		// Every goroutine may still report to t, so none may outlive it.
		p.wait.Wait()
	})
	return p
}

// Through puts a proxy in front of the server of a mysql:// URL and returns it
// with the URL that leads through it.
func Through(t testing.TB, address string) (*Proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "mysql" {
		t.Fatal("wire: not a mysql:// URL") // without the URL: it may hold a password
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	p := Start(t, net.JoinHostPort(u.Hostname(), port))
	u.Host = p.Addr()
	return p, u.String()
}

// Addr is the host:port to connect to instead of the server's.
func (p *Proxy) Addr() string { return p.addr }

// Commands returns what clients have sent since the start or the last Reset, in
// the order it came: "QUERY SELECT 1", "PING", "QUIT". Signing in is no command.
// A command is recorded before the server sees it, so whoever has an answer
// finds its command here.
func (p *Proxy) Commands() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.commands)
}

// Reset forgets the commands recorded so far.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = nil
}

// Cut breaks all connections and refuses new ones until Heal.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	for conn := range p.live {
		conn.Close()
	}
}

// Lead sends new connections to another server, a host:port, as the name of a
// cluster does after a failover. Those that are open stay where they are.
func (p *Proxy) Lead(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = server
}

// Heal lets clients connect again, at the same address, after Cut.
func (p *Proxy) Heal() {
	p.t.Helper()
	p.mu.Lock()
	healed := p.listener != nil
	p.mu.Unlock()
	if healed {
		return
	}
	// An outgoing connection of this machine may have been given the port
	// meanwhile; such a connection seldom lives long.
	deadline := time.Now().Add(10 * time.Second)
	for {
		listener, err := net.Listen("tcp", p.addr)
		if err == nil {
			p.serve(listener)
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("wire: heal: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// serve accepts connections until the listener is closed.
func (p *Proxy) serve(listener net.Listener) {
	p.mu.Lock()
	p.listener = listener
	p.mu.Unlock()
	p.wait.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.wait.Go(func() { p.join(listener, client) })
		}
	})
}

// join connects one client with the server until either hangs up.
func (p *Proxy) join(listener net.Listener, client net.Conn) {
	defer client.Close()
	if !p.keep(listener, client) {
		return
	}
	defer p.drop(client)
	p.mu.Lock()
	behind := p.server
	p.mu.Unlock()
	server, err := net.DialTimeout("tcp", behind, 10*time.Second)
	if err != nil {
		p.t.Errorf("wire: the server behind the proxy: %v", err)
		return
	}
	defer server.Close()
	if !p.keep(listener, server) {
		return
	}
	defer p.drop(server)
	p.wait.Go(func() {
		_, _ = io.Copy(client, server) // it ends when either side is closed
		client.Close()
	})
	if err := p.listen(client, server); err != nil {
		p.t.Errorf("wire: %v", err)
	}
}

// keep notes a live connection, unless the proxy was cut since its listener
// accepted it.
func (p *Proxy) keep(listener net.Listener, conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != listener {
		return false
	}
	p.live[conn] = true
	return true
}

func (p *Proxy) drop(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.live, conn)
}

// listen passes the client's packets on and records the commands among them.
// It returns an error only for what it cannot read; a connection that ends is
// none, however it ends.
func (p *Proxy) listen(client io.Reader, server io.Writer) error {
	reply := true // the first packet of a client answers the server's greeting
	for {
		packet, err := readPacket(client)
		if err != nil {
			return nil
		}
		if reply {
			if err := checkReply(packet); err != nil {
				return err
			}
			reply = false
		} else if command, ok := packet.command(); ok {
			p.mu.Lock()
			p.commands = append(p.commands, command)
			p.mu.Unlock()
		}
		if _, err := server.Write(packet.raw); err != nil {
			return nil
		}
	}
}
