# Every shape of a key, and every kind of relation between them.
schema "app" {
}

# A text that the client chooses.
table "tags" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "slug" {
    type = varchar(40)
  }
  column "label" {
    type = varchar(40)
    null = true
  }
  primary_key {
    columns = [column.slug]
  }
}

# A UUID that the server makes if the client does not.
table "devices" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type = char(36)
  }
  column "name" {
    type = varchar(40)
  }
  primary_key {
    columns = [column.id]
  }
  index "devices_name" {
    columns = [column.name]
    unique  = true
  }
}

# Two columns, one of them a time.
table "readings" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "device_id" {
    type = char(36)
  }
  column "at" {
    type = datetime(6)
  }
  column "value" {
    type    = double
    default = 0
  }
  primary_key {
    columns = [column.device_id, column.at]
  }
  foreign_key "readings_device_id" {
    columns     = [column.device_id]
    ref_columns = [table.devices.column.id]
    on_delete   = CASCADE
  }
}

# Integers that the client chooses.
table "counters" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "number" {
    type = int
  }
  column "total" {
    type    = bigint
    default = 0
  }
  primary_key {
    columns = [column.number]
  }
}

# Truth, a number, and a year.
table "flags" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "on" {
    type = bool
  }
  column "ratio" {
    type = double
  }
  column "founded" {
    type = year
  }
  column "note" {
    type    = varchar(40)
    default = ""
  }
  primary_key {
    columns = [column.on, column.ratio, column.founded]
  }
}

table "films" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "title" {
    type = varchar(40)
  }
  column "sequel_of_id" {
    type = bigint
    null = true
  }
  column "created_at" {
    type = datetime(6)
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "films_sequel_of_id" {
    columns     = [column.sequel_of_id]
    ref_columns = [table.films.column.id]
    on_delete   = SET_NULL
  }
}

table "actors" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = int
    unsigned       = true
    auto_increment = true
  }
  column "name" {
    type = varchar(40)
  }
  column "tag" {
    type = varchar(40)
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "actors_tag" {
    columns     = [column.tag]
    ref_columns = [table.tags.column.slug]
    on_delete   = RESTRICT
  }
}

# A link between films and actors. Its key has another order than its columns.
table "film_actor" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "actor_id" {
    type     = int
    unsigned = true
  }
  column "role" {
    type    = varchar(40)
    default = "extra"
  }
  column "film_id" {
    type = bigint
  }
  primary_key {
    columns = [column.film_id, column.actor_id]
  }
  foreign_key "film_actor_film_id" {
    columns     = [column.film_id]
    ref_columns = [table.films.column.id]
    on_delete   = CASCADE
  }
  foreign_key "film_actor_actor_id" {
    columns     = [column.actor_id]
    ref_columns = [table.actors.column.id]
    on_delete   = CASCADE
  }
}

# A link between rows whose keys are texts.
table "device_tag" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "device" {
    type = char(36)
  }
  column "tag" {
    type = varchar(40)
  }
  primary_key {
    columns = [column.device, column.tag]
  }
  foreign_key "device_tag_device" {
    columns     = [column.device]
    ref_columns = [table.devices.column.id]
    on_delete   = CASCADE
  }
  foreign_key "device_tag_tag" {
    columns     = [column.tag]
    ref_columns = [table.tags.column.slug]
    on_delete   = CASCADE
  }
}

# A link between actors.
table "follows" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "follower_id" {
    type     = int
    unsigned = true
  }
  column "followee_id" {
    type     = int
    unsigned = true
  }
  primary_key {
    columns = [column.follower_id, column.followee_id]
  }
  foreign_key "follows_follower_id" {
    columns     = [column.follower_id]
    ref_columns = [table.actors.column.id]
    on_delete   = CASCADE
  }
  foreign_key "follows_followee_id" {
    columns     = [column.followee_id]
    ref_columns = [table.actors.column.id]
    on_delete   = CASCADE
  }
}

# One row for each film.
table "posters" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "film_id" {
    type = bigint
  }
  column "url" {
    type = varchar(200)
  }
  primary_key {
    columns = [column.film_id]
  }
  foreign_key "posters_film_id" {
    columns     = [column.film_id]
    ref_columns = [table.films.column.id]
    on_delete   = CASCADE
  }
}

table "lines" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "order_no" {
    type = varchar(20)
  }
  column "line_no" {
    type = smallint
  }
  column "item" {
    type = varchar(40)
  }
  column "code" {
    type = varchar(10)
    null = true
  }
  primary_key {
    columns = [column.order_no, column.line_no]
  }
  index "lines_item" {
    columns = [column.order_no, column.item]
    unique  = true
  }
  index "lines_code" {
    columns = [column.code]
    unique  = true
  }
}

# A foreign key of two columns, which can be NULL, and one that references a unique column.
table "parcels" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "order_no" {
    type = varchar(20)
    null = true
  }
  column "line_no" {
    type = smallint
    null = true
  }
  column "code" {
    type = varchar(10)
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "parcels_line" {
    columns     = [column.order_no, column.line_no]
    ref_columns = [table.lines.column.order_no, table.lines.column.line_no]
    on_delete   = SET_NULL
  }
  foreign_key "parcels_code" {
    columns     = [column.code]
    ref_columns = [table.lines.column.code]
    on_delete   = SET_NULL
  }
}

# No key.
table "events" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "name" {
    type = varchar(40)
  }
  column "size" {
    type = int
    null = true
  }
  column "film_id" {
    type = bigint
    null = true
  }
  foreign_key "events_film_id" {
    columns     = [column.film_id]
    ref_columns = [table.films.column.id]
    on_delete   = CASCADE
  }
}

# No key, although a column is called id, and a generated column.
table "keyless" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type = bigint
  }
  column "word" {
    type = varchar(20)
  }
  column "length" {
    type = int
    null = true
    as {
      expr = "char_length(word)"
      type = VIRTUAL
    }
  }
}

table "idempotency_keys" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"

  # A hash of the caller and the key, so that a key may contain any text.
  column "id" {
    type = varchar(64)
    null = false
  }
  # A hash of the request, to detect another request with the same key.
  column "request" {
    type = varchar(64)
    null = false
  }
  # A random id of the request that is being processed.
  column "owner" {
    type = varchar(32)
    null = false
  }
  # The response body; NULL while the request is being processed.
  column "answer" {
    type = longtext
    null = true
  }
  column "location" {
    type = varchar(255)
    null = false
  }
  column "created_at" {
    type = datetime(6)
    null = false
  }

  primary_key {
    columns = [column.id]
  }
  index "idempotency_keys_created_at" {
    columns = [column.created_at]
  }
}
