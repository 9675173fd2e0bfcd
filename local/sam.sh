#!/usr/bin/env bash
# Runs sam local start-api with this project's template. See --help.
set -euo pipefail

usage() {
  cat <<'END'
usage: bash local/sam.sh        (or: make sam-local)

Builds the API function with sam build and serves it with sam local start-api, in a container behind SAM's local HTTP API.
It prints the address when it is ready. Ctrl-C stops it and removes its containers.

  ADDR           the address to listen on (default 127.0.0.1:3000); port 0 selects a free port
  DATABASE_URL   the MySQL database; it may be on 127.0.0.1 of this machine. The default is the development server of
                 local/mysql.sh. On this machine, pending migrations are applied first, as with go run ./local
  DOCKER_HOST    the Docker Engine, if it is not the default one. If none is running, and you are root on Debian, a
                 temporary engine is started (local/docker.sh)
  SAM            the path of the SAM CLI. The default is sam on PATH, or else the one of local/aws.sh

You can also set the other variables of local/env.json in the environment. After a change of the code, restart the
command. See docs/sam-local.md for the differences from AWS and for troubleshooting.
END
}
say() { echo "sam-local: $*" >&2; }
die() { say "$*"; exit 1; }
case ${1:-} in
  "") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/slipway-sam.XXXXXX")
server='' forwarder='' logger=''

# finish stops the server, its containers, and the temporary engine.
finish() {
  local status=$? id
  trap '' INT TERM HUP # a second Ctrl-C must not interrupt the cleanup
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || true
    # Stop the forwarder before waiting for the logger: if a signal has ended the logger, bash waits for the last child.
    if [ -n "$forwarder" ]; then kill -TERM "$forwarder" 2>/dev/null || true; fi
    wait "$logger" 2>/dev/null || true # an older bash cannot wait for it
    # Remove the containers that the server did not remove.
    while read -r id; do "$docker" rm -f "$id" >/dev/null 2>&1 || true; done <"$work/containers"
  fi
  if [ -n "$forwarder" ]; then kill -TERM "$forwarder" 2>/dev/null || true; wait "$forwarder" || true; fi
  bash local/docker.sh stop "$work/docker" || status=1
  rm -rf "$work"
  exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

command -v go >/dev/null || die "go is not on PATH: install Go, at least the version in go.mod"

# The address.
address=${ADDR:-127.0.0.1:3000}
host=${address%:*} port=${address##*:}
host=${host:-0.0.0.0}
taken() { (exec 3<>"/dev/tcp/${host/#0.0.0.0/127.0.0.1}/$1") 2>/dev/null; }
if [ "$port" = 0 ]; then
  port=$((10000 + RANDOM % 10000)) # below the range of ephemeral ports
  while taken "$port"; do port=$((port + 1)); done
elif taken "$port"; then
  die "port $port of $host is in use by another program: stop it, or set ADDR=127.0.0.1:PORT to another port"
fi

# The tools.
sam=${SAM:-$(command -v sam || true)}
if [ -z "$sam" ]; then
  folder=$(bash local/aws.sh) || die "missing SAM CLI: install aws-sam-cli, so that sam is on PATH, or set SAM to its path"
  sam=$folder/sam
fi
command -v "$sam" >/dev/null || die "$sam is not a program: set SAM to the path of the SAM CLI"
export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=${AWS_EC2_METADATA_DISABLED:-true}
docker=$(bash local/docker.sh client)
DOCKER_HOST=$(bash local/docker.sh start "$work/docker") || die "sam local requires a Docker Engine: see above"
export DOCKER_HOST

# The architecture is that of the engine. The template and Go have different names for it.
case $("$docker" info -f '{{.Architecture}}') in
  x86_64 | amd64) architecture=x86_64; export ARCH=amd64 ;;
  aarch64 | arm64) architecture=arm64; export ARCH=arm64 ;;
  *) die "Lambda does not support the architecture of the Docker Engine: $("$docker" info -f '{{.Architecture}}')" ;;
esac

# Build only the API function: no other function has a route. Build in the source folder: a copy would include the
# databases in local/data.
parameters=(AllowAnonymous=true "Architecture=$architecture" DatabaseUrl=mysql://set.by.env.json/x)
build=$work/build
say "building the function for $architecture"
"$sam" build ApiFunction --build-in-source --build-dir "$build" --parameter-overrides "${parameters[@]}" >"$work/build.log" 2>&1 || {
  cat "$work/build.log" >&2
  die "sam build failed: see above"
}
CGO_ENABLED=0 go run -exec=cp ./local "$work/local" # go run does not link again what it linked before

# The database. Containers on Docker's bridge cannot reach this machine's loopback, so sam-env forwards connections.
# Docker Desktop has a host name that reaches loopback.
if [ -z "${DATABASE_URL:-}" ]; then
  settings=$(bash local/mysql.sh up) || die "cannot start MySQL (see above): set DATABASE_URL"
  eval "$settings"
fi
if [ "$(uname)" = Linux ] && [ "$("$docker" info -f '{{.OperatingSystem}}')" != "Docker Desktop" ]; then
  read -r gateway network < <("$docker" network inspect bridge -f '{{range .IPAM.Config}}{{.Gateway}} {{.Subnet}}{{"\n"}}{{end}}' | grep -v : || true) ||
    die "Docker has no network named bridge, which sam local needs"
  reach=(--host "$gateway" --network "$network")
else
  reach=(--host host.docker.internal)
fi
"$work/local" sam-env "${reach[@]}" --to "$work/env.json" >&2 &
forwarder=$!
while [ ! -e "$work/env.json" ]; do
  kill -0 "$forwarder" 2>/dev/null || [ -e "$work/env.json" ] || { forwarder=''; die "cannot use the database: see above"; }
  sleep 0.05
done

# The base image. SAM pulls AWS's image and keeps it up to date, if the registry is reachable.
image=public.ecr.aws/lambda/provided:al2023-$architecture
pull=()
case $(curl -sS -m 5 -o /dev/null -w '%{http_code}' https://public.ecr.aws/v2/ 2>/dev/null) in
  200 | 401) ;;
  *)
    pull=(--skip-pull-image)
    "$docker" image inspect "$image" >/dev/null 2>&1 || bash local/docker.sh image "$image"
    [ "$("$docker" image inspect -f '{{index .Config.Labels "slipway.stand-in"}}' "$image" 2>/dev/null)" != yes ] ||
      say "cannot reach public.ecr.aws: the function runs in a substitute image, which is not Amazon Linux (docs/sam-local.md)" ;;
esac

# LAZY: EAGER starts a container for every function of the template, even one that is not built. The request below
# warms the container. --disable-authorizer: SAM does not support JWT authorizers, and fails on a conditional one.
log() {
  local line
  while IFS= read -r line; do
    case $line in "SAM_CONTAINER_ID: "*) echo "${line#* }" >>"$work/containers" ;; *) printf '%s\n' "$line" ;; esac
  done
}
: >"$work/containers"
exec 3> >(log >&2)
logger=$!
TMPDIR=$work "$sam" local start-api --template "$build/template.yaml" --parameter-overrides "${parameters[@]}" --env-vars "$work/env.json" \
  --warm-containers LAZY --disable-authorizer ${pull[@]+"${pull[@]}"} --host "$host" --port "$port" >&3 2>&1 3>&- &
server=$!
exec 3>&-
url=http://${host/#0.0.0.0/127.0.0.1}:$port
until status=$(curl -s -o /dev/null -w '%{http_code}' "$url/healthz"); do
  kill -0 "$server" 2>/dev/null || die "sam local start-api ended: see above"
  sleep 0.1
done
[ "$status" = 200 ] || die "the function does not start: /healthz returns $status; see above"
echo "serving $url (stop with Ctrl-C)"
wait "$server" || die "sam local start-api ended: see above"
