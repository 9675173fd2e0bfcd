package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"slipway/internal/test/dbtest"
)

// row is a row as the API returns it.
type row map[string]json.RawMessage

// served is a table of an adopted database, with the rows that the API returns.
type served struct {
	name, path string
	rows       []row
}

// serve serves the tables on the database itself, and on empty databases of both dialects,
// and creates the rows of the first in the others. The API returns the same rows everywhere.
func (l *live) serve(t *testing.T, p program) {
	t.Helper()
	tables := l.read(t, p.start(t, l.url))
	for _, dialect := range []string{"sqlite", "mysql"} {
		to := dbtest.New(t, dialect)
		succeeds(t, l.dir, l.env, "db", "upgrade", "--url", to)
		copied := p.start(t, to)
		for _, table := range tables {
			if text := list(t, copied, table.path); len(text) > 0 {
				t.Errorf("%s on %s has rows", table.name, dialect)
			}
		}
		l.copyRows(t, copied, tables)
	}
}

// read lists the rows of all tables in the order of their creation, and creates one more
// in each.
func (l *live) read(t *testing.T, s *server) (tables []served) {
	t.Helper()
	var index struct{ Tables []struct{ Name, Path string } }
	decode(t, s, "/", &index)
	for _, table := range index.Tables {
		rows := list(t, s, table.Path)
		if len(rows) == 0 {
			t.Errorf("%s has no rows", table.Name)
		}
		tables = append(tables, served{table.Name, table.Path, rows})
	}
	if want := tableNames(t, dbtest.Open(t, l.url), l.dialect); len(tables) != len(want) {
		t.Errorf("serves %d tables, want all of %q", len(tables), want)
	}
	for _, table := range tables {
		// The key or a unique column may be taken. Triggers run.
		status, text := l.post(t, s, table, table.rows[0])
		if want := l.created(table); status != want && status != http.StatusConflict {
			t.Errorf("POST %s: %d %s", table.path, status, text)
		}
	}
	return tables
}

// created is the status of the response to a POST.
func (l *live) created(of served) int {
	if slices.Contains(l.sections["readonly"], of.name) {
		return http.StatusMethodNotAllowed
	}
	return http.StatusCreated
}

// copyRows creates the rows: those of a parent before those that refer to it.
func (l *live) copyRows(t *testing.T, to *server, tables []served) {
	t.Helper()
	clocks := l.clocks(t)
	next := make([]int, len(tables)) // row of each table
	for progress := true; progress; {
		progress = false
		for i, table := range tables {
			for next[i] < len(table.rows) {
				original := table.rows[next[i]]
				status, text := l.post(t, to, table, original)
				if status != l.created(table) {
					break // a parent is missing
				}
				if next[i]++; status == http.StatusCreated {
					var created row
					if err := json.Unmarshal([]byte(text), &created); err != nil {
						t.Fatal(err)
					}
					l.same(t, table, original, created, clocks)
				}
				progress = true
			}
		}
	}
	for i, table := range tables {
		if next[i] < len(table.rows) {
			status, text := l.post(t, to, table, table.rows[next[i]])
			t.Errorf("POST %s %v: %d %s", table.path, table.rows[next[i]], status, text)
		}
	}
}

func (l *live) post(t *testing.T, s *server, table served, r row) (status int, text string) {
	t.Helper()
	body, err := json.Marshal(l.withoutZeroDates(table, r))
	if err != nil {
		t.Fatal(err)
	}
	response, text, err := s.do(http.MethodPost, table.path, string(body))
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, text
}

// withoutZeroDates returns a copy of a row that has a time instead of a zero date.
func (l *live) withoutZeroDates(table served, r row) row {
	changed := row{}
	for name, value := range r {
		if changed[name] = value; string(value) == "null" && slices.Contains(l.sections["zero dates"], table.name+"."+name) {
			changed[name] = json.RawMessage(`"2026-01-01T00:00:00Z"`)
		}
	}
	return changed
}

func (l *live) same(t *testing.T, table served, original, created row, clocks []string) {
	t.Helper()
	for name, was := range l.withoutZeroDates(table, original) {
		if is := created[name]; !slices.Contains(clocks, name) && string(is) != string(was) {
			t.Errorf("%s.%s is %s in the copy, want %s", table.name, name, is, was)
		}
	}
}

// list returns the rows of a table from the oldest to the newest.
func list(t *testing.T, s *server, path string) (rows []row) {
	t.Helper()
	decode(t, s, path+"?per_page=100", &rows)
	slices.Reverse(rows)
	if len(rows) > 0 && rows[0]["id"] != nil {
		decode(t, s, path+"?per_page=100&sort=id", &rows) // the default order may be created_at
	}
	return rows
}

func decode(t *testing.T, s *server, path string, into any) {
	t.Helper()
	_, text := s.must(http.StatusOK, http.MethodGet, path, "")
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s: %v in %s", path, err, text)
	}
}

var clock = regexp.MustCompile("time\\.Time +`json:\"([^\"]+)\".* rule:\"readonly\"")

// clocks returns the names of the members that the server sets to the current time.
func (l *live) clocks(t *testing.T) (names []string) {
	t.Helper()
	for _, m := range clock.FindAllStringSubmatch(loadFile(t, l.dir, "internal/app/tables.go"), -1) {
		names = append(names, m[1])
	}
	return names
}
