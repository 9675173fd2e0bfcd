# The tables of this application. A column is declared here and nowhere else for the database; the migrations in
# migrations/ are planned from this file:
#
#   go run ./local db migrate -m "add bio to users"    writes the SQL, up and down, for SQLite and for MySQL
#   go run ./local db upgrade                          applies it
#
# Types and expressions are MySQL's (atlasgo.io/atlas-schema/hcl). SQLite gets the same tables: what MySQL enforces by a
# column's type, a CHECK named table_column_type enforces there.
#
# Rules that keep migrations reviewable and reversible:
#   - Every index and foreign key has a name: table_column, and error messages show it.
#   - A column that is added to a table with rows is nullable or has a default.
#   - Text compares by code point on both dialects: every table states charset and collate (SQLite does so by itself).

variable "db" {
  type        = string
  default     = "main"
  description = "the database's name, as the server knows it; always main on SQLite"
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
  # Lists are newest first unless a request says otherwise, and rows of one instant follow their id.
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
  # Deleting a user deletes that user's posts.
  foreign_key "posts_user_id" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_update   = NO_ACTION
    on_delete   = CASCADE
  }
  # For the foreign key, and for all posts by user.
  index "posts_user_id" {
    columns = [column.user_id]
  }
  # For one user's posts, newest first.
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

# The answers to requests with an Idempotency-Key, kept for a day. The application writes it in the transaction of the
# rows, and sweeps it itself; it is not served.
table "idempotency_keys" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"

  # The hash of the key, so that a key may be any text.
  column "id" {
    type = varchar(64)
    null = false
  }
  # The hash of the request that came with it.
  column "request" {
    type = varchar(64)
    null = false
  }
  # Who is at work on it.
  column "owner" {
    type = varchar(32)
    null = false
  }
  # The answer; NULL while the work is under way.
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
