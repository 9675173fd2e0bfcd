package plan

import (
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
)

// TestReferences: db migrate refuses a foreign key that MySQL refuses, and a type to which no
// value can be converted.
func TestReferences(t *testing.T) {
	t.Parallel()
	const before = migratetest.Preamble + `
table "p" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_bin"
  column "id" { type = bigint }
  column "code" { type = varchar(20) }
  primary_key { columns = [column.id] }
  index "p_code" {
    columns = [column.code]
    unique  = true
  }
}
table "c" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_bin"
  column "id" { type = bigint }
  column "a" {
    type = bigint
    null = true
  }
  column "b" { type = int }
  column "code" { type = varchar(100) }
  column "at" { type = datetime }
  primary_key { columns = [column.id] }
  foreign_key "c_code" {
    columns     = [column.code]
    ref_columns = [table.p.column.code]
  }
REST
}
`
	key := func(column, action string) string {
		return "  foreign_key \"f\" {\n    columns = [column." + column + "]\n    ref_columns = [table.p.column.id]\n" +
			action + "  }"
	}
	const (
		setNull = "    on_delete = SET_NULL\n"
		cascade = "    on_update = CASCADE\n"
		check   = "\n  check \"k\" { expr = \"a > 0\" }"
		stored  = "\n  column \"g\" {\n    type = bigint\n    null = true\n    as {\n" +
			"      expr = \"a + 1\"\n      type = STORED\n    }\n  }"
		needless = "\n  index \"f_a\" { columns = [column.a] }"
	)
	for _, c := range []struct{ old, now, want string }{
		{"REST", key("a", setNull), ""},
		{"REST", key("a", "    on_delete = CASCADE\n") + check, ""},
		{"REST", key("a", setNull) + strings.ReplaceAll(stored, "STORED", "VIRTUAL"), ""},
		{"REST", key("a", "") + stored + needless, ""},
		{"REST", key("b", ""), `schema.hcl:24:3: table "c": foreign_key "f": the column "b" (int) refers to p.id (bigint)`},
		{"REST", key("at", ""), `the column "at" (datetime) refers to p.id (bigint)`},
		{"REST", key("a", "    on_delete = SET_DEFAULT\n"), "MySQL has no SET DEFAULT"},
		{"REST", strings.ReplaceAll(key("a", ""), "table.p.column.id", "table.c.column.b"),
			`schema.hcl:32:3: table "c": foreign_key "f": c (b) is neither the primary key nor a unique index`},
		{"REST", key("a", setNull) + check,
			`MySQL allows no CHECK on a column that an action can change: remove the check "k"`},
		{"REST", key("a", cascade) + check, "MySQL allows no CHECK"},
		{"REST", key("a", setNull) + stored, `of which the stored column "g" is generated: make that VIRTUAL`},
		{"REST", key("g", "") + strings.ReplaceAll(stored, "STORED", "VIRTUAL"),
			`the column "g" is generated: make it STORED`},
		{"REST", key("g", setNull) + stored, `the column "g" is generated, so an action cannot change it`},
		{"    null = true\n  }\n  column \"b\"", "  }\n" + key("a", setNull) + "\n  column \"b\"",
			"SET NULL needs a column that can be NULL"},
		{"varchar(100)", "longtext", `foreign_key "c_code": its index: MySQL can index only a prefix of the column "code"`},
		{`collate = "utf8mb4_bin"`, `collate = "utf8mb4_0900_bin"`, "MySQL needs the same type, sign and collation"},
		{"    unique  = true\n", "", `the foreign key "c_code" of table "c" needs the unique key of its columns`},
		{"REST", key("a", "") + "\n" + strings.Replace(key("a", ""), `"f"`, `"f2"`, 1),
			"share the index that MySQL creates for one of them: declare an index"},
		{"type = datetime", "type = int",
			`schema.hcl:26:3: table "c": column "at": no conversion from datetime to int works on both databases`},
		{"type = datetime", "type = time", "no conversion from datetime to time"},
		{"type = datetime", "type = json", "no conversion from datetime to json"},
		{"type = datetime", "type = date", ""},
		{"type = datetime", "type = varchar(40)", ""},
		{"type = int", "type = year", ""},
		{"type = int", "type = decimal(10,2)", ""},
		{"type = int", "type = binary(4)", "no conversion from int to binary"},
	} {
		root := migratetest.Project(t, strings.Replace(before, "REST", "", 1))
		if _, err := Generate(t.Context(), root, Options{Message: "first"}, migratetest.Noon); err != nil {
			t.Fatal(err)
		}
		tree := migratetest.Tree(t, root)
		migratetest.Write(t, root, SchemaFile, strings.Replace(strings.Replace(before, c.old, c.now, 1), "REST", "", 1))
		_, err := Generate(t.Context(), root, Options{Message: "second"}, migratetest.Noon)
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.now, err, c.want)
		}
		if err != nil && migratetest.Tree(t, root) != tree {
			t.Errorf("%s: the refusal wrote files", c.now)
		}
	}
}
