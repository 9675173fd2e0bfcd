package verify

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

const (
	wideUsers = "id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(80) NOT NULL, bio text NOT NULL DEFAULT ''"
)

// TestPassing checks that correct migrations pass, and that the notes list what was not
// tested.
func TestPassing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		dialects string
		up, down string
		notes    []string
	}{
		{
			name: "a column", dialects: "sqlite mysql",
			up: "ALTER TABLE users ADD COLUMN nickname varchar(80) NULL;", down: "ALTER TABLE users DROP COLUMN nickname;",
		},
		{
			name: "a column that is dropped, and comes back empty", dialects: "mysql",
			up: "ALTER TABLE users DROP COLUMN bio;", down: "ALTER TABLE users ADD COLUMN bio longtext NULL;",
		},
		{
			name: "a column that is dropped, and comes back empty", dialects: "sqlite",
			up: "ALTER TABLE users DROP COLUMN bio;", down: "ALTER TABLE users ADD COLUMN bio text NULL;",
		},
		{
			name: "a table that is dropped, and comes back empty", dialects: "mysql",
			up: "DROP TABLE posts;", down: strings.SplitAfter(base[plan.MySQL], ";\n")[1],
		},
		{
			name: "a column is renamed", dialects: "sqlite mysql",
			up: "ALTER TABLE users RENAME COLUMN name TO username;", down: "ALTER TABLE users RENAME COLUMN username TO name;",
		},
		{
			name: "a column is renamed and widened", dialects: "mysql",
			up: "ALTER TABLE users RENAME COLUMN name TO username;\nALTER TABLE users MODIFY COLUMN username varchar(160) " +
				"NOT NULL;",
			down: "ALTER TABLE users MODIFY COLUMN username varchar(80) NOT NULL;\nALTER TABLE users RENAME COLUMN username " +
				"TO name;",
		},
		{
			name: "a column is changed", dialects: "mysql",
			up:   "ALTER TABLE posts CHANGE COLUMN title headline varchar(90) NULL;",
			down: "ALTER TABLE posts CHANGE headline title varchar(80) NULL;",
		},
		{
			name: "tables are renamed", dialects: "sqlite mysql",
			up:   "ALTER TABLE users RENAME TO people;\nALTER TABLE posts RENAME TO articles;",
			down: "ALTER TABLE articles RENAME TO posts;\nALTER TABLE people RENAME TO users;",
		},
		{
			name: "tables are renamed in one statement", dialects: "mysql",
			up: "RENAME TABLE users TO people, posts TO articles;", down: "RENAME TABLE articles TO posts, people TO users;",
		},
		{
			name: "a table and a column of it are renamed", dialects: "sqlite mysql",
			up:   "ALTER TABLE users RENAME TO people;\nALTER TABLE people RENAME COLUMN name TO username;",
			down: "ALTER TABLE people RENAME COLUMN username TO name;\nALTER TABLE people RENAME TO users;",
		},
		{
			name: "a column is renamed, and another takes its name", dialects: "sqlite mysql",
			up:   "ALTER TABLE posts RENAME COLUMN title TO headline;\nALTER TABLE posts ADD COLUMN title int NULL;",
			down: "ALTER TABLE posts DROP COLUMN title;\nALTER TABLE posts RENAME COLUMN headline TO title;",
		},
		{
			name: "a column takes the name of one that goes", dialects: "mysql",
			up:   "ALTER TABLE posts DROP COLUMN score;\nALTER TABLE posts RENAME COLUMN title TO score;",
			down: "ALTER TABLE posts RENAME COLUMN score TO title;\nALTER TABLE posts ADD COLUMN score int NOT NULL DEFAULT 0;",
		},
		{
			name: "a table is renamed, and another takes its name", dialects: "sqlite mysql",
			up:   "ALTER TABLE users RENAME TO people;\nCREATE TABLE users (code varchar(9) NOT NULL PRIMARY KEY);",
			down: "DROP TABLE users;\nALTER TABLE people RENAME TO users;",
		},
		{
			name: "a table takes the name of one that goes", dialects: "mysql",
			up: "DROP TABLE kinds;\nRENAME TABLE posts TO kinds;",
			down: "RENAME TABLE kinds TO posts;\nCREATE TABLE kinds (id bigint NOT NULL PRIMARY KEY, kind varchar(20) NOT " +
				"NULL, CONSTRAINT kinds_kind CHECK (kind IN ('a', 'it''s b')));",
		},
		{
			name: "two columns change places", dialects: "mysql",
			up: "ALTER TABLE posts ADD COLUMN a int NULL;\nALTER TABLE posts RENAME COLUMN title TO x;\nALTER TABLE posts " +
				"RENAME COLUMN score TO title;\nALTER TABLE posts RENAME COLUMN x TO score;",
			down: "ALTER TABLE posts RENAME COLUMN score TO x;\nALTER TABLE posts RENAME COLUMN title TO score;\nALTER TABLE " +
				"posts RENAME COLUMN x TO title;\nALTER TABLE posts DROP COLUMN a;",
		},
		{
			name: "a text is widened", dialects: "mysql",
			up:   "ALTER TABLE users MODIFY COLUMN name varchar(160) NOT NULL;",
			down: "ALTER TABLE users MODIFY COLUMN name varchar(80) NOT NULL;",
		},
		{
			name: "a number is widened", dialects: "mysql",
			up:   "ALTER TABLE posts MODIFY COLUMN score bigint NOT NULL DEFAULT 0;",
			down: "ALTER TABLE posts MODIFY COLUMN score int NOT NULL DEFAULT 0;",
		},
		{
			name: "a number becomes a text", dialects: "mysql",
			up:   "ALTER TABLE posts MODIFY COLUMN score varchar(20) NOT NULL DEFAULT '0';",
			down: "ALTER TABLE posts MODIFY COLUMN score int NOT NULL DEFAULT 0;",
		},
		{
			name: "NOT NULL is lifted", dialects: "mysql",
			up:   "ALTER TABLE posts MODIFY COLUMN score int NULL DEFAULT 0;",
			down: "ALTER TABLE posts MODIFY COLUMN score int NOT NULL DEFAULT 0;",
		},
		{
			name: "NOT NULL, with a value for what is NULL", dialects: "mysql",
			up:    "UPDATE users SET bio = '' WHERE bio IS NULL;\nALTER TABLE users MODIFY COLUMN bio longtext NOT NULL;",
			down:  "ALTER TABLE users MODIFY COLUMN bio longtext NULL;",
			notes: []string{"rows not compared in users.bio: the file changes rows there"},
		},
		{
			name: "NOT NULL, with a value for what is NULL, in the copy", dialects: "sqlite",
			up:   rebuild("users", wideUsers, "id, name, bio", "id, name, IFNULL(bio, '')") + usersIndex,
			down: rebuild("users", usersColumns, "id, name, bio", "id, name, bio") + usersIndex,
		},
		{
			name: "a unique index goes", dialects: "sqlite",
			up: "DROP INDEX users_name;", down: usersIndex,
		},
		{
			name: "a unique index goes", dialects: "mysql",
			up: "ALTER TABLE users DROP INDEX users_name;", down: "ALTER TABLE users ADD UNIQUE INDEX users_name (name);",
		},
		{
			name: "a check goes", dialects: "mysql",
			up: "ALTER TABLE kinds DROP CHECK kinds_kind;", down: "ALTER TABLE kinds ADD CONSTRAINT kinds_kind CHECK (kind IN " +
				"('a', 'it''s b'));",
		},
		{
			name: "a check that holds", dialects: "mysql",
			up:   "ALTER TABLE posts ADD CONSTRAINT score_range CHECK (score BETWEEN -2147483648 AND 2147483647);",
			down: "ALTER TABLE posts DROP CHECK score_range;",
		},
		{
			name: "a foreign key that may be NULL", dialects: "mysql",
			up: "ALTER TABLE users ADD COLUMN boss_id bigint NULL;\nALTER TABLE users ADD CONSTRAINT users_boss_id FOREIGN " +
				"KEY (boss_id) REFERENCES users (id) ON DELETE SET NULL;",
			down: "ALTER TABLE users DROP FOREIGN KEY users_boss_id;\nALTER TABLE users DROP INDEX users_boss_id;\nALTER " +
				"TABLE users DROP COLUMN boss_id;",
		},
		{
			name: "tables that refer to each other", dialects: "sqlite",
			up: "CREATE TABLE a (id integer NOT NULL PRIMARY KEY, b_id integer NULL REFERENCES b (id));\n" +
				"CREATE TABLE b (id integer NOT NULL PRIMARY KEY, a_id integer NOT NULL REFERENCES a (id));",
			down: "DROP TABLE b;\nDROP TABLE a;",
		},
		{
			name: "rows are changed", dialects: "sqlite mysql",
			up: "UPDATE posts SET title = 'x', score = score + 0;", down: "UPDATE posts SET title = 'y';",
			notes: []string{"rows not compared in posts.title: the file changes rows there"},
		},
		{
			name: "rows come and go", dialects: "sqlite mysql",
			up: "INSERT INTO users (id, name) VALUES (1, 'admin');", down: "DELETE FROM users WHERE id = 1;",
			notes: []string{"rows not compared in users: the file changes rows there"},
		},
		{
			name: "a new table gets rows in its file", dialects: "sqlite mysql",
			up: "CREATE TABLE marks (id int NOT NULL PRIMARY KEY, name varchar(20) NOT NULL);\nINSERT INTO marks VALUES (1, " +
				"'a'), (2, 'b');", down: "DROP TABLE marks;",
		},
		{
			name: "it cannot be undone", dialects: "sqlite mysql",
			up: "ALTER TABLE users DROP COLUMN bio;", down: "irreversible: the texts are lost",
			notes: []string{"only the up statements are tested, because the file is irreversible: the texts are lost"},
		},
		{
			name: "a view", dialects: "sqlite mysql",
			up: "CREATE VIEW names AS SELECT name FROM users;", down: "DROP VIEW names;",
		},
		{
			name: "a table that accepts no row", dialects: "sqlite mysql",
			up:    "CREATE TABLE never (id int NOT NULL PRIMARY KEY, CONSTRAINT never_id CHECK (id < id - 1));",
			down:  "DROP TABLE never;",
			notes: []string{`table "never" has no rows, because the database rejected all generated rows: `},
		},
		{
			name: "a table that refers to a missing table", dialects: "sqlite",
			up:    "CREATE TABLE lost (id int NOT NULL PRIMARY KEY, other_id int NULL REFERENCES others (id));",
			down:  "DROP TABLE lost;",
			notes: []string{`table "lost" has no rows, because the database rejected all generated rows: `},
		},
		{
			name: "two tables with required references to each other", dialects: "sqlite",
			up: "CREATE TABLE a (id int NOT NULL PRIMARY KEY, b_id int NOT NULL REFERENCES b (id));\n" +
				"CREATE TABLE b (id int NOT NULL PRIMARY KEY, a_id int NOT NULL REFERENCES a (id));",
			down: "DROP TABLE b;\nDROP TABLE a;",
			notes: []string{`table "a" has no rows, because the database rejected all generated rows: `,
				`table "b" has no rows, because the database rejected all generated rows: `},
		},
		{
			name: "nothing", dialects: "sqlite mysql",
		},
	} {
		dbtest.Dialects(t, func(t *testing.T, dialect string) {
			if !strings.Contains(c.dialects, dialect) {
				return
			}
			text := migrationFile(c.up, c.down)
			if strings.HasPrefix(c.down, "irreversible") {
				text = c.up + "\n-- slipway:down " + c.down + "\n"
			}
			// The next file, which changes nothing, must succeed with the rows that this file leaves.
			files := folder(t, one, start(dialect), two, text, three, migrationFile("", ""))
			got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, nil)
			if f := got.Failed; f != nil {
				t.Fatalf("%s: %s: %s: %s\n%s", c.name, f.Version, f.Step, f.Error, f.Statement)
			}
			if got.Migrations != 3 || got.Rows < 50 {
				t.Errorf("%s: got %+v", c.name, got)
			}
			same := slices.EqualFunc(got.Notes[1:], c.notes, func(note, want string) bool {
				return strings.HasPrefix(note, "20260102000000: "+want)
			})
			if !same {
				t.Errorf("%s: notes %q", c.name, got.Notes)
			}
		})
	}
}
