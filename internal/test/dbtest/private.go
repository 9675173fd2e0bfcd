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

// PrivateServer is a MySQL server for one test. The test can stop and restart it, and choose its options.
type PrivateServer struct {
	t       testing.TB
	dir     string
	options []string
	address *url.URL
}

// Private starts a MySQL server with local/mysql.sh. The options are passed to mysqld, such as --max-connections=60.
// The end of the test stops the server. Commits survive a kill of the server, but not a crash of the machine.
func Private(t testing.TB, options ...string) *PrivateServer {
	t.Helper()
	skipShort(t)
	dir, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	// Flush each commit to the operating system, and protect against partially written pages. local/mysql.sh turns both
	// off.
	options = append([]string{"--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=ON"}, options...)
	s := &PrivateServer{t: t, dir: dir, options: options}
	t.Cleanup(func() { s.run("stop", dir) })
	s.Restart()
	return s
}

// URL returns the URL of the server, without a database. User root has no password.
func (s *PrivateServer) URL() string { return s.address.String() }

// Database creates an empty database and returns its URL.
func (s *PrivateServer) Database(name string) string {
	s.t.Helper()
	server := *s.address
	server.Path = "/mysql"
	db := Open(s.t, server.String())
	defer db.Close() // at once: the server may have few connections
	if err := exec(db, "CREATE DATABASE `"+name+"`"); err != nil {
		s.t.Fatalf("dbtest: create a database: %v", err)
	}
	server.Path = "/" + name
	return server.String()
}

// Kill kills the server, as in a crash.
func (s *PrivateServer) Kill() { s.t.Helper(); s.run("halt", s.dir, "KILL") }

// Stop shuts the server down and waits for its end.
func (s *PrivateServer) Stop() { s.t.Helper(); s.run("halt", s.dir, "TERM") }

// Restart starts the server after Kill or Stop, with the same port and data, and waits until it is ready.
func (s *PrivateServer) Restart() {
	s.t.Helper()
	out := s.run(append([]string{"start", s.dir}, s.options...)...)
	address, err := url.Parse(string(bytes.TrimSpace(out)))
	if err != nil || address.Scheme != "mysql" {
		s.t.Fatalf("dbtest: local/mysql.sh start printed %q", out)
	}
	s.address = address
}

// run runs local/mysql.sh and returns its output.
func (s *PrivateServer) run(arguments ...string) []byte {
	s.t.Helper()
	script, err := script()
	if err != nil {
		s.t.Fatalf("dbtest: %v", err)
	}
	// Not the context of the test, which is canceled before cleanups run.
	command := process.Command("bash", append([]string{script}, arguments...)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		s.t.Fatalf("dbtest: local/mysql.sh %s: %v\n%s", arguments[0], err, stderr.Bytes())
	}
	return out
}

// script returns the path of local/mysql.sh in the project's folder.
func script() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return filepath.Join(dir, "local", "mysql.sh"), nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod in the folders above the test, so local/mysql.sh cannot be found")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}
