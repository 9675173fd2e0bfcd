package schema_test

import (
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/dbtest"
	"slipway/internal/migrate/schema"
)

// shop has what a schema in MySQL's terms can have beside columns.
const shop = `
variable "db" {
  type    = string
  default = "main"
}
schema "app" { name = var.db }
table "items" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  comment = "what is sold"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "name" { type = varchar(80) }
  column "text" {
    type    = longtext
    default = "none"
  }
  column "price" {
    type    = decimal(10,2)
    default = 1.5
  }
  column "on" {
    type    = bool
    default = true
  }
  column "kind" {
    type    = enum("it's", "b")
    default = "b"
  }
  column "made" {
    type    = datetime(6)
    default = sql("CURRENT_TIMESTAMP(6)")
  }
  column "seen" {
    type      = timestamp
    null      = true
    default   = sql("CURRENT_TIMESTAMP")
    on_update = sql("CURRENT_TIMESTAMP")
  }
  column "level" {
    type    = int
    default = sql("(-1)")
  }
  column "label" {
    type = varchar(20)
    default = sql("('it''s')")
  }
  column "double" {
    type = decimal(12,2)
    null = true
    as {
      expr = "price * 2"
      type = STORED
    }
  }
  column "parent" {
    type = bigint
    null = true
  }
  primary_key { columns = [column.id] }
  foreign_key "items_parent" {
    columns     = [column.parent]
    ref_columns = [column.id]
    on_delete   = SET_NULL
  }
  index "name" {
    columns = [column.name]
    unique  = true
  }
  index "items_made" {
    on {
      column = column.made
      desc   = true
    }
    on { column = column.id }
  }
  index "text_prefix" {
    on {
      column = column.text
      prefix = 10
    }
  }
  index "label_prefix" {
    unique = true
    on {
      column = column.label
      prefix = 4
    }
  }
  index "lowered" {
    on { expr = "(lower(name))" }
  }
  index "words" {
    type    = FULLTEXT
    columns = [column.text]
  }
  check "items_price" { expr = "price >= 0" }
}
table "parts" {
  schema = schema.app
  column "place" { type = int }
  column "item_id" { type = bigint }
  primary_key { columns = [column.item_id, column.place] }
  foreign_key "parts_item_id" {
    columns     = [column.item_id]
    ref_columns = [table.items.column.id]
    on_update   = CASCADE
    on_delete   = CASCADE
  }
  index "name" { columns = [column.place] }
}
`

// TestTranslation: the tables in MySQL's terms are, on SQLite, the ones below, and a
// live database that has them does not differ from what is declared.
func TestTranslation(t *testing.T) {
	t.Parallel()
	declared, err := schema.SQLite("schema.hcl", []byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	var changes []atlas.Change
	for _, table := range declared.Tables {
		changes = append(changes, &atlas.AddTable{T: table})
	}
	plan, err := sqlite.DefaultPlan.PlanChanges(t.Context(), "", changes, func(o *migrate.PlanOptions) { o.Indent = "  " })
	if err != nil {
		t.Fatal(err)
	}
	db := dbtest.Open(t, dbtest.SQLite(t))
	var statements strings.Builder
	for _, c := range plan.Changes {
		statements.WriteString(c.Cmd + ";\n")
		if _, err := db.ExecContext(t.Context(), c.Cmd); err != nil {
			t.Fatalf("%v\n%s", err, c.Cmd)
		}
	}
	if got := statements.String(); got != shopOnSQLite {
		t.Errorf("got\n%s", got)
	}
	driver, err := sqlite.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	live, err := driver.InspectSchema(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	found, err := driver.SchemaDiff(live, declared, atlas.DiffNormalized())
	if err != nil || len(found) > 0 {
		t.Errorf("the live database differs: %d changes, %v", len(found), err)
		for _, c := range found {
			if m, ok := c.(*atlas.ModifyTable); ok {
				for _, c := range m.Changes {
					t.Errorf("%s: %T %+v", m.T.Name, c, c)
				}
			}
		}
	}
}

const shopOnSQLite = "" +
	"CREATE TABLE `items` (\n" +
	"  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,\n" +
	"  `name` text NOT NULL,\n" +
	"  `text` text NOT NULL DEFAULT 'none',\n" +
	"  `price` numeric NOT NULL DEFAULT 1.5,\n" +
	"  `on` bool NOT NULL DEFAULT true,\n" +
	"  `kind` text NOT NULL DEFAULT 'b',\n" +
	"  `made` datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),\n" +
	"  `seen` datetime NULL DEFAULT (CURRENT_TIMESTAMP),\n" +
	"  `level` integer NOT NULL DEFAULT -1,\n" +
	"  `label` text NOT NULL DEFAULT 'it''s',\n" +
	"  `double` numeric NULL AS (`price` * 2) STORED,\n" +
	"  `parent` integer NULL,\n" +
	"  CONSTRAINT `items_parent` FOREIGN KEY (`parent`) REFERENCES `items` (`id`) ON DELETE SET NULL,\n" +
	"  CONSTRAINT `items_name_type` CHECK (typeof(`name`) IN ('text', 'null') AND length(`name`) <= 80),\n" +
	"  CONSTRAINT `items_text_type` CHECK (typeof(`text`) IN ('text', 'null')),\n" +
	"  CONSTRAINT `items_price_type` CHECK (typeof(`price`) IN ('integer', 'real', 'null') AND abs(`price`) < 1e8 AND round(`price`, 2) = `price`),\n" +
	"  CONSTRAINT `items_on_type` CHECK (`on` IN (0, 1)),\n" +
	"  CONSTRAINT `items_kind_type` CHECK (`kind` IN ('it''s', 'b')),\n" +
	"  CONSTRAINT `items_made_type` CHECK (datetime(substr(`made`, 1, 19)) IS substr(`made`, 1, 19) AND ltrim(substr(`made`, 20), '.0123456789') IN ('', '+00:00')),\n" +
	"  CONSTRAINT `items_seen_type` CHECK (datetime(substr(`seen`, 1, 19)) IS substr(`seen`, 1, 19) AND ltrim(substr(`seen`, 20), '.0123456789') IN ('', '+00:00') AND substr(`seen`, 1, 19) BETWEEN '1970-01-01 00:00:01' AND '2038-01-19 03:14:07'),\n" +
	"  CONSTRAINT `items_level_type` CHECK (typeof(`level`) IN ('integer', 'null') AND `level` BETWEEN -2147483648 AND 2147483647),\n" +
	"  CONSTRAINT `items_label_type` CHECK (typeof(`label`) IN ('text', 'null') AND length(`label`) <= 20),\n" +
	"  CONSTRAINT `items_double_type` CHECK (typeof(`double`) IN ('integer', 'real', 'null') AND abs(`double`) < 1e10 AND round(`double`, 2) = `double`),\n" +
	"  CONSTRAINT `items_parent_type` CHECK (typeof(`parent`) IN ('integer', 'null')),\n" +
	"  CONSTRAINT `items_price` CHECK (`price` >= 0)\n" +
	");\n" +
	"CREATE UNIQUE INDEX `items_name` ON `items` (`name`);\n" +
	"CREATE INDEX `items_made` ON `items` (`made` DESC, `id`);\n" +
	"CREATE INDEX `items_text_prefix` ON `items` (`text`);\n" +
	"CREATE UNIQUE INDEX `items_label_prefix` ON `items` ((substr(`label`, 1, 4)));\n" +
	"CREATE INDEX `items_lowered` ON `items` ((lower(`name`)));\n" +
	"CREATE TABLE `parts` (\n" +
	"  `place` integer NOT NULL,\n" +
	"  `item_id` integer NOT NULL,\n" +
	"  PRIMARY KEY (`place`, `item_id`),\n" +
	"  CONSTRAINT `parts_item_id` FOREIGN KEY (`item_id`) REFERENCES `items` (`id`) ON UPDATE CASCADE ON DELETE CASCADE,\n" +
	"  CONSTRAINT `parts_place_type` CHECK (typeof(`place`) IN ('integer', 'null') AND `place` BETWEEN -2147483648 AND 2147483647),\n" +
	"  CONSTRAINT `parts_item_id_type` CHECK (typeof(`item_id`) IN ('integer', 'null'))\n" +
	");\n" +
	"CREATE INDEX `parts_name` ON `parts` (`place`);\n"
