# Tables and columns that are not served, for each reason.
schema "app" {
}

table "things" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "name" {
    type = varchar(20)
  }
  column "kind" {
    type    = enum("a", "b")
    default = "a"
  }
  column "tags" {
    type = set("x", "y")
    null = true
  }
  column "data" {
    type = json
    null = true
  }
  column "day" {
    type = date
    null = true
  }
  column "clock" {
    type = time(3)
    null = true
  }
  column "key" {
    type = binary(16)
    null = true
  }
  column "file" {
    type = longblob
    null = true
  }
  column "bits" {
    type = bit(8)
    null = true
  }
  column "money" {
    type    = decimal(20, 4)
    default = 0
  }
  column "place" {
    type = point
    null = true
  }
  column "a,b" {
    type = int
    null = true
  }
  column "a.b" {
    type = int
    null = true
  }
  column "shape" {
    type = json
    null = true
    as {
      expr = "json_object()"
      type = STORED
    }
  }
  column "token" {
    type    = char(36)
    default = sql("(uuid())")
  }
  column "nick" {
    type    = varchar(36)
    null    = true
    default = sql("(uuid())")
  }
  column "since" {
    type    = datetime
    default = "0000-00-00 00:00:00"
  }
  column "huge" {
    type     = bigint
    unsigned = true
    default  = 18446744073709551615
  }
  primary_key {
    columns = [column.id]
  }
  index "things_kind_name" {
    columns = [column.kind, column.name]
    unique  = true
  }
}

table "sealed" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "kind" {
    type = enum("a", "b")
  }
  primary_key {
    columns = [column.id]
  }
}

# MySQL accepts no default for a json column, and the server writes none.
table "documents" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "body" {
    type    = json
    default = "{}"
  }
  primary_key {
    columns = [column.id]
  }
}

table "codes" {
  schema = schema.app
  column "code" {
    type = char(2)
  }
  primary_key {
    columns = [column.code]
  }
}

table "pairs" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "other" {
    type = bigint
  }
  primary_key {
    columns = [column.id, column.other]
  }
}

table "counters" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  primary_key {
    columns = [column.id]
  }
}

table "keyless" {
  schema = schema.app
  column "id" {
    type = bigint
  }
}

table "a/b" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  primary_key {
    columns = [column.id]
  }
}

table "idempotency_keys" {
  schema = schema.app
  column "id" {
    type = varchar(64)
  }
  primary_key {
    columns = [column.id]
  }
}
