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

// TestServeReader: rows are read where DATABASE_READER_URL says and written where
// DATABASE_URL does. The two hold different rows here, to tell them apart.
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
			t.Errorf("a change gives %s", body)
		}
		for _, path := range []string{"/notes", "/notes/1"} {
			if _, body := s.must(http.StatusOK, "GET", path, ""); !strings.Contains(body, `"title":"of the reader"`) ||
				strings.Contains(body, "written") {
				t.Errorf("%s gives %s", path, body)
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

// TestReaderIsNotMigrated: a reader is a copy: what it lacks comes from the
// database that it follows, and until then it is not ready.
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

// TestReaderPassword: a reader that does not let the server in shows in the
// requests that read, and its password nowhere.
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

// TestCannotServeReader: what is wrong with the reader or the origins is one line
// that names the variable, and exit code 1.
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
				t.Error("it made the reader's file")
			}
		})
	}
}

// TestServeOrigins: pages that CORS_ORIGINS names may call.
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
			t.Errorf("a page of %s: %s, granted is %q", origin, res.Status, got)
		}
	}
}
