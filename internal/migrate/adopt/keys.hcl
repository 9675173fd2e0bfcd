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
