//go:build !race

package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

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

type server struct {
	url    string
	client *http.Client
}

const connections = 16

func start(t *testing.T, kind, databaseURL string) *server {
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
	return &server{"http://" + strings.TrimSpace(string(line[:n])),
		&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}}
}

func (s *server) cpu(t *testing.T) time.Duration {
	t.Helper()
	res, err := s.client.Get(s.url + "/cpu")
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	ns, err := strconv.ParseInt(string(body), 10, 64)
	must(t, err)
	return time.Duration(ns)
}

// load sends n requests over all connections, and returns the server's CPU time per request.
func (s *server) load(t *testing.T, n int, op operation) time.Duration {
	t.Helper()
	before := s.cpu(t)
	var wg sync.WaitGroup
	errs := make(chan error, connections)
	for c := range connections {
		wg.Go(func() {
			for i := c; i < n; i += connections {
				method, path, body := op.send(i)
				req, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
				if err != nil {
					errs <- err
					return
				}
				req.Header.Set("Content-Type", "application/json")
				res, err := s.client.Do(req)
				if err != nil {
					errs <- err
					return
				}
				response, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != op.status {
					errs <- fmt.Errorf("%s %s: %d %s %v", method, path, res.StatusCode, response, err)
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		t.Fatal(err)
	default:
	}
	return (s.cpu(t) - before) / time.Duration(n)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
