// Package mysqlproxy is a TCP proxy for a MySQL server. It records every command of its clients, including those that a
// driver sends by itself, and it can interrupt connections, to simulate an unreachable database.
//
// It is for tests only and may not import other packages of slipway.
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

// Proxy is a recording proxy for one MySQL server. It is safe for concurrent use.
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

// Start starts a proxy on a free loopback port for the server, a host:port. The end of the test stops it.
func Start(t testing.TB, server string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("mysqlproxy: %v", err)
	}
	p := &Proxy{t: t, server: server, addr: listener.Addr().String(), live: map[net.Conn]bool{}}
	p.serve(listener)
	t.Cleanup(func() {
		p.Cut()
		// The goroutines use t, so they must end before the test.
		p.wait.Wait()
	})
	return p
}

// Through starts a proxy for the server of a mysql:// URL, and returns it with the URL of the proxy.
func Through(t testing.TB, address string) (*Proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "mysql" {
		t.Fatal("mysqlproxy: not a mysql:// URL") // the URL may contain a password
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	p := Start(t, net.JoinHostPort(u.Hostname(), port))
	u.Host = p.Addr()
	return p, u.String()
}

// Addr returns the host:port of the proxy.
func (p *Proxy) Addr() string { return p.addr }

// Commands returns the commands since the start or the last Reset, in order: "QUERY SELECT 1", "PING", "QUIT". The
// sign-in is not a command. A command is recorded before it is sent to the server, so after its response it is in the
// list.
func (p *Proxy) Commands() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.commands)
}

// Reset deletes the recorded commands.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = nil
}

// Cut closes all connections and rejects new ones until Heal.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	p.disconnect()
}

// Disconnect closes all connections. New ones are accepted, so a client that connects again at once succeeds.
func (p *Proxy) Disconnect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.disconnect()
}

func (p *Proxy) disconnect() {
	for conn := range p.live {
		conn.Close()
	}
}

// Lead forwards new connections to another server, a host:port, as the name of a cluster does after a failover. Open
// connections stay on the previous server.
func (p *Proxy) Lead(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = server
}

// Heal accepts connections again after Cut, at the same address.
func (p *Proxy) Heal() {
	p.t.Helper()
	p.mu.Lock()
	healed := p.listener != nil
	p.mu.Unlock()
	if healed {
		return
	}
	// An outgoing connection of this machine may use the port temporarily.
	deadline := time.Now().Add(10 * time.Second)
	for {
		listener, err := net.Listen("tcp", p.addr)
		if err == nil {
			p.serve(listener)
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("mysqlproxy: heal: %v", err)
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

// join forwards one connection between client and server, until one of them closes it.
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
		p.t.Errorf("mysqlproxy: the server behind the proxy: %v", err)
		return
	}
	defer server.Close()
	if !p.keep(listener, server) {
		return
	}
	defer p.drop(server)
	p.wait.Go(func() {
		_, _ = io.Copy(client, server) // ends when either side is closed
		client.Close()
	})
	if err := p.listen(client, server); err != nil {
		p.t.Errorf("mysqlproxy: %v", err)
	}
}

// keep stores an open connection. It returns false if the proxy was cut after listener accepted the connection.
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

// listen forwards the client's packets and records the commands. It returns an error only for an unsupported protocol,
// not for the end of a connection.
func (p *Proxy) listen(client io.Reader, server io.Writer) error {
	reply := true // the first packet of a client is the response to the server's greeting
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
