#!/usr/bin/env bash
# A deployment in the steps that a pipeline takes, for hands too. See --help.
# shellcheck disable=SC2016 # Markdown and an event have the signs of the shell in them
set -euo pipefail
export LC_ALL=C SAM_CLI_TELEMETRY=0 AWS_PAGER=""

usage() {
  cat <<'END'
usage: bash local/deploy.sh COMMAND ENVIRONMENT [PLAN]

ENVIRONMENT is dev, staging or prod: the stack slipway-ENVIRONMENT, and that environment in samconfig.toml.

  plan ENVIRONMENT         asks the deployed job which version is live and prints what this checkout would run after
                           it: the SQL, its hash, and what lint says of it, as Markdown. No database is reached from
                           here. Ends with 1 where lint finds an error.
  apply ENVIRONMENT PLAN   builds and deploys. The migration runs while the stack is updated, and only if what is
                           pending by then has this hash; otherwise the deployment is rolled back.
  smoke ENVIRONMENT        asks what is deployed: the gateway, the function with its database, the live version.
  explain ENVIRONMENT      prints what failed last in the stack, and where to read on.

They need Go, the AWS CLI (version 2) with credentials and a region; apply needs the SAM CLI, smoke curl.
In a GitHub workflow plan also writes its outputs: plan, from, to, pending.
END
}
die() { echo "deploy: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || die "$1 is not on PATH: install $2"; }

# The hash of no statements at all: where nothing is pending, nothing is what is approved.
nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

case ${1:-} in -h | --help) usage; exit 0 ;; esac
[ $# -ge 2 ] || { usage >&2; exit 2; }
command=$1 environment=$2 hash=${3:-}
case $environment in dev | staging | prod) ;; *) die "ENVIRONMENT is dev, staging or prod, not $environment" ;; esac
stack=slipway-$environment

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/slipway-deploy.XXXXXX")
trap 'rm -rf "$work"' EXIT

# describe QUERY asks CloudFormation for the stack and sets found. Status 1: there is no such stack.
describe() {
  if found=$(aws cloudformation describe-stacks --stack-name "$stack" --query "$1" --output text 2>"$work/error"); then
    [ "$found" != None ] || found=
    return 0
  fi
  grep -q "does not exist" "$work/error" && return 1
  # Whoever may not look must not be told that there is nothing.
  cat "$work/error" >&2
  die "CloudFormation does not say what $stack is: see above"
}

# output NAME sets found to an output of the stack.
output() { describe "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue | [0]"; }

# invoke FUNCTION EVENT sets answer to what a function answers.
invoke() {
  local failed
  failed=$(aws lambda invoke --function-name "$1" --cli-binary-format raw-in-base64-out --payload "$2" \
    --query FunctionError --output text "$work/answer") || die "$1 could not be invoked: see above"
  answer=$(cat "$work/answer")
  [ "$failed" = None ] || die "$1 failed: $answer"
}

# member NAME TEXT prints a string of a report. Inside of other strings quotes have a backslash before them.
member() { printf '%s' "$2" | tr -d '\n' | sed -nE 's/.*[{,] *"'"$1"'": ?"([^"\\]*)".*/\1/p'; }

# find_live sets live to the version that the database is at, and what to where that is known from.
find_live() {
  local status
  live=base
  if ! describe "Stacks[0].StackStatus"; then
    what="there is no stack \`$stack\` yet: an empty database"
    return
  fi
  status=$found
  case $status in
    REVIEW_IN_PROGRESS) what="\`$stack\` was never deployed: an empty database"; return ;;
    *_IN_PROGRESS) die "$stack is being changed ($status): wait until it is done" ;;
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | *DELETE_FAILED)
      die "$stack is $status, and takes no deployment: delete it first (sam delete --stack-name $stack)" ;;
  esac
  output MigrateFunctionName
  [ -n "$found" ] || die "$stack is $status and has no output MigrateFunctionName: it is not a stack of this template"
  invoke "$found" '{"command":"current"}'
  case $answer in *'"command":"current"'*'"from":"'*) ;; *) die "$found answered no report: $answer" ;; esac
  live=$(member from "$answer")
  what="\`$found\` says so"
  case $answer in *'"incomplete":true'*) what="$what; the migration after it is applied in part, and goes on" ;; esac
  if [ -z "$live" ]; then live=base what="an empty database, $what"; fi
}

plan() {
  local report to pending lint=ok
  need go "Go, at least the version in go.mod"
  need aws "the AWS CLI"
  find_live
  CGO_ENABLED=0 go build -o "$work/slipway" ./local
  report=$("$work/slipway" db plan --from "$live" --json) || { printf '%s\n' "$report" >&2; exit 1; }
  to=$(member to "$report")
  hash=$(member plan "$report")
  pending=$(printf '%s\n' "$report" | sed -n '/^  "pending"/,$p' | grep -c '^      "version"') || true
  printf '## %s: plan `%s`\n\n' "$stack" "${hash:-$nothing}"
  printf -- '- live: `%s` (%s)\n- after it: `%s`\n- pending: %s\n' "$live" "$what" "${to:-nothing}" "$pending"
  if [ -n "$hash" ]; then
    printf '\n~~~~sql\n'
    "$work/slipway" db plan --from "$live" | sed '$d'
    printf '~~~~\n\n### lint\n\n~~~~text\n'
    "$work/slipway" db lint --from "$live" 2>&1 || lint=failed
    printf '~~~~\n'
  fi
  hash=${hash:-$nothing}
  [ -z "${GITHUB_OUTPUT:-}" ] || printf 'plan=%s\nfrom=%s\nto=%s\npending=%s\n' "$hash" "$live" "$to" "$pending" >>"$GITHUB_OUTPUT"
  [ $lint = ok ] || die "lint has an error: mend it, or say in the file that it is meant (-- atlas:nolint CODE)"
}

# configure writes samconfig.toml with the plan among the parameters. On the command line it would stand alone: sam
# takes parameters from the one or from the other.
configure() {
  awk -v section="[$environment.deploy.parameters]" -v plan="MigrationPlan=$hash" '
    /MigrationPlan/ { print "samconfig.toml names MigrationPlan: take it out" >"/dev/stderr"; exit 1 }
    /^\[/ {
      if (inside && !done) { print "parameter_overrides = \"" plan "\""; done = 1 }
      inside = ($1 == section)
    }
    inside && /^parameter_overrides *= *\[/ { sub(/\[/, "[\"" plan "\", "); done = 1 }
    inside && /^parameter_overrides *= *"/ { sub(/"/, "\"" plan " "); done = 1 }
    inside && /^parameter_overrides/ && !done { print "parameter_overrides is neither a text nor a list" >"/dev/stderr"; exit 1 }
    { print }
    END { if (!done) { if (!inside) print section; print "parameter_overrides = \"" plan "\"" } }
  ' samconfig.toml >"$work/samconfig.toml" || die "samconfig.toml cannot be used: see above"
}

apply() {
  need sam "the SAM CLI"
  [[ $hash =~ ^[0-9a-f]{64}$ ]] || die "PLAN is the hash that \`plan $environment\` printed, not \"$hash\""
  configure
  sam build --config-file "$work/samconfig.toml" --config-env "$environment"
  sam deploy --config-file "$work/samconfig.toml" --config-env "$environment" --stack-name "$stack" \
    --no-confirm-changeset --no-fail-on-empty-changeset
}

smoke() {
  local url code function
  need aws "the AWS CLI"
  need curl curl
  output ApiUrl || die "there is no stack $stack"
  url=$found
  [ -n "$url" ] || die "$stack has no output ApiUrl"
  # 401: the authorizer, which is in front of every route, answers that nobody said who they are.
  code=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 60 --retry 5 --retry-all-errors "$url/healthz") || die "$url/healthz does not answer: see above"
  case $code in 200 | 401) echo "$url/healthz: $code" ;; *) die "$url/healthz answers $code" ;; esac
  function=$(aws cloudformation describe-stack-resource --stack-name "$stack" --logical-resource-id ApiFunction \
    --query StackResourceDetail.PhysicalResourceId --output text) || die "CloudFormation does not name the function: see above"
  invoke "$function" '{"version":"2.0","routeKey":"ANY /{proxy+}","rawPath":"/readyz","rawQueryString":"","headers":{"host":"smoke"},"requestContext":{"apiId":"smoke","domainName":"smoke","stage":"$default","requestId":"smoke","http":{"method":"GET","path":"/readyz","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"smoke"}},"isBase64Encoded":false}'
  case $answer in *'"statusCode":200'*) echo "$function: /readyz answers 200" ;; *) die "$function: /readyz answers $answer" ;; esac
  output MigrateFunctionName
  invoke "$found" '{"command":"status"}'
  case $answer in
    *'"pending":[]'*'"failed":null'*) echo "$found: the database is at $(member from "$answer"), and nothing is pending" ;;
    *) die "$found: something is pending, or failed: $answer" ;;
  esac
}

explain() {
  printf '## %s: what failed\n\n~~~~text\n' "$stack"
  aws cloudformation describe-stack-events --stack-name "$stack" --max-items 100 --output text \
    --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[Timestamp, LogicalResourceId, ResourceStatus, ResourceStatusReason]" 2>&1 || true
  cat <<END
~~~~

The first failure is the last line. The stack is rolled back to the code before; a migration that was applied stays.

- \`Migration\`: the statement and the error stand there. After a statement that failed, what ran is recorded: mend the file
  or the rows, and deploy again, from a new plan. "what is pending is not what was planned": the database has moved since
  the plan; plan again.
- the job's log: \`aws logs tail /aws/lambda/$stack-migrate --since 1h\`
- the function's log: \`aws logs tail /aws/lambda/$stack-api --since 1h\`
- where the database is: \`bash local/deploy.sh plan $environment\`
- [docs/migrations.md](docs/migrations.md) and [docs/pipelines.md](docs/pipelines.md)
END
}

case $command in
  plan) plan ;;
  apply) apply ;;
  smoke) smoke ;;
  explain) need aws "the AWS CLI"; explain ;;
  *) usage >&2; exit 2 ;;
esac
