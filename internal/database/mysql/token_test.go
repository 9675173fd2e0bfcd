package mysql

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/aws/credentials"
	"slipway/internal/database"
)

// tokenServer is a fake of an RDS server for a user with the IAM plugin: it requests TLS, and then the password in
// plain text, and records what it receives. Its certificate is self-signed and for one name.
type tokenServer struct {
	net.Listener
	certificate tls.Certificate
	roots       *x509.CertPool
	sent        chan string
}

func newTokenServer(t *testing.T, name string) *tokenServer {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &tokenServer{listener, tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: private}, x509.NewCertPool(),
		make(chan string, 1)}
	s.roots.AddCert(parsed)
	return s
}

// serve accepts any credentials on one connection.
//
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
func (s *tokenServer) serve() error {
	plain, err := s.Accept()
	if err != nil {
		return err
	}
	defer plain.Close()
	const (
		longPassword, protocol41, ssl, secure, pluginAuth = 1, 1 << 9, 1 << 11, 1 << 15, 1 << 19
		capabilities                                      = longPassword | protocol41 | ssl | secure | pluginAuth
	)
	// protocol, version, number of the connection
	greeting := append([]byte("\x0a8.0.40\x00"), 7, 0, 0, 0)
	greeting = append(greeting, "12345678\x00"...)                              // eight bytes of salt
	greeting = binary.LittleEndian.AppendUint16(greeting, capabilities&0xffff)  //
	greeting = append(greeting, 45, 2, 0)                                       // collation, status
	greeting = binary.LittleEndian.AppendUint16(greeting, capabilities>>16)     //
	greeting = append(greeting, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)               // length of the salt
	greeting = append(greeting, "123456789012\x00mysql_native_password\x00"...) // the rest of it
	if err := send(plain, 0, greeting); err != nil {
		return err
	}
	request, err := receive(plain)
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(request)&ssl == 0 {
		s.sent <- "without TLS: " + string(request)
		return nil
	}
	conn := tls.Server(plain, &tls.Config{Certificates: []tls.Certificate{s.certificate}})
	if _, err := receive(conn); err != nil {
		return err
	}
	if err := send(conn, 3, []byte("\xfemysql_clear_password\x00")); err != nil {
		return err
	}
	password, err := receive(conn)
	if err != nil {
		return err
	}
	s.sent <- string(password)
	return send(conn, 5, []byte{0, 0, 0, 2, 0, 0, 0}) // OK packet
}

func send(w io.Writer, sequence byte, packet []byte) error {
	_, err := w.Write(append([]byte{byte(len(packet)), byte(len(packet) >> 8), 0, sequence}, packet...))
	return err
}

func receive(r io.Reader) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	packet := make([]byte, int(header[0])|int(header[1])<<8)
	_, err := io.ReadFull(r, packet)
	return packet, err
}

// TestToken: a token is sent in plain text over TLS, and only to a server with a valid certificate for its name.
func TestToken(t *testing.T) {
	t.Parallel()
	const token = "h:3306/?Action=connect&DBUser=app&X-Amz-Signature=hunter2"
	for _, c := range []struct {
		name    string
		trusted bool
		want    string
	}{{"trusted", true, token + "\x00"}, {"not trusted", false, ""}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := newTokenServer(t, "localhost")
			served := make(chan error, 1)
			go func() { served <- server.serve() }()

			options := fixed("app", token)
			options.Token = true
			_, port, _ := net.SplitHostPort(server.Addr().String())
			options.URL = "mysql://app@localhost:" + port + "/app?tls=true"
			config, err := configure(options)
			if err != nil {
				t.Fatal(err)
			}
			if c.trusted {
				config.TLS.RootCAs = server.roots
			}
			connector, err := newConnector(config, options)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			conn, err := connector.Connect(ctx)
			if (err == nil) != c.trusted {
				t.Errorf("signing in: %v", err)
			}
			if err == nil {
				conn.Close()
			}
			if err := <-served; (err == nil) != c.trusted {
				t.Errorf("the server: %v", err)
			}
			close(server.sent)
			if got := <-server.sent; got != c.want {
				t.Errorf("the server was sent %q, want %q", got, c.want)
			}
		})
	}
}

// TestTokenOfEachConnection: concurrent connections each get a new token for this server and this user.
func TestTokenOfEachConnection(t *testing.T) {
	t.Parallel()
	const connections = 40
	source, err := credentials.New("", true, func(name string) string {
		return map[string]string{"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
			"AWS_SECRET_ACCESS_KEY": "hunter2"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	var made atomic.Int32
	options := database.Config{Token: true, Connections: connections,
		Credentials: func(ctx context.Context, address, user, refused string) (string, string, error) {
			made.Add(1)
			return source(ctx, address, user, refused)
		}}
	server := newTokenServer(t, "localhost")
	go func() {
		for range connections {
			go func() { _ = server.serve() }()
		}
	}()
	_, port, _ := net.SplitHostPort(server.Addr().String())
	options.URL = "mysql://app@localhost:" + port + "/app?tls=true"
	config, err := configure(options)
	if err != nil {
		t.Fatal(err)
	}
	config.TLS.RootCAs = server.roots
	connector, err := newConnector(config, options)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			conn, err := connector.Connect(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
		})
	}
	for range connections {
		token, err := url.Parse("https://" + strings.TrimSuffix(<-server.sent, "\x00"))
		if err != nil {
			t.Fatal(err)
		}
		query := token.Query()
		signed, err := time.Parse("20060102T150405Z", query.Get("X-Amz-Date"))
		if err != nil || signed.Before(begun.Add(-2*time.Second)) || signed.After(time.Now()) ||
			query.Get("X-Amz-Expires") != "900" ||
			token.Host != "localhost:"+port || query.Get("DBUser") != "app" || len(query.Get("X-Amz-Signature")) != 64 {
			t.Errorf("signed in with %s: %v", token, err)
		}
	}
	all.Wait()
	if made.Load() != connections {
		t.Errorf("%d tokens for %d connections", made.Load(), connections)
	}
}
