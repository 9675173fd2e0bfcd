package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest/blog/project"
)

// nothing is the sha256 of no bytes.
const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// fakes are scripts that replace the programs of a deployment. Each appends its arguments to the file "calls" and
// prints the file for that call.
var fakes = map[string]string{
	"aws": `#!/usr/bin/env bash
echo "aws $*" >>"$FAKE/calls"
answer() {
  [ -e "$FAKE/$1" ] || {
    echo -n "An error occurred (ValidationError) when calling the DescribeStacks operation: " >&2
    echo "Stack with id s does not exist" >&2
    exit 254
  }
  cat "$FAKE/$1"
}
if [ -e "$FAKE/denied" ]; then echo "An error occurred (AccessDenied) when calling the operation" >&2; exit 254; fi
case "$*" in
  *describe-stacks*StackStatus*) answer status ;;
  *describe-stacks*ApiUrl*) answer url ;;
  *describe-stacks*MigrateFunctionName*) answer function ;;
  *describe-stack-resource*) echo the-api ;;
  *describe-stack-events*) echo "Migration CREATE_FAILED it failed" ;;
  *invoke*the-api*) cp "$FAKE/ready" "${!#}"; echo None ;;
  *invoke*) cp "$FAKE/report" "${!#}"; if [ -e "$FAKE/failed" ]; then echo Unhandled; else echo None; fi ;;
  *) echo "no such call: $*" >&2; exit 2 ;;
esac
`,
	"sam": `#!/usr/bin/env bash
echo "sam $*" >>"$FAKE/calls"
while [ $# -gt 0 ]; do if [ "$1" = --config-file ]; then cp "$2" "$FAKE/config"; fi; shift; done
`,
	"curl": `#!/usr/bin/env bash
echo "curl $*" >>"$FAKE/calls"
cat "$FAKE/code"
`,
}

// deployment is deploy.sh with fake programs.
type deployment struct {
	t      *testing.T
	script string
	fake   string
}

// newDeployment returns a deployment whose programs print the given files.
func newDeployment(t *testing.T, files map[string]string) deployment {
	t.Helper()
	script, err := filepath.Abs("deploy.sh")
	if err != nil {
		t.Fatal(err)
	}
	d := deployment{t: t, script: script, fake: t.TempDir()}
	for name, text := range fakes {
		if err := os.WriteFile(filepath.Join(d.fake, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(d.fake, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// run runs the script and returns its output, and whether the exit code is 0.
func (d deployment) run(args ...string) (out string, ok bool) {
	d.t.Helper()
	cmd := exec.CommandContext(d.t.Context(), "bash", append([]string{d.script}, args...)...)
	cmd.Env = append(os.Environ(), "FAKE="+d.fake, "PATH="+d.fake+":"+os.Getenv("PATH"), "TMPDIR="+d.t.TempDir(),
		"GITHUB_OUTPUT="+filepath.Join(d.fake, "outputs"))
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}

// file returns a file that a fake program or the script wrote, or "" if it is missing.
func (d deployment) file(name string) string {
	text, _ := os.ReadFile(filepath.Join(d.fake, name))
	return string(text)
}

// currentReport returns the response of the migration function to the command current.
func currentReport(from, rest string) string {
	return `{"command":"current","dialect":"mysql","from":"` + from + `","to":"x","applied":[{"version":"1",` +
		`"description":"a \",\"from\":\"9\" b","statements":1,"duration_ms":3}],"pending":[],"failed":null,` + rest +
		`"plan":"","duration_ms":4}`
}

// TestDeployPlan: plan prints the pending SQL, and its outputs contain the hash for the approval.
func TestDeployPlan(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: builds the command")
	}
	t.Parallel()
	folder := project.Copy(t, append(slices.Clone(tableFiles), "local/deploy.sh")...)
	edit(t, filepath.Join(folder, "schema.hcl"), nickname)
	mustRun(t, folder, "db", "migrate", "-m", "add nickname")
	files := os.DirFS(filepath.Join(folder, "migrations"))
	whole, err := run.PlanFrom(plan.MySQL, files, "", "")
	if err != nil {
		t.Fatal(err)
	}
	first, last := whole.Pending[0].Version, whole.To
	rest, err := run.PlanFrom(plan.MySQL, files, first, "")
	if err != nil {
		t.Fatal(err)
	}
	all := len(whole.Pending)
	stack := func(report string) map[string]string {
		return map[string]string{"status": "UPDATE_COMPLETE\n", "function": "the-migrate\n", "report": report}
	}
	for _, test := range []struct {
		name  string
		files map[string]string
		// outputs are the outputs for the next job; "" if plan must fail.
		outputs string
		want    []string
	}{
		{"no stack", nil, outputs(whole.Plan, "base", last, all),
			[]string{"there is no stack", "CREATE TABLE `users`", "### lint"}},
		{"a stack that was never deployed", map[string]string{"status": "REVIEW_IN_PROGRESS\n"},
			outputs(whole.Plan, "base", last, all), []string{"never deployed"}},
		{"an empty database", stack(currentReport("", "")), outputs(whole.Plan, "base", last, all),
			[]string{"an empty database"}},
		{"an older version", stack(currentReport(first, "")), outputs(rest.Plan, first, last, all-1),
			[]string{"live: `" + first, "ADD COLUMN `nickname`", rest.Plan}},
		{"applied in part", stack(currentReport(first, `"incomplete":true,`)), outputs(rest.Plan, first, last, all-1),
			[]string{"applied in part"}},
		{"up to date", stack(currentReport(last, "")), outputs(nothing, last, last, 0), []string{"pending: 0", nothing}},
		{"a newer build was here", stack(currentReport("20991231000000", "")),
			outputs(nothing, "20991231000000", "20991231000000", 0), nil},
		{"a version without a file", stack(currentReport("20260101000000", "")), "", []string{"no migration has version"}},
		{"no permission", map[string]string{"denied": ""}, "", []string{"AccessDenied", "cannot read the stack"}},
		{"a stack that is being changed", map[string]string{"status": "UPDATE_IN_PROGRESS\n"}, "",
			[]string{"wait until the update is complete"}},
		{"a failed creation", map[string]string{"status": "ROLLBACK_COMPLETE\n"}, "", []string{"delete it first"}},
		{"another stack of that name", map[string]string{"status": "UPDATE_COMPLETE\n", "function": "None\n"}, "",
			[]string{"not a stack of this template"}},
		{"a job that fails",
			map[string]string{"status": "UPDATE_COMPLETE\n", "function": "the-migrate\n", "failed": "",
				"report": `{"errorMessage":"no database"}`}, "", []string{"the-migrate failed", "no database"}},
		{"a job that returns something else", stack(`{"statusCode":200}`), "", []string{"returned no report"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDeployment(t, test.files)
			d.script = filepath.Join(folder, "local", "deploy.sh")
			fakeGo(t, d.fake)
			out, ok := d.run("plan", "prod")
			if wrote := d.file("outputs"); ok != (test.outputs != "") || wrote != test.outputs {
				t.Errorf("ended well: %v, outputs %q, want %q\n%s", ok, wrote, test.outputs, out)
			}
			has(t, out, test.want...)
			if calls := d.file("calls"); strings.Contains(calls, "upgrade") {
				t.Errorf("a plan changed something:\n%s", calls)
			}
		})
	}
}

// TestDeployPlanLints: plan fails on a lint error, unless the file contains atlas:nolint.
func TestDeployPlanLints(t *testing.T) {
	t.Parallel()
	dir := projectFolder(t)
	last := report(t, succeeds(t, dir, nil, "db", "plan", "--json", "--from", "base")).To
	edit(t, filepath.Join(dir, "schema.hcl"), func(s string) string {
		a, b := strings.Index(s, bioColumn), strings.Index(s, "  column \"is_active\" {")
		return s[:a] + s[b:]
	})
	succeeds(t, dir, nil, "db", "migrate", "-m", "drop bio")
	if err := os.Mkdir(filepath.Join(dir, "local"), 0o755); err != nil {
		t.Fatal(err)
	}
	copyTo(t, "deploy.sh", filepath.Join(dir, "local", "deploy.sh"))
	d := newDeployment(t,
		map[string]string{"status": "UPDATE_COMPLETE\n", "function": "the-migrate\n", "report": currentReport(last, "")})
	fakeGo(t, d.fake)
	d.script = filepath.Join(dir, "local", "deploy.sh")
	out, ok := d.run("plan", "prod")
	if ok {
		t.Error("plan succeeded")
	}
	has(t, out, "DROP COLUMN `bio`", "error DS103", "lint found an error")

	files, err := filepath.Glob(filepath.Join(dir, "migrations/*/*_drop_bio.sql"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		edit(t, path, func(s string) string { return "-- atlas:nolint\n\n" + s })
	}
	succeeds(t, dir, []string{"DATABASE_URL=sqlite://" + filepath.Join(t.TempDir(), "x.db")}, "db", "repair")
	if out, ok := d.run("plan", "prod"); !ok {
		t.Errorf("plan failed although the file contains atlas:nolint:\n%s", out)
	}
}

// fakeGo creates a fake go command in a folder. Instead of a build it links to the binary of these tests.
func fakeGo(t *testing.T, folder string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nln -s '" + path + "' \"$4\"\n"
	if err := os.WriteFile(filepath.Join(folder, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

func outputs(plan, from, to string, pending int) string {
	return fmt.Sprintf("plan=%s\nfrom=%s\nto=%s\npending=%d\n", plan, from, to, pending)
}

// TestDeployApply: apply adds the plan to the parameters in samconfig.toml.
func TestDeployApply(t *testing.T) {
	t.Parallel()
	const other = "version = 0.1\n[dev.deploy.parameters]\nparameter_overrides = \"A=0\"\n"
	for _, test := range []struct{ name, config, want string }{
		{"a text", other + "[prod.deploy.parameters]\nparameter_overrides = \"A=1 B=2\"\n[x]\n",
			other + "[prod.deploy.parameters]\nparameter_overrides = \"MigrationPlan=" + nothing + " A=1 B=2\"\n[x]\n"},
		{"a list", other + "[prod.deploy.parameters]\nparameter_overrides = [\n  \"A=1\",\n]\n",
			other + "[prod.deploy.parameters]\nparameter_overrides = [\"MigrationPlan=" + nothing + "\", \n  \"A=1\",\n]\n"},
		{"none", other + "[prod.deploy.parameters]\nresolve_s3 = true\n[x]\n",
			other + "[prod.deploy.parameters]\nresolve_s3 = true\nparameter_overrides = \"MigrationPlan=" + nothing +
				"\"\n[x]\n"},
		{"none, at the end", other + "[prod.deploy.parameters]\n",
			other + "[prod.deploy.parameters]\nparameter_overrides = \"MigrationPlan=" + nothing + "\"\n"},
		{"no section", other, other + "[prod.deploy.parameters]\nparameter_overrides = \"MigrationPlan=" + nothing + "\"\n"},
		{"a table", "[prod.deploy.parameters]\nparameter_overrides = { A = 1 }\n", ""},
		{"a plan that stays", "[prod.deploy.parameters]\nparameter_overrides = \"MigrationPlan=1\"\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDeployment(t, nil)
			root := t.TempDir()
			text, err := os.ReadFile(d.script)
			if err == nil {
				err = os.Mkdir(filepath.Join(root, "local"), 0o755)
			}
			if err != nil {
				t.Fatal(err)
			}
			d.script = filepath.Join(root, "local", "deploy.sh")
			for path, text := range map[string]string{d.script: string(text),
				filepath.Join(root, "samconfig.toml"): test.config} {
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			out, ok := d.run("apply", "prod", nothing)
			if ok != (test.want != "") || d.file("config") != test.want {
				t.Errorf("ended well: %v\n%s\nsam read\n%s\nwant\n%s", ok, out, d.file("config"), test.want)
			}
			if ok {
				has(t, d.file("calls"), "sam build", "sam deploy", "--config-env prod", "--stack-name slipway-prod",
					"--no-confirm-changeset")
			} else if calls := d.file("calls"); calls != "" {
				t.Errorf("it went on: %s", calls)
			}
		})
	}
}

// TestDeploySmoke: smoke fails if the gateway, the function, or the migration is not in order.
func TestDeploySmoke(t *testing.T) {
	t.Parallel()
	const done = `{"command":"status","dialect":"mysql","from":"7","to":"7","applied":[],"pending":[],"failed":null,` +
		`"incomplete":false,"plan":"","duration_ms":4}`
	const more = `{"command":"status","dialect":"mysql","from":"7","to":"8","applied":[],"pending":[{"version":"8"}],` +
		`"failed":null,"incomplete":false,"plan":"1","duration_ms":4}`
	for _, test := range []struct {
		name, code, ready, report string
		want                      string
		ok                        bool
	}{
		{"all is well", "200", `{"statusCode":200,"body":""}`, done, "the database is at 7, and nothing is pending", true},
		{"an authorizer in front", "401", `{"statusCode":200,"body":""}`, done, "401", true},
		{"a gateway without its function", "500", `{"statusCode":200,"body":""}`, done, "returns 500", false},
		{"a function without its database", "200", `{"statusCode":503,"body":"down"}`, done, "/readyz returns", false},
		{"a pending migration", "200", `{"statusCode":200,"body":""}`, more, "a migration is pending", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newDeployment(t,
				map[string]string{"url": "https://x\n", "function": "the-migrate\n", "code": test.code, "ready": test.ready,
					"report": test.report})
			out, ok := d.run("smoke", "dev")
			if ok != test.ok || !strings.Contains(out, test.want) {
				t.Errorf("ended well: %v, want %v and %q\n%s", ok, test.ok, test.want, out)
			}
		})
	}
}

// TestDeployRefuses: invalid arguments fail before the script calls or changes anything.
func TestDeployRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want string
		args []string
	}{
		{"usage:", nil},
		{"usage:", []string{"remove", "dev"}},
		{"dev, staging, or prod, not x", []string{"plan", "x"}},
		{`printed, not ""`, []string{"apply", "dev"}},
		{`printed, not "$(touch x)"`, []string{"apply", "dev", "$(touch x)"}},
		{"printed, not", []string{"apply", "dev", nothing + " A=1"}},
		{"there is no stack slipway-dev", []string{"smoke", "dev"}},
		{"Migration CREATE_FAILED", []string{"explain", "dev"}},
	} {
		d := newDeployment(t, nil)
		if out, ok := d.run(test.args...); ok != slices.Contains(test.args, "explain") || !strings.Contains(out, test.want) {
			t.Errorf("%q: ended well: %v, want %q\n%s", test.args, ok, test.want, out)
		}
		if calls := d.file("calls"); strings.Contains(calls, "sam ") || strings.Contains(calls, "invoke") {
			t.Errorf("%q: it went on: %s", test.args, calls)
		}
	}
}
