# A served column of each type, with and without NULL and a default.
schema "app" {
}

table "samples" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = int
    unsigned       = true
    auto_increment = true
  }
  column "flag" {
    type    = bool
    default = true
  }
  column "one" {
    type    = tinyint(1)
    null    = true
    default = sql("b'1'")
  }
  column "tiny" {
    type = tinyint
  }
  column "byte" {
    type     = tinyint
    unsigned = true
    default  = 255
  }
  column "small" {
    type    = smallint
    default = -1
  }
  column "medium" {
    type = mediumint
    null = true
  }
  column "plain" {
    type    = int
    default = sql("(7)")
  }
  column "big" {
    type    = bigint
    default = 1e3
  }
  column "count" {
    type     = bigint
    unsigned = true
  }
  column "founded" {
    type = year
    null = true
  }
  column "ratio" {
    type = float
  }
  column "wide" {
    type = float(53)
  }
  column "score" {
    type    = double
    default = 0.5
  }
  column "weight" {
    type     = double
    unsigned = true
    null     = true
  }
  column "price" {
    type    = decimal(10, 2)
    default = 1.50
  }
  column "level" {
    type     = numeric
    unsigned = true
  }
  column "money" {
    type     = decimal(20, 4)
    null     = true
  }
  column "share" {
    type     = decimal(30, 30)
    unsigned = true
    default  = sql("0.5")
  }
  column "kind" {
    type    = enum("new", "it's", "a,b", "Z")
    default = "new"
  }
  column "size" {
    type = enum("small", "large")
    null = true
  }
  column "tags" {
    type    = set("x", "y", "it's")
    default = "y,x"
  }
  column "days" {
    type = set("mon", "tue")
    null = true
  }
  column "data" {
    type = json
    null = true
  }
  column "options" {
    type    = json
    default = "{\"b\": 1, \"a\": [1.0]}"
  }
  column "list" {
    type    = json
    default = sql("(json_array())")
  }
  column "day" {
    type = date
    null = true
  }
  column "since" {
    type    = date
    default = "2020-02-29"
  }
  column "clock" {
    type = time(3)
    null = true
  }
  column "alarm" {
    type    = time
    default = "07:30:00"
  }
  column "digest" {
    type = binary(4)
    null = true
  }
  column "salt" {
    type    = binary(3)
    default = "a"
  }
  column "token" {
    type    = varbinary(5)
    default = sql("0x00ff")
  }
  column "icon" {
    type = tinyblob
    null = true
  }
  column "file" {
    type = longblob
    null = true
  }
  column "bit" {
    type    = bit(1)
    default = sql("b'0'")
  }
  column "mark" {
    type = bit
    null = true
  }
  column "code" {
    type = char(5)
    null = true
  }
  column "letter" {
    type    = char
    default = "x"
  }
  column "label" {
    type    = varchar(40)
    default = "it's; \"quoted\" \\ `so` … ü"
  }
  column "slash" {
    type    = varchar(40)
    default = "ends in a backslash \\"
  }
  column "sql" {
    type    = varchar(40)
    default = sql("'it''s'")
  }
  column "word" {
    type = tinytext
  }
  column "words" {
    type = text
    null = true
  }
  column "more" {
    type = mediumtext
  }
  column "all" {
    type    = longtext
    default = ""
  }
  column "due_at" {
    type = datetime
    null = true
  }
  column "begins_at" {
    type    = datetime(3)
    default = "2020-01-02 03:04:05.678"
  }
  column "seen_at" {
    type    = timestamp(6)
    default = sql("CURRENT_TIMESTAMP(6)")
  }
  column "touched_at" {
    type      = timestamp
    null      = true
    on_update = sql("CURRENT_TIMESTAMP")
  }
  column "changed_at" {
    type      = datetime(6)
    default   = sql("CURRENT_TIMESTAMP(6)")
    on_update = sql("CURRENT_TIMESTAMP(6)")
  }
  column "length" {
    type = int
    null = true
    as {
      expr = "char_length(`label`)"
      type = STORED
    }
  }
  column "total" {
    type = decimal(12, 3)
    null = true
    as {
      expr = "`price` * 2"
      type = STORED
    }
  }
  column "any_day" {
    type = date
    null = true
    as {
      expr = "coalesce(`day`, `since`)"
      type = STORED
    }
  }
  column "any_clock" {
    type = time(3)
    null = true
    as {
      expr = "coalesce(`clock`, `alarm`)"
      type = VIRTUAL
    }
  }
  column "any_size" {
    type = enum("small", "large")
    null = true
    as {
      expr = "coalesce(`size`, 'small')"
      type = STORED
    }
  }
  column "any_data" {
    type = json
    null = true
    as {
      expr = "coalesce(`data`, `options`)"
      type = STORED
    }
  }
  column "any_digest" {
    type = varbinary(5)
    null = true
    as {
      expr = "coalesce(`digest`, `token`)"
      type = VIRTUAL
    }
  }
  column "any_days" {
    type = set("mon", "tue")
    null = true
    as {
      expr = "coalesce(`days`, 'tue')"
      type = STORED
    }
  }
  column "is_big" {
    type = bool
    null = true
    as {
      expr = "`price` > 100"
      type = STORED
    }
  }
  column "lower" {
    type = varchar(80)
    null = true
    as {
      expr = "lower(`label`)"
      type = VIRTUAL
    }
  }
  column "created_at" {
    type = datetime(6)
  }
  column "updated_at" {
    type = datetime(6)
  }
  primary_key {
    columns = [column.id]
  }
  index "samples_code" {
    columns = [column.code]
    unique  = true
  }
  index "samples_label_slash" {
    columns = [column.label, column.slash]
    unique  = true
  }
  index "samples_slash" {
    columns = [column.slash]
    unique  = true
  }
  index "samples_words" {
    unique = true
    on {
      column = column.words
      prefix = 10
    }
  }
  index "samples_lower" {
    unique = true
    on {
      expr = "lower(`sql`)"
    }
  }
  index "samples_price" {
    columns = [column.price]
  }
  index "samples_money" {
    columns = [column.money]
    unique  = true
  }
  index "samples_digest" {
    columns = [column.digest]
    unique  = true
  }
  index "samples_clock" {
    columns = [column.clock]
    unique  = true
  }
}
