package verify

import (
	"strings"
	"testing"

	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

const (
	one   = "20260101000000_one"
	two   = "20260102000000_two"
	three = "20260103000000_three"
)

// base creates the tables that the cases below change, by dialect.
var base = map[string]string{
	plan.SQLite: "CREATE TABLE users (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(80) NOT NULL, bio " +
		"text NULL);\n" +
		"CREATE UNIQUE INDEX users_name ON users (name);\n" +
		"CREATE TABLE posts (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, user_id integer NOT NULL, title varchar(80) " +
		"NULL, score integer NOT NULL DEFAULT 0," +
		" CONSTRAINT posts_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);\n" +
		"CREATE TABLE kinds (id integer NOT NULL PRIMARY KEY, kind varchar(20) NOT NULL, CONSTRAINT kinds_kind CHECK (kind " +
		"IN ('a', 'it''s b')));\n" +
		"-- slipway:down\n-- DROP TABLE kinds;\n-- DROP TABLE posts;\n-- DROP TABLE users;\n",
	plan.MySQL: "CREATE TABLE users (id bigint NOT NULL PRIMARY KEY AUTO_INCREMENT, name varchar(80) NOT NULL, bio " +
		"longtext NULL, UNIQUE INDEX users_name (name));\n" +
		"CREATE TABLE posts (id bigint NOT NULL PRIMARY KEY AUTO_INCREMENT, user_id bigint NOT NULL, title varchar(80) " +
		"NULL, score int NOT NULL DEFAULT 0, seen datetime(6) NULL," +
		" CONSTRAINT posts_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);\n" +
		"CREATE TABLE kinds (id bigint NOT NULL PRIMARY KEY, kind varchar(20) NOT NULL, CONSTRAINT kinds_kind CHECK (kind " +
		"IN ('a', 'it''s b')));\n" +
		"-- slipway:down\n-- DROP TABLE kinds;\n-- DROP TABLE posts;\n-- DROP TABLE users;\n",
}

// start returns base without a way back: only the files after it are undone.
func start(dialect string) string {
	up, _, _ := strings.Cut(base[dialect], "-- slipway:down")
	return up + "-- slipway:down irreversible: a test starts with these tables\n"
}

// migrationFile returns the text of a migration with its down statements as comments.
func migrationFile(up, down string) string {
	text := up + "\n-- slipway:down\n"
	for line := range strings.Lines(down) {
		text += "-- " + line
	}
	return text + "\n"
}

// rebuild returns the statements that rebuild a table on SQLite with new columns. They copy
// the expressions copied into the columns names.
func rebuild(table, columns, names, copied string) string {
	return "CREATE TABLE new_" + table + " (" + columns + ");\n" +
		"INSERT INTO new_" + table + " (" + names + ") SELECT " + copied + " FROM " + table + ";\n" +
		"DROP TABLE " + table + ";\nALTER TABLE new_" + table + " RENAME TO " + table + ";\n"
}

const (
	usersColumns = "id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(80) NOT NULL, bio text NULL"
	usersIndex   = "CREATE UNIQUE INDEX users_name ON users (name);\n"
)

// TestFaults checks that Run finds the fault of each migration, with its step and message.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		dialects string
		up, down string
		step     string
		want     string // in the error
		at       string // in the statement; "" if the database rejected no statement
	}{
		{
			name: "the down statements belong to another file", dialects: "sqlite mysql",
			up: "ALTER TABLE users ADD COLUMN nickname varchar(80) NULL;", down: "ALTER TABLE users DROP COLUMN nick;",
			step: StepDown, want: "nick", at: "DROP COLUMN nick",
		},
		{
			name: "no down statements", dialects: "sqlite mysql",
			up: "ALTER TABLE users ADD COLUMN nickname varchar(80) NULL;", down: "",
			step: StepDown, want: `after the downgrade: users.nickname is in the database, but not in the previous schema`,
		},
		{
			name: "the down statements drop only one table", dialects: "sqlite mysql",
			up:   "CREATE TABLE a (id int NOT NULL PRIMARY KEY);\nCREATE TABLE b (id int NOT NULL PRIMARY KEY);",
			down: "DROP TABLE a;",
			step: StepDown, want: `after the downgrade: b is in the database, but not in the previous schema`,
		},
		{
			name: "the down statements drop another column", dialects: "sqlite mysql",
			up:   "ALTER TABLE users ADD COLUMN nickname varchar(80) NULL;",
			down: "ALTER TABLE users DROP COLUMN nickname;\nALTER TABLE users DROP COLUMN bio;",
			step: StepDown, want: `after the downgrade: users.bio is in the previous schema, but not in the database`,
		},
		{
			name: "the down statements set another default", dialects: "mysql",
			up:   "ALTER TABLE posts ALTER COLUMN score SET DEFAULT 5;",
			down: "ALTER TABLE posts ALTER COLUMN score SET DEFAULT 1;",
			step: StepDown, want: `posts.score is DEFAULT 0 in the previous schema, DEFAULT 1 in the database`,
		},
		{
			name: "an index is missing after the rebuild", dialects: "sqlite",
			up:   rebuild("users", usersColumns+", nickname text NULL", "id, name, bio", "id, name, bio") + usersIndex,
			down: rebuild("users", usersColumns, "id, name, bio", "id, name, bio"),
			step: StepDown, want: `after the downgrade: users.users_name (index) is in the previous schema, but not in the ` +
				`database`,
		},
		{
			name: "an index is missing", dialects: "mysql",
			up: "ALTER TABLE users DROP INDEX users_name;", down: "ALTER TABLE users ADD INDEX users_names (name);",
			step: StepDown, want: `after the downgrade: users.users_name`,
		},
		{
			name: "the rebuild of the downgrade loses the values of a column", dialects: "sqlite",
			up:   "ALTER TABLE users ADD COLUMN nickname text NULL;",
			down: rebuild("users", usersColumns, "id, name", "id, name") + usersIndex,
			step: StepDown, want: `column "bio" was '`,
		},
		{
			name: "the rebuild of the downgrade loses rows", dialects: "sqlite",
			up: "ALTER TABLE users ADD COLUMN nickname text NULL;",
			down: rebuild("users", usersColumns, "id, name, bio", "id, name, bio FROM users WHERE nickname IS NULL UNION ALL "+
				"SELECT id, name, bio") + usersIndex,
			step: StepDown, want: "UNIQUE constraint failed", at: "INSERT INTO new_users",
		},
		{
			name: "the rebuild of the downgrade omits rows", dialects: "sqlite",
			up: "ALTER TABLE posts ADD COLUMN body text NULL;",
			down: "CREATE TABLE new_posts (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, user_id integer NOT NULL, title " +
				"varchar(80) NULL, score integer NOT NULL DEFAULT 0," +
				" CONSTRAINT posts_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);\n" +
				"INSERT INTO new_posts SELECT id, user_id, title, score FROM posts WHERE title IS NOT NULL;\nDROP TABLE " +
				"posts;\nALTER TABLE new_posts RENAME TO posts;\n",
			step: StepDown, want: `after the downgrade, table "posts": row with id = `,
		},
		{
			name: "the rebuild of the downgrade adds rows", dialects: "sqlite",
			up: "DROP TABLE kinds;",
			down: "CREATE TABLE kinds (id integer NOT NULL PRIMARY KEY, kind varchar(20) NOT NULL, CONSTRAINT kinds_kind " +
				"CHECK (kind IN ('a', 'it''s b')));\n" +
				rebuild("users", usersColumns, "id, name, bio", "id, name, bio FROM users UNION ALL SELECT id + 5000, name || "+
					"'x', bio") + usersIndex,
			step: StepDown, want: `after the downgrade, table "users": row with id = 6`,
		},
		{
			name: "the rebuild of the upgrade loses the values of a column", dialects: "sqlite",
			up:   rebuild("users", usersColumns+", nickname text NULL", "id, name", "id, name") + usersIndex,
			down: rebuild("users", usersColumns, "id, name, bio", "id, name, bio") + usersIndex,
			step: StepUp, want: `after the upgrade, table "users": row with id = `,
		},
		{
			name: "the rebuild omits AUTOINCREMENT", dialects: "sqlite",
			up: "ALTER TABLE users ADD COLUMN nickname text NULL;",
			down: rebuild("users", strings.Replace(usersColumns, " AUTOINCREMENT", "", 1), "id, name, bio", "id, name, bio") +
				usersIndex,
			step: StepDown, want: `users.id is integer, but was integer AUTO_INCREMENT`,
		},
		{
			name: "the rebuild omits a size", dialects: "sqlite",
			up: "ALTER TABLE users ADD COLUMN nickname text NULL;",
			down: rebuild("users", strings.Replace(usersColumns, "varchar(80)", "varchar", 1), "id, name, bio",
				"id, name, bio") + usersIndex,
			step: StepDown, want: `users.name is varchar, but was varchar(80)`,
		},
		{
			name: "a rename drops the column", dialects: "sqlite mysql",
			up:   "ALTER TABLE posts RENAME COLUMN title TO headline;",
			down: "ALTER TABLE posts DROP COLUMN headline;\nALTER TABLE posts ADD COLUMN title varchar(80) NULL;",
			step: StepDown, want: `column "headline" was '`,
		},
		{
			name: "NOT NULL without a default", dialects: "sqlite",
			up: "ALTER TABLE users ADD COLUMN nickname varchar(80) NOT NULL;", down: "ALTER TABLE users DROP COLUMN nickname;",
			step: StepUp, want: "NOT NULL", at: "ADD COLUMN nickname",
		},
		{
			name: "NOT NULL over rows that have NULL", dialects: "mysql",
			up:   "ALTER TABLE posts MODIFY COLUMN title varchar(80) NOT NULL;",
			down: "ALTER TABLE posts MODIFY COLUMN title varchar(80) NULL;",
			step: StepUp, want: "Invalid use of NULL value", at: "MODIFY COLUMN title",
		},
		{
			name: "a date that is NOT NULL without a default", dialects: "mysql",
			up: "ALTER TABLE posts ADD COLUMN day datetime NOT NULL;", down: "ALTER TABLE posts DROP COLUMN day;",
			step: StepUp, want: "day", at: "ADD COLUMN day",
		},
		{
			name: "unique index on duplicate values", dialects: "sqlite mysql",
			up: "ALTER TABLE users ADD COLUMN kind varchar(80) NOT NULL DEFAULT 'x';\nCREATE UNIQUE INDEX users_kind ON " +
				"users (kind);",
			down: "ALTER TABLE users DROP COLUMN kind;",
			step: StepUp, want: "kind", at: "CREATE UNIQUE INDEX users_kind",
		},
		{
			name: "too narrow for the text", dialects: "mysql",
			up:   "ALTER TABLE users MODIFY COLUMN name varchar(40) NOT NULL;",
			down: "ALTER TABLE users MODIFY COLUMN name varchar(80) NOT NULL;",
			step: StepUp, want: "Data too long for column 'name'", at: "MODIFY COLUMN name varchar(40)",
		},
		{
			name: "too narrow for the longest text", dialects: "mysql",
			up: "ALTER TABLE users MODIFY COLUMN bio text NULL;", down: "ALTER TABLE users MODIFY COLUMN bio longtext NULL;",
			step: StepUp, want: "Data too long for column 'bio'", at: "MODIFY COLUMN bio text",
		},
		{
			name: "too narrow for the number", dialects: "mysql",
			up:   "ALTER TABLE posts MODIFY COLUMN score smallint NOT NULL DEFAULT 0;",
			down: "ALTER TABLE posts MODIFY COLUMN score int NOT NULL DEFAULT 0;",
			step: StepUp, want: "Out of range value for column 'score'", at: "MODIFY COLUMN score smallint",
		},
		{
			name: "fractions of seconds are rounded away", dialects: "mysql",
			up:   "ALTER TABLE posts MODIFY COLUMN seen datetime NULL;",
			down: "ALTER TABLE posts MODIFY COLUMN seen datetime(6) NULL;",
			step: StepDown, want: `after the upgrade and the downgrade, table "posts": row with id = `,
		},
		{
			name: "a check that rows violate", dialects: "mysql",
			up:   "ALTER TABLE posts ADD CONSTRAINT score_sign CHECK (score > 0);",
			down: "ALTER TABLE posts DROP CHECK score_sign;",
			step: StepUp, want: "score_sign", at: "ADD CONSTRAINT score_sign",
		},
		{
			name: "a foreign key on a column with values", dialects: "mysql",
			up:   "ALTER TABLE posts ADD CONSTRAINT posts_score FOREIGN KEY (score) REFERENCES users (id);",
			down: "ALTER TABLE posts DROP FOREIGN KEY posts_score;",
			step: StepUp, want: "score", at: "ADD CONSTRAINT posts_score",
		},
		{
			name: "the down statements add a NOT NULL column without values", dialects: "mysql",
			up: "ALTER TABLE posts DROP COLUMN title;", down: "ALTER TABLE posts ADD COLUMN title varchar(80) NOT NULL;",
			step: StepDown, want: `posts.title is NULL in the previous schema, NOT NULL in the database`,
		},
		{
			name: "the up statements fail the second time", dialects: "sqlite mysql",
			up: "CREATE TABLE marks (name varchar(20) NOT NULL PRIMARY KEY);\nUPDATE users SET bio = 'x' WHERE bio IS " +
				"NULL;\nCREATE TABLE seen (id int);\nDROP TABLE seen;\nINSERT INTO users (name) VALUES ('admin');",
			down: "DROP TABLE marks;",
			step: StepUpAgain, want: "name", at: "INSERT INTO users",
		},
		{
			name: "the down statements do not drop a trigger", dialects: "sqlite",
			up: "CREATE TRIGGER shout AFTER INSERT ON users BEGIN UPDATE posts SET score = 0; END;", down: "",
			step: StepDown, want: `the trigger shout is CREATE TRIGGER`,
		},
		{
			name: "the down statements do not drop a view", dialects: "sqlite mysql",
			up: "CREATE VIEW names AS SELECT name FROM users;", down: "",
			step: StepDown, want: `the view names is `,
		},
		{
			name: "the file has no down statements", dialects: "sqlite mysql",
			up: "CREATE TABLE a (id int NOT NULL PRIMARY KEY);", down: "none",
			step: StepDown, want: "down statements",
		},
	} {
		dbtest.Dialects(t, func(t *testing.T, dialect string) {
			if !strings.Contains(c.dialects, dialect) {
				return
			}
			text := migrationFile(c.up, c.down)
			if c.down == "none" {
				text = c.up
			}
			files := folder(t, one, start(dialect), two, text)
			got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, nil)
			f := got.Failed
			if f == nil {
				t.Fatalf("%s: no failure: %+v", c.name, got)
			}
			if f.Version != "20260102000000" || f.Step != c.step || !strings.Contains(f.Error, c.want) ||
				!strings.Contains(f.Statement, c.at) || c.at == "" && f.Statement != "" {
				t.Errorf("%s: got %+v, want %q at %q", c.name, f, c.want, c.step)
			}
			if got.Migrations != 1 {
				t.Errorf("%s: %d migrations passed", c.name, got.Migrations)
			}
		})
	}
}
