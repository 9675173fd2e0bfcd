# Environments for the Atlas CLI. `go run ./local db …` needs none of this; it is for those who use the CLI beside it:
#
#   atlas migrate status   --env sqlite            what is applied and what is pending
#   atlas migrate apply    --env sqlite 1          apply one pending file; without a number, all
#   atlas migrate apply    --env prod
#   atlas migrate set      --env mysql VERSION     record that the database is at VERSION, changing nothing else
#   atlas migrate validate --env ci                atlas.sum is right, and the files run on an empty database
#   atlas migrate lint     --env ci --latest 1     what in the last file is dangerous; ends with 1 if something is
#   atlas migrate lint     --env ci --git-base main
#   atlas migrate hash     --env mysql             make atlas.sum anew
#
# DATABASE_URL      the database, in the form slipway takes it. It counts where its dialect is the environment's: mysql and
#                   prod need a mysql:// one; sqlite takes a sqlite:// one, or else the file that `go run ./local` makes.
# DEV_DATABASE_URL  an empty MySQL database that Atlas may fill and empty, for lint and validate of mysql and ci:
#                   mysql://root@127.0.0.1:3306/dev, or docker://mysql/9/dev. sqlite has its own, in memory.
#
# All of these run with the community build of the CLI. The vendor's own build lints only for those with a paid plan who
# have run `atlas login`; `db lint` asks for neither.
#
# Migrations are written with `go run ./local db migrate`, for both dialects and with the way down, and not with
# `atlas migrate diff`. schema.hcl is in MySQL's terms: sqlite has no src, because slipway translates it. On MySQL, a
# default such as "" of a longtext is the application's, and the server refuses what Atlas plans for it.

locals {
  url = getenv("DATABASE_URL")
  dev = getenv("DEV_DATABASE_URL")

  # One variable names databases of both dialects: files for the one never run on the other.
  sqlite = can(regex("^sqlite:", local.url)) ? local.url : "sqlite://local/data/app.db"
  mysql  = can(regex("^mysql:", local.url)) ? local.url : ""

  # The name of the database, for schema.hcl: the last part of the URL's path, without what follows a question mark.
  # Those commands that need only the empty database have no other.
  name = regexreplace(local.mysql == "" ? local.dev : local.mysql, "^[^?]*/([^/?]*)([?].*)?$", "$1")

  # The tables that record migrations are no part of the schema: without this `atlas schema apply` would drop them.
  exclude = ["atlas_schema_revisions", "slipway_migration_journal"]
}

# A SQLite file on this machine. Its folder has to be there.
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

# The pipeline: lints the MySQL files and replays them on the empty database. Of the database in DATABASE_URL it only
# needs to know when it is asked for its status.
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

# The live database. It is migrated from files only, and never from schema.hcl: there is no src.
env "prod" {
  url     = local.mysql
  exclude = local.exclude

  migration {
    dir = "file://migrations/mysql"
    # How long to wait for another CLI on this server, whichever database it works on.
    lock_timeout = "60s"
  }
}
