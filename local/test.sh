#!/usr/bin/env bash
# Every check of this project, in one command. See --help.
set -euo pipefail

usage() {
  cat <<'END'
usage: bash local/test.sh [--quick] [GO TEST FLAG]...

With --quick, for while you write: formatting, vet, and the tests that need SQLite alone and neither build programs nor
wait (go test -short). It takes less than a minute once Go has compiled them.

Without it:

Checks formatting, vet, staticcheck and go.mod, then runs all tests on SQLite and on a real MySQL, with the race
detector where there is a C compiler, and then the benchmark's budget without it. It stops at the first check that
fails. Flags, such as -run=TestName or -v, go to the main test run.

MySQL is, in this order: the server of TEST_MYSQL_URL (mysql://user:pass@host:port/), on which the tests create and
drop databases of their own; a throw-away one of local/mysql.sh, which downloads it where it has to; one of
local/compose.yaml, where Docker runs. Chromium, which opens the page at /docs, is that of TEST_CHROMIUM, or of
local/chromium.sh: one on PATH, or a downloaded one. Without any of them the command fails: no test is skipped.

The TypeScript clients are generated and compiled with the packages in TEST_NODE_MODULES, or those that local/node.sh
installs. Without Node the run goes on without them, and says so.

The SAM CLI, cfn-lint and checkov, which look at template.yaml, are those of the folder TEST_AWS_TOOLS, or those that
local/aws.sh installs. Without a Python for them the run goes on without them, and says so.

sam local start-api is tested where there are a Docker Engine and the SAM CLI: the engine of TEST_DOCKER (what DOCKER_HOST
takes), one that runs, or a throw-away one of local/docker.sh; sam of TEST_AWS_TOOLS, or on PATH. Where there are none, or
with TEST_DOCKER=none, the run says so and goes on without.
END
}
quick=no
case ${1:-} in
  -h | --help) usage; exit 0 ;;
  --quick) quick=yes; shift ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
# Without C all the programs that are built below are built of the same parts, once: those of the tests, of vet and of the
# budget. The race detector alone takes C.
export CGO_ENABLED=0
current=start project=
work=$(mktemp -d "${TMPDIR:-/tmp}/slipway-run.XXXXXX")
chmod 711 "$work" # a test runs a program as a user who may write nothing

finish() {
  local status=$?
  trap '' INT TERM HUP # a second Ctrl-C must not leave a server behind
  bash local/mysql.sh stop "$work/mysql" || status=1
  bash local/docker.sh stop "$work/docker" || status=1
  if [ -n "$project" ]; then docker compose -f local/compose.yaml -p "$project" down -v || status=1; fi
  rm -rf "$work"
  if [ $status = 0 ]; then echo "all green in $SECONDS s"; else echo "FAILED: $current (after $SECONDS s)" >&2; fi
  exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# step NAME COMMAND... runs one check. A check that fails ends the script by set -e, so no check may stand in a
# condition.
step() {
  local began=$SECONDS
  current=$1
  echo "==> $current"
  shift
  "$@"
  echo "    ok, $((SECONDS - began)) s"
}

go_version() {
  command -v go >/dev/null || { echo "go is not on PATH: install Go, at least the version in go.mod" >&2; return 1; }
  go version # fails, and says why, where this Go is older than go.mod asks for and may not fetch a newer one
}

start_mysql() {
  local url
  if [ -n "${TEST_MYSQL_URL:-}" ]; then
    echo "    the server of TEST_MYSQL_URL"
  elif url=$(bash local/mysql.sh start "$work/mysql"); then
    export TEST_MYSQL_URL=$url
    echo "    a server of this run: $url"
  elif docker info >/dev/null 2>&1; then
    echo "    a container of this run"
    project=slipway-test-$$
    SLIPWAY_MYSQL_PORT=0 docker compose -f local/compose.yaml -p "$project" up -d --wait
    url=$(docker compose -f local/compose.yaml -p "$project" port mysql 3306)
    export TEST_MYSQL_URL=mysql://root@$url/
  else
    echo "The tests need a real MySQL, and none could be started (see above). Do one of these:" >&2
    echo "  - install MySQL 8.0 or later, so that mysqld is on PATH" >&2
    echo "  - start Docker" >&2
    echo "  - set TEST_MYSQL_URL=mysql://user:pass@host:port/ to a server that may be used for tests" >&2
    return 1
  fi
}

find_chromium() {
  if [ -z "${TEST_CHROMIUM:-}" ]; then
    TEST_CHROMIUM=$(bash local/chromium.sh) || {
      echo "The tests open the page at /docs in a real browser, and none could be found (see above). Do one of these:" >&2
      echo "  - install chromium or google-chrome, so that it is on PATH" >&2
      echo "  - set TEST_CHROMIUM to the path of one" >&2
      return 1
    }
    export TEST_CHROMIUM
  fi
  echo "    $TEST_CHROMIUM"
}

# find_node looks for what TypeScript clients are made with.
find_node() {
  if [ -z "${TEST_NODE_MODULES:-}" ]; then
    if ! TEST_NODE_MODULES=$(bash local/node.sh); then
      echo "    !! NO NODE in this run: the TypeScript clients need Node 20 or later, and npm's registry once (see above)"
      return
    fi
    export TEST_NODE_MODULES
  fi
  echo "    $TEST_NODE_MODULES"
}

# find_aws looks for the tools that check template.yaml. What needs no tool of those is checked by pure Go in any case.
find_aws() {
  if [ -z "${TEST_AWS_TOOLS:-}" ]; then
    if ! TEST_AWS_TOOLS=$(bash local/aws.sh); then
      echo "    !! NO AWS TOOLS in this run: it needs a Python from 3.11.5 to 3.14, and PyPI once (see above)"
      return
    fi
    export TEST_AWS_TOOLS
  fi
  echo "    $TEST_AWS_TOOLS"
}

# start_docker finds what sam local start-api takes, or says why it is not tested.
start_docker() {
  local log=$work/docker.log
  if [ -z "${TEST_DOCKER:-}" ]; then
    if SAM=$(find_sam 2>"$log") && TEST_DOCKER=$(bash local/docker.sh start "$work/docker" 2>>"$log"); then
      export SAM
    else
      sed 's/^/    /' "$log"
      TEST_DOCKER="none: $(tail -n 1 "$log")"
    fi
    export TEST_DOCKER
  fi
  case $TEST_DOCKER in
    none*) echo "    !! NO DOCKER in this run: sam local start-api is not tested: ${TEST_DOCKER#none: }" ;;
    *) echo "    $TEST_DOCKER" ;;
  esac
}

find_sam() {
  if [ -x "${TEST_AWS_TOOLS:-}/sam" ]; then echo "$TEST_AWS_TOOLS/sam"; else
    command -v sam || { echo "there is no SAM CLI: neither in TEST_AWS_TOOLS nor on PATH" >&2; return 1; }
  fi
}

formatting() {
  local files
  files=$("$(go env GOROOT)/bin/gofmt" -l .)
  [ -z "$files" ] || { printf 'gofmt these files:\n%s\n' "$files" >&2; return 1; }
}

# find_race turns the race detector on where a program built with it runs.
race=no
find_race() {
  mkdir -p "$work/race"
  printf 'package main\n\nfunc main() {}\n' >"$work/race/main.go"
  if CGO_ENABLED=1 go run -race "$work/race/main.go" >"$work/race/log" 2>&1; then
    race=yes
  else
    sed 's/^/    /' "$work/race/log"
    echo "    !! NO RACE DETECTOR in this run: it needs a C compiler (gcc or clang) and cgo"
  fi
}

tests() {
  # The budget is measured in a step of its own, when nothing else runs.
  local packages
  packages=$(go list ./... | grep -v '/internal/test/bench$')
  # More packages at once than there are processors: many of their tests wait, for a server, a lock or a deadline.
  local jobs=$(($(getconf _NPROCESSORS_ONLN) * 3 / 2))
  mkdir "$work/tmp"
  # shellcheck disable=SC2086 # package paths are words
  if [ $race = yes ]; then
    CGO_ENABLED=1 TMPDIR=$work/tmp go test -race -count=1 -timeout=15m -p="$jobs" "$@" $packages
  else
    TMPDIR=$work/tmp go test -count=1 -timeout=15m -p="$jobs" "$@" $packages
  fi
}

nothing_left() {
  local left
  left=$(find "$work/tmp" -mindepth 1)
  [ -z "$left" ] || { printf 'the tests left these files:\n%s\n' "$left" >&2; return 1; }
}

# Sequential, so that nothing is lost without the race detector, under which it takes ten times as long.
random_requests() { go test -count=1 -timeout=10m -run='^TestParityRandom$' ./internal/httpapi/; }

budget() {
  local names
  names=$(go test -list '^TestBudget' ./internal/test/bench/)
  case $names in TestBudget*) ;; *) echo "internal/test/bench has no TestBudget any more" >&2; return 1 ;; esac
  go test -v -count=1 -timeout=10m -run='^TestBudget' ./internal/test/bench/
}

if [ $quick = yes ]; then
  step "Go" go_version
  step "gofmt" formatting
  step "go vet" go vet ./...
  step "tests on SQLite" go test -short "$@" ./...
  echo "    left out: MySQL, the race detector, programs, browsers, budgets; run this without --quick before you push"
  exit
fi
step "Go" go_version
step "MySQL" start_mysql
step "Chromium" find_chromium
step "Node" find_node
step "AWS tools" find_aws
step "Docker" start_docker
step "gofmt" formatting
step "go vet" go vet ./...
step "staticcheck" go tool staticcheck ./...
step "go.mod is tidy" go mod tidy -diff
step "race detector" find_race
step "tests" tests "$@"
step "tests leave no files" nothing_left
if [ $race = yes ]; then step "random requests" random_requests; fi
step "budget" budget
