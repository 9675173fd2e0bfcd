package main

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
)

// password is a password that tests search for in the output.
const password = "hunter2-s3cret"

// TestCannotServe: if the server cannot start, it prints one line with the error and exits with code 1. The output
// contains no password and no address.
func TestCannotServe(t *testing.T) {
	t.Parallel()
	// mysql returns the URL of the test server with a change.
	mysql := func(change func(*url.URL)) string {
		u, err := url.Parse(dbtest.MySQL(t))
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(u.User.Username(), password)
		change(u)
		return "DATABASE_URL=" + u.String()
	}
	// noDatabase has valid credentials, so that the error is about the database.
	noDatabase := func() string {
		u, err := url.Parse(dbtest.MySQL(t))
		if err != nil {
			t.Fatal(err)
		}
		u.Path += "_not"
		return "DATABASE_URL=" + u.String()
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	for _, c := range []struct {
		name string
		env  string
		want string
	}{
		{"no scheme", "DATABASE_URL=root:" + password + "@tcp(127.0.0.1:3306)/app", "DATABASE_URL has no scheme"},
		{"another scheme", "DATABASE_URL=postgres://root:" + password + "@127.0.0.1/app", "DATABASE_URL has a scheme"},
		{"no host", "DATABASE_URL=mysql:///app", "DATABASE_URL names no host"},
		{"no database", "DATABASE_URL=mysql://root:" + password + "@127.0.0.1:3306/", "DATABASE_URL names no database"},
		{"a # in the password", "DATABASE_URL=mysql://root:#" + password + "@127.0.0.1/app", "# as %23"},
		{"a / in the password", "DATABASE_URL=mysql://root:1/" + password + "@127.0.0.1/app", "/ as %2F"},
		{"a wrong password", mysql(func(*url.URL) {}), "Access denied"},
		{"a wrong user", mysql(func(u *url.URL) { u.User = url.UserPassword("nobody", password) }), "Access denied"},
		{"no such database", noDatabase(), "Unknown database"},
		{"no such host", mysql(func(u *url.URL) { u.Host = "no-such-host.invalid:3306" }), "no-such-host.invalid"},
		{"no server", mysql(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "connection refused"},
		{"no file", "DATABASE_URL=sqlite://", "DATABASE_URL names no file"},
		{"in memory", "DATABASE_URL=sqlite://:memory:", "in memory"},
		{"a file where a folder should be", "DATABASE_URL=sqlite://text/app.db", "not a directory"},
		{"a folder where the file should be", "DATABASE_URL=sqlite://folder", "unable to open database file"},
		{"a folder that cannot be created", "DATABASE_URL=sqlite:///proc/slipway/app.db", "/proc/slipway"},
		{"a file that is no database", "DATABASE_URL=sqlite://text", "not a database"},
		{"a port in use", "ADDR=" + taken.Addr().String(), "cannot listen on ADDR " + taken.Addr().String() + ": "},
		{"an invalid port", "ADDR=127.0.0.1:99999", "cannot listen on ADDR 127.0.0.1:99999: "},
		{"no port", "ADDR=localhost", "cannot listen on ADDR localhost: "},
		{"an invalid log level", "LOG_LEVEL=loud", `LOG_LEVEL is "loud"`},
		{"an invalid AUTH", "AUTH=on", `AUTH is "on"`},
		{"an audience without an issuer", "AUTH_AUDIENCE=api", "set both or neither"},
		{"an invalid limit", "MAX_BODY_BYTES=1MB", `MAX_BODY_BYTES is "1MB"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "text"), []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
				t.Fatal(err)
			}
			// The last of two variables of one name counts.
			got := runLocal(t, dir, []string{"ADDR=127.0.0.1:0", c.env})
			if got.code != 1 {
				t.Errorf("exit code %d", got.code)
			}
			if !strings.HasPrefix(got.stderr, "error: ") || strings.Count(got.stderr, "\n") != 1 ||
				strings.Contains(got.stderr, "%!") {
				t.Errorf("standard error is not one line with an error:\n%s", got.stderr)
			}
			if !strings.Contains(got.stderr, c.want) {
				t.Errorf("%slacks %q", got.stderr, c.want)
			}
			for _, bad := range []string{password, "serving", "http://"} {
				if strings.Contains(got.stdout+got.stderr, bad) {
					t.Errorf("%q is shown:\n%s%s", bad, got.stdout, got.stderr)
				}
			}
		})
	}
}

// TestCommandLine: help shows examples, and the errors name the invalid argument.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   string
		code   int
		stdout []string
		stderr string
	}{
		{"--help", 0, []string{"Examples:", "  go run ./local\n", "go run ./local db migrate -m"}, ""},
		{"help serve", 0, []string{"Examples:", "ADDR=127.0.0.1:8080", "local/data/app.db"}, ""},
		{"serve --help", 0, []string{"Examples:", "go run ./local serve"}, ""},
		{"token --help", 0, []string{"Examples:", `go run ./local token --scope "read write"`, "curl -H"}, ""},
		{"token --expires 0s", 1, nil, "error: --expires is 0s"},
		{"token --expires soon", 1, nil, `error: invalid argument "soon"`},
		{"token now", 1, nil, `error: unknown command "now"`},
		{"db --help", 0, []string{"Examples:", "go run ./local db upgrade"}, ""},
		{"db", 0, []string{"Examples:", "go run ./local db upgrade"}, ""},
		{"serv", 1, nil, `error: unknown command "serv"`},
		{"serve now", 1, nil, `error: unknown command "now"`},
		{"--port 80", 1, nil, "error: unknown flag: --port"},
		{"serve --port 80", 1, nil, "error: unknown flag: --port"},
		{"db upgrad", 1, nil, `error: unknown command "upgrad"`},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			// The URL has no server, so that no command reaches a database.
			got := runLocal(t, dir, []string{"ADDR=127.0.0.1:0", "DATABASE_URL=mysql://root:" + password + "@127.0.0.1:1/app"},
				strings.Fields(c.args)...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d", got.code, c.code)
			}
			for _, want := range c.stdout {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("%s\nlacks %q", got.stdout, want)
				}
			}
			if !strings.HasPrefix(got.stderr, c.stderr) || strings.Count(got.stderr, "\n") != c.code {
				t.Errorf("standard error is %q, want one line that begins with %q", got.stderr, c.stderr)
			}
			if strings.Contains(got.stdout+got.stderr, password) {
				t.Errorf("the password is shown:\n%s%s", got.stdout, got.stderr)
			}
			if made, err := os.ReadDir(dir); err != nil || len(made) > 0 {
				t.Errorf("it left %v, %v", made, err)
			}
		})
	}
}
