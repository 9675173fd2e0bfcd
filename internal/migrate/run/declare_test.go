package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// allSorts has a column of every type, and every kind of index, key and check.
const allSorts = migratetest.Preamble + `
table "all_sorts" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "tiny" { type = tinyint }
  column "small" {
    type     = smallint
    unsigned = true
    default  = 7
  }
  column "whole" {
    type    = int
    default = -7
  }
  column "yes" {
    type    = bool
    default = true
  }
  column "ratio" {
    type    = double
    default = 1.5
  }
  column "price" {
    type    = decimal(10,2)
    default = 0.25
  }
  column "sum" {
    type    = decimal(20,2)
    default = 0
  }
  column "name" {
    type    = varchar(40)
    default = "it's \"so\""
  }
  column "code" {
    type    = varchar(8)
    default = "007"
  }
  column "bio" {
    type    = longtext
    default = ""
  }
  column "note" { type = text }
  column "role" {
    type    = enum("it's", "b")
    default = "b"
  }
  column "tags" { type = set("a", "b c") }
  column "doc" { type = json }
  column "born" { type = date }
  column "at" {
    type    = datetime(6)
    default = sql("CURRENT_TIMESTAMP(6)")
  }
  column "seen" {
    type = timestamp(6)
    null = true
  }
  column "year" { type = year }
  column "token" {
    type    = binary(4)
    default = "ab"
  }
  column "bytes" { type = longblob }
  column "initial" {
    type = varchar(1)
    null = true
    as {
      expr = "left(name,1)"
      type = VIRTUAL
    }
  }
  column "parent" {
    type = bigint
    null = true
  }
  primary_key { columns = [column.id] }
  foreign_key "all_sorts_parent" {
    columns     = [column.parent]
    ref_columns = [column.id]
    on_update   = NO_ACTION
    on_delete   = SET_NULL
  }
  index "all_sorts_name" {
    unique = true
    on { column = column.name }
    on {
      column = column.code
      desc   = true
    }
  }
  index "all_sorts_bio" {
    on {
      column = column.bio
      prefix = 20
    }
  }
  index "all_sorts_note" {
    unique = true
    on {
      column = column.note
      prefix = 20
    }
  }
  check "all_sorts_name_given" {
    expr = "char_length(name) > 0 and (whole < 5 or not (small = 3)) and length(code) > 1"
  }
}
`

// TestDeclare: the schema.hcl of a live database declares the same tables for its dialect, and
// a migration for both dialects can be generated from it.
func TestDeclare(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address, blog.Files(dialect))
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Fatal(err)
		}
		root := migratetest.Project(t, allSorts)
		for _, f := range author(t, root, "all sorts").Files {
			if f.Dialect == dialect {
				migratetest.Exec(t, e.db, statementsOf(t, dialect, migratetest.ReadText(t, root, f.Path))...)
			}
		}
		if dialect == plan.MySQL {
			migratetest.Exec(t, e.db, "CREATE TABLE odd (id bigint unsigned NOT NULL AUTO_INCREMENT, e enum('a','b') NOT NULL "+
				"DEFAULT 'a', d decimal(10,2) NOT NULL DEFAULT 1.5,"+
				" j json NULL, b varbinary(20) NULL, c char(3) NULL, day date NULL, `select` int NULL, PRIMARY KEY (id), "+
				"CONSTRAINT odd_d CHECK (d > 0)) COMMENT 'all sorts'")
		}
		text, err := declare(t, e)
		if err != nil {
			t.Fatal(err)
		}
		for _, never := range []string{"slipway_test_", "_type\"", "locals", "Left out"} {
			if strings.Contains(string(text), never) {
				t.Errorf("the file contains %s:\n%s", never, text)
			}
		}
		migratetest.SameSchema(t, dialect, address, text)

		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, plan.SchemaFile), text, 0o600); err != nil {
			t.Fatal(err)
		}
		authored, err := plan.Generate(t.Context(), dir, plan.Options{Message: "baseline"}, time.Now())
		if err != nil || len(authored.Files) != 2 {
			t.Fatalf("got %+v, %v", authored, err)
		}
		// The migration can be applied to an empty database of either dialect.
		for _, other := range []string{plan.MySQL, plan.SQLite} {
			folder := os.DirFS(filepath.Join(dir, "migrations", other))
			if _, err := engine(t, other, dbtest.New(t, other), folder).Upgrade(t.Context(), Upgrade{}); err != nil {
				t.Errorf("%s: %v", other, err)
			}
		}
	})
}

// TestDeclareForeign: SQLite tables that slipway did not create get the nearest types, and the
// file lists the omitted parts.
func TestDeclareForeign(t *testing.T) {
	t.Parallel()
	address := dbtest.SQLite(t)
	e := engine(t, plan.SQLite, address, blog.Files(plan.SQLite))
	migratetest.Exec(t, e.db, "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(30) NOT NULL UNIQUE, email TEXT "+
		"UNIQUE, bio TEXT, "+
		"weight DECIMAL(8,3), born DATE, CHECK (name <> ''), CONSTRAINT heavy CHECK (weight > 0), CONSTRAINT odd "+
		"CHECK (name GLOB 'a*'))",
		"CREATE TABLE pets (owner INTEGER REFERENCES people (id), name TEXT, picture BLOB DEFAULT (randomblob(3)))",
		"CREATE INDEX some ON pets (name) WHERE owner > 3")
	text, err := declare(t, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# people: check odd (name GLOB 'a*') is omitted, because MySQL has no equivalent\n",
		"# pets: the default of picture is omitted, because",
		"# pets: index some for some rows only is omitted, because",
		"type           = bigint\n    auto_increment = true\n", "type = varchar(30)", "type = varchar(255)",
		"type = longtext", "decimal(8, 3)",
		"type = date\n", "type = longblob", `index "people_email"`, `foreign_key "pets_owner"`,
		"check \"people_chk_1\" {\n    expr = \"name <> ''\"", "check \"heavy\" {\n    expr = \"weight > 0\"",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// statementsOf returns the statements of a migration file.
func statementsOf(t *testing.T, dialect, text string) (all []string) {
	t.Helper()
	d, err := plan.DialectByName(dialect)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := d.Scan(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		all = append(all, s.Text)
	}
	return all
}
