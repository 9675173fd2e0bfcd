#!/usr/bin/env bash
# Installs the npm packages that generate and compile TypeScript clients for the tests. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/node.sh

Prints the folder node_modules with the packages of internal/test/clienttest/testdata/node/package.json. Set
TEST_NODE_MODULES to it for the tests.

The first run installs the packages with npm into ~/.cache/slipway (or $XDG_CACHE_HOME/slipway), 90 MB. A change of
package.json creates a new folder. Requires Node 20 or later, and npm, on PATH.
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
  die "Node $(node -v) is too old: install Node 20 or later"

folder=$cache/$(cksum <"$list" | cut -d ' ' -f 1)

# install installs the packages. $folder/ready marks a complete installation.
install() {
  say "installing the packages of TypeScript clients (90 MB, once) to $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$list" "$folder"
  npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
    --fetch-retries=1 --fetch-retry-mintimeout=1000 >&2 ||
    die "cannot install the packages of $list: see above"
  : >"$folder/ready"
}

if [ ! -e "$folder/ready" ]; then
  mkdir -p "$cache"
  # The lock makes concurrent runs wait for one installation.
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -e "$folder/ready" ] || install ) 9>"$cache/lock"
fi
echo "$folder/node_modules"
