#!/usr/bin/env bash
# The SAM CLI, cfn-lint and checkov, in the versions of local/aws.txt, without touching the system. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/aws.sh

Prints the folder with sam, cfn-lint, checkov and zizmor: put it on PATH, or in TEST_AWS_TOOLS for the tests.

They are installed once with pip into a virtual environment in ~/.cache/slipway (XDG_CACHE_HOME moves it): 550 MB, and a
few minutes. Another local/aws.txt makes another one. It takes a Python from 3.11.5 to 3.14 with venv and pip, on PATH as
python3 or python3.14, python3.13, … or the one that SLIPWAY_PYTHON names.
END
}
say() { echo "aws: $*" >&2; }
die() { say "$*"; exit 1; }

case ${1:-} in
  "") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?is not set: set it or XDG_CACHE_HOME}/.cache}/slipway/aws

# find_python sets python to one that all of local/aws.txt runs on.
find_python() {
  local name
  for name in ${SLIPWAY_PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    python=$(command -v "$name") || continue
    "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11, 5) <= sys.version_info[:3] < (3, 15))' 2>/dev/null && return
  done
  die "there is no Python from 3.11.5 to 3.14 with venv and pip: install one (on Debian python3-venv), or name it in SLIPWAY_PYTHON"
}

# install makes the environment where it will stay: its programs know the path by heart. It is whole when $venv/ready is there.
install() {
  say "installing the SAM CLI, cfn-lint and checkov (550 MB, once) to $venv"
  rm -rf "$venv"
  "$python" -m venv "$venv" >&2 || die "no virtual environment could be made: see above (on Debian it takes python3-venv)"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$here/aws.txt" >&2 ||
    die "what local/aws.txt names could not be installed: see above"
  : >"$venv/ready"
}

find_python
# What is installed depends on the list and on the Python.
venv=$cache/$( { cat "$here/aws.txt"; "$python" -VV; } | cksum | cut -d ' ' -f 1)
if [ ! -e "$venv/ready" ]; then
  mkdir -p "$cache"
  # However many runs begin together, one installs, and who waited finds it done.
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -e "$venv/ready" ] || install ) 9>"$cache/lock"
fi
echo "$venv/bin"
