package schema_test

import (
	"bytes"
	"strings"
	"testing"

	"slipway/internal/migrate/schema"
	"slipway/internal/test/dbtest"
)

const users = `# The tables.
schema "app" {}

table "users" {
  schema = schema.app
  column "id" {
    type           = bigint
    null           = false
    auto_increment = true
  }
  primary_key { columns = [column.id] }
}
`

const tags = `
table "tags" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    null           = false
    type           = bigint
    auto_increment = true
  }
  column "name" {
    null = false
    type = varchar(40)
  }
  column "weight" {
    null    = false
    type    = double
    default = 1
  }
  column "note" {
    null    = true
    type    = varchar(20)
    default = "a:b=$${c}"
  }
  column "count" {
    null     = false
    type     = int
    unsigned = true
  }
  column "user_id" {
    null = false
    type = bigint
  }
  column "above_id" {
    null = true
    type = bigint
  }
  column "created_at" {
    null = false
    type = datetime(6)
  }
  column "updated_at" {
    null = false
    type = datetime(6)
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "tags_user_id" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "tags_above_id" {
    columns     = [column.above_id]
    ref_columns = [column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "tags_name" {
    unique  = true
    columns = [column.name]
  }
  index "tags_user_id" {
    columns = [column.user_id]
  }
  index "tags_above_id" {
    columns = [column.above_id]
  }
  index "tags_created_at" {
    columns = [column.created_at, column.id]
  }
}
`

var tagFields = []string{
	"name:varchar(40):unique", "weight:double=1", "note:varchar(20):null=a:b=${c}", "count:int unsigned", "user:users",
	"above:tags:null",
}

// TestNewTable checks that NewTable appends the block, does not change the existing text, and
// changes nothing the second time.
func TestNewTable(t *testing.T) {
	t.Parallel()
	got, err := schema.NewTable("schema.hcl", []byte(users), "tags", tagFields)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != users+tags {
		t.Errorf("got\n%s", got)
	}
	again, err := schema.NewTable("schema.hcl", got, "tags", tagFields)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("again: %v\n%s", err, again)
	}
	_, err = schema.NewTable("schema.hcl", got, "tags", tagFields[:2])
	if err == nil || !strings.Contains(err.Error(), "table tags already exists in schema.hcl with other columns") {
		t.Errorf("with other columns: %v", err)
	}
	if _, err := schema.NewTable("schema.hcl", nil, "tags", tagFields[:1]); err != nil {
		t.Errorf("in an empty file: %v", err)
	}
}

// TestNewTableTypes checks that a field can have any type, with a default that both dialects
// accept.
func TestNewTableTypes(t *testing.T) {
	t.Parallel()
	fields := []string{"a:enum('Small','it','b c')=Small", "b:SET('x','y'):null=x,y", "c:json={\"a\":[1]}",
		"d:date=2026-01-31",
		"e:time(3)=12:30:00", "f:decimal(20,4)=1.5", "g:decimal(10,2) unsigned=2", "h:binary(4):null",
		"i:varbinary(20)=ab",
		"j:longblob", "k:bit(1)=0", "l:datetime(3):null", "m:bigint unsigned=7", "n:year=2026", "o:timestamp"}
	text, err := schema.NewTable("schema.hcl", []byte(users), "tags", fields)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`enum("Small","it","b c")`, `set("x","y")`, `decimal(20,4)`, `"{\"a\":[1]}"`} {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
	dbtest.Each(t, func(t *testing.T, url string) {
		dialect, _, _ := strings.Cut(url, "://")
		_, tables, _ := bytes.Cut(text, []byte("{}\n"))
		create(t, dbtest.Open(t, url), dialect, string(tables))
	})
	again, err := schema.NewTable("schema.hcl", text, "tags", fields)
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("again: %v\n%s", err, again)
	}
}

// TestNewTableRefused checks the error for each mistake, with its field.
func TestNewTableRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ table, field, want string }{
		{"2tags", "a:int", `invalid table name "2tags": use a letter, then letters, digits and _`},
		{"tags", "a", "a: a field must be NAME:TYPE or NAME:TABLE"},
		{"tags", "a b:int", "a b:int: a field must be NAME:TYPE"},
		{"tags", "a:nope", "a:nope: nope is neither a MySQL type nor a table in schema.hcl"},
		{"tags", "a:int) }", "is neither a MySQL type nor a table"},
		{"tags", "a:int:index", `unknown option "index": use unique or null`},
		{"tags", "id:int", "duplicate column id"},
		{"tags", "created_at:datetime", "duplicate column created_at"},
		{"tags", "a:int=x", `the default must be an integer, not "x"`},
		{"tags", "a:bool=1", `the default must be true or false, not "1"`},
		{"tags", "a:double=nan", `the default must be a number, not "nan"`},
		{"tags", "a:enum('x','y')=z", `the default must be one of x, y, not "z"`},
		{"tags", "a:set('x','y')=x,z", `the default must have only members of x, y, not "z"`},
		{"tags", "a:enum()", "is neither a MySQL type nor a table"},
		{"tags", "a:json={", `the default must be JSON, not "{"`},
		{"tags", "a:date=2026-02-30", `the default must have the form 2006-01-02, not "2026-02-30"`},
	} {
		_, err := schema.NewTable("schema.hcl", []byte(users), c.table, []string{c.field})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v; want %s", c.table, c.field, err, c.want)
		}
	}
	_, err := schema.NewTable("schema.hcl", []byte(users), "tags", []string{"a:int", "A:int"})
	if err == nil || !strings.Contains(err.Error(), "duplicate column A") {
		t.Errorf("a field twice: %v", err)
	}
}

// FuzzNewTable checks that any arguments result in an error or in a schema that is valid for both
// dialects.
func FuzzNewTable(f *testing.F) {
	f.Add("tags", "name:varchar(40):unique")
	f.Add("tags", `a:text=${x}"\`)
	f.Add("users", "user:users:null")
	f.Fuzz(func(t *testing.T, table, field string) {
		text, err := schema.NewTable("schema.hcl", []byte(users), table, []string{field})
		if err != nil {
			return
		}
		if _, err := schema.MySQL("schema.hcl", text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		if _, err := schema.SQLite("schema.hcl", text); err != nil && !strings.Contains(err.Error(), "no equivalent") {
			t.Errorf("%v\n%s", err, text)
		}
	})
}
