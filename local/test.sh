#!/usr/bin/env bash
# Runs every check of this project. See --help.
set -euo pipefail

usage() {
  cat <<'END'
usage: bash local/test.sh [--quick] [GO TEST FLAG]...

Checks formatting, vet, staticcheck, and go.mod. Then it runs all tests on SQLite and on MySQL, those that start
goroutines with the race detector if there is a C compiler, and then the benchmarks. It checks both modules: the project
and internal/test/checks. It stops at the first check that fails. Flags, such as -run=TestName or -v, are passed to
the main test run.

With --quick, it checks only formatting and vet, and runs the tests that need SQLite only and do not build programs or
wait (go test -short). After the first compilation this takes about a minute.

The tests use these tools. Each can be set with an environment variable:

  TEST_MYSQL_URL     a MySQL server, mysql://user:pass@host:port/. The tests create and drop their own databases.
                     Default: a temporary server of local/mysql.sh, or else of local/compose.yaml
  TEST_CHROMIUM      a Chromium for the page at /docs. Default: the one of local/chromium.sh
  TEST_NODE_MODULES  the npm packages for the TypeScript clients. Default: those of local/node.sh
  TEST_AWS_TOOLS     the folder with the SAM CLI, cfn-lint, checkov, and zizmor. Default: that of local/aws.sh
  TEST_DOCKER        the Docker Engine for sam local, as in DOCKER_HOST; "none" skips that test. Default: the engine that
                     is running, or else a temporary one of local/docker.sh

MySQL and Chromium are required. Without Node, the AWS tools, or Docker, the script prints a warning and skips their tests.
END
}
quick=no
case ${1:-} in
  -h | --help) usage; exit 0 ;;
  --quick) quick=yes; shift ;;
esac

# -short skips tests without a word: only the quick run, which lists what it skips, may use it.
for flag in "$@"; do
  case $flag in -short | -short=* | --short | --short=* | -test.short*) echo "use --quick instead of $flag" >&2; exit 2 ;; esac
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
# With one value of CGO_ENABLED, vet, the tests, and the benchmarks share the build cache. Only the race detector needs
# cgo.
export CGO_ENABLED=0
# Fewer garbage collections: the tools and the tests need a tenth to a fifth less processor time, and more memory. The
# budgets are measured without it, and the tests start functions with the environment of Lambda.
export GOGC=400
current=start project=

# temporary_folder prints the folder for temporary files: TMPDIR; or else, if it has room for them and can run programs,
# one in memory, where the databases of the tests need a tenth less processor time; or else /tmp.
temporary_folder() {
  local kilobytes program
  if [ -n "${TMPDIR:-}" ]; then echo "$TMPDIR"; return; fi
  kilobytes=$(df -Pk /dev/shm 2>/dev/null | awk '$1 == "tmpfs" { print $4 }')
  if [ "${kilobytes:-0}" -gt 8000000 ] && program=$(mktemp /dev/shm/slipway-run.XXXXXX); then
    printf '#!/bin/sh\n' >"$program"
    if chmod 755 "$program" && "$program" 2>/dev/null; then rm "$program"; echo /dev/shm; return; fi
    rm "$program"
  fi
  echo /tmp
}
work=$(mktemp -d "$(temporary_folder)/slipway-run.XXXXXX")
chmod 711 "$work" # a test runs a program as another user

finish() {
  local status=$?
  trap '' INT TERM HUP # a second Ctrl-C must not interrupt the cleanup
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

# step NAME COMMAND... runs one check. A failed check ends the script through set -e, so do not call step in a condition.
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
  go version # fails if this Go is older than go.mod requires and cannot download a newer one
}

# With the small sizes of local/mysql.sh, all statements wait while a test changes many rows.
mysql_options=(--innodb-redo-log-capacity=256M --innodb-buffer-pool-size=512M)

start_mysql() {
  local url
  if [ -n "${TEST_MYSQL_URL:-}" ]; then
    echo "    the server of TEST_MYSQL_URL"
  elif url=$(bash local/mysql.sh start "$work/mysql" "${mysql_options[@]}"); then
    export TEST_MYSQL_URL=$url
    echo "    a temporary server: $url"
  elif docker info >/dev/null 2>&1; then
    echo "    a temporary container"
    project=slipway-test-$$
    SLIPWAY_MYSQL_PORT=0 docker compose -f local/compose.yaml -p "$project" up -d --wait
    url=$(docker compose -f local/compose.yaml -p "$project" port mysql 3306)
    export TEST_MYSQL_URL=mysql://root@$url/
  else
    echo "The tests need a MySQL server, and none could be started (see above). Do one of these:" >&2
    echo "  - install MySQL 8.0 or later, so that mysqld is on PATH" >&2
    echo "  - start Docker" >&2
    echo "  - set TEST_MYSQL_URL=mysql://user:pass@host:port/ to a test server" >&2
    return 1
  fi
}

find_chromium() {
  if [ -z "${TEST_CHROMIUM:-}" ]; then
    TEST_CHROMIUM=$(bash local/chromium.sh) || {
      echo "The tests open the page at /docs in a browser, and none was found (see above). Do one of these:" >&2
      echo "  - install chromium or google-chrome, so that it is on PATH" >&2
      echo "  - set TEST_CHROMIUM to its path" >&2
      return 1
    }
    export TEST_CHROMIUM
  fi
  echo "    $TEST_CHROMIUM"
}

# find_node sets TEST_NODE_MODULES to the packages for TypeScript clients.
find_node() {
  if [ -z "${TEST_NODE_MODULES:-}" ]; then
    if ! TEST_NODE_MODULES=$(bash local/node.sh); then
      echo "    !! NO NODE in this run: the tests of TypeScript clients are skipped; they need Node 20 or later, and npm's registry once"
      return
    fi
    export TEST_NODE_MODULES
  fi
  echo "    $TEST_NODE_MODULES"
}

# find_aws sets TEST_AWS_TOOLS to the tools that check template.yaml. Checks in Go run without them.
find_aws() {
  if [ -z "${TEST_AWS_TOOLS:-}" ]; then
    if ! TEST_AWS_TOOLS=$(bash local/aws.sh); then
      echo "    !! NO AWS TOOLS in this run: their tests are skipped; they need Python 3.11.5 to 3.14, and PyPI once (see above)"
      return
    fi
    export TEST_AWS_TOOLS
  fi
  echo "    $TEST_AWS_TOOLS"
}

# start_docker finds the SAM CLI and an engine for sam local start-api, or prints why its test is skipped.
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
    none*) echo "    !! NO DOCKER in this run: the test of sam local start-api is skipped: ${TEST_DOCKER#none: }" ;;
    *) echo "    $TEST_DOCKER" ;;
  esac
}

find_sam() {
  if [ -x "${TEST_AWS_TOOLS:-}/sam" ]; then echo "$TEST_AWS_TOOLS/sam"; else
    command -v sam || { echo "missing SAM CLI: it is neither in TEST_AWS_TOOLS nor on PATH" >&2; return 1; }
  fi
}

formatting() {
  local files
  files=$("$(go env GOROOT)/bin/gofmt" -l .)
  [ -z "$files" ] || { printf 'Run gofmt on these files:\n%s\n' "$files" >&2; return 1; }
}

# modules COMMAND... runs a command in each module.
modules() { "$@" && (cd internal/test/checks && "$@"); }

static_check() { modules "$(go tool -n staticcheck)" ./...; }

# find_race turns on the race detector if a program that is built with it runs.
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

quick_tests() {
  go test -short "$@" ./...
  (cd internal/test/checks && go test -short "$@" ./openapi)
}

# prepare_tests makes a workspace, so that one run tests packages of both modules, and lists these packages.
prepare_tests() {
  local -x GOWORK=$work/workspace/go.work
  mkdir "$work/workspace" "$work/tmp"
  go work init . internal/test/checks
  go list ./... ./internal/test/checks/... | grep -v '/internal/test/bench$' >"$work/packages"
}

# The longest tests of the command, which only run programs that are built without the race detector; and the packages
# with the longest tests.
long='TestEdits|TestKill|TestKillAnywhere|TestKillDowngrade|TestKillUpgrade|TestLambdaReload|TestProjects'
longest='/(local|internal/(database/mysql|httpapi|migrate/(run|verify)|test/(clienttest|dbtest|checks/(deployment|openapi))))$'

# tests of PATTERN FLAG... runs the tests of the packages whose path in the project matches the pattern; tests but
# PATTERN FLAG... those of all others.
tests() {
  local match=-E pattern=$2 packages
  if [ "$1" = but ]; then match=-vE; fi
  shift 2
  local -x GOWORK=$work/workspace/go.work
  packages=$(grep "$match" "^slipway/($pattern)(/|\$)" "$work/packages")
  # Those that take longest start first.
  packages=$(grep -E "$longest" <<<"$packages" || true; grep -vE "$longest" <<<"$packages" || true)
  # More packages, and more tests of each, than processors: many tests wait for a server, a lock, or a deadline.
  local cpus flags
  cpus=$(getconf _NPROCESSORS_ONLN)
  # The tests run go, too, and must not find the workspace: -exec removes the variable, and the file is not in a parent
  # of their folders. The step of go vet has checked them, too.
  flags=(-exec='env -u GOWORK' -vet=off -count=1 -timeout=15m -p=$((cpus * 3 / 2)) -parallel=$((cpus * 2)))
  # The race detector makes SQLite's code, which is translated from C and has no data races in Go, very slow.
  if [ $race = yes ]; then flags+=(-race -gcflags=modernc.org/sqlite/lib=-race=false); fi
  # shellcheck disable=SC2086 # package paths are words
  CGO_ENABLED=$([ $race = yes ] && echo 1 || echo 0) TMPDIR=$work/tmp go test "${flags[@]}" "$@" $packages
}

nothing_left() {
  local left
  left=$(find "$work/tmp" -mindepth 1)
  [ -z "$left" ] || { printf 'The tests left these files:\n%s\n' "$left" >&2; return 1; }
}

budget() {
  local log=$work/budget.log
  go test -exec='env -u GOGC' -v -count=1 -timeout=10m -run='^TestBudget' ./internal/test/bench/ | tee "$log"
  if grep -q 'no tests to run' "$log"; then echo "internal/test/bench has no TestBudget" >&2; return 1; fi
}

if [ $quick = yes ]; then
  step "Go" go_version
  step "gofmt" formatting
  step "go vet" modules go vet ./...
  step "tests on SQLite" quick_tests "$@"
  echo "    skipped: MySQL, the race detector, programs, browsers, template.yaml, workflows, benchmarks, and what takes seconds;" \
    "run this without --quick before you push"
  exit
fi
step "Go" go_version
step "MySQL" start_mysql
step "Chromium" find_chromium
step "Node" find_node
step "AWS tools" find_aws
step "gofmt" formatting
step "go vet" modules go vet ./...
step "staticcheck" static_check
step "go.mod is tidy" modules go mod tidy -diff
step "race detector" find_race
prepare_tests
# The packages in these variables start no goroutines, nor do their tests: the race detector would find nothing, and
# double the time.
sequential_lint='internal/migrate/(adopt|lint|rowtypes|schema)'
sequential_migrations='migrations|internal/migrate/(atomicfiles|erd|job|migratetest|verify)'
sequential_project='functions/grant|internal/(config|dbenv|gateway|query|resource)|internal/aws/(customresource/upgrade|dbusers)'
sequential_project+='|internal/test$|internal/test/(apitest|checks/openapi|clienttest|dbtest)'
sequential_template='internal/test/checks/deployment'
# These start none, either, and of their tests only a few do.
requests='internal/httpapi'
migrations='internal/migrate/(plan|run)'
concurrent='TestAtTheSameTime|TestChangesAtOnce|TestConcurrentUpgrades|TestFirstRequestsAtOnce|TestIdempotencyKeyRace'
concurrent+='|TestIfMatchRace|TestManyCallersAtOnce|TestManyStatements|TestNoUpdateIsLost|TestOneOfManyWins'
concurrent+='|TestOneOfManyWinsWhateverTheCollation|TestPutRace|TestServerEndsConnection|TestSessionCloses'
# The tests of these start goroutines only around programs that are built without the race detector.
programs='functions/api|functions/migrate'
others="$sequential_lint|$sequential_migrations|$sequential_project|$sequential_template|$requests|$migrations|$programs"
step "tests of requests and upgrades at the same time" tests of "$requests|$migrations" -run="^($concurrent)\$" "$@"
race=no step "tests of the API" tests of "$requests|$programs" -skip="^($concurrent)\$" "$@"
race=no step "tests of db test, db check, and the template" tests of "$sequential_migrations|$sequential_template" "$@"
race=no step "tests of the other db commands" tests of "$sequential_lint|$migrations" -skip="^($concurrent)\$" "$@"
step "Docker" start_docker # late, because it needs processor time all the time
step "tests of the command, and of what starts goroutines" tests but "$others" -skip="^($long)\$" "$@"
race=no step "tests of the command, killed and in other projects" tests of local -run="^($long)\$" "$@"
race=no step "tests of the project" tests of "$sequential_project" "$@"
step "tests leave no files" nothing_left
step "budget" budget
