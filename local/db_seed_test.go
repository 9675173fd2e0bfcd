package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"slipway/internal/resource"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// seedFolder returns a folder with a seed.json.
func seedFolder(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "seed.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// upgraded runs a case on each dialect, with the URL of a new database with the tables of
// package blog.
func upgraded(t *testing.T, run func(t *testing.T, address string)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, address string) {
		succeeds(t, t.TempDir(), nil, "db", "upgrade", "--url", address)
		run(t, address)
	})
}

// statements runs SQL on the database of a URL. It returns the first column of the last
// result, separated by spaces.
func statements(t *testing.T, address string, all ...string) string {
	t.Helper()
	db := dbtest.Open(t, address)
	defer db.Close()
	var values []string
	for i, s := range all {
		if i < len(all)-1 {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
			continue
		}
		rows, err := db.Query(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		for rows.Next() {
			var value string
			if err := rows.Scan(&value); err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(values, " ")
}

// rowCounts returns the numbers of users, posts and notes: "3 5 4".
func rowCounts(t *testing.T, address string) string {
	t.Helper()
	return statements(t, address, "SELECT count(*) FROM users UNION ALL SELECT count(*) FROM posts UNION ALL SELECT "+
		"count(*) FROM notes")
}

// seedReportOf reads what --json printed.
func seedReportOf(t *testing.T, text string) (r seedReport) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &r); err != nil || r.Loaded == nil || r.Found == nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

// TestDBSeed checks that db seed loads the rows once, and requires that all migrations are
// applied.
func TestDBSeed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		dir, env := projectFolder(t), []string{"DATABASE_URL=" + address}
		fails(t, dir, env, "run db upgrade first", "db", "seed")
		if file, ok := strings.CutPrefix(address, "sqlite://"); ok {
			if _, err := os.Stat(file); err == nil {
				t.Error("db seed created the file")
			}
		}
		succeeds(t, dir, env, "db", "upgrade")
		if out := succeeds(t, dir, env, "db", "seed"); out != "loaded 3 in users, 5 in posts, 4 in notes\n" {
			t.Errorf("got %q", out)
		}
		for range 2 {
			if out := succeeds(t, dir, env, "db", "seed"); out != "nothing was loaded, because there are rows "+
				"already: 3 in users, 5 in posts, 4 in notes\n" {
				t.Errorf("got %q", out)
			}
		}
		if got := rowCounts(t, address); got != "3 5 4" {
			t.Errorf("there are %s rows", got)
		}
		if got := statements(t, address,
			"SELECT u.username FROM posts p JOIN users u ON u.id = p.user_id ORDER BY p.id"); got != "ada ada zoë zoë grace" {
			t.Errorf("the posts are by %s", got)
		}
		r := seedReportOf(t, succeeds(t, dir, env, "db", "seed", "--json"))
		if len(r.Loaded) != 0 || fmt.Sprint(r.Found) != "map[notes:4 posts:5 users:3]" || r.Failed != nil {
			t.Errorf("got %+v", r)
		}
	})
}

// TestDBSeedReferences checks that references find rows by their values, in the file and in the
// database. A file can omit tables.
func TestDBSeedReferences(t *testing.T) {
	t.Parallel()
	upgraded(t, func(t *testing.T, address string) {
		user := "INSERT INTO users (username, email, is_active, score, created_at, updated_at) VALUES ('%s', " +
			"'%[1]s@example.com', 1, 0, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
		statements(t, address, fmt.Sprintf(user, "gone"), fmt.Sprintf(user, "old"),
			"DELETE FROM users WHERE username = 'gone'", "SELECT 1")
		dir := seedFolder(t, `{"posts": [
			{"title": "a", "user_id": {"username": "old"}},
			{"title": "b", "user_id": {"is_active": true, "\u0065mail": "old@example.com"}},
			{"title": "c", "user_id": 2}
		], "notes": []}`)
		r := seedReportOf(t, succeeds(t, dir, nil, "db", "seed", "--json", "--url", address))
		if fmt.Sprint(r.Loaded) != "map[notes:0 posts:3]" || len(r.Found) != 0 || r.Failed != nil {
			t.Errorf("got %+v", r)
		}
		if got := statements(t, address, "SELECT user_id FROM posts"); got != "2 2 2" {
			t.Errorf("the posts are by %s", got)
		}
		// If one table has rows, nothing is loaded.
		dir = seedFolder(t, `{"notes": [{"title": "a"}], "posts": []}`)
		if out := succeeds(t, dir, nil, "db", "seed", "--url", address); out != "nothing was loaded, because there are "+
			"rows already: 3 in posts\n" {
			t.Errorf("got %q", out)
		}
		if got := rowCounts(t, address); got != "1 3 0" {
			t.Errorf("there are %s rows", got)
		}
	})
}

// TestDBSeedErrors checks that an invalid file is an error of one line with the position, before
// the command opens a database.
func TestDBSeedErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "seed.json:1 is not JSON"},
		{"cut off", "{\n\"notes\": [\n{\"title\": ", "seed.json:3 is not JSON"},
		{"a comma too many", "{\n\"notes\": [],\n}", "seed.json:3 is not JSON"},
		{"more behind", "{\"notes\": []}\n{}", "seed.json:2 is not JSON"},
		{"not UTF-8", "{\"notes\": [{\"title\": \"\xff\"}]}", "seed.json is not UTF-8"},
		{"an array", `[]`, "seed.json must be an object of tables"},
		{"a text", `"notes"`, "seed.json must be an object of tables"},
		{"nothing", `{}`, "seed.json contains no table"},
		{"unknown table", "{\n\"nots\": []}", `seed.json:2: unknown table "nots": use one of users, posts, notes`},
		{"a table that is not served", `{"idempotency_keys": []}`, `unknown table "idempotency_keys"`},
		{"a table twice", "{\"notes\": [],\n\"notes\": []}", "seed.json:2: duplicate table notes"},
		{"a table that is no array", "{\n\"notes\": {\"title\": \"a\"}}", "seed.json:2: notes must be an array of rows"},
		{"a row that is none", "{\"notes\": [\n{\"title\": \"a\"},\n7]}",
			"seed.json:3: row 2 of notes: a row must be an object"},
		{"required", "{\"notes\": [\n{\"title\": \"a\"},\n{}]}", "seed.json:3: row 2 of notes: Title is required"},
		{"too long", `{"notes": [{"title": "` + strings.Repeat("x", 201) + `"}]}`,
			"row 1 of notes: Title must have at most 200 characters, not 201"},
		{"unknown member", `{"notes": [{"title": "a", "txt": 1}]}`, `row 1 of notes: notes has no member "txt"`},
		{"a member twice", `{"notes": [{"title": "a", "title": "b"}]}`, "row 1 of notes: Title is given more than once"},
		{"several", `{"users": [{"username": 1, "email": "x"}]}`, "row 1 of users: Username must be a string; Email must " +
			"be an e-mail address"},
		{"too deep", `{"notes": [{"title": ` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}]}`,
			"row 1 of notes: The body is nested more than 100 deep"},
		{"a parent by nothing", `{"posts": [{"title": "a", "user_id": {}}]}`,
			"user_id: name at least one value of the row of users"},
		{"a parent by its id", `{"posts": [{"title": "a", "user_id": {"id": 1}}]}`,
			"user_id: name at least one value of the row of users"},
		{"a parent by what it has not", `{"posts": [{"title": "a", "user_id": {"name": "ada"}}]}`,
			`row 1 of posts: user_id: users has no member "name"`},
		{"a parent in an array", `{"posts": [{"title": "a", "user_id": [{"username": "ada"}]}]}`,
			"row 1 of posts: User id must be a whole number"},
		{"a parent for what is no key", `{"posts": [{"title": {"username": "ada"}, "user_id": 1}]}`,
			"row 1 of posts: Title must be a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// The database does not exist, so a connection would fail.
			seedFails(t, seedFolder(t, c.text), c.want, "mysql://root@127.0.0.1:1/app")
		})
	}
	t.Run("no file", func(t *testing.T) {
		t.Parallel()
		fails(t, t.TempDir(), nil, "seed.json is missing", "db", "seed")
		fails(t, t.TempDir(), nil, "a.json is missing", "db", "seed", "--file", "a.json")
	})
	t.Run("no database", func(t *testing.T) {
		t.Parallel()
		seedFails(t, seedFolder(t, `{"notes": []}`), "connection refused", "mysql://root:"+password+"@127.0.0.1:1/app")
	})
}

// TestDBSeedRefused checks that a row that the database rejects is an error with its position,
// and that nothing is loaded.
func TestDBSeedRefused(t *testing.T) {
	t.Parallel()
	upgraded(t, func(t *testing.T, address string) {
		for _, c := range []struct{ name, text, want string }{
			{"unique", "{\"users\": [" + ada + ",\n" + ada + "]}", `seed.json:2: row 2 of users: username "ada" is already ` +
				`taken; email "ada@example.com" is already taken; nothing was loaded`},
			{"no such id", `{"posts": [{"title": "a", "user_id": 7}]}`,
				"row 1 of posts: user_id 7 refers to a missing row; nothing was loaded"},
			{"no such parent", `{"users": [` + ada + `], "posts": [{"title": "a", "user_id": {"username": "bob"}}]}`,
				`row 1 of posts: user_id: no row of users in the database or earlier in the file has username "bob"`},
			{"a parent that comes later", `{"posts": [{"title": "a", "user_id": {"username": "ada"}}], "users": [` + ada + `]}`,
				`no row of users in the database or earlier in the file has username "ada"`},
			{"two parents", `{"users": [` + ada + `, {"username": "bob", "email": "bob@example.com"}], "posts": [{"title": ` +
				`"a", "user_id": {"bio": null, "is_active": true}}]}`,
				"row 1 of posts: user_id: more than one row of users has bio null and is_active true"},
			{"the last row", `{"notes": [{"title": "a"}], "users": [` + ada + `, {"username": "bob", "email": ` +
				`"bob@example.com"}, ` + strings.Replace(ada, "ada@", "other@", 1) + `]}`,
				`row 3 of users: username "ada" is already taken; nothing was loaded`},
		} {
			t.Run(c.name, func(t *testing.T) {
				seedFails(t, seedFolder(t, c.text), c.want, address)
			})
		}
		if got := rowCounts(t, address); got != "0 0 0" {
			t.Errorf("there are %s rows", got)
		}
	})
}

// ada is a valid row of users.
const ada = `{"username": "ada", "email": "ada@example.com"}`

// seedFails runs a seed that must fail, and checks that the report and the error have the same
// message.
func seedFails(t *testing.T, dir, want, address string) {
	t.Helper()
	got := fails(t, dir, nil, want, "db", "seed", "--json", "--url", address)
	if r := seedReportOf(t, got.stdout); r.Failed == nil || "error: "+r.Failed.Error+"\n" != got.stderr ||
		len(r.Loaded)+len(r.Found) > 0 {
		t.Errorf("got %+v and %q", r, got.stderr)
	}
	if strings.Contains(got.stdout+got.stderr, password) {
		t.Errorf("the password is shown: %s%s", got.stdout, got.stderr)
	}
}

// TestDBSeedAtOnce checks that only one of several concurrent seeds loads the rows.
func TestDBSeedAtOnce(t *testing.T) {
	t.Parallel()
	upgraded(t, func(t *testing.T, address string) {
		dir := seedFolder(t, `{"notes": [`+strings.Repeat(`{"title": "a"},`, 19)+`{"title": "b"}]}`)
		if _, err := binary(); err != nil {
			t.Fatal(err)
		}
		const n = 8
		outputs := make([]result, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { outputs[i] = runLocal(t, dir, nil, "db", "seed", "--json", "--url", address) })
		}
		all.Wait()
		loaded := 0
		for _, r := range outputs {
			if r.code != 0 {
				t.Errorf("exit code %d: %s", r.code, r.stderr)
				continue
			}
			switch report := seedReportOf(t, r.stdout); {
			case report.Loaded["notes"] == 20 && len(report.Found) == 0:
				loaded++
			case report.Found["notes"] != 20 || len(report.Loaded) != 0:
				t.Errorf("got %+v", report)
			}
		}
		if got := rowCounts(t, address); loaded != 1 || got != "0 0 20" {
			t.Errorf("%d loaded, and there are %s rows", loaded, got)
		}
	})
}

// FuzzSeed checks that any file is either valid rows, or an error of one line that contains the
// name of the file.
func FuzzSeed(f *testing.F) {
	for _, s := range []string{
		``, `{`, `{}`, `[]`, `null`, `{"notes": []}`, `{"notes": [{"title": "a"}, {"title": "b", "content": ""}]}`,
		"{\n\"notes\"\n:\n[\n{}\n]\n}",
		`{"users": [{"username": "a", "email": "a@b"}], "posts": [{"title": "a", "user_id": {"username": "a"}}, {"title": ` +
			`"b", "user_id": 1}]}`,
		`{"posts": [{"title": "a", "user_id": {"username": "a"}, "user_id": 1}]}`,
		`{"posts": [{"title": "a", "\u0075ser_id": {"bio": null}}]}`,
		`{"notes": [], "notes": []}`, `{"a": 1}`, `{"posts": [{"user_id": {}}]}`, `{"posts": [{"user_id": {"id": 1}}]}`,
		`{"notes": [1, null, []]}`, "\ufeff{}", "{\"notes\": [{\"title\": \"\\ud800\"}]}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tables, err := parseSeed("seed.json", text, blog.Tables)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "seed.json") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is not JSON", text)
		}
		seen := map[*resource.Table]bool{}
		for _, st := range tables {
			if seen[st.table] {
				t.Fatalf("%q: duplicate table %s", text, st.table.Name)
			}
			seen[st.table] = true
			for _, row := range st.rows {
				ids := make([]any, len(row.refs))
				for i := range ids {
					ids[i] = int64(i) + 70
				}
				rows, err := row.decode(st.table, ids)
				if err != nil || rows.Len() != 1 {
					t.Fatalf("%q: %s: %v", text, row.where, err)
				}
				for i, ref := range row.refs {
					if got := ref.key.Fields[0].Of(rows.Row(0)); got != ids[i] {
						t.Fatalf("%q: %s: %s is %v", text, row.where, ref.key.Fields[0].Name, got)
					}
				}
			}
		}
	})
}
