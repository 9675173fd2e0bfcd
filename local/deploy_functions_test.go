package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/dbtest/blog/project"
	"slipway/internal/test/lambdatest"
)

// TestDeployPlanBuilds: plan builds the command, here of a project that is compiled already, and runs it in its folder.
func TestDeployPlanBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: builds the command")
	}
	t.Parallel()
	d, folder := newDeployment(t, nil), project.Copy(t)
	d.script = filepath.Join(folder, "local", "deploy.sh")
	whole, err := run.PlanFrom(plan.MySQL, os.DirFS(filepath.Join(folder, "migrations")), "", "")
	if err != nil {
		t.Fatal(err)
	}
	out, ok := d.run("plan", "prod")
	want := outputs(whole.Plan, "base", whole.To, len(whole.Pending))
	if got := d.file("outputs"); !ok || got != want {
		t.Errorf("ended well: %v, outputs %q, want %q\n%s", ok, got, want, out)
	}
	has(t, out, "CREATE TABLE `users`", "### lint")
}

// TestDeployInvokesFunctions: the real functions accept the events of deploy.sh, and it can read their responses. Only
// the AWS CLI is a fake.
func TestDeployInvokesFunctions(t *testing.T) {
	t.Parallel()
	url := dbtest.MySQL(t)
	job := lambdatest.Start(t, "slipway/functions/migrate", "DATABASE_URL="+url)
	api := lambdatest.Start(t, "slipway/functions/api", "DATABASE_URL="+url)
	d := newDeployment(t, map[string]string{
		"status": "CREATE_COMPLETE\n", "url": "https://x\n", "function": "the-migrate\n", "code": "401",
		"ready": `{"statusCode":200}`, "report": currentReport(blog.Version, ""),
	})
	fakeGo(t, d.fake)
	folder := project.Copy(t, "schema.hcl", "migrations", "local")
	d.script = filepath.Join(folder, "local", "deploy.sh")
	// forward sends the event of the last fake call to the real function, and saves the response for the next fake call.
	forward := func(fn *lambdatest.Function, call, file string) {
		t.Helper()
		sent := regexp.MustCompile(`invoke --function-name `+call+` .*--payload (\{.*\}) --query`).
			FindAllStringSubmatch(d.file("calls"), -1)
		if len(sent) == 0 {
			t.Fatalf("nothing was sent to %s:\n%s", call, d.file("calls"))
		}
		response, err := fn.Invoke(t.Context(), []byte(sent[len(sent)-1][1]))
		if err == nil {
			err = os.WriteFile(filepath.Join(d.fake, file), response, 0o644)
		}
		if err != nil {
			t.Fatalf("%s: %v", call, err)
		}
	}
	plan := func(want string) {
		t.Helper()
		d.run("plan", "prod")
		forward(job, "the-migrate", "report")
		if out, ok := d.run("plan", "prod"); !ok {
			t.Fatal(out)
		} else {
			has(t, out, want)
		}
	}
	smoke := func(want string, fine bool) {
		t.Helper()
		d.run("smoke", "prod")
		forward(api, "the-api", "ready")
		if out, ok := d.run("smoke", "prod"); ok != fine {
			t.Errorf("%s: ended well: %v\n%s", want, ok, out)
		} else {
			has(t, out, want)
		}
	}
	plan("an empty database")
	smoke("/readyz returns", false)
	succeeds(t, folder, nil, "db", "upgrade", "--url", url)
	plan("live: `" + blog.Version)
	plan("pending: 0")
	d.run("smoke", "prod")
	forward(job, "the-migrate", "report")
	smoke("the database is at "+blog.Version+", and nothing is pending", true)
}
