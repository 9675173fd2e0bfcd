package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

var newTags = []string{"new", "table", "tags", "name:varchar(40):unique", "weight:double=1", "user:users",
	"above:tags:null"}

// newTableProject: one command declares a table that both dialects serve. A second run changes nothing.
func newTableProject() *made {
	return &made{
		name: "new table",
		make: func(t, parent *testing.T) string {
			dir := project.Copy(parent, tableFiles...)
			out := succeeds(t, dir, nil, newTags...)
			mentions(t, out, "wrote the table tags to schema.hcl", "_create_tags.sql (", "internal/app/tables.go")
			before := fingerprint(t, dir)
			out = succeeds(t, dir, nil, newTags...)
			mentions(t, out, "the table tags is already in schema.hcl", "nothing changed")
			if after := fingerprint(t, dir); after != before {
				t.Error("the second run changed a file")
			}
			return dir
		},
		serve: func(t *testing.T, p program) {
			dbtest.Each(t, func(t *testing.T, address string) {
				p.run(t, "db", "upgrade", "--url", address)
				tryTags(t, p.start(t, address))
			})
		},
	}
}

// tryTags sends requests for the table of newTags.
func tryTags(t *testing.T, s *server) {
	t.Helper()
	s.must(http.StatusCreated, "POST", "/users", `{"username":"ada","email":"ada@example.com"}`)
	_, body := s.must(http.StatusCreated, "POST", "/tags", `{"name":"go","user_id":1}`)
	if !strings.Contains(body, `{"id":1,"name":"go","weight":1,"user_id":1,"above_id":null,"created_at":"`) {
		t.Errorf("%s", body)
	}
	s.must(http.StatusConflict, "POST", "/tags", `{"name":"go","user_id":1}`)
	s.must(http.StatusUnprocessableEntity, "POST", "/tags", `{"name":"sql","user_id":2}`)
	s.must(http.StatusConflict, "DELETE", "/users/1", "") // its tags are not deleted with it
	if _, body := s.must(http.StatusOK, "GET", "/users/1/tags?include=user", ""); !strings.Contains(body,
		`"user":{"id":1,"username":"ada"`) {
		t.Errorf("%s", body)
	}
	s.must(http.StatusOK, "GET", "/readyz", "")
}

// TestNewTableRefused: a command that returns an error changes no file.
func TestNewTableRefused(t *testing.T) {
	t.Parallel()
	dir := project.Copy(t, "schema.hcl", "migrations", "internal/app")
	before := fingerprint(t, dir)
	for _, c := range []struct{ args, want string }{
		{"", "missing the table's name"},
		{"tags name:nope", "name:nope: nope is neither a MySQL type nor a table in schema.hcl"},
		{"users name:int", "table users already exists in schema.hcl with other columns"},
		{"docs name:int", "cannot be served: the API uses the path /docs"},
		{"tags size:int=big", `size:int=big: the default must be an integer, not "big"`},
	} {
		got := runLocal(t, dir, nil, append([]string{"new", "table"}, strings.Fields(c.args)...)...)
		if got.code != 1 || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: %d %s; want %s", c.args, got.code, got.stderr, c.want)
		}
	}
	if after := fingerprint(t, dir); after != before {
		t.Error("a refused command changed a file")
	}
}

// TestNewTableInterrupted: after Ctrl-C at any instant, all files are written or none, and the next run completes.
func TestNewTableInterrupted(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: compiles a project")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	whole, none := 0, 0
	for range 8 {
		dir := project.Copy(t, "schema.hcl", "migrations", "internal/app")
		before := fingerprint(t, dir)
		cmd := commandOf(t.Context(), path, dir, nil, newTags...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(120 * time.Millisecond))))
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		declared := strings.Contains(loadFile(t, dir, "schema.hcl"), `table "tags"`)
		typed := strings.Contains(loadFile(t, dir, "internal/app/tables.go"), "type Tag struct")
		files, _ := filepath.Glob(filepath.Join(dir, "migrations", "*", "*_create_tags.sql"))
		switch {
		case declared && typed && len(files) == 2:
			whole++
		case fingerprint(t, dir) == before:
			none++
		default:
			t.Errorf("some files are written: schema.hcl %v, row types %v, %q", declared, typed, files)
		}
		succeeds(t, dir, nil, newTags...)
		if files, _ := filepath.Glob(filepath.Join(dir, "migrations", "*", "*_create_tags.sql")); len(files) != 2 {
			t.Errorf("after the next run: %q", files)
		}
	}
	t.Logf("%d whole, %d none", whole, none)
}

// fingerprint returns a hash of all files in a folder and its subfolders.
func fingerprint(t *testing.T, dir string) string {
	t.Helper()
	hash := sha256.New()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".lock") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}
