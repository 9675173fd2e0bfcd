package deployment

import (
	"slices"
	"strings"
	"testing"
)

// validWorkflow satisfies every rule.
const validWorkflow = `name: valid
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: valid
  cancel-in-progress: false
jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    environment: dev
    container:
      image: debian:trixie@sha256:0000000000000000000000000000000000000000000000000000000000000000
    permissions:
      contents: read
      id-token: write
    services:
      db:
        image: mysql:9.7@sha256:0000000000000000000000000000000000000000000000000000000000000000
    steps:
      - uses: actions/checkout@0000000000000000000000000000000000000000 # v1.2.3
        with:
          persist-credentials: false
      - run: bash local/test.sh "$NAME" && go run ./local db lint --latest 1 --format github && make test
        env:
          NAME: ${{ github.ref_name }}
      - run: atlas migrate status --env prod
        env:
          DATABASE_URL: ${{ secrets.DATABASE_URL }}
`

func TestValidWorkflow(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: builds the command")
	}
	if got := workflowComplaints(t, "valid.yml", validWorkflow); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// TestInvalidWorkflows breaks one rule at a time and expects its complaint, and at most one more.
func TestInvalidWorkflows(t *testing.T) {
	t.Parallel()
	const commit = "0000000000000000000000000000000000000000"
	for name, test := range map[string]struct{ old, new, want string }{
		"a tag":                    {"checkout@" + commit, "checkout@v1", "pin the commit"},
		"a short commit":           {"checkout@" + commit, "checkout@0000000", "pin the commit"},
		"a commit of no version":   {" # v1.2.3", "", "add its version"},
		"a commit of a branch":     {" # v1.2.3", " # main", "add its version"},
		"an action of this folder": {"uses: actions/checkout@" + commit + " # v1.2.3", "uses: ./local", "pin the commit"},
		"an image that moves": {"debian:trixie@sha256:" + commit + "000000000000000000000000", "debian:trixie",
			"add its sha256"},
		"a service that moves": {"mysql:9.7@sha256:" + commit + "000000000000000000000000", "mysql:9.7",
			"image of db"},
		"a token that stays": {"persist-credentials: false", "fetch-depth: 1", "persist-credentials"},
		"no permissions": {"permissions:\n  contents: read\nconcurrency", "concurrency",
			"permissions of the workflow"},
		"more permissions": {"  contents: read\nconcurrency", "  contents: write\nconcurrency",
			"permissions of the workflow"},
		"one permission more": {"  contents: read\nconcurrency", "  contents: read\n  packages: read\nconcurrency",
			"permissions of the workflow"},
		"all permissions": {"permissions:\n  contents: read\nconcurrency", "permissions: write-all\nconcurrency",
			"permissions of the workflow"},
		"a job with more": {"      id-token: write", "      packages: write", "no job needs packages: write"},
		"a job that writes": {"      contents: read\n      id-token", "      contents: write\n      id-token",
			"no job needs contents: write"},
		"a job with all": {"    permissions:\n      contents: read\n      id-token: write",
			"    permissions: write-all", "individually"},
		"an expression in a script": {`"$NAME"`, `"${{ github.ref_name }}"`, "pass it in env"},
		"a title in a script":       {`"$NAME"`, `"${{ github.event.head_commit.message }}"`, "pass it in env"},
		"no limit of time":          {"    timeout-minutes: 5\n", "", "timeout-minutes"},
		"no concurrency": {"concurrency:\n  group: valid\n  cancel-in-progress: false\n", "",
			"missing concurrency"},
		"a canceled deployment":       {"cancel-in-progress: false", "cancel-in-progress: true", "must not be canceled"},
		"a pull request with secrets": {"on:\n", "on:\n  pull_request:\n", "must not use secrets"},
		"a pull request's target":     {"on:\n", "on:\n  pull_request_target:\n", "pull_request_target"},
		"a missing script":            {"local/test.sh", "local/tests.sh", "missing local/tests.sh"},
		"a missing target":            {"make test", "make tests", "make has no tests"},
		"a missing command":           {"db lint", "db lintel", "local has no db lintel"},
		"a command without flags":     {"db lint --latest 1 --format github", "db lintel", "local has no db lintel"},
		"a missing flag":              {"--latest 1", "--last 1", "local db lint has no --last"},
		"a missing environment":       {"--env prod", "--env production", "no environment production"},
		"an unknown runner":           {"ubuntu-24.04", "ubuntu-10.04", "ubuntu-10.04"},
		"an output of no step":        {"${{ github.ref_name }}", "${{ steps.plan.outputs.plan }}", "plan"},
		"invalid YAML":                {"name: valid", "name: [valid", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(validWorkflow, test.old) != 1 {
				t.Fatalf("the workflow contains %q %d times", test.old, strings.Count(validWorkflow, test.old))
			}
			got := workflowComplaints(t, "invalid.yml", strings.Replace(validWorkflow, test.old, test.new, 1))
			if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, test.want) }) || len(got) > 2 {
				t.Errorf("want a complaint with %q, got %q", test.want, got)
			}
		})
	}
}
