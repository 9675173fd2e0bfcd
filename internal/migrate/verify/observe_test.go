package verify

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest"
)

// TestObserve checks that observe finds the tables in which a statement adds or deletes rows, and
// the columns in which it changes values.
func TestObserve(t *testing.T) {
	t.Parallel()
	tables := []string{
		"CREATE TABLE users (id int NOT NULL PRIMARY KEY, a int NULL, b int NULL)",
		"CREATE TABLE posts (id int NOT NULL PRIMARY KEY, user_id int NULL," +
			" CONSTRAINT posts_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE)",
		"CREATE TABLE words (word varchar(9) NULL, n int NULL)",
		"INSERT INTO users VALUES (1, 1, 1), (2, 2, 2)",
		"INSERT INTO posts VALUES (1, 1)",
		"INSERT INTO words VALUES ('a', 1), ('a', 1), ('b', 2)",
	}
	for _, c := range []struct{ name, dialects, statement, want string }{
		{"a row comes", "sqlite mysql", "INSERT INTO users VALUES (3, 3, 3)", "users"},
		{"a row goes, and what refers to it", "sqlite mysql", "DELETE FROM users WHERE id = 1", "posts users"},
		{"a row goes", "sqlite mysql", "DELETE FROM users WHERE id = 2", "users"},
		{"no row goes", "sqlite mysql", "DELETE FROM users WHERE id = 9", ""},
		{"columns change", "sqlite mysql", "UPDATE users SET a = 5, b = b WHERE id = 1", "users.a"},
		{"behind a WITH", "sqlite mysql", "WITH x AS (SELECT 7) UPDATE users SET b = 7, a = 8", "users.a users.b"},
		{"behind a comment", "sqlite mysql", "/* x */ UPDATE users SET a = 5", "users.a"},
		{"the key changes", "sqlite mysql", "UPDATE users SET id = 3 WHERE id = 2", "users"},
		{"by a join", "mysql", "UPDATE users u JOIN posts p ON p.user_id = u.id SET u.a = 5, p.user_id = 2",
			"posts.user_id users.a"},
		{"REPLACE by another row", "mysql", "REPLACE INTO users VALUES (2, 9, 2)", "users.a"},
		{"TRUNCATE", "mysql", "TRUNCATE TABLE posts", "posts"},
		{"one of two rows that are alike, without a key", "sqlite mysql", "UPDATE words SET n = 3 WHERE word = 'b'", "words"},
		{"no rows", "sqlite mysql", "ALTER TABLE users ADD COLUMN c int NULL DEFAULT 5", ""},
	} {
		dbtest.Dialects(t, func(t *testing.T, dialect string) {
			if !strings.Contains(c.dialects, dialect) {
				return
			}
			db := connect(t, dialect)
			for _, s := range tables {
				if _, err := db.ExecContext(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			r := &roundtrip{Target: Target{Dialect: dialect, DB: db}, change: &change{written: map[string]bool{}}}
			var err error
			if r.engine, err = run.New(db, dialect, folder(t)); err != nil {
				t.Fatal(err)
			}
			if err := r.exec(t.Context(), db, c.statement); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(slices.Sorted(maps.Keys(r.change.written)), " "); got != c.want {
				t.Errorf("%s: wrote %q, want %q", c.name, got, c.want)
			}
		})
	}
}

// TestTrigger checks that Run does not compare what a trigger writes.
func TestTrigger(t *testing.T) {
	t.Parallel()
	files := folder(t, one, base[plan.SQLite],
		two,
		migrationFile("CREATE TRIGGER touch AFTER UPDATE OF bio ON users BEGIN UPDATE posts SET score = 9; END;",
			"DROP TRIGGER touch;"),
		three, migrationFile("UPDATE users SET bio = 'x';", ""))
	got := Run(t.Context(), Target{plan.SQLite, connect(t, plan.SQLite), files}, nil)
	want := []string{"20260103000000: rows not compared in posts.score, users.bio: the file changes rows there"}
	if got.Failed != nil || !slices.Equal(got.Notes, want) {
		t.Errorf("got %+v, notes %q", got.Failed, got.Notes)
	}
}
