package plan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"

	"ariga.io/atlas/sql/migrate"
)

const (
	size80 = "  column \"title\" {\n    type = varchar(80)\n    null = true\n  }"
	// explained is size80 with a comment, which only MySQL stores.
	explained = "  column \"title\" {\n    type    = varchar(80)\n    null    = true\n    comment = \"a few words\"\n  }"
)

func generate(t *testing.T, root, message string) Result {
	t.Helper()
	result, err := Generate(t.Context(), root, Options{Message: message}, migratetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func Paths(result Result) (all []string) {
	for _, f := range result.Files {
		all = append(all, f.Path)
	}
	return all
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, migratetest.OneTable)

	first := generate(t, root, "Create notes")
	want := []string{"migrations/mysql/20260102120000_create_notes.sql",
		"migrations/sqlite/20260102120000_create_notes.sql"}
	if !slices.Equal(Paths(first), want) || first.Version != "20260102120000" {
		t.Errorf("first migration: got %+v", first)
	}
	after := migratetest.Tree(t, root)
	if again := generate(t, root, "again"); again.Version != "" || len(again.Files) != 0 ||
		migratetest.Tree(t, root) != after {
		t.Errorf("nothing changed: got %+v", again)
	}

	// The version is later although the time is the same.
	migratetest.Write(t, root, "schema.hcl", migratetest.WithColumn(size80))
	second := generate(t, root, "add title")
	if second.Version != "20260102120001" || len(second.Files) != 2 {
		t.Errorf("second migration: got %+v", second)
	}

	// Only MySQL changes.
	migratetest.Write(t, root, "schema.hcl", migratetest.WithColumn(explained))
	if third := generate(t, root, "explain title"); !slices.Equal(Paths(third),
		[]string{"migrations/mysql/20260102120002_explain_title.sql"}) {
		t.Errorf("third migration: got %+v", third)
	}
	if again := generate(t, root, "again"); len(again.Files) != 0 {
		t.Errorf("nothing changed: got %+v", again)
	}

	// The result lists the drops.
	migratetest.Write(t, root, "schema.hcl", migratetest.OneTable)
	fourth := generate(t, root, "drop title")
	if fourth.Version != "20260102120003" || len(fourth.Files) != 2 ||
		!slices.Equal(fourth.Files[0].Drops, []string{"notes.title"}) {
		t.Errorf("fourth migration: got %+v", fourth)
	}
	migratetest.Write(t, root, "schema.hcl", migratetest.Preamble)
	if fifth := generate(t, root, "drop notes"); !slices.Equal(fifth.Files[1].Drops, []string{"notes"}) {
		t.Errorf("fifth migration: got %+v", fifth)
	}

	// Atlas's library accepts the folders.
	for _, dialect := range []string{MySQL, SQLite} {
		dir, err := migrate.NewLocalDir(filepath.Join(root, "migrations", dialect))
		if err != nil {
			t.Fatal(err)
		}
		if err := migrate.Validate(dir); err != nil {
			t.Errorf("%s: %v", dialect, err)
		}
	}
	leftovers, err := filepath.Glob(filepath.Join(root, "migrations", ".*"))
	if err != nil || len(leftovers) > 0 {
		t.Errorf("left behind: %v %v", leftovers, err)
	}
}

func TestGenerateErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		schema, message string
		prepare         func(t *testing.T, root string)
		want            string
	}{
		"no message":           {migratetest.OneTable, "", nil, "missing message: describe the change"},
		"no letter in message": {migratetest.OneTable, "– ¿?", nil, "missing message: describe the change"},
		"no schema.hcl": {"", "x", func(t *testing.T, root string) {
			if err := os.Remove(filepath.Join(root, "schema.hcl")); err != nil {
				t.Fatal(err)
			}
		}, "schema.hcl"},
		"syntax": {migratetest.OneTable + "table \"x\" {\n  schema =\n}\n", "x", nil, "schema.hcl:14:11: "},
		"unknown reference": {migratetest.OneTable + "table \"x\" {\n  schema = schema.other\n  column \"id\" {\n    type " +
			"= int\n  }\n}\n", "x", nil, "schema.hcl:14:"},
		"unknown column": {migratetest.WithColumn("  index \"notes_title\" {\n    columns = [column.title]\n  }"), "x", nil,
			"schema.hcl:10:"},
		"unknown type": {migratetest.WithColumn("  column \"title\" {\n    type = words\n  }"), "x", nil, "schema.hcl:1"},
		"table without columns": {migratetest.OneTable + "table \"empty\" {\n  schema = schema.app\n}\n", "x", nil,
			`"empty"`},
		"table without a name": {migratetest.OneTable + "table {\n  schema = schema.app\n  column \"id\" {\n    type = " +
			"int\n  }\n}\n",
			"x", nil, "schema.hcl:13:1: table has no name"},
		"misspelt block": {migratetest.WithColumn("  colum \"title\" {\n    type = int\n  }"), "x", nil,
			`schema.hcl:9:3: a block "colum" is not known here`},
		"misspelt attribute": {migratetest.WithColumn("  column \"title\" {\n    type = int\n    nul  = true\n  }"), "x", nil,
			`schema.hcl:11:5: "nul" is not known here`},
		"members with blanks": {migratetest.WithColumn("  column \"title\" {\n    type = sql(\"enum('a', 'b')\")\n  }"),
			"x", nil,
			`schema.hcl:10:12: the members of the enum have blanks between them: write type = enum("a", "b")`},
		"column twice": {migratetest.WithColumn("  column \"id\" {\n    type = int\n  }"), "x", nil,
			"schema.hcl:9:3: column id is here twice"},
		"no type": {migratetest.WithColumn("  column \"title\" {\n  }"), "x", nil,
			"schema.hcl:9:3: column title has no type"},
		"edited file": {migratetest.WithColumn(size80), "x", func(t *testing.T, root string) {
			migratetest.Write(t, root, "migrations/mysql/1_a.sql", "CREATE TABLE a (id int);")
			migratetest.Write(t, root, "migrations/mysql/atlas.sum", "h1:x\n1_a.sql h1:y\n")
		}, "migrations/mysql: atlas.sum is invalid"},
		"version after any time": {migratetest.OneTable, "x", func(t *testing.T, root string) {
			made := migratetest.Folder(t, "v1_a", "CREATE TABLE a (id int);")
			for name, f := range made {
				migratetest.Write(t, root, "migrations/mysql/"+name, string(f.Data))
			}
		}, "invalid version: use a time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := migratetest.Project(t, c.schema)
			if c.prepare != nil {
				c.prepare(t, root)
			}
			before := migratetest.Tree(t, root)
			result, err := Generate(t.Context(), root, Options{Message: c.message}, migratetest.Noon)
			if err == nil {
				t.Fatalf("got %+v, want an error", result)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want %q in it", err, c.want)
			}
			if migratetest.Tree(t, root) != before {
				t.Errorf("the error left something behind:\n%s", migratetest.Tree(t, root))
			}
		})
	}
}

func FuzzSchema(f *testing.F) {
	f.Add([]byte(migratetest.OneTable))
	f.Add([]byte("table {\n}\n"))
	f.Add([]byte(`table "a" { schema = schema.app }`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, d := range Dialects {
			// Any text: an error or a schema, never a panic.
			if s, err := d.Parse("schema.hcl", text); err == nil && s == nil {
				t.Error("no schema and no error")
			}
		}
	})
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"add bio to users":                  "add_bio_to_users",
		"Add `bio`, to users!":              "add_bio_to_users",
		"  v2 / final  ":                    "v2_final",
		"create posts & notes":              "create_posts_notes",
		"naïve café":                        "na_ve_caf",
		"../../etc/passwd":                  "etc_passwd",
		strings.Repeat("a", 100):            strings.Repeat("a", 60),
		strings.Repeat("word ", 20) + "end": "word_word_word_word_word_word_word_word_word_word_word_word",
	} {
		got, err := slugify(message)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", message, got, err, want)
		}
	}
}

func FuzzSlug(f *testing.F) {
	for _, s := range []string{"add bio", "", "Ä", "a__b", "../x", strings.Repeat("x_", 50)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, message string) {
		slug, err := slugify(message)
		if err != nil {
			if strings.ContainsAny(message, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") {
				t.Errorf("%q: %v", message, err)
			}
			return
		}
		if slug == "" || len(slug) > maxSlug || strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" ||
			strings.Contains(slug, "__") || strings.HasPrefix(slug, "_") || strings.HasSuffix(slug, "_") {
			t.Errorf("%q: got %q", message, slug)
		}
		if again, err := slugify(slug); err != nil || again != slug {
			t.Errorf("%q: of the slug %q the slug is %q, %v", message, slug, again, err)
		}
	})
}
