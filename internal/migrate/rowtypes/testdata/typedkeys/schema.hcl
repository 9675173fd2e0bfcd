# Keys of types that are not text or integers, and foreign keys to them.
schema "app" {
}

table "assets" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type = binary(16)
  }
  column "name" {
    type = varchar(40)
  }
  primary_key {
    columns = [column.id]
  }
}

table "files" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "asset_id" {
    type = binary(16)
  }
  column "copy_of" {
    type = binary(16)
    null = true
  }
  column "hash" {
    type = binary(16)
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "files_asset" {
    columns     = [column.asset_id]
    ref_columns = [table.assets.column.id]
    on_delete   = CASCADE
  }
  foreign_key "files_copy" {
    columns     = [column.copy_of]
    ref_columns = [table.assets.column.id]
    on_delete   = CASCADE
  }
}

table "prices" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "amount" {
    type = decimal(10, 2)
  }
  column "note" {
    type = varchar(40)
    null = true
  }
  primary_key {
    columns = [column.amount]
  }
}

# A decimal that SQLite stores as a text.
table "balances" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "total" {
    type = decimal(30, 10)
  }
  column "note" {
    type = varchar(40)
    null = true
  }
  primary_key {
    columns = [column.total]
  }
}

table "shifts" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "day" {
    type = date
  }
  column "kind" {
    type = enum("late", "early", "a,b")
  }
  column "starts" {
    type = time(1)
  }
  column "note" {
    type = varchar(40)
    null = true
  }
  primary_key {
    columns = [column.day, column.kind, column.starts]
  }
}

table "counts" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "n" {
    type     = bigint
    unsigned = true
  }
  column "note" {
    type = varchar(40)
    null = true
  }
  primary_key {
    columns = [column.n]
  }
}

table "hashes" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "digest" {
    type = varbinary(20)
  }
  column "note" {
    type = varchar(40)
    null = true
  }
  primary_key {
    columns = [column.digest]
  }
}
