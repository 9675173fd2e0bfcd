package main

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestServeReader: GET reads from DATABASE_READER_URL, and other methods use DATABASE_URL. The two databases contain
// different rows.
func TestServeReader(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		address, readerAddress := dbtest.New(t, dialect), blog.New(t, dialect)
		reader, err := database.Open(database.Config{URL: readerAddress}, dialects...)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		now := database.Now()
		if err := reader.Write.Exec("INSERT INTO notes (title, content, created_at, updated_at) VALUES ('of the reader', "+
			"'', ?, ?)", now, now).Error; err != nil {
			t.Fatal(err)
		}
		s := start(t, t.TempDir(), "DATABASE_URL="+address, "DATABASE_READER_URL="+readerAddress)
		s.must(http.StatusOK, "GET", "/readyz", "")
		s.must(http.StatusCreated, "POST", "/notes", `{"title":"written"}`)
		if _, body := s.must(http.StatusOK, "PATCH", "/notes/1", `{"content":"x"}`); !strings.Contains(body,
			`"title":"written"`) {
			t.Errorf("PATCH returns %s", body)
		}
		for _, path := range []string{"/notes", "/notes/1"} {
			if _, body := s.must(http.StatusOK, "GET", path, ""); !strings.Contains(body, `"title":"of the reader"`) ||
				strings.Contains(body, "written") {
				t.Errorf("%s returns %s", path, body)
			}
		}
		shown := func(address string) string {
			address = strings.TrimPrefix(address, dialect+"://")
			return dialect + "://" + address[strings.LastIndexByte(address, '@')+1:]
		}
		for _, line := range []string{"database " + shown(address), "reader   " + shown(readerAddress),
			"docs    " + s.url + "/docs"} {
			waitFor(t, line, func() bool { return strings.Contains(s.output.String(), line+"\n") })
		}
		s.must(http.StatusOK, "GET", "/docs", "")
		if code := s.terminate(); code != 0 {
			t.Errorf("exit code %d:\n%s%s", code, &s.output, &s.log)
		}
	})
}

// TestReaderIsNotMigrated: serve applies no migration to a reader, because a reader is a replica. Until replication
// brings the tables, /readyz returns 503.
func TestReaderIsNotMigrated(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		address, readerAddress := dbtest.New(t, dialect), dbtest.New(t, dialect)
		if file, ok := strings.CutPrefix(readerAddress, "sqlite://"); ok {
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := start(t, t.TempDir(), "DATABASE_URL="+address, "DATABASE_READER_URL="+readerAddress)
		if _, body := s.must(http.StatusServiceUnavailable, "GET", "/readyz", ""); !strings.Contains(body,
			"the reader: no migration is applied") {
			t.Error(body)
		}
		s.must(http.StatusCreated, "POST", "/notes", `{"title":"written"}`)
		if code := s.terminate(); code != 0 {
			t.Errorf("exit code %d:\n%s%s", code, &s.output, &s.log)
		}
		reader := dbtest.Open(t, readerAddress)
		defer reader.Close()
		var tables int
		count := "SELECT COUNT(*) FROM sqlite_master"
		if dialect == "mysql" {
			count = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
		}
		if err := reader.QueryRowContext(t.Context(), count).Scan(&tables); err != nil || tables > 0 {
			t.Errorf("the reader has %d tables: %v", tables, err)
		}
	})
}

// TestReaderPassword: if the reader rejects the password, requests that read return 503. The password is never printed.
func TestReaderPassword(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("nobody", password)
	s := start(t, t.TempDir(), "DATABASE_URL="+address, "DATABASE_READER_URL="+u.String(), "LOG_LEVEL=debug")
	_, list := s.must(http.StatusServiceUnavailable, "GET", "/notes", "")
	_, ready := s.must(http.StatusServiceUnavailable, "GET", "/readyz", "")
	s.must(http.StatusCreated, "POST", "/notes", `{"title":"written"}`)
	if code := s.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if text := s.output.String() + s.log.String() + list + ready; strings.Contains(text, password) ||
		!strings.Contains(text, "reader   mysql://"+u.Host+u.Path+"\n") {
		t.Errorf("the password is shown, or the reader is not:\n%s", text)
	}
}

// TestCannotServeReader: an invalid reader or origin is an error of one line that names the variable, with exit code 1.
func TestCannotServeReader(t *testing.T) {
	t.Parallel()
	const mysql = "mysql://root:" + password + "@127.0.0.1:1/app"
	for _, c := range []struct{ name, env, want string }{
		{"no scheme", "DATABASE_READER_URL=root:" + password + "@tcp(127.0.0.1:3306)/app",
			"error: DATABASE_READER_URL has no scheme"},
		{"another kind", "DATABASE_READER_URL=" + mysql, "error: DATABASE_READER_URL is for mysql and DATABASE_URL for " +
			"sqlite"},
		{"no file", "DATABASE_READER_URL=sqlite://reader.db", "error: DATABASE_READER_URL names a file that cannot be read"},
		{"no database", "DATABASE_READER_URL=sqlite://text", "error: DATABASE_READER_URL: "},
		{"a folder", "DATABASE_READER_URL=sqlite://.", "error: DATABASE_READER_URL: "},
		{"an origin with a path", "CORS_ORIGINS=https://app.example.com/app",
			`error: CORS_ORIGINS has "https://app.example.com/app": `},
		{"a database as an origin", "CORS_ORIGINS=" + mysql, `error: CORS_ORIGINS has "…@127.0.0.1:1/app": `},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(dir+"/text", []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
			got := runLocal(t, dir, []string{"ADDR=127.0.0.1:0", c.env})
			if got.code != 1 || !strings.HasPrefix(got.stderr, c.want) || strings.Count(got.stderr, "\n") != 1 {
				t.Errorf("exit code %d, %s\nwant 1, %s", got.code, got.stderr, c.want)
			}
			if text := got.stdout + got.stderr; strings.Contains(text, password) || strings.Contains(text, "serving") {
				t.Errorf("%s", text)
			}
			if _, err := os.Stat(dir + "/reader.db"); err == nil {
				t.Error("it created the reader's file")
			}
		})
	}
}

// TestServeOrigins: only the origins in CORS_ORIGINS are allowed.
func TestServeOrigins(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "CORS_ORIGINS=https://app.example.com, http://localhost:5173")
	for origin, want := range map[string]string{"http://localhost:5173": "http://localhost:5173",
		"https://evil.example": ""} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/notes", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		res, err := s.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != http.StatusOK || got != want {
			t.Errorf("origin %s: %s, allowed origin %q", origin, res.Status, got)
		}
	}
}
