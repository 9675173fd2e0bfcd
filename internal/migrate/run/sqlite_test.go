package run

import (
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// parentAndChild creates tables as generated from a schema.hcl, with rows.
const parentAndChild = "CREATE TABLE users (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name text NOT NULL);\n" +
	"CREATE TABLE posts (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, user_id integer NOT NULL," +
	" CONSTRAINT posts_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);\n" +
	"INSERT INTO users (name) VALUES ('ada'), ('bob'), ('cleo');\n" +
	"INSERT INTO posts (user_id) VALUES (1), (1), (2);\n" +
	"DELETE FROM users WHERE name = 'cleo';\n"

// rebuild adds a column to users by a rebuild: it creates a new table, copies the rows and
// drops the old table.
func rebuild(t *testing.T) (text string) {
	t.Helper()
	tables := func(name string) []byte {
		return []byte(migratetest.Preamble + `
table "users" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "` + name + `" {
    type = text
  }
  primary_key {
    columns = [column.id]
  }
}
`)
	}
	root := migratetest.Project(t, string(tables("name")))
	for _, message := range []string{"from", "to"} {
		authored, err := plan.Generate(t.Context(), root, plan.Options{Message: message}, migratetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		text = migratetest.ReadText(t, root, authored.Files[len(authored.Files)-1].Path)
		migratetest.Write(t, root, "schema.hcl",
			strings.Replace(string(tables("name")), "type = text", "type = text\n    default = \"-\"", 1))
	}
	if !strings.Contains(text, "DROP TABLE `users`") {
		t.Fatalf("not a rebuild:\n%s", text)
	}
	return text
}

// TestRebuildKeepsChildren: a rebuild of users keeps all posts. With foreign keys on, dropping
// the old table would delete them.
func TestRebuildKeepsChildren(t *testing.T) {
	t.Parallel()
	address := dbtest.SQLite(t)
	db := migratetest.Connect(t, address)
	e := engine(t, plan.SQLite, address, migratetest.Folder(t, migratetest.V1, parentAndChild, migratetest.V2, rebuild(t)))
	upgrade(t, e, Upgrade{}, "∅→two applied [one/5 two/7] pending []")
	if got := migratetest.Query(t, db, "SELECT user_id FROM posts ORDER BY id"); got != "1 1 2" {
		t.Errorf("posts of users %q are left", got)
	}
	// The id of a deleted user is not generated again.
	migratetest.Exec(t, db, "INSERT INTO users (name) VALUES ('dora')")
	if got := migratetest.Query(t, db, "SELECT id FROM users WHERE name = 'dora'"); got != "4" {
		t.Errorf("the next user has id %s", got)
	}
	// The connection enforces foreign keys again.
	if got := migratetest.Query(t, e.db, "PRAGMA foreign_keys"); got != "1" {
		t.Errorf("foreign keys are %s on the connection that migrated", got)
	}
	if got := migratetest.Query(t, e.db, "PRAGMA busy_timeout"); got != "10000" {
		t.Errorf("the busy timeout is %s on the connection that migrated", got)
	}
	migratetest.Exec(t, e.db, "DELETE FROM users WHERE id = 1")
	if got := migratetest.Query(t, db, "SELECT user_id FROM posts"); got != "2" {
		t.Errorf("posts of users %q are left", got)
	}
}

// TestForeignKeyCheck: a migration fails if it leaves rows that refer to missing rows. Such
// rows from before the migration are no error.
func TestForeignKeyCheck(t *testing.T) {
	t.Parallel()
	address := dbtest.SQLite(t)
	db := migratetest.Connect(t, address)
	migratetest.Exec(t, db, "PRAGMA foreign_keys = off")
	e := engine(t, plan.SQLite, address, migratetest.Folder(t, migratetest.V1, parentAndChild))
	upgrade(t, e, Upgrade{}, "∅→one applied [one/5] pending []")
	migratetest.Exec(t, db, "INSERT INTO posts (user_id) VALUES (77)")

	e.Migrations = migratetest.Under{
		e.Dialect.Name: migratetest.Folder(t, migratetest.V1, parentAndChild, migratetest.V2,
			"DELETE FROM users WHERE name = 'ada';\n")}
	report, err := e.Upgrade(t.Context(), Upgrade{})
	if err == nil || !strings.Contains(err.Error(), `rows of table "posts" refer to missing rows of "users"`) {
		t.Errorf("got %v", err)
	}
	check(t, "upgrade", report, "one→one applied [] pending [two/1] failed two")
	if got := migratetest.Query(t, db, "SELECT name FROM users"); got != "ada bob" {
		t.Errorf("users: %s", got)
	}

	e.Migrations = migratetest.Under{
		e.Dialect.Name: migratetest.Folder(t, migratetest.V1, parentAndChild, migratetest.V2,
			"ALTER TABLE users ADD COLUMN bio text;\n")}
	upgrade(t, e, Upgrade{}, "one→two applied [two/1] pending []")
}
