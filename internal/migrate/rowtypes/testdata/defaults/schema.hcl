# Defaults that are expressions.
schema "app" {
}

table "visits" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "name" {
    type = varchar(40)
  }
  column "day" {
    type    = date
    default = sql("(curdate())")
  }
  column "since" {
    type    = date
    null    = true
    default = sql("(current_date)")
  }
  column "clock" {
    type    = time(3)
    default = sql("(curtime(3))")
  }
  column "seen_at" {
    type    = datetime(6)
    default = sql("(now(6))")
  }
  column "left_at" {
    type    = datetime
    null    = true
    default = sql("CURRENT_TIMESTAMP")
  }
  column "token" {
    type    = char(36)
    default = sql("(uuid())")
  }
  column "label" {
    type    = varchar(20)
    default = sql("(concat('a', upper('b')))")
  }
  column "size" {
    type    = int
    null    = true
    default = sql("((1 + 2) * 3)")
  }
  column "price" {
    type    = decimal(20, 2)
    default = 1.5
  }
  primary_key {
    columns = [column.id]
  }
}

# The client chooses the key, so that PUT creates rows.
table "rooms" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "slug" {
    type = varchar(20)
  }
  column "built" {
    type    = date
    default = sql("(curdate())")
  }
  column "label" {
    type    = varchar(20)
    default = sql("(concat('a', 'b'))")
  }
  column "note" {
    type = varchar(20)
    null = true
  }
  primary_key {
    columns = [column.slug]
  }
}

# The database cannot compute a key, and a table without one finds its rows by their values.
table "logs" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "text" {
    type = varchar(20)
  }
  column "label" {
    type    = varchar(20)
    default = sql("(lower('AB'))")
  }
}

table "codes" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "code" {
    type    = varchar(20)
    default = sql("(concat('a', 'b'))")
  }
  primary_key {
    columns = [column.code]
  }
}

# The server generates the key, whatever the default is.
table "tokens" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type    = binary(16)
    default = sql("(concat('0123456789', 'abcdef'))")
  }
  column "name" {
    type = varchar(20)
  }
  primary_key {
    columns = [column.id]
  }
}
