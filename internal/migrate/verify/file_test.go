package verify

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseWrites(t *testing.T) {
	t.Parallel()
	type columns = map[string][]string
	for _, c := range []struct {
		name       string
		statements []string
		columns    columns
		deletes    []string
	}{
		{"a table is made", []string{"CREATE TABLE users (id int)"}, columns{}, nil},
		{"INSERT", []string{"INSERT INTO users (id) VALUES (1);"}, columns{"users": nil}, nil},
		{"INSERT, in any case and quotes", []string{"insert ignore into `users` select 1"}, columns{"users": nil}, nil},
		{"INSERT OR REPLACE", []string{`INSERT OR REPLACE INTO "users" VALUES (1)`}, columns{"users": nil}, []string{"users"}},
		{"REPLACE", []string{"REPLACE INTO users VALUES (1)"}, columns{"users": nil}, []string{"users"}},
		{"DELETE", []string{"DELETE FROM users WHERE id IN (SELECT id FROM posts)"}, columns{"users": nil}, []string{"users"}},
		{"DELETE with a join", []string{"DELETE u FROM users u JOIN posts p ON p.id = u.id"}, columns{"users": nil}, []string{"users"}},
		{"TRUNCATE", []string{"TRUNCATE TABLE users"}, columns{"users": nil}, []string{"users"}},
		{"UPDATE", []string{"UPDATE users SET a = 1, `b` = concat(c, ','), d=NULL WHERE e = 2, f"}, columns{"users": {"a", "b", "d"}}, nil},
		{"UPDATE with an ORDER BY", []string{"UPDATE users SET a = 1 ORDER BY b, c LIMIT 2"}, columns{"users": {"a"}}, nil},
		{"UPDATE of columns named with their table", []string{"UPDATE users SET users.a = 1"}, columns{"users": {"a"}}, nil},
		{"two UPDATEs", []string{"UPDATE users SET a = 1", "UPDATE users SET b = 1"}, columns{"users": {"a", "b"}}, nil},
		{"UPDATE after INSERT", []string{"INSERT INTO users VALUES (1)", "UPDATE users SET a = 1"}, columns{"users": nil}, nil},
		{"INSERT after UPDATE", []string{"UPDATE users SET a = 1", "INSERT INTO users VALUES (1)"}, columns{"users": nil}, nil},
		{"UPDATE with a join", []string{"UPDATE users u JOIN posts p ON p.id = u.id SET u.a = p.b"}, columns{"users": nil}, nil},
		{"UPDATE of a tuple", []string{"UPDATE users SET (a, b) = (1, 2)"}, columns{"users": nil}, nil},
		{"behind a WITH", []string{"WITH x AS (SELECT 1) UPDATE users SET a = 1", "WITH x AS (SELECT 1) DELETE FROM posts"}, columns{"users": {"a"}, "posts": nil}, []string{"posts"}},
		{"behind a comment", []string{"-- backfill\nUPDATE users SET a = 1", "/* x */ DELETE FROM posts"}, columns{"users": {"a"}, "posts": nil}, []string{"posts"}},
		{"words in a text are none", []string{"ALTER TABLE users COMMENT 'x; DELETE FROM users'", "UPDATE users SET a = 'b = 1, c = 2'"}, columns{"users": {"a"}}, nil},
		{"foreign keys are none", []string{"ALTER TABLE posts ADD FOREIGN KEY (a) REFERENCES users (a) ON DELETE SET NULL ON UPDATE CASCADE"}, columns{}, nil},
		{"a rebuild is none", []string{"CREATE TABLE `new_users` (id int)", "INSERT INTO `new_users` (`id`) SELECT `id` FROM `users`", "DROP TABLE `users`", "ALTER TABLE `new_users` RENAME TO `users`"}, columns{}, nil},
		{"a copy to somewhere else is none of the rebuilds", []string{"INSERT INTO new_users SELECT * FROM users", "ALTER TABLE new_users RENAME TO people"}, columns{"new_users": nil}, nil},
	} {
		got := parseWrites(c.statements)
		if !maps.EqualFunc(got.columns, c.columns, slices.Equal[[]string]) || !reflect.DeepEqual(got.deletes, c.deletes) {
			t.Errorf("%s: got %q and %q", c.name, got.columns, got.deletes)
		}
	}
}

func TestParseRenames(t *testing.T) {
	t.Parallel()
	type names = map[string]string
	for _, c := range []struct {
		name            string
		statements      []string
		tables, columns names
	}{
		{"none", []string{"ALTER TABLE users ADD COLUMN a int"}, names{}, names{}},
		{"a column", []string{"ALTER TABLE `users` RENAME COLUMN `name` TO `username`;"}, names{}, names{"users.username": "name"}},
		{"a column, twice", []string{"ALTER TABLE users RENAME COLUMN a TO b", "ALTER TABLE users RENAME COLUMN b TO c"}, names{}, names{"users.c": "a"}},
		{"CHANGE", []string{"ALTER TABLE users CHANGE COLUMN a b int", "alter table users change c d int"}, names{}, names{"users.b": "a", "users.d": "c"}},
		{"a table", []string{"ALTER TABLE users RENAME TO people"}, names{"people": "users"}, names{}},
		{"a table, in MySQL's words", []string{"ALTER TABLE users RENAME AS people;", "ALTER TABLE a RENAME b"}, names{"people": "users", "b": "a"}, names{}},
		{"several tables", []string{"RENAME TABLE a TO x, b TO a, x TO b"}, names{"a": "b", "b": "a"}, names{}},
		{"a column, then its table", []string{"ALTER TABLE users RENAME COLUMN a TO b", "ALTER TABLE users RENAME TO people"}, names{"people": "users"}, names{"people.b": "a"}},
		{"an index is none", []string{"ALTER TABLE users RENAME INDEX a TO b"}, names{}, names{}},
		{"a rebuild is none", []string{"ALTER TABLE `new_users` RENAME TO `users`;"}, names{}, names{}},
	} {
		if got := parseRenames(c.statements); !maps.Equal(got.tables, c.tables) || !maps.Equal(got.columns, c.columns) {
			t.Errorf("%s: got %q and %q", c.name, got.tables, got.columns)
		}
	}
}

func TestWayDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, sql, irreversible string }{
		{"none", "CREATE TABLE a (id int);\n", "", ""},
		{"some", "CREATE TABLE a (id int);\n\n-- slipway:down\n-- DROP TABLE a;\n--\n", " DROP TABLE a;\n\n\n", ""},
		{"lines that end as on Windows", "x;\r\n-- slipway:down\r\n-- DROP TABLE a;\r\n", " DROP TABLE a;\n\n", ""},
		{"the last one counts", "-- slipway:down\n-- A;\n-- slipway:down\n-- B;", " B;\n", ""},
		{"another word is none", "-- slipway:downwards\n-- A;", "", ""},
		{"it cannot be undone", "x;\n-- slipway:down irreversible: the texts are gone \n", "", "the texts are gone"},
	} {
		if sql, why := wayDown(c.text); sql != c.sql || why != c.irreversible {
			t.Errorf("%s: got %q and %q", c.name, sql, why)
		}
	}
}

// FuzzParse: whatever a file says, it is read without a panic, and a statement
// that writes rows is seen in front of any other.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "UPDATE", "UPDATE a SET", "UPDATE a SET b = (1, c = 2", "INSERT INTO `a``b` VALUES (1)", "ALTER TABLE a RENAME TO", "RENAME TABLE a TO b, c",
		"WITH x AS (SELECT 1) DELETE FROM y", "-- slipway:down irreversible: x\n", "-- slipway:down\n-- DELETE FROM a;\n", "'\\'", "/* */ --\n#", "ALTER TABLE new_a RENAME TO a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements := strings.Split(text, ";")
		down, _ := wayDown(text)
		parseRenames(statements)
		parseWrites(append(statements, down))
		got := parseWrites([]string{"INSERT INTO rows_here VALUES (1)", text})
		if columns, found := got.columns["rows_here"]; !found || columns != nil {
			t.Errorf("got %q", got.columns)
		}
	})
}
