#!/usr/bin/env bash
# What a change does to a database, as the check of a pull request sees it. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/review.sh [BASE] [MYSQL_URL]

Makes a database as BASE (a commit; origin/main unless told) leaves it, and then, with the files of this checkout:
lints what is pending in it (db lint), applies it (db upgrade) and compares the database with the migrations,
schema.hcl and the models (db check). It ends with 1 at the first of them that finds an error.

The database is a throw-away SQLite file. With MYSQL_URL, of an empty database, all but the lint happens there too;
the lint looks at the files of both dialects anyway. Scratch databases for what was written by hand are made beside
MYSQL_URL, unless DEV_DATABASE_URL names another server. In a GitHub workflow findings become annotations.
END
}
case ${1:-} in -h | --help) usage; exit 0 ;; esac
base=${1:-origin/main} mysql=${2:-}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/slipway-review.XXXXXX")
trap 'rm -rf "$work"' EXIT

databases=("sqlite://$work/app.db")
if [ -n "$mysql" ]; then
  databases+=("$mysql")
  export DEV_DATABASE_URL=${DEV_DATABASE_URL:-$mysql}
fi
format=text
[ -z "${GITHUB_ACTIONS:-}" ] || format=github
CGO_ENABLED=0 go build -o "$work/slipway" ./local

for url in "${databases[@]}"; do
  # Whatever is there already would be migrated.
  if [ "$("$work/slipway" db current --url "$url")" != "no version" ]; then
    echo "review: the database of MYSQL_URL is not empty: name one that is" >&2
    exit 1
  fi
done

# The first push of a branch comes after a commit that is all zeros: then everything is new.
if git rev-parse --verify --quiet "$base:migrations" >/dev/null; then
  mkdir "$work/base"
  git archive "$base" schema.hcl migrations | tar -x -C "$work/base"
  echo "==> the database as $(git rev-parse --short "$base") leaves it"
  for url in "${databases[@]}"; do (cd "$work/base" && "$work/slipway" db upgrade --url "$url"); done
else
  case $base in
    "" | *[!0]*) echo "review: $base is no commit with migrations here: fetch it, or name another" >&2; exit 1 ;;
  esac
  echo "==> an empty database"
fi
echo "==> db lint"
"$work/slipway" db lint --url "${databases[0]}" --format "$format"
for url in "${databases[@]}"; do
  echo "==> db upgrade, db check: ${url%%:*}"
  "$work/slipway" db upgrade --url "$url"
  "$work/slipway" db check --url "$url"
done
