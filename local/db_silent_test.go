package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
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
	for _, c := range []struct {
		line, limit string
		before      []string // commands to run first
	}{
		{"db upgrade", "5m0s", nil},
		{"db downgrade -n 1 --allow-data-loss", "5m0s", []string{"db upgrade"}},
		{"db repair", "5m0s", []string{"db upgrade"}},
		{"db seed", "1m0s", []string{"db upgrade"}},
		{"db upgrade --json", "5m0s", nil},
		{"db seed --json", "1m0s", []string{"db upgrade"}},
		{"serve", "5m0s", nil},
	} {
		t.Run(c.line, func(t *testing.T) {
			t.Parallel()
			dir := projectFolder(t)
			address := "sqlite://" + dir + "/app.db"
			env := []string{"DATABASE_URL=" + address, "ADDR=127.0.0.1:0"}
			for _, line := range c.before {
				succeeds(t, dir, env, strings.Fields(line)...)
			}
			holder := open(t, address)
			for _, s := range []string{"PRAGMA journal_mode = DELETE", "CREATE TABLE IF NOT EXISTS held (n integer)",
				"DROP TABLE held", "BEGIN EXCLUSIVE"} {
				if _, err := holder.Exec(s); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
			defer cancel()
			cmd := command(ctx, t, dir, env, strings.Fields(c.line)...)
			var out output
			cmd.Stderr = &out
			if cmd.Stdout = &out; strings.HasSuffix(c.line, "--json") {
				cmd.Stdout = nil // the report alone
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			want := "waiting up to " + c.limit + ": another program has locked " + address + "\n"
			waitFor(t, want, func() bool { return strings.Contains(out.String(), want) })
			if c.line == "db upgrade" {
				fails(t, dir, env, dir+"/app.db: another program holds the file", "db", "status")
			}
			if _, err := holder.Exec("COMMIT"); err != nil {
				t.Fatal(err)
			}
			if c.line == "serve" {
				waitFor(t, "to serve", func() bool { return strings.Contains(out.String(), "serving http://") })
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				return
			}
			if err := cmd.Wait(); err != nil || strings.Count(out.String(), "waiting") != 1 {
				t.Errorf("%v\n%s", err, &out)
			}
		})
	}
}
