package run

import (
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// makeObjects creates a table with a view and a trigger, by hand.
var makeObjects = []string{
	"INSERT INTO users (name) VALUES ('ada')",
	"CREATE TABLE log (name text)",
	"CREATE VIEW named AS SELECT id, name FROM users WHERE name IS NOT NULL",
}

// TestRebuildKeepsObjects: a rebuild on SQLite keeps the triggers of the table, and the views
// and triggers that name it.
func TestRebuildKeepsObjects(t *testing.T) {
	t.Parallel()
	e := engine(t, plan.SQLite, dbtest.SQLite(t), migratetest.Folder(t, migratetest.V1,
		"CREATE TABLE users (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name text);\n"))
	upgraded(t, e)
	migratetest.Exec(t, e.db, makeObjects...)
	migratetest.Exec(t, e.db,
		"CREATE TRIGGER logged AFTER INSERT ON users BEGIN INSERT INTO log SELECT name FROM named WHERE id = new.id; END",
		"CREATE TRIGGER other AFTER DELETE ON log BEGIN UPDATE users SET name = old.name; END",
		"CREATE VIEW broken AS SELECT missing FROM users")
	const text = "CREATE TABLE new_users (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, %s text);\n" +
		"INSERT INTO new_users SELECT id, name FROM users;\nDROP TABLE users;\nALTER TABLE new_users RENAME TO users;\n"
	rebuilt := func(column string) error {
		e.Migrations = migratetest.Under{plan.SQLite: migratetest.Folder(t, migratetest.V1,
			"CREATE TABLE users (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name text);\n",
			migratetest.V2, strings.ReplaceAll(text, "%s", column))}
		_, err := e.Upgrade(t.Context(), Upgrade{})
		return err
	}
	if err := rebuilt("title"); err == nil || !strings.Contains(err.Error(), "would break the view named") {
		t.Errorf("a column that a view needs is gone: %v", err)
	}
	if err := rebuilt("name"); err != nil {
		t.Fatal(err)
	}
	migratetest.Exec(t, e.db, "INSERT INTO users (name) VALUES ('bob')")
	if got := migratetest.Query(t, e.db, "SELECT group_concat(name) FROM log"); got != "bob" {
		t.Errorf("the trigger wrote %s", got)
	}
	got := migratetest.Query(t, e.db, "SELECT group_concat(name) FROM (SELECT name FROM sqlite_master WHERE type IN "+
		"('view', 'trigger') ORDER BY name)")
	if got != "broken,logged,named,other" {
		t.Errorf("views and triggers: %s", got)
	}
}

// TestMySQLRefusesToBreak: a file that drops or renames what a view or a trigger names is
// refused before it runs, unless it drops the view or the trigger itself.
func TestMySQLRefusesToBreak(t *testing.T) {
	t.Parallel()
	const first = "CREATE TABLE users (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(20), age int);\n"
	e := engine(t, plan.MySQL, dbtest.MySQL(t), migratetest.Folder(t, migratetest.V1, first))
	upgraded(t, e)
	migratetest.Exec(t, e.db, makeObjects...)
	migratetest.Exec(t, e.db, "CREATE TRIGGER logged BEFORE INSERT ON users FOR EACH ROW SET NEW.age = 1")
	for _, c := range []struct{ sql, want string }{
		{"ALTER TABLE `users` RENAME COLUMN `name` TO `title`;\n", "would break the view named"},
		{"ALTER TABLE `users` DROP COLUMN `age`;\n", "would break the trigger logged of users"},
		{"RENAME TABLE `users` TO `people`;\n", "would break the view named"},
		{"DROP TABLE `users`;\n", "would break the view named"},
		{"DROP VIEW named;\nALTER TABLE `users` RENAME COLUMN `name` TO `title`;\n", ""},
	} {
		e.Migrations = migratetest.Under{plan.MySQL: migratetest.Folder(t, migratetest.V1, first,
			migratetest.V2, c.sql)}
		_, err := e.Upgrade(t.Context(), Upgrade{})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %s", c.sql, err, c.want)
		}
	}
}

// TestBreaks: an object breaks only if it names what is lost, and not in a text or a comment.
func TestBreaks(t *testing.T) {
	t.Parallel()
	view := func(sql string) plan.Object { return plan.Object{Kind: "view", Name: "v", SQL: sql} }
	trigger := func(sql string) plan.Object {
		return plan.Object{Kind: "trigger", Name: "tr", Table: "users", SQL: sql}
	}
	routine := func(sql string) plan.Object { return plan.Object{Kind: "procedure", Name: "p", SQL: sql} }
	const byAlias = "select `u`.`name` AS `title`,`p`.`id` AS `id` from (`app`.`posts` `p` join `app`.`users` `u`)"
	for _, c := range []struct {
		object plan.Object
		sql    string
		want   bool
	}{
		{view("select `app`.`posts`.`id` AS `id` from `app`.`posts`"), "ALTER TABLE `users` DROP COLUMN `id`", false},
		{view(byAlias), "ALTER TABLE `users` DROP COLUMN `id`", false},
		{view(byAlias), "ALTER TABLE `posts` DROP COLUMN `id`", true},
		{view(byAlias), "ALTER TABLE `posts` DROP COLUMN `title`", false},
		{view(byAlias), "ALTER TABLE users ADD x int, DROP name", true},
		{view(byAlias), "ALTER TABLE `users` DROP INDEX `name`", false},
		{view("select 'users.name' AS `a` from `app`.`users`"), "ALTER TABLE `users` DROP COLUMN `name`", false},
		{view("select 'users' AS `a` from `app`.`posts`"), "DROP TABLE `users`", false},
		{view("select 1 from `app`.`users`"), "DROP TABLE `users`", true},
		{view("select 1 from `app`.`users`"), "RENAME TABLE `users` TO `people`", true},
		{trigger("SET NEW.name = 1"), "ALTER TABLE `users` DROP COLUMN `name`", true},
		{trigger("SET NEW.age = (SELECT max(id) FROM posts)"), "ALTER TABLE `users` DROP COLUMN `id`", false},
		{trigger("SET NEW.age = (SELECT max(id) FROM posts)"), "ALTER TABLE `posts` DROP COLUMN `id`", true},
		{trigger("SET NEW.age = 1 /* not NEW.name */"), "ALTER TABLE `users` DROP COLUMN `name`", false},
		{trigger("SET NEW.age = 1 -- not NEW.name\n"), "ALTER TABLE `users` CHANGE `name` `title` text", false},
		{trigger("SET NEW.age = 1"), "RENAME TABLE `users` TO `people`", false},
		{trigger("SET NEW.age = 1"), "RENAME TABLE `users` TO `people`;ALTER TABLE `people` DROP COLUMN `age`", true},
		{trigger("SET NEW.age = 1"), "DROP TABLE `users`", true},
		{trigger("SET NEW.age = 1"), "DROP TRIGGER tr;DROP TABLE `users`", false},
		{routine("BEGIN UPDATE users u SET u.name = 1; END"), "ALTER TABLE `users` RENAME COLUMN `name` TO `n`", true},
		{routine("BEGIN UPDATE users SET name = 1; END"), "ALTER TABLE `users` RENAME COLUMN `name` TO `n`", true},
		{routine("BEGIN UPDATE posts SET name = 1; END"), "ALTER TABLE `users` RENAME COLUMN `name` TO `n`", false},
	} {
		_, _, got := Breaks(strings.Split(c.sql, ";"), []plan.Object{c.object})
		if got != c.want {
			t.Errorf("%s\n%s: %v", c.object.SQL, c.sql, got)
		}
	}
}

func upgraded(t *testing.T, e *Engine) {
	t.Helper()
	if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
		t.Fatal(err)
	}
}
