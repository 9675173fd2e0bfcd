# All features of a schema except the column types.
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
