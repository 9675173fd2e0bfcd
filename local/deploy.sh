#!/usr/bin/env bash
# The steps of a deployment, for a pipeline and for manual use. See --help.
# shellcheck disable=SC2016 # Markdown and events contain characters of the shell
set -euo pipefail
export LC_ALL=C SAM_CLI_TELEMETRY=0 AWS_PAGER=""

usage() {
  cat <<'END'
usage: bash local/deploy.sh COMMAND ENVIRONMENT [PLAN]

ENVIRONMENT is dev, staging, or prod. It selects the stack slipway-ENVIRONMENT and the environment in samconfig.toml.

  plan ENVIRONMENT         print the pending SQL, its hash, and the lint report, as Markdown. The live version comes
                           from the migration function; this script does not connect to the database. The exit code is
                           1 if lint finds an error.
  apply ENVIRONMENT PLAN   build and deploy. The migration runs during the stack update, and only if the pending SQL
                           still has the hash PLAN. Otherwise the deployment is rolled back.
  smoke ENVIRONMENT        check the deployed gateway, the API function with its database, and the live version.
  explain ENVIRONMENT      print the last failed events of the stack, and where to find more.

Requires Go and the AWS CLI (version 2) with credentials and a region. apply also requires the SAM CLI; smoke requires
curl. In a GitHub workflow, plan also writes the outputs plan, from, to, and pending.
END
}
die() { echo "deploy: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || die "$1 is not on PATH: install $2"; }

# The hash of an empty plan: the SHA-256 of no bytes.
nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

case ${1:-} in -h | --help) usage; exit 0 ;; esac
[ $# -ge 2 ] || { usage >&2; exit 2; }
command=$1 environment=$2 hash=${3:-}
case $environment in dev | staging | prod) ;; *) die "ENVIRONMENT must be dev, staging, or prod, not $environment" ;; esac
stack=slipway-$environment

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/slipway-deploy.XXXXXX")
trap 'rm -rf "$work"' EXIT

# describe QUERY queries the stack in CloudFormation and sets found to the result. It returns 1 if the stack does not
# exist.
describe() {
  if found=$(aws cloudformation describe-stacks --stack-name "$stack" --query "$1" --output text 2>"$work/error"); then
    [ "$found" != None ] || found=
    return 0
  fi
  grep -q "does not exist" "$work/error" && return 1
  # Missing permissions must not look like a missing stack.
  cat "$work/error" >&2
  die "cannot read the stack $stack from CloudFormation: see above"
}

# output NAME sets found to the output NAME of the stack.
output() { describe "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue | [0]"; }

# invoke FUNCTION EVENT invokes a function and sets response to its response.
invoke() {
  local failed
  failed=$(aws lambda invoke --function-name "$1" --cli-binary-format raw-in-base64-out --payload "$2" \
    --query FunctionError --output text "$work/response") || die "cannot invoke $1: see above"
  response=$(cat "$work/response")
  [ "$failed" = None ] || die "$1 failed: $response"
}

# member NAME TEXT prints a string member of a JSON report. It cannot match inside another string, because quotes are
# escaped there.
member() { printf '%s' "$2" | tr -d '\n' | sed -nE 's/.*[{,] *"'"$1"'": ?"([^"\\]*)".*/\1/p'; }

# find_live sets live to the version of the database ("base" if none), and what to the source of this information.
find_live() {
  local status
  live=base
  if ! describe "Stacks[0].StackStatus"; then
    what="there is no stack \`$stack\`: an empty database"
    return
  fi
  status=$found
  case $status in
    REVIEW_IN_PROGRESS) what="\`$stack\` was never deployed: an empty database"; return ;;
    *_IN_PROGRESS) die "$stack is being updated ($status): wait until the update is complete" ;;
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | *DELETE_FAILED)
      die "$stack is $status and cannot be updated: delete it first (sam delete --stack-name $stack)" ;;
  esac
  output MigrateFunctionName
  [ -n "$found" ] || die "$stack is $status and has no output MigrateFunctionName: it is not a stack of this template"
  invoke "$found" '{"command":"current"}'
  case $response in *'"command":"current"'*'"from":"'*) ;; *) die "$found returned no report: $response" ;; esac
  live=$(member from "$response")
  what="reported by \`$found\`"
  case $response in *'"incomplete":true'*) what="$what; the next migration is applied in part, and will be resumed" ;; esac
  if [ -z "$live" ]; then live=base what="an empty database, $what"; fi
}

plan() {
  local report to pending lint=ok
  need go "Go, at least the version in go.mod"
  need aws "the AWS CLI"
  find_live
  CGO_ENABLED=0 go run -exec=cp ./local "$work/slipway" # go run does not link again what it linked before
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
  [ $lint = ok ] || die "lint found an error: fix it, or allow it in the file with -- atlas:nolint CODE"
}

# configure writes a copy of samconfig.toml with MigrationPlan added to parameter_overrides. The command line cannot do
# that: its --parameter-overrides replace those of the file.
configure() {
  awk -v section="[$environment.deploy.parameters]" -v plan="MigrationPlan=$hash" '
    /MigrationPlan/ { print "samconfig.toml contains MigrationPlan: remove it" >"/dev/stderr"; exit 1 }
    /^\[/ {
      if (inside && !done) { print "parameter_overrides = \"" plan "\""; done = 1 }
      inside = ($1 == section)
    }
    inside && /^parameter_overrides *= *\[/ { sub(/\[/, "[\"" plan "\", "); done = 1 }
    inside && /^parameter_overrides *= *"/ { sub(/"/, "\"" plan " "); done = 1 }
    inside && /^parameter_overrides/ && !done { print "parameter_overrides must be a string or a list" >"/dev/stderr"; exit 1 }
    { print }
    END { if (!done) { if (!inside) print section; print "parameter_overrides = \"" plan "\"" } }
  ' samconfig.toml >"$work/samconfig.toml" || die "samconfig.toml is invalid: see above"
}

apply() {
  need sam "the SAM CLI"
  [[ $hash =~ ^[0-9a-f]{64}$ ]] || die "PLAN must be the hash that \`plan $environment\` printed, not \"$hash\""
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
  # 401 is fine: the authorizer requires a token on every route.
  code=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 60 --retry 5 --retry-all-errors "$url/healthz") || die "$url/healthz does not respond: see above"
  case $code in 200 | 401) echo "$url/healthz: $code" ;; *) die "$url/healthz returns $code" ;; esac
  function=$(aws cloudformation describe-stack-resource --stack-name "$stack" --logical-resource-id ApiFunction \
    --query StackResourceDetail.PhysicalResourceId --output text) || die "cannot read the name of the function from CloudFormation: see above"
  invoke "$function" '{"version":"2.0","routeKey":"ANY /{proxy+}","rawPath":"/readyz","rawQueryString":"","headers":{"host":"smoke"},"requestContext":{"apiId":"smoke","domainName":"smoke","stage":"$default","requestId":"smoke","http":{"method":"GET","path":"/readyz","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"smoke"}},"isBase64Encoded":false}'
  case $response in *'"statusCode":200'*) echo "$function: /readyz returns 200" ;; *) die "$function: /readyz returns $response" ;; esac
  output MigrateFunctionName
  invoke "$found" '{"command":"status"}'
  case $response in
    *'"pending":[]'*'"failed":null'*) echo "$found: the database is at $(member from "$response"), and nothing is pending" ;;
    *) die "$found: a migration is pending, or failed: $response" ;;
  esac
}

explain() {
  printf '## %s: failed events\n\n~~~~text\n' "$stack"
  aws cloudformation describe-stack-events --stack-name "$stack" --max-items 100 --output text \
    --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[Timestamp, LogicalResourceId, ResourceStatus, ResourceStatusReason]" 2>&1 || true
  cat <<END
~~~~

The last line is the first failure. CloudFormation rolls the stack back to the previous code. An applied migration stays
applied.

- \`Migration\`: the event contains the failed statement and the error. The statements before it are recorded as applied:
  fix the file or the rows, and deploy again with a new plan. If the event says "the pending migrations do not match the plan",
  the database has changed since the plan: create a new plan.
- log of the migration function: \`aws logs tail /aws/lambda/$stack-migrate --since 1h\`
- log of the API function: \`aws logs tail /aws/lambda/$stack-api --since 1h\`
- live version of the database: \`bash local/deploy.sh plan $environment\`
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
