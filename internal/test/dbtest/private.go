package dbtest

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	process "os/exec" // exec is a function here
	"path/filepath"
	"testing"
)

// PrivateServer is a MySQL server of one test's own, which may be stopped, started
// again, and be set up as no other test would like it.
type PrivateServer struct {
	t       testing.TB
	dir     string
	options []string
	address *url.URL
}

// Private starts a MySQL server, with options for mysqld such as
// --max-connections=60, by local/mysql.sh, which says why where it cannot. The
// server is gone when the test ends. It keeps what it has committed when it is
// killed, and nothing when the machine is.
func Private(t testing.TB, options ...string) *PrivateServer {
	t.Helper()
	skipShort(t)
	dir, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	// Flushed to the system with each commit, and no page half written: local/mysql.sh
	// leaves out both, since its servers are not killed.
	options = append([]string{"--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=ON"}, options...)
	s := &PrivateServer{t: t, dir: dir, options: options}
	t.Cleanup(func() { s.run("stop", dir) })
	s.Restart()
	return s
}

// URL is the server's, without a database, where user root signs in without a
// password.
func (s *PrivateServer) URL() string { return s.address.String() }

// Database creates an empty database and gives its URL.
func (s *PrivateServer) Database(name string) string {
	s.t.Helper()
	server := *s.address
	server.Path = "/mysql"
	db := Open(s.t, server.String())
	defer db.Close() // now: the server may have no connection to spare
	if err := exec(db, "CREATE DATABASE `"+name+"`"); err != nil {
		s.t.Fatalf("dbtest: create a database: %v", err)
	}
	server.Path = "/" + name
	return server.String()
}

// Kill ends the server at once, as a crash does.
func (s *PrivateServer) Kill() { s.t.Helper(); s.run("halt", s.dir, "KILL") }

// Stop shuts the server down, as an operator does, and waits for its end.
func (s *PrivateServer) Stop() { s.t.Helper(); s.run("halt", s.dir, "TERM") }

// Restart starts the server after Kill or Stop, on the same port and with the same
// data, and waits until it answers.
func (s *PrivateServer) Restart() {
	s.t.Helper()
	out := s.run(append([]string{"start", s.dir}, s.options...)...)
	address, err := url.Parse(string(bytes.TrimSpace(out)))
	if err != nil || address.Scheme != "mysql" {
		s.t.Fatalf("dbtest: local/mysql.sh start printed %q", out)
	}
	s.address = address
}

// run runs local/mysql.sh and gives what it prints.
func (s *PrivateServer) run(arguments ...string) []byte {
	s.t.Helper()
	script, err := script()
	if err != nil {
		s.t.Fatalf("dbtest: %v", err)
	}
	// Not the test's context: that one is cancelled before cleanups run.
	command := process.Command("bash", append([]string{script}, arguments...)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		s.t.Fatalf("dbtest: local/mysql.sh %s: %v\n%s", arguments[0], err, stderr.Bytes())
	}
	return out
}

// script finds local/mysql.sh beside the go.mod above the folder of the test.
func script() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return filepath.Join(dir, "local", "mysql.sh"), nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the folder of the test: local/mysql.sh is beside it")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}
