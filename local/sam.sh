#!/usr/bin/env bash
# sam local start-api with this project's template. See --help.
set -euo pipefail

usage() {
  cat <<'END'
usage: bash local/sam.sh        (or: make sam-local)

Builds the API function with sam build and serves it with sam local start-api: in a container, behind SAM's idea of an HTTP
API. Says where it serves once it answers. Ctrl-C ends it, and takes its containers away.

  ADDR           where it listens, 127.0.0.1:3000 unless told; port 0 is a free one
  DATABASE_URL   the MySQL, which may be one on 127.0.0.1 of this machine; unless told, the one of bash local/mysql.sh up.
                 On this machine pending migrations are applied first, as by go run ./local
  DOCKER_HOST    the Docker Engine, if not the usual one. Where none runs, on Debian and as root, one of this run is used
                 (local/docker.sh)
  SAM            the SAM CLI, if neither sam on PATH nor the one of local/aws.sh

The other variables of the function are those of local/env.json: each can be set in the environment, too. After a change
of the code, start it again. docs/sam-local.md says how it differs from AWS, and what to do when it does not start.
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
server='' carrier='' logger=''

# finish ends what was started: the server, its containers, the engine of this run.
finish() {
  local status=$? id
  trap '' INT TERM HUP # a second Ctrl-C must not leave a container behind
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" || true
    # Before the logger: where a signal has ended that one, bash waits for the last child there is.
    if [ -n "$carrier" ]; then kill -TERM "$carrier" 2>/dev/null || true; fi
    wait "$logger" 2>/dev/null || true # an older bash does not know it
    # What it was not given the time to take away, or was killed over.
    while read -r id; do "$docker" rm -f "$id" >/dev/null 2>&1 || true; done <"$work/containers"
  fi
  if [ -n "$carrier" ]; then kill -TERM "$carrier" 2>/dev/null || true; wait "$carrier" || true; fi
  bash local/docker.sh stop "$work/docker" || status=1
  rm -rf "$work"
  exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

command -v go >/dev/null || die "go is not on PATH: install Go, at least the version in go.mod"

# Where it listens.
address=${ADDR:-127.0.0.1:3000}
host=${address%:*} port=${address##*:}
host=${host:-0.0.0.0}
taken() { (exec 3<>"/dev/tcp/${host/#0.0.0.0/127.0.0.1}/$1") 2>/dev/null; }
if [ "$port" = 0 ]; then
  port=$((10000 + RANDOM % 10000)) # below the range outgoing connections are given
  while taken "$port"; do port=$((port + 1)); done
elif taken "$port"; then
  die "port $port of $host is taken by another program: end that one, or set ADDR=127.0.0.1:PORT to another port"
fi

# The tools.
sam=${SAM:-$(command -v sam || true)}
if [ -z "$sam" ]; then
  folder=$(bash local/aws.sh) || die "no SAM CLI: install aws-sam-cli, so that sam is on PATH, or set SAM to its path"
  sam=$folder/sam
fi
command -v "$sam" >/dev/null || die "$sam, which SAM says is the SAM CLI, is no program"
export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=${AWS_EC2_METADATA_DISABLED:-true}
docker=$(bash local/docker.sh client)
DOCKER_HOST=$(bash local/docker.sh start "$work/docker") || die "sam local takes a Docker Engine, and there is none: see above"
export DOCKER_HOST

# The processor is that of the engine: what it is called in the template, in Go, and in the name of the image.
case $("$docker" info -f '{{.Architecture}}') in
  x86_64 | amd64) architecture=x86_64; export ARCH=amd64 ;;
  aarch64 | arm64) architecture=arm64; export ARCH=arm64 ;;
  *) die "Lambda has no such processor as the Docker Engine's: $("$docker" info -f '{{.Architecture}}')" ;;
esac

# The function alone: nothing else of the template is behind a route. Go builds in place: a copy would take the rows in
# local/data along.
parameters=(AllowAnonymous=true "Architecture=$architecture" DatabaseUrl=mysql://set.by.env.json/x)
build=$work/build
say "building the function for $architecture"
"$sam" build ApiFunction --build-in-source --build-dir "$build" --parameter-overrides "${parameters[@]}" >"$work/build.log" 2>&1 || {
  cat "$work/build.log" >&2
  die "sam build failed: see above"
}
CGO_ENABLED=0 go build -ldflags="-s -w" -o "$work/local" ./local

# The database, and how a container reaches it: SAM's containers are on Docker's bridge, where this machine's loopback is
# not theirs. Docker Desktop has a name for this machine.
if [ -z "${DATABASE_URL:-}" ]; then
  settings=$(bash local/mysql.sh up) || die "no MySQL (see above): set DATABASE_URL"
  eval "$settings"
fi
if [ "$(uname)" = Linux ] && [ "$("$docker" info -f '{{.OperatingSystem}}')" != "Docker Desktop" ]; then
  read -r gateway network < <("$docker" network inspect bridge -f '{{range .IPAM.Config}}{{.Gateway}} {{.Subnet}}{{"\n"}}{{end}}' | grep -v : || true) ||
    die "Docker has no network named bridge: what it starts cannot be reached"
  reach=(--host "$gateway" --network "$network")
else
  reach=(--host host.docker.internal)
fi
"$work/local" sam-env "${reach[@]}" --to "$work/env.json" >&2 &
carrier=$!
while [ ! -e "$work/env.json" ]; do
  kill -0 "$carrier" 2>/dev/null || [ -e "$work/env.json" ] || { carrier=''; die "the database cannot be used: see above"; }
  sleep 0.05
done

# The base image: AWS's, which SAM fetches and keeps up to date where its registry answers.
image=public.ecr.aws/lambda/provided:al2023-$architecture
pull=()
case $(curl -sS -m 5 -o /dev/null -w '%{http_code}' https://public.ecr.aws/v2/ 2>/dev/null) in
  200 | 401) ;;
  *)
    pull=(--skip-pull-image)
    "$docker" image inspect "$image" >/dev/null 2>&1 || bash local/docker.sh image "$image"
    [ "$("$docker" image inspect -f '{{index .Config.Labels "slipway.stand-in"}}' "$image" 2>/dev/null)" != yes ] ||
      say "public.ecr.aws does not answer: the function runs in a stand-in image, which is no Amazon Linux (docs/sam-local.md)" ;;
esac

# LAZY, since EAGER would start a container for each function of the template, built and routed to or not. The first
# request is the one below, so that the container is warm when anybody else asks. SAM knows no JWT authorizer, and stumbles
# over one that a condition leaves out.
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
[ "$status" = 200 ] || die "the function does not start: /healthz is answered with $status; see above"
echo "serving $url (Ctrl-C ends it)"
wait "$server" || die "sam local start-api ended: see above"
