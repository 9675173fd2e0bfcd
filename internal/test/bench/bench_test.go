//go:build !race

package bench

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/internal/test/dbtest/blog"
)

// dialects are the dialects that a URL can name.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

// serverVariable is the environment variable that makes this test binary a server: "slipway" or "hand".
const serverVariable = "SLIPWAY_BENCH_SERVER"

func TestMain(m *testing.M) {
	if kind := os.Getenv(serverVariable); kind != "" {
		if err := serveUntilClosed(kind, os.Getenv("DATABASE_URL")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveUntilClosed prints its address, and stops when its standard input ends.
func serveUntilClosed(kind, url string) error {
	db, err := database.Open(database.Config{URL: url}, dialects...)
	if err != nil {
		return err
	}
	devNull, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(devNull, nil))
	var handler http.Handler
	if kind == "slipway" {
		handler = httpapi.New(httpapi.Options{Store: store.New(db), Tables: append(blog.Tables, wideTable),
			MaxBodyBytes: 1 << 20, Logger: logger})
	} else {
		write, _ := db.Write.DB()
		read, _ := db.Read.DB()
		if handler, err = (hand{write, read, db.Dialect == "sqlite", logger}).handler(); err != nil {
			return err
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc("GET /cpu", func(w http.ResponseWriter, _ *http.Request) {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		fmt.Fprint(w, u.Utime.Nano()+u.Stime.Nano())
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	return http.Serve(l, mux)
}

// server is a server with its open connections.
type server []*connection

const connections = 16

// connection sends requests, and leaves more of the processor to the servers than a client of net/http does.
type connection struct {
	net.Conn
	buffer *bufio.Reader
}

// send sends a request and returns the body of its response, which must have this status.
func (c *connection) send(method, path, body string, status int) ([]byte, error) {
	if _, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: %d\r\n"+
		"Content-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n%s",
		method, path, c.RemoteAddr(), len(body), body); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.buffer, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	response, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		return nil, fmt.Errorf("%s %s: %d %s %v", method, path, res.StatusCode, response, err)
	}
	return response, nil
}

func start(t *testing.T, kind, databaseURL string) server {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"="+kind, "DATABASE_URL="+databaseURL)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	line := make([]byte, 64)
	n, err := stdout.Read(line)
	must(t, err)
	s := make(server, connections)
	for i := range s {
		c, err := net.Dial("tcp", strings.TrimSpace(string(line[:n])))
		must(t, err)
		t.Cleanup(func() { c.Close() })
		s[i] = &connection{c, bufio.NewReader(c)}
	}
	return s
}

func (s server) cpu(t *testing.T) time.Duration {
	t.Helper()
	body, err := s[0].send("GET", "/cpu", "", http.StatusOK)
	must(t, err)
	ns, err := strconv.ParseInt(string(body), 10, 64)
	must(t, err)
	return time.Duration(ns)
}

// load sends n requests over all connections, and returns the server's CPU time per request.
func (s server) load(t *testing.T, n int, op operation) time.Duration {
	t.Helper()
	before := s.cpu(t)
	group := errgroup.Group{}
	for first, c := range s {
		group.Go(func() error {
			for i := first; i < n; i += len(s) {
				method, path, body := op.send(i)
				if _, err := c.send(method, path, body, op.status); err != nil {
					return err
				}
			}
			return nil
		})
	}
	must(t, group.Wait())
	return (s.cpu(t) - before) / time.Duration(n)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
