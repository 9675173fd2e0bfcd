# The tables of this application. This file is the only place that declares columns. The files in migrations/ are planned
# from it:
#
#   go run ./local db migrate -m "add bio to users"    writes the SQL, up and down, for SQLite and for MySQL
#   go run ./local db upgrade                          applies it
#
# Types and expressions are those of MySQL (atlasgo.io/atlas-schema/hcl). SQLite gets the same tables, with a CHECK named
# table_column_type for each limit that MySQL enforces by type.
#
# Rules that keep migrations reviewable and reversible:
#   - Give every index and foreign key a name, table_column. Error messages show it.
#   - A column that you add to a table with rows must be nullable or have a default.
#   - Set charset and collate for every table, so that MySQL compares text by code point, as SQLite does.

variable "db" {
  type        = string
  default     = "main"
  description = "the name of the database on the server; always main on SQLite"
}

schema "app" {
  name = var.db
}

table "users" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"

  column "id" {
    type           = bigint
    null           = false
    auto_increment = true
  }
  column "username" {
    type = varchar(80)
    null = false
  }
  column "email" {
    type = varchar(120)
    null = false
  }
  column "bio" {
    type = longtext
    null = true
  }
  column "is_active" {
    type    = bool
    null    = false
    default = true
  }
  column "score" {
    type    = double
    null    = false
    default = 0
  }
  column "created_at" {
    type = datetime(6)
    null = false
  }
  column "updated_at" {
    type = datetime(6)
    null = false
  }

  primary_key {
    columns = [column.id]
  }
  index "users_username" {
    columns = [column.username]
    unique  = true
  }
  index "users_email" {
    columns = [column.email]
    unique  = true
  }
  # The default order of lists: newest first, then by id.
  index "users_created_at" {
    columns = [column.created_at, column.id]
  }
}

table "posts" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"

  column "id" {
    type           = bigint
    null           = false
    auto_increment = true
  }
  column "title" {
    type = varchar(200)
    null = false
  }
  column "body" {
    type = longtext
    null = true
  }
  column "user_id" {
    type = bigint
    null = false
  }
  column "created_at" {
    type = datetime(6)
    null = false
  }
  column "updated_at" {
    type = datetime(6)
    null = false
  }

  primary_key {
    columns = [column.id]
  }
  # Deleting a user also deletes the posts of that user.
  foreign_key "posts_user_id" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_update   = NO_ACTION
    on_delete   = CASCADE
  }
  # For the foreign key, and for lists of posts by user.
  index "posts_user_id" {
    columns = [column.user_id]
  }
  # For the posts of one user, newest first.
  index "posts_user_id_created_at" {
    columns = [column.user_id, column.created_at, column.id]
  }
  index "posts_created_at" {
    columns = [column.created_at, column.id]
  }
}

table "notes" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"

  column "id" {
    type           = bigint
    null           = false
    auto_increment = true
  }
  column "title" {
    type = varchar(200)
    null = false
  }
  column "content" {
    type    = longtext
    null    = false
    default = ""
  }
  column "created_at" {
    type = datetime(6)
    null = false
  }
  column "updated_at" {
    type = datetime(6)
    null = false
  }

  primary_key {
    columns = [column.id]
  }
  index "notes_created_at" {
    columns = [column.created_at, column.id]
  }
}

# The responses to requests with an Idempotency-Key, kept for 24 hours. The application writes them in the transaction of
# the rows and deletes them when they expire. The API does not serve this table.
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
