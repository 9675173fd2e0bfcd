package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

// TestReach: a URL on loopback gets the host name of this machine in containers. Other URLs stay unchanged. A URL that
// a container cannot use is an error, without the password.
func TestReach(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, want string }{
		{"mysql://root@127.0.0.1:13306/app", "mysql://root@host.docker.internal:13306/app"},
		{"mysql://u:p%40ss@localhost/app?tls=true", "mysql://u:p%40ss@host.docker.internal:3306/app?tls=true"},
		{"mysql://u:p@[::1]:3306/app", "mysql://u:p@host.docker.internal:3306/app"},
		{"mysql://u:p@db.example.com:3306/app?tls=true", "mysql://u:p@db.example.com:3306/app?tls=true"},
		{"mysql://u:p@10.0.0.7/app", "mysql://u:p@10.0.0.7/app"},
		{"mysql+unix://u:secret@/run/mysql.sock?database=app", ""},
		{"sqlite://local/data/app.db", ""},
		{"mysql://u:secret%zz@127.0.0.1/app", ""},
	} {
		got, err := (&reach{host: "host.docker.internal"}).url(c.url)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %q %v, want %q", c.url, got, err, c.want)
		}
	}
}

// TestSamEnvironment: the file for sam has the variables of local/env.json; the environment overrides their values.
func TestSamEnvironment(t *testing.T) {
	t.Parallel()
	defaults, err := os.ReadFile("env.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := (&reach{host: "host.docker.internal"}).environment(defaults, func(name string) string {
		return map[string]string{"DATABASE_URL": "mysql://root@127.0.0.1:13306/app", "LOG_LEVEL": "debug",
			"PATH": "/bin"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]map[string]string
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	variables := got["ApiFunction"]
	for name, want := range map[string]string{"DATABASE_URL": "mysql://root@host.docker.internal:13306/app",
		"LOG_LEVEL": "debug", "DATABASE_READER_URL": "", "AUTH": "off"} {
		if value, named := variables[name]; value != want || !named {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	template, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name := range variables {
		if !strings.Contains(string(template), "\n          "+name+": ") {
			t.Errorf("no function in template.yaml has the variable %s: sam ignores it", name)
		}
	}
	if _, named := variables["PATH"]; named {
		t.Error("PATH is passed on, but is not in local/env.json")
	}
	if _, err := (&reach{}).environment([]byte("{"), os.Getenv); err == nil {
		t.Error("invalid JSON returned no error")
	}
}

// TestForward: a connection from the containers' network is forwarded in both directions. Any other connection is
// closed. The end of the command closes all connections.
func TestForward(t *testing.T) {
	t.Parallel()
	database, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() }) // after the cases, which are parallel
	go func() {
		for {
			c, err := database.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); _, _ = io.Copy(c, c) }()
		}
	}()
	for network, want := range map[string]string{"127.0.0.0/8": "hello", "198.18.0.0/28": ""} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			r := &reach{host: "127.0.0.1", network: netip.MustParsePrefix(network)}
			reached, err := r.url("mysql://root@" + database.Addr().String() + "/app")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { defer close(ended); r.forward(ctx) }()
			c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(reached, "mysql://root@"), "/app"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.SetDeadline(time.Now().Add(commandTimeout)); err != nil {
				t.Fatal(err)
			}
			_, _ = c.Write([]byte("hello")) // the connection may be closed
			got := make([]byte, len(want))
			if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
				t.Errorf("%q %v, want %q", got, err, want)
			}
			if want != "" {
				cancel()
			}
			if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the connection stays: %v", err)
			}
			cancel()
			<-ended
		})
	}
}
