# Environments for the Atlas CLI. `go run ./local db …` does not need this file. Examples:
#
#   atlas migrate status   --env sqlite            list applied and pending migrations
#   atlas migrate apply    --env sqlite 1          apply one pending file; without a number, all
#   atlas migrate apply    --env prod
#   atlas migrate set      --env mysql VERSION     record that the database is at VERSION, without other changes
#   atlas migrate validate --env ci                check atlas.sum, and run the files on an empty database
#   atlas migrate lint     --env ci --latest 1     check the last file; the exit code is 1 if it is dangerous
#   atlas migrate lint     --env ci --git-base main
#   atlas migrate hash     --env mysql             write atlas.sum again
#
# DATABASE_URL      the database, in slipway's format. An environment uses it only if the dialect matches: mysql and prod
#                   need a mysql:// URL. sqlite uses a sqlite:// URL, or else the file of `go run ./local`.
# DEV_DATABASE_URL  an empty MySQL database for lint and validate of mysql and ci. Atlas changes and empties it. Examples:
#                   mysql://root@127.0.0.1:3306/dev, docker://mysql/9/dev. sqlite uses a database in memory.
#
# These commands work with the community build of the CLI. In the official build, lint requires `atlas login` and a paid
# plan; `db lint` requires neither.
#
# Write migrations with `go run ./local db migrate`, not with `atlas migrate diff`: it covers both dialects and writes the
# down statements. schema.hcl uses MySQL types. The environment sqlite has no src, because slipway translates the schema.
# MySQL rejects the DDL of Atlas for a default such as "" of a longtext; slipway sets such defaults in the application.

locals {
  url = getenv("DATABASE_URL")
  dev = getenv("DEV_DATABASE_URL")

  # DATABASE_URL may name either dialect. Files of one dialect must never run on the other.
  sqlite = can(regex("^sqlite:", local.url)) ? local.url : "sqlite://local/data/app.db"
  mysql  = can(regex("^mysql:", local.url)) ? local.url : ""

  # The name of the database for schema.hcl: the last part of the URL's path, without the query. Commands that need only
  # the dev database use its name.
  name = regexreplace(local.mysql == "" ? local.dev : local.mysql, "^[^?]*/([^/?]*)([?].*)?$", "$1")

  # The tables that record migrations are not part of the schema. Without this, `atlas schema apply` would drop them.
  exclude = ["atlas_schema_revisions", "slipway_migration_journal"]
}

# An SQLite file on this machine. Its folder must exist.
env "sqlite" {
  url     = local.sqlite
  dev     = "sqlite://dev?mode=memory"
  exclude = local.exclude

  migration {
    dir = "file://migrations/sqlite"
  }
}

# A MySQL server for development.
env "mysql" {
  url     = local.mysql
  dev     = local.dev
  src     = "file://schema.hcl"
  exclude = local.exclude

  # Any other attribute is an input variable of schema.hcl.
  db = local.name

  migration {
    dir = "file://migrations/mysql"
  }
}

# The pipeline: lints the MySQL files and runs them on the empty dev database. It needs DATABASE_URL for status only.
env "ci" {
  url     = local.mysql
  dev     = local.dev
  src     = "file://schema.hcl"
  exclude = local.exclude
  db      = local.name

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

# The live database. It has no src, so it can be migrated from files only, never from schema.hcl.
env "prod" {
  url     = local.mysql
  exclude = local.exclude

  migration {
    dir = "file://migrations/mysql"
    # The lock is shared by all databases of the server.
    lock_timeout = "60s"
  }
}
