package verify

import (
	"maps"
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"
)

// tables returns a schema with tables of these names.
func tables(names ...string) *schema.Schema {
	s := schema.New("")
	for _, name := range names {
		s.AddTables(schema.NewTable(name))
	}
	return s
}

func TestParseRenames(t *testing.T) {
	t.Parallel()
	type names = map[string]string
	for _, c := range []struct {
		name       string
		statements []string
		tables     names
		columns    map[string]names
	}{
		{"none", []string{"ALTER TABLE users ADD COLUMN a int"}, names{}, nil},
		{"a column", []string{"ALTER TABLE `users` RENAME COLUMN `name` TO `username`;"}, names{},
			map[string]names{"users": {"username": "name"}}},
		{"a column, twice", []string{"ALTER TABLE users RENAME COLUMN a TO b", "ALTER TABLE users RENAME COLUMN b TO c"},
			names{}, map[string]names{"users": {"c": "a"}}},
		{"CHANGE", []string{"ALTER TABLE users CHANGE COLUMN a b int", "alter table users change c d int"}, names{},
			map[string]names{"users": {"b": "a", "d": "c"}}},
		{"a table", []string{"ALTER TABLE users RENAME TO people"}, names{"people": "users"}, nil},
		{"a table, in MySQL's words", []string{"ALTER TABLE users RENAME AS people;", "ALTER TABLE a RENAME b"},
			names{"people": "users", "b": "a"}, nil},
		{"several tables", []string{"RENAME TABLE a TO x, b TO a, x TO b"}, names{"a": "b", "b": "a"}, nil},
		{"a column, then its table", []string{"ALTER TABLE users RENAME COLUMN a TO b", "ALTER TABLE users RENAME TO people"},
			names{"people": "users"}, map[string]names{"people": {"b": "a"}}},
		{"a column, in SQLite's words", []string{"ALTER TABLE users RENAME a TO b"}, names{},
			map[string]names{"users": {"b": "a"}}},
		{"words in a text or a comment are none", []string{"-- x\nALTER TABLE users COMMENT 'RENAME COLUMN a TO b' -- " +
			"RENAME TO b"}, names{}, nil},
		{"an index is none", []string{"ALTER TABLE users RENAME INDEX a TO b"}, names{}, nil},
		{"a rebuild is none", []string{"ALTER TABLE `new_users` RENAME TO `users`;"}, names{}, nil},
	} {
		if got := parseRenames(c.statements, tables("users", "a", "b")); !maps.Equal(got.tables, c.tables) ||
			!maps.EqualFunc(got.columns, c.columns, maps.Equal[names, names]) {
			t.Errorf("%s: got %q and %q", c.name, got.tables, got.columns)
		}
	}
}

// FuzzParseRenames checks that parseRenames does not panic for any text.
func FuzzParseRenames(f *testing.F) {
	for _, seed := range []string{
		"", "ALTER TABLE a RENAME TO", "RENAME TABLE a TO b, c", "ALTER TABLE a CHANGE b c int", "'\\'", "/* */ --\n#",
		"ALTER TABLE new_a RENAME TO a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		parseRenames(strings.Split(text, ";"), tables("a", "b"))
	})
}
