# Environments for the Atlas CLI. `go run ./local db …` needs none of this; it is for those who use the CLI beside it:
#
#   atlas migrate status   --env sqlite
#   atlas migrate apply    --env prod
#   atlas migrate lint     --env ci --latest 1
#   atlas migrate validate --env mysql --dev-url "$DEV_DATABASE_URL"
#
# DATABASE_URL      the database, in the form slipway takes it; mysql, ci and prod need it
# DEV_DATABASE_URL  an empty MySQL database that Atlas may fill and empty, for lint, validate and diff:
#                   docker://mysql/9/dev, or mysql://root@127.0.0.1:3306/dev
#
# Migrations are written with `db migrate`, which adds the way down; files of `atlas migrate diff` have none.

locals {
  url  = getenv("DATABASE_URL")
  file = local.url == "" ? "sqlite://local/data/app.db" : local.url
  dev  = getenv("DEV_DATABASE_URL")

  # The name of the database is the last part of the URL's path; schema.hcl asks for it.
  name     = regexreplace(local.url, "^[^?]*/([^/?]*)([?].*)?$", "$1")
  dev_name = regexreplace(local.dev, "^[^?]*/([^/?]*)([?].*)?$", "$1")

  # Atlas's own table is no part of the schema: without this `atlas schema apply` would drop it.
  exclude = ["atlas_schema_revisions"]
}

# A SQLite file on this machine.
env "sqlite" {
  url     = local.file
  dev     = "sqlite://dev?mode=memory"
  src     = "file://schema.hcl"
  exclude = local.exclude

  # Any other attribute is an input variable of schema.hcl.
  dialect = "sqlite"
  db      = "main"

  migration {
    dir = "file://migrations/sqlite"
  }
}

# A MySQL server for development.
env "mysql" {
  url     = local.url
  dev     = local.dev
  src     = "file://schema.hcl"
  exclude = local.exclude
  dialect = "mysql"
  db      = local.name

  migration {
    dir = "file://migrations/mysql"
  }
}

# The pipeline: lints and replays the MySQL files on an empty database.
env "ci" {
  url     = local.url == "" ? local.dev : local.url
  dev     = local.dev
  src     = "file://schema.hcl"
  exclude = local.exclude
  dialect = "mysql"
  db      = local.url == "" ? local.dev_name : local.name

  migration {
    dir = "file://migrations/mysql"
  }
  lint {
    destructive {
      error = true
    }
    data_depend {
      error = true
    }
  }
}

# The live database. It is migrated from files only, and never from schema.hcl: there is no src.
env "prod" {
  url     = local.url
  exclude = local.exclude

  migration {
    dir          = "file://migrations/mysql"
    lock_timeout = "60s"
  }
}
