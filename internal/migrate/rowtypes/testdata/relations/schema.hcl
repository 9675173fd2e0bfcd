# All kinds of foreign keys: several to one table, to the same table, with various names, and
# foreign keys that are not relations.
schema "app" {
}

table "people" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "number" {
    type = int
  }
  # This column has the name of the relation from tasks.
  column "tasks" {
    type = int
  }
  primary_key {
    columns = [column.id]
  }
  index "people_number" {
    columns = [column.number]
    unique  = true
  }
}

table "workers" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "boss_id" {
    type = bigint
    null = true
  }
  column "workers" {
    type = int
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "workers_boss_id" {
    columns     = [column.boss_id]
    ref_columns = [table.workers.column.id]
    on_delete   = SET_NULL
  }
}

table "tasks" {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  # The first column with a foreign key, although its foreign key is not the first one.
  column "author_id" {
    type = bigint
  }
  column "editorId" {
    type = bigint
    null = true
  }
  column "checkerID" {
    type = bigint
  }
  column "owner" {
    type = bigint
  }
  column "_id" {
    type = bigint
  }
  # The relation of reader_id has the name of a column.
  column "reader" {
    type = int
  }
  column "reader_id" {
    type = bigint
  }
  column "number" {
    type = int
  }
  column "parent_id" {
    type = bigint
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "tasks_parent" {
    columns     = [column.parent_id]
    ref_columns = [table.tasks.column.id]
    on_delete   = CASCADE
  }
  foreign_key "tasks_reader" {
    columns     = [column.reader_id]
    ref_columns = [table.people.column.id]
  }
  foreign_key "tasks_editor" {
    columns     = [column.editorId]
    ref_columns = [table.people.column.id]
    on_delete   = RESTRICT
  }
  foreign_key "tasks_author" {
    columns     = [column.author_id]
    ref_columns = [table.people.column.id]
    on_delete   = NO_ACTION
  }
  foreign_key "tasks_checker" {
    columns     = [column.checkerID]
    ref_columns = [table.people.column.id]
  }
  foreign_key "tasks_owner" {
    columns     = [column.owner]
    ref_columns = [table.people.column.id]
  }
  foreign_key "tasks__id" {
    columns     = [column._id]
    ref_columns = [table.workers.column.id]
  }
  foreign_key "tasks_author_again" {
    columns     = [column.author_id]
    ref_columns = [table.workers.column.id]
  }
  foreign_key "tasks_number" {
    columns     = [column.number]
    ref_columns = [table.people.column.number]
  }
}
