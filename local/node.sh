#!/usr/bin/env bash
# The npm packages that generate and compile TypeScript clients for the tests, without touching the system. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/node.sh

Prints the folder node_modules with the packages of internal/test/clienttest/testdata/node/package.json: put it in
TEST_NODE_MODULES for the tests.

They are installed once with npm into ~/.cache/slipway (XDG_CACHE_HOME moves it): 70 MB. Another package.json makes
another folder. It takes Node 20 or later, with npm, on PATH.
END
}
say() { echo "node: $*" >&2; }
die() { say "$*"; exit 1; }

case ${1:-} in
  "") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

list=$(cd "$(dirname "${BASH_SOURCE[0]}")/../internal/test/clienttest/testdata/node" && pwd)/package.json
cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/node

command -v node >/dev/null && command -v npm >/dev/null || die "node or npm is not on PATH: install Node 20 or later"
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
  die "this is Node $(node -v): install Node 20 or later"

folder=$cache/$(cksum <"$list" | cut -d ' ' -f 1)

# install is whole when $folder/ready is there.
install() {
  say "installing the packages of TypeScript clients (70 MB, once) to $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$list" "$folder"
  npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
    --fetch-retries=1 --fetch-retry-mintimeout=1000 >&2 ||
    die "what $list names could not be installed: see above"
  : >"$folder/ready"
}

if [ ! -e "$folder/ready" ]; then
  mkdir -p "$cache"
  # However many runs begin together, one installs, and those that waited find it done.
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -e "$folder/ready" ] || install ) 9>"$cache/lock"
fi
echo "$folder/node_modules"
