package test

import (
	"slices"
	"strings"
	"testing"
)

// soundWorkflow keeps every rule.
const soundWorkflow = `name: sound
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency:
  group: sound
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

func TestSoundWorkflowHasNoComplaints(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command, which -short leaves out")
	}
	if got := workflowComplaints(t, "sound.yml", soundWorkflow); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// TestBrokenWorkflows: each rule finds what it is for, and hardly anything beside it.
func TestBrokenWorkflows(t *testing.T) {
	t.Parallel()
	const commit = "0000000000000000000000000000000000000000"
	for name, test := range map[string]struct{ old, new, want string }{
		"a tag":                    {"checkout@" + commit, "checkout@v1", "pin the commit"},
		"a short commit":           {"checkout@" + commit, "checkout@0000000", "pin the commit"},
		"a commit of no version":   {" # v1.2.3", "", "say its version"},
		"a commit of a branch":     {" # v1.2.3", " # main", "say its version"},
		"an action of this folder": {"uses: actions/checkout@" + commit + " # v1.2.3", "uses: ./local", "pin the commit"},
		"an image that moves": {"debian:trixie@sha256:" + commit + "000000000000000000000000", "debian:trixie",
			"pin its sha256"},
		"a service that moves": {"mysql:9.7@sha256:" + commit + "000000000000000000000000", "mysql:9.7",
			"image of db"},
		"a token that stays": {"persist-credentials: false", "fetch-depth: 1", "persist-credentials"},
		"no permissions": {"permissions:\n  contents: read\nconcurrency", "concurrency",
			"permissions at the top"},
		"more permissions": {"  contents: read\nconcurrency", "  contents: write\nconcurrency",
			"permissions at the top"},
		"one permission more": {"  contents: read\nconcurrency", "  contents: read\n  packages: read\nconcurrency",
			"permissions at the top"},
		"all permissions": {"permissions:\n  contents: read\nconcurrency", "permissions: write-all\nconcurrency",
			"permissions at the top"},
		"a job with more": {"      id-token: write", "      packages: write", "no job needs packages: write"},
		"a job that writes": {"      contents: read\n      id-token", "      contents: write\n      id-token",
			"no job needs contents: write"},
		"a job with all": {"    permissions:\n      contents: read\n      id-token: write",
			"    permissions: write-all", "one by one"},
		"an expression in a script":   {`"$NAME"`, `"${{ github.ref_name }}"`, "hand it over in env"},
		"a title in a script":         {`"$NAME"`, `"${{ github.event.head_commit.message }}"`, "hand it over in env"},
		"no limit of time":            {"    timeout-minutes: 5\n", "", "timeout-minutes"},
		"no concurrency":              {"concurrency:\n  group: sound\n  cancel-in-progress: false\n", "", "set concurrency"},
		"a deployment cut off":        {"cancel-in-progress: false", "cancel-in-progress: true", "cut off"},
		"a pull request with secrets": {"on:\n", "on:\n  pull_request:\n", "gets to a secret"},
		"a pull request's target":     {"on:\n", "on:\n  pull_request_target:\n", "pull_request_target"},
		"a script that is gone":       {"local/test.sh", "local/tests.sh", "there is no local/tests.sh"},
		"a target that is gone":       {"make test", "make tests", "make has no tests"},
		"a command that is gone":      {"db lint", "db lintel", "local has no db lintel"},
		"a command without flags":     {"db lint --latest 1 --format github", "db lintel", "local has no db lintel"},
		"a flag that is gone":         {"--latest 1", "--last 1", "local db lint has no --last"},
		"an environment of Atlas's":   {"--env prod", "--env production", "no environment production"},
		"a runner that is not there":  {"ubuntu-24.04", "ubuntu-10.04", "ubuntu-10.04"},
		"a step's output of no step":  {"${{ github.ref_name }}", "${{ steps.plan.outputs.plan }}", "plan"},
		"what is no YAML":             {"name: sound", "name: [sound", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(soundWorkflow, test.old) != 1 {
				t.Fatalf("%q stands there %d times", test.old, strings.Count(soundWorkflow, test.old))
			}
			got := workflowComplaints(t, "broken.yml", strings.Replace(soundWorkflow, test.old, test.new, 1))
			if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, test.want) }) || len(got) > 2 {
				t.Errorf("want a complaint with %q, got %q", test.want, got)
			}
		})
	}
}
