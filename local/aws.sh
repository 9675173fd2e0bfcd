#!/usr/bin/env bash
# Installs the SAM CLI, cfn-lint, checkov, and zizmor in the versions of local/aws.txt. See --help.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'END'
usage: bash local/aws.sh

Prints the folder with sam, cfn-lint, checkov, and zizmor. Add it to PATH, or set TEST_AWS_TOOLS to it for the tests.

The first run installs them with pip into a virtual environment in ~/.cache/slipway (or $XDG_CACHE_HOME/slipway). This
takes a few minutes and 550 MB. A change of local/aws.txt creates a new environment.

Requires Python 3.11.5 to 3.14 with venv and pip. The script uses the one in SLIPWAY_PYTHON, or else python3,
python3.14, python3.13, python3.12, or python3.11 on PATH.
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

# find_python sets python to a Python that supports all packages of local/aws.txt.
find_python() {
  local name
  for name in ${SLIPWAY_PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    python=$(command -v "$name") || continue
    "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11, 5) <= sys.version_info[:3] < (3, 15))' 2>/dev/null && return
  done
  die "no Python 3.11.5 to 3.14 with venv and pip: install one (on Debian python3-venv), or set SLIPWAY_PYTHON to its path"
}

# install creates the environment at its final path, because its programs contain the path. $venv/ready marks a complete
# environment.
install() {
  say "installing the SAM CLI, cfn-lint, checkov, and zizmor (550 MB, once) to $venv"
  rm -rf "$venv"
  "$python" -m venv "$venv" >&2 || die "cannot create a virtual environment: see above (on Debian, install python3-venv)"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$here/aws.txt" >&2 ||
    die "cannot install the packages of local/aws.txt: see above"
  : >"$venv/ready"
}

find_python
# A new list or a new Python needs a new environment.
venv=$cache/$( { cat "$here/aws.txt"; "$python" -VV; } | cksum | cut -d ' ' -f 1)
if [ ! -e "$venv/ready" ]; then
  mkdir -p "$cache"
  # The lock makes concurrent runs wait for one installation.
  ( if command -v flock >/dev/null; then flock 9; fi
    [ -e "$venv/ready" ] || install ) 9>"$cache/lock"
fi
echo "$venv/bin"
