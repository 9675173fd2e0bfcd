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
  column "bits" {
    type = bit(8)
    null = true
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
  column "mask" {
    type    = bit(4)
    default = sql("b'101'")
  }
  column "shape" {
    type = polygon
    null = true
    as {
      expr = "st_buffer(`place`, 1)"
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
  index "things_mask_name" {
    columns = [column.mask, column.name]
    unique  = true
  }
}

table "sealed" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "place" {
    type = point
  }
  column "bits" {
    type = bit(8)
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
