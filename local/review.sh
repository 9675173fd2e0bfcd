#!/usr/bin/env bash
# Checks the migrations of a change, for a pull request. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/review.sh [BASE] [MYSQL_URL]

Creates a database at the state of BASE (a commit; the default is origin/main). Then it lints the pending migrations of
this checkout (db lint), applies them (db upgrade), and compares the database with the migrations, schema.hcl, and the
row types (db check). It stops at the first error with exit code 1.

The database is a temporary SQLite file. With MYSQL_URL, which must name an empty database, the migrations are also
applied and checked there. Lint always covers the files of both dialects. Scratch databases for hand-written SQL are
created on the server of MYSQL_URL, or of DEV_DATABASE_URL if it is set. In a GitHub workflow, findings become
annotations.
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
CGO_ENABLED=0 go run -exec=cp ./local "$work/slipway" # go run does not link again what it linked before

for url in "${databases[@]}"; do
  # Never migrate a database that is in use.
  if [ "$("$work/slipway" db current --url "$url")" != "no version" ]; then
    echo "review: the database of MYSQL_URL is not empty: use an empty one" >&2
    exit 1
  fi
done

# For the first push of a branch, GitHub sets the base to a commit of zeros: then all migrations are new.
if git rev-parse --verify --quiet "$base:migrations" >/dev/null; then
  mkdir "$work/base"
  git archive "$base" schema.hcl migrations | tar -x -C "$work/base"
  echo "==> the database at $(git rev-parse --short "$base")"
  for url in "${databases[@]}"; do (cd "$work/base" && "$work/slipway" db upgrade --url "$url"); done
else
  case $base in
    "" | *[!0]*) echo "review: $base is not a commit with migrations: fetch it, or use another BASE" >&2; exit 1 ;;
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
