package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
)

// TestMoveToMySQL moves the rows of an adopted SQLite file to MySQL with the program of docs/adopt.md.
func TestMoveToMySQL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Log("!! NO PYTHON in this run: the program rows.py of docs/adopt.md was not tested")
		return
	}
	source := dbtest.SQLite(t)
	byHand(t, source, `CREATE TABLE user (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE, active BOOLEAN)`,
		`CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(200) NOT NULL, body TEXT, at DATETIME,
			user_id INTEGER NOT NULL REFERENCES user (id))`,
		`INSERT INTO user VALUES (7, 'it''s \n ada 🚢', 1), (9, 'bob', NULL)`,
		"INSERT INTO post VALUES (3, 'two\nlines', 'a \\ b;', '2026-01-31 12:00:00.123456', 9), (4, '', NULL, NULL, 7)")
	dir, env := clone(t, tableFiles...)
	succeeds(t, dir, env, "db", "init", "--url", source)
	serving := start(t, dir, append(slices.Clone(env), "DATABASE_URL="+source)...)
	serving.says(t, "The tables of the database were adopted, so nothing is applied.")
	serving.kill()
	has(t, succeeds(t, dir, env, "db", "status", "--url", source), "pending    2")
	succeeds(t, dir, env, "db", "upgrade", "--url", source)
	target := dbtest.MySQL(t)
	succeeds(t, dir, env, "db", "upgrade", "--url", target)

	program := filepath.Join(dir, "rows.py")
	if err := os.WriteFile(program, []byte(marked(t, "../docs/adopt.md")["rows.py"]), 0o600); err != nil {
		t.Fatal(err)
	}
	python := exec.CommandContext(t.Context(), "python3", program, strings.TrimPrefix(source, "sqlite://"), "user", "post")
	rows, err := python.Output()
	if err != nil {
		t.Fatal(err)
	}
	session, err := open(t, target).Conn(t.Context()) // of one client, as the first statement is for the session
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	for _, statement := range strings.Split(strings.TrimSpace(string(rows)), ";\n") {
		if _, err := session.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	has(t, succeeds(t, dir, env, "db", "check", "--url", target), "no differences")
	for query, want := range map[string]string{
		"SELECT CONCAT_WS('|', id, name, active) FROM user ORDER BY id LIMIT 1": `7|it's \n ada 🚢|1`,
		"SELECT CONCAT_WS('|', id, title, body, at, user_id) FROM post ORDER BY id LIMIT 1": "3|two\nlines|a \\ b;|" +
			"2026-01-31 12:00:00.123456|9",
		"SELECT COUNT(*) FROM post": "2",
	} {
		var got string
		if err := open(t, target).QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", query, got, err, want)
		}
	}
}
