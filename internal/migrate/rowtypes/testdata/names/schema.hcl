# Names that are not valid in Go, and names that become equal.
schema "app" {
}

table "tables" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "rules" {
    type = int
  }
  column "table_name" {
    type = int
  }
  column "user_name" {
    type = int
  }
  column "userName" {
    type = int
  }
  column "user-name" {
    type = int
  }
  column "2fa" {
    type = bool
  }
  column "größe" {
    type = int
  }
  column "名前" {
    type = varchar(20)
  }
  column "a/b" {
    type = int
  }
  column "$" {
    type = int
  }
  column "type" {
    type = int
  }
  column "first name" {
    type = varchar(20)
  }
  column "semi;colon" {
    type = varchar(20)
  }
  column "UpdatedAt" {
    type = datetime(3)
  }
  column "apiURL" {
    type = varchar(20)
  }
  column "HTTPPort" {
    type = int
  }
  column "user_ids" {
    type = varchar(20)
  }
  column "SHOUTED_NAME" {
    type = int
  }
  primary_key {
    columns = [column.id]
  }
}

table "table" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "tables_id" {
    type = bigint
  }
  column "table_" {
    type = bigint
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "table_tables" {
    columns     = [column.tables_id]
    ref_columns = [table.tables.column.id]
  }
  foreign_key "it's, a; \"name\"" {
    columns     = [column.table_]
    ref_columns = [table.table.column.id]
  }
}

table "_table" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "news_id" {
    type = bigint
  }
  column "a/b :c_id" {
    type = bigint
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "_table_news_id" {
    columns     = [column.news_id]
    ref_columns = [table.news.column.id]
  }
  foreign_key "_table_abc_id" {
    columns     = [column["a/b :c_id"]]
    ref_columns = [table.news.column.id]
  }
}

table "2024_sales" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  primary_key {
    columns = [column.id]
  }
}

table "order_statuses" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  primary_key {
    columns = [column.id]
  }
}

table "news" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  primary_key {
    columns = [column.id]
  }
}

table "order lines" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "news_id" {
    type = bigint
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "order_lines_news" {
    columns     = [column.news_id]
    ref_columns = [table.news.column.id]
  }
}

table "order links" {
  schema = schema.app
  column "line_id" {
    type = bigint
  }
  column "news_id" {
    type = bigint
  }
  primary_key {
    columns = [column.line_id, column.news_id]
  }
  foreign_key "order_links_line" {
    columns     = [column.line_id]
    ref_columns = [table["order lines"].column.id]
  }
  foreign_key "order_links_news" {
    columns     = [column.news_id]
    ref_columns = [table.news.column.id]
  }
}
