package plan

import (
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/migratetest"
)

// TestLimits: db migrate refuses what MySQL refuses, and names the place in schema.hcl.
func TestLimits(t *testing.T) {
	t.Parallel()
	const before = migratetest.Preamble + `
table "p" {
  schema  = schema.app
  charset = "utf8mb4"
  column "id" {
    type = bigint
  }
  column "a" {
    type = varchar(80)
    null = true
  }
  column "p_id" {
    type = bigint
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "p_p_id" {
    columns     = [column.p_id]
    ref_columns = [column.id]
  }
  index "p_p_id" {
    columns = [column.p_id]
  }
}
`
	const index = "  index \"p_a\" {\n    columns = [column.a]\n  }\n  primary_key {"
	for _, c := range []struct{ old, now, want string }{
		{`column "a"`, `column "` + strings.Repeat("ä", 65) + `"`, "has 65 characters: MySQL allows 64"},
		{"  primary_key {", index, ""},
		{"    type = varchar(80)\n    null = true\n  }\n", "    type = varchar(800)\n    null = true\n  }\n" +
			strings.TrimSuffix(index, "  primary_key {"),
			`schema.hcl:13:3: table "p": index "p_a": its columns have up to 3200 bytes`},
		{"    type = varchar(80)\n    null = true\n  }\n", "    type = longtext\n    null = true\n  }\n" +
			strings.TrimSuffix(index, "  primary_key {"), `index "p_a": MySQL can index only a prefix of the column "a"`},
		{"  primary_key {", "  index \"p_a\" {\n    on {\n      column = column.a\n      prefix = 81\n" +
			"    }\n  }\n  primary_key {",
			`index "p_a": a prefix of 81 needs a text or a binary column that is longer`},
		{"  primary_key {", "  column \"u\" {\n    type = varchar(36)\n    default = sql(\"(uuid())\")\n  }\n" +
			"  primary_key {",
			`table "p": column "u": MySQL adds no column with the random default (uuid()) to a table`},
		{"    columns = [column.p_id]\n  }\n}", "    columns = [column.p_id]\n    where = \"id > 1\"\n  }\n}",
			"MySQL has no index for some rows only: remove where"},
		{"  primary_key {", "  check \"c\" {\n    expr = \"id > 1\"\n    enforced = false\n  }\n  primary_key {",
			`check "c": enforced = false is not supported`},
	} {
		root := migratetest.Project(t, before)
		if _, err := Generate(t.Context(), root, Options{Message: "first"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		after := strings.Replace(before, c.old, c.now, 1)
		if after == before {
			t.Fatalf("%q is not in the file", c.old)
		}
		migratetest.Write(t, root, SchemaFile, after)
		_, err := Generate(t.Context(), root, Options{Message: "second", Drops: drop(c.now)}, time.Now())
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.now, err, c.want)
		}
	}
}

// drop allows a column with another name to take the place of a.
func drop(text string) []string {
	if strings.HasPrefix(text, `column "ä`) {
		return []string{"p.a"}
	}
	return nil
}
