package plan

import (
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
)

// shop is a schema.hcl with two tables; edits are pairs of old and new text.
func shop(edits ...string) string {
	const text = migratetest.Preamble + `
table "users" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "name" {
    type = varchar(80)
    null = false
  }
  column "age" {
    type = int
    null = true
  }
  primary_key {
    columns = [column.id]
  }
}
table "posts" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "title" {
    type = varchar(200)
    null = false
  }
  primary_key {
    columns = [column.id]
  }
}
`
	return strings.NewReplacer(edits...).Replace(text)
}

const (
	nameColumn = "  column \"name\" {\n    type = varchar(80)\n    null = false\n  }\n"
	ageColumn  = "  column \"age\" {\n    type = int\n    null = true\n  }\n"
)

func column(name, kind, more string) string {
	return "  column \"" + name + "\" {\n    type = " + kind + "\n    " + more + "\n  }\n"
}

// TestAsked: Generate returns an error if an option is missing or contradicts schema.hcl. The
// error says what to do, and no file is written.
func TestAsked(t *testing.T) {
	t.Parallel()
	renamed := shop(`"name"`, `"username"`)
	nickname := shop(ageColumn, ageColumn+column("nickname", "varchar(80)", "null = false"))
	for name, c := range map[string]struct {
		to   string
		ask  string
		want []string
	}{
		"a rename without --rename": {renamed, "", []string{
			"users.name is removed and users.username is added", "--rename users.name:username", "--drop users.name"}},
		"a renamed and wider column": {shop(`"name"`, `"username"`, "80", "120"), "",
			[]string{"--rename users.name:username"}},
		"two possible renames": {
			shop(nameColumn, column("first", "varchar(80)", "null = false")+column("last", "varchar(80)", "null = false")), "",
			[]string{
				"users.first is added", "users.last is added"}},
		"a table renamed and not asked for": {shop(`"posts"`, `"articles"`), "", []string{
			"posts is removed and articles is added", "--rename posts:articles", "--drop posts"}},
		"a table and a column, one asked for": {shop(`"posts"`, `"articles"`, `"title"`, `"headline"`),
			"--rename posts:articles", []string{
				"posts.title is removed and articles.headline is added", "--rename posts.title:headline", "--drop posts.title"}},

		"no rename": {renamed, "--rename users.name", []string{"write it as users.name:username"}},
		"a rename to another table": {renamed, "--rename users.name:people.name",
			[]string{"write it as users.name:username"}},
		"an old name that is not": {renamed, "--rename users.nam:username",
			[]string{"the last snapshot has no nam in users"}},
		"a new name that is not": {renamed, "--rename users.name:usernam",
			[]string{"there is no usernam in users in schema.hcl"}},
		"a table that is not": {renamed, "--rename user.name:username",
			[]string{"the last snapshot has no table user"}},
		"an old name that is still": {shop(), "--rename users.name:username",
			[]string{"name in users is still in schema.hcl"}},
		"a new name that was": {shop(nameColumn, ""), "--rename users.name:age",
			[]string{"age in users is already in the last snapshot"}},
		"one name to two": {shop(nameColumn, column("first", "varchar(80)", "null = false")+column("last",
			"varchar(80)", "null = false")), "--rename users.name:first\n--rename users.name:last",
			[]string{"use each name once"}},
		"two names to one": {shop(nameColumn+ageColumn, column("x", "int", "null = true")),
			"--rename users.name:x\n--rename users.age:x", []string{"use each name once"}},
		"a table that is still": {shop(), "--rename posts:articles", []string{"posts is still in schema.hcl"}},
		"renamed and dropped": {renamed, "--rename users.name:username\n--drop users.name",
			[]string{"use one of them"}},
		"a drop that is none":       {shop(), "--drop users.name", []string{"the column is still in schema.hcl"}},
		"a drop of what is not":     {shop(), "--drop users.nam", []string{"has no such column"}},
		"a drop of a table that is": {shop(), "--drop posts", []string{"the table is still in schema.hcl"}},
		"a drop that is no name":    {shop(), "--drop .x", []string{"write it as users.name"}},
		"no value for rows": {nickname, "", []string{"users.nickname is NOT NULL", "null = true",
			`--fill "users.nickname=''"`}},
		"no value where NULL was": {shop("null = true", "null = false"), "",
			[]string{"users.age is NOT NULL", `--fill "users.age=0"`}},
		"two without a value": {shop("null = true", "null = false", "80", "80", nameColumn,
			nameColumn+column("born", "date", "null = false")), "",
			[]string{"users.age is NOT NULL", "users.born is NOT NULL", "'1970-01-01'"}},
		"a fill that is none":       {nickname, "--fill users.nickname", []string{"write it as --fill"}},
		"a fill that is no literal": {nickname, "--fill users.nickname=none", []string{"is not an SQL literal"}},
		"a fill that is a query":    {nickname, "--fill users.nickname=(SELECT 1)", []string{"is not an SQL literal"}},
		"a fill with NULL":          {nickname, "--fill users.nickname=NULL", []string{"the column is NOT NULL"}},
		"a fill of the wrong type": {shop("null = true", "null = false"), "--fill users.age='x'",
			[]string{"'x' is text, but the column is of type int"}},
		"a number for a bool": {shop(ageColumn, ageColumn+column("active", "bool", "null = false")), "--fill users.active=2",
			[]string{"2 is a number, but the column is of type bool"}},
		"a fill that is too long": {nickname, "--fill users.nickname='" + strings.Repeat("ä", 81) + "'",
			[]string{"longer than the 80 characters"}},
		"a fill for what is not new": {nickname, "--fill users.nickname='x'\n--fill users.name='x'",
			[]string{"--fill users.name: the column needs no value"}},
		"a fill given twice": {nickname, "--fill users.nickname='x'\n--fill users.nickname='y'",
			[]string{"use it once for each column"}},
		"a fill for a column not here": {shop(), "--fill users.nick='x'",
			[]string{"--fill users.nick: the column needs no value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := migratetest.Project(t, shop())
			generate(t, root, "create")
			migratetest.Write(t, root, "schema.hcl", c.to)
			before := migratetest.Tree(t, root)
			ask := askOf(t, c.ask)
			ask.Message = "change"
			_, err := Generate(t.Context(), root, ask, migratetest.Noon)
			if err == nil {
				t.Fatalf("no error; wrote\n%s", migratetest.Tree(t, root))
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			if migratetest.Tree(t, root) != before {
				t.Errorf("files were written despite the error")
			}
		})
	}
}

// TestNotAlike: a drop needs no option if nothing similar is added.
func TestNotAlike(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]string{
		"another type": shop(nameColumn, column("born", "date", "null = true")),
		"NULL or not":  shop(nameColumn, column("username", "varchar(80)", "null = true")),
		"another table": shop(`"posts"`, `"tags"`, `"title"`, `"label"`, "varchar(200)", "int", "  primary_key",
			column("x", "int", "null = true")+"  primary_key"),
		"only gone": shop(nameColumn, ""),
		"only come": shop(ageColumn, ageColumn+column("bio", "varchar(80)", "null = true")),
		"in other tables": shop(nameColumn, "", "varchar(200)\n    null = false\n  }\n",
			"varchar(200)\n    null = false\n  }\n"+column("author", "varchar(80)", "null = false\n    default = \"\"")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := migratetest.Project(t, shop())
			generate(t, root, "create")
			migratetest.Write(t, root, "schema.hcl", to)
			if result := generate(t, root, "change"); len(result.Files) != 2 {
				t.Errorf("got %+v", result)
			}
		})
	}
}

// TestWarnings: Generate writes changes that may fail on some rows, and returns warnings.
func TestWarnings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to, ask string
		want    []string
	}{
		"text to number": {shop(nameColumn, column("name", "int", "null = false")), "", []string{
			"users.name changes from varchar to int"}},
		"number to text": {shop(ageColumn, column("age", "varchar(20)", "null = true")), "", []string{
			"users.age (down statement) changes from varchar to int"}},
		"left out on SQLite": {shop("columns = [column.id]\n  }\n}\ntable \"posts\"",
			"columns = [column.id]\n  }\n  check \"users_even\" {\n    expr = \"age % 2 = 0\"\n  }\n}\ntable \"posts\""), "",
			[]string{"users: the check users_even is left out on SQLite: operator % has no equivalent there"}},
		"wider": {shop("varchar(80)", "varchar(120)", "type = int", "type = bigint"), "", nil},
		"one value for a unique column": {shop(ageColumn, ageColumn+column("handle", "varchar(80)", "null = false"),
			"null = true", "null = true", "columns = [column.id]\n  }\n}\ntable \"posts\"",
			"columns = [column.id]\n  }\n  index \"users_handle\" {\n    columns = [column.handle]\n    unique = true\n  "+
				"}\n}\ntable \"posts\""),
			"--fill users.handle='x'", []string{"users.handle is unique, but --fill sets the same value in all rows"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := migratetest.Project(t, shop())
			generate(t, root, "create")
			migratetest.Write(t, root, "schema.hcl", c.to)
			ask := askOf(t, c.ask)
			ask.Message = "change"
			result, err := Generate(t.Context(), root, ask, migratetest.Noon)
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Warnings) != len(c.want) {
				t.Fatalf("got %q, want %q", result.Warnings, c.want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(result.Warnings[i], want) {
					t.Errorf("got %q, want %q", result.Warnings[i], want)
				}
			}
		})
	}
}

// FuzzAsked: whatever a person types is an error or is taken, never a panic.
func FuzzAsked(f *testing.F) {
	f.Add("users.name:username", "users.name", "users.age='x'")
	f.Add("posts:articles", "posts", "users.age=1")
	f.Add(":", ".", "=")
	f.Add("a.b.c:d", "a:b", "a.b=''''")
	f.Fuzz(func(t *testing.T, rename, drop, fill string) {
		for _, ask := range []Options{{Renames: []string{rename}}, {Drops: []string{drop}}, {Fills: []string{fill}}} {
			asked, err := ask.parse()
			if err != nil {
				continue
			}
			for _, d := range Dialects {
				// Whether it fits the schemas or not.
				_, _ = d.draft(t.Context(), Snapshot{Text: []byte(shop())}, []byte(shop(`"name"`, `"username"`)), asked)
			}
		}
	})
}

// askOf parses options in the syntax of the command, one per line.
func askOf(t *testing.T, text string) (ask Options) {
	t.Helper()
	ask.Renames, ask.Drops, ask.Fills = migratetest.ReadAsk(t, text)
	return ask
}
