package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// keysSeed has rows for tables with every shape of a key, and a reference by another column than the key.
const keysSeed = `{
  "tags": [{"slug": "a/b", "label": "A"}, {"slug": ""}],
  "devices": [{"name": "one"}, {"id": "two", "name": "two"}],
  "readings": [{"device_id": {"name": "one"}, "at": "2026-01-31T12:00:00Z"}],
  "flags": [{"on": true, "ratio": 0.5, "founded": 2026}],
  "films": [{"title": "f"}, {"title": "g", "sequel_of_id": 1}],
  "actors": [{"name": "ada", "tag": {"label": "A"}}],
  "film_actor": [{"film_id": {"title": "f"}, "actor_id": 1}],
  "follows": [{"follower_id": 1, "followee_id": 1}],
  "lines": [{"order_no": "o", "line_no": 1, "item": "i"}],
  "parcels": [{"order_no": "o", "line_no": 1}],
  "events": [{"name": "e", "film_id": 1}, {"name": "e"}],
  "keyless": [{"id": 1, "word": "w"}]
}`

// keysProject returns the folder of a project without migrations, whose tables have every shape of a key. names are
// those of project.Copy.
func keysProject(t *testing.T, names ...string) string {
	t.Helper()
	dir := project.Copy(t, names...)
	text := loadFile(t, "..", "internal/migrate/rowtypes/testdata/keys/schema.hcl")
	saveFile(t, dir, "schema.hcl", text)
	saveFile(t, dir, "seed.json", keysSeed)
	remove := []string{"migrations/mysql", "migrations/sqlite", "migrations/snapshots"}
	written, err := filepath.Glob(filepath.Join(dir, "internal/app/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range written {
		if name := filepath.Base(path); name != "app.go" {
			remove = append(remove, "internal/app/"+name)
		}
	}
	for _, name := range remove {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// everyKeyProject is a project of tables with every shape of a key, made with the commands of a developer: they create
// the migrations and apply them, test them with rows, add a table, load example rows, and serve all of it.
func everyKeyProject() *made {
	return &made{
		name: "every key",
		make: func(t, parent *testing.T) string {
			if testing.Short() {
				t.Skip("skipped with -short: compiles a project")
			}
			dir := keysProject(parent, tableFiles...)
			makeKeys(t, dir)
			return dir
		},
		serve: func(t *testing.T, p program) {
			dbtest.Each(t, func(t *testing.T, address string) {
				env := []string{"DATABASE_URL=" + address}
				has(t, succeeds(t, p.dir, env, "db", "upgrade"), "applied 3 migrations")
				has(t, succeeds(t, p.dir, env, "db", "check"), "no differences")
				s := p.start(t, address)
				has(t, p.run(t, "db", "seed", "--url", address), "loaded 2 in tags, 2 in devices, 1 in readings",
					"1 in keyless")
				tryKeys(t, s)
			})
		},
	}
}

// makeKeys creates the migrations of everyKeyProject and tests them.
func makeKeys(t *testing.T, dir string) {
	t.Helper()
	succeeds(t, dir, nil, "db", "init")
	has(t, succeeds(t, dir, nil, "db", "migrate", "-m", "create all"), "_create_all.sql",
		"row types: internal/app/tables.go")
	has(t, succeeds(t, dir, nil, "db", "migrate", "-m", "again"), "nothing changed")
	want := strings.Replace(loadFile(t, "..", "internal/migrate/rowtypes/testdata/keys/tables.go"), "package keys",
		"package app", 1)
	if loadFile(t, dir, "internal/app/tables.go") != want {
		t.Error("internal/app/tables.go differs from the row types of the schema")
	}
	editFile(t, dir, "schema.hcl", "  column \"label\" {\n",
		"  column \"hint\" {\n    type    = varchar(10)\n    default = \"\"\n  }\n  column \"label\" {\n")
	has(t, succeeds(t, dir, nil, "db", "migrate", "-m", "add hint"), "_add_hint.sql")
	has(t, succeeds(t, dir, nil, "new", "table", "marks", "text:varchar(40)", "tag:tags",
		"device:devices:null"), "_create_marks.sql")
	fails(t, dir, nil, "has no primary key of one column", "new", "table", "x", "reading:readings")
	has(t, succeeds(t, dir, nil, "db", "erd"), "slug PK", "device_id PK, FK", "tag_id FK")
	scratch := []string{"DEV_DATABASE_URL=" + dbtest.New(t, "mysql")}
	has(t, succeeds(t, dir, scratch, "db", "test"), "sqlite: 3 migrations up, down and up again with",
		"mysql: 3 migrations up, down and up again with")
}

// tryKeys sends requests for the rows of keysSeed.
func tryKeys(t *testing.T, s *server) {
	t.Helper()
	for _, r := range []struct {
		status             int
		method, path, body string
		want               string
	}{
		{200, "GET", "/readyz", "", "ok"},
		{200, "GET", "/tags/a~1b?include=actors", "", `"actors":[{"id":1,"name":"ada","tag":"a/b"}]`},
		{200, "GET", "/tags/~5", "", `{"slug":"",`},
		{200, "GET", "/devices/two/readings", "", "[]"},
		{200, "GET", "/readings?include=device", "", `"name":"one"}`},
		{201, "PUT", "/readings/two,2026-01-31T12:00:00Z", `{"value":7}`, `"value":7`},
		{200, "GET", "/flags/true,0.5,2026", "", `"note":""`},
		{200, "GET", "/films/1/actors", "", `"name":"ada"`},
		{204, "DELETE", "/films/1/actors/1", "", ""},
		{204, "PUT", "/films/2/actors/1", "", ""},
		{200, "GET", "/actors/1/films?fields=title", "", `[{"title":"g"}]`},
		{200, "GET", "/parcels/1?include=parcels_line", "", `"parcels_line":{"order_no":"o"`},
		{200, "GET", "/events?page=1", "", `[{"name":"e","size":null,"film_id":1}`},
		{405, "DELETE", "/events?all=true", "", ""},
		{201, "POST", "/marks", `{"text":"x","tag_id":"a/b"}`, `"tag_id":"a/b","device_id":null`},
		{422, "POST", "/marks", `{"text":"x","tag_id":"none"}`, `"field":"tag_id"`},
		{200, "GET", "/tags/a~1b/marks", "", `"text":"x"`},
		{409, "DELETE", "/tags/a~1b", "", ""},
	} {
		if _, body := s.must(r.status, r.method, r.path, r.body); !strings.Contains(body, r.want) {
			t.Errorf("%s %s: %s, want %s", r.method, r.path, body, r.want)
		}
	}
	s.must(http.StatusOK, "GET", "/openapi.json", "")
}

// tablesDocProject is a project with the tables of docs/tables.md. The server handles the requests of the document.
func tablesDocProject() *made {
	return &made{
		name: "docs",
		make: func(t, parent *testing.T) string {
			if testing.Short() {
				t.Skip("skipped with -short: compiles a project")
			}
			dir := keysProject(parent, tableFiles...)
			saveFile(t, dir, "schema.hcl", marked(t, "../docs/tables.md")["keys.hcl"])
			succeeds(t, dir, nil, "db", "init")
			succeeds(t, dir, nil, "db", "migrate", "-m", "create all")
			return dir
		},
		serve: func(t *testing.T, p program) {
			dbtest.Each(t, func(t *testing.T, address string) {
				p.run(t, "db", "upgrade", "--url", address)
				story(t, p.start(t, address), "../docs/tables.md", 20)
			})
		},
	}
}
