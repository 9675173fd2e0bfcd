package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSilentServer checks that every command fails if the server accepts the connection but
// never responds. The error is one line with the server and without a password.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a timeout, which -short leaves out")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // the system accepts connections without Accept
	const limit = 15 * time.Second
	host := listener.Addr().String()
	address := "mysql://app:hunter2@" + host + "/app"
	dir := projectFolder(t)
	mustGit(t, dir, "init", "-q", "-b", "main")
	mustGit(t, dir, "add", "-A")
	mustGit(t, dir, "commit", "-q", "-m", "base")
	if _, err := binary(); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup // at once, where subtests would wait for a processor
	for _, line := range []string{
		"db status", "db history", "db current", "db plan", "db check", "db lint", "db init", "db hash", "db repair",
		"db repair --dry-run",
		"db upgrade", "db upgrade --dry-run", "db downgrade", "db downgrade --dry-run", "db rebase --base main", "db seed",
		"db test --dialect mysql", "serve",
	} {
		args, env := strings.Fields(line), []string{"ADDR=127.0.0.1:0"}
		if line == "serve" {
			env = append(env, "DATABASE_URL="+address)
		} else {
			args = append(args, "--url", address)
		}
		cmd := command(t.Context(), t, dir, env, args...)
		all.Go(func() {
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			began := time.Now()
			watch := time.AfterFunc(2*limit, func() { _ = cmd.Process.Kill() })
			err := cmd.Run()
			watch.Stop()
			want := fmt.Sprintf("the MySQL server at %s did not complete a connection within 10s", host)
			if took := time.Since(began); err == nil || took > limit || strings.Count(stderr.String(), "\n") != 1 ||
				!strings.Contains(stderr.String(), want) || strings.Contains(stdout.String()+stderr.String(), "hunter2") {
				t.Errorf("%s: %v after %v\n%s%s", line, err, took, &stdout, &stderr)
			}
		})
	}
	all.Wait()
}

// TestLockedFile locks the SQLite file. A command that changes it prints that it waits and for how
// long, and continues when the file is free. A command that reads fails after a short time.
func TestLockedFile(t *testing.T) {
	t.Parallel()
	upgrade := []string{"db upgrade"}
	all := []*lockedCommand{
		{line: "db upgrade", limit: "5m0s"},
		{line: "db downgrade -n 1 --allow-data-loss", limit: "5m0s", before: upgrade},
		{line: "db repair", limit: "5m0s", before: upgrade},
		{line: "db seed", limit: "1m0s", before: upgrade},
		{line: "db upgrade --json", limit: "5m0s"},
		{line: "db seed --json", limit: "1m0s", before: upgrade},
		{line: "serve", limit: "5m0s"},
	}
	for _, c := range all { // all at once, because they only wait
		c.start(t)
	}
	for _, c := range all {
		t.Run(c.line, c.end)
	}
}

// lockedCommand is a command that waits for an SQLite file, because this test has locked it.
type lockedCommand struct {
	line, limit string
	before      []string // commands to run first
	dir         string
	env         []string
	holder      *sql.DB
	cmd         *exec.Cmd
	out         output
}

// start locks the file and starts the command.
func (c *lockedCommand) start(t *testing.T) {
	t.Helper()
	c.dir = projectFolder(t)
	c.env = []string{"DATABASE_URL=" + c.address(), "ADDR=127.0.0.1:0"}
	for _, line := range c.before {
		succeeds(t, c.dir, c.env, strings.Fields(line)...)
	}
	c.holder = open(t, c.address())
	for _, s := range []string{"PRAGMA journal_mode = DELETE", "CREATE TABLE IF NOT EXISTS held (n integer)",
		"DROP TABLE held", "BEGIN EXCLUSIVE"} {
		if _, err := c.holder.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	t.Cleanup(cancel)
	c.cmd = command(ctx, t, c.dir, c.env, strings.Fields(c.line)...)
	c.cmd.Stderr = &c.out
	if c.cmd.Stdout = &c.out; strings.HasSuffix(c.line, "--json") {
		c.cmd.Stdout = nil // the report alone
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func (c *lockedCommand) address() string { return "sqlite://" + c.dir + "/app.db" }

// end unlocks the file after the command has said that it waits, and checks that it succeeds then.
func (c *lockedCommand) end(t *testing.T) {
	want := "waiting up to " + c.limit + ": another program has locked " + c.address() + "\n"
	waitFor(t, want, func() bool { return strings.Contains(c.out.String(), want) })
	if c.line == "db upgrade" {
		fails(t, c.dir, c.env, c.dir+"/app.db: another program holds the file", "db", "status")
	}
	if _, err := c.holder.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	if c.line == "serve" {
		waitFor(t, "to serve", func() bool { return strings.Contains(c.out.String(), "serving http://") })
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		return
	}
	if err := c.cmd.Wait(); err != nil || strings.Count(c.out.String(), "waiting") != 1 {
		t.Errorf("%v\n%s", err, &c.out)
	}
}
