package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// apiFiles are the files that `local lambda` needs: those that it builds, and those that it applies.
var apiFiles = []string{"go.mod", "go.sum", "functions/api", "internal/app", "internal/auth", "internal/aws",
	"internal/config", "internal/database", "internal/dbenv", "internal/gateway", "internal/httpapi", "internal/query",
	"internal/resource", "internal/store", "migrations", "schema.hcl"}

// lambdaCommand returns the command `local lambda` in a project's folder. It has its own HOME, TMPDIR, and process
// group. The test fails if it leaves processes.
func lambdaCommand(t *testing.T, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	tmp := t.TempDir()
	env = append([]string{"ADDR=127.0.0.1:0", "TMPDIR=" + tmp, "HOME=" + tmp}, env...)
	cmd := command(context.Background(), t, dir, env, append([]string{"lambda"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	t.Cleanup(func() {
		if left := processesOf(t, tmp); len(left) > 0 {
			t.Errorf("these processes are left: %q", left)
		}
	})
	return cmd
}

// startLambda starts `local lambda` on a database and waits until it serves.
func startLambda(t *testing.T, dir, url string, args ...string) *server {
	t.Helper()
	s := startCommand(t, lambdaCommand(t, dir, []string{"DATABASE_URL=" + url}, args...))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("local lambda wrote:\n%s", &s.output)
		}
	})
	return s
}

// processesOf returns the processes whose binary is, or was, in a folder. It reads /proc; without /proc it returns
// nothing.
func processesOf(t *testing.T, dir string) (left []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if path, err := os.Readlink(link); err == nil && strings.HasPrefix(path, dir+"/") {
			left = append(left, filepath.Dir(link)+" "+path)
		}
	}
	return left
}

// TestLambda: without DATABASE_URL, the command starts the development MySQL with local/mysql.sh. The commands of the
// documents have the same output as with the server. A request reaches the real binary. While the only sandbox is busy,
// a second request fails as in AWS. Ctrl-C arrives while a request waits for a lock: the request finishes, and no
// process is left.
func TestLambda(t *testing.T) {
	t.Parallel()
	for payload, busy := range map[string]string{
		"2.0": `503 Service Unavailable {"message":"Service Unavailable"}`,
		"1.0": `500 Internal Server Error {"message": "Internal server error"}`,
	} {
		t.Run(payload, func(t *testing.T) {
			t.Parallel()
			address, dir := dbtest.MySQL(t), project.Copy(t, apiFiles...)
			scriptOf(t, dir, "echo 'mysql: ready' >&2; echo 'export DATABASE_URL="+address+"'")
			s := startLambda(t, dir, "", "--payload", payload, "--concurrency", "1")
			if !strings.HasPrefix(s.log.String(), "mysql: ready\n") {
				t.Errorf("the log is %s", &s.log)
			}
			s.must(http.StatusOK, "GET", "/readyz", "")
			for document, least := range stories {
				story(t, s, document, least)
				byHand(t, address, "SET foreign_key_checks = 0", "TRUNCATE users", "TRUNCATE posts", "TRUNCATE notes",
					"TRUNCATE idempotency_keys")
			}
			s.must(http.StatusOK, "GET", "/docs", "")
			res, body := s.must(http.StatusCreated, "POST", "/notes", `{"title":"Grüße, <b>&</b> 😀"}`)
			if !strings.Contains(body, "Grüße, <b>&</b> 😀") || res.Header.Get("Location") != "/notes/1" {
				t.Errorf("%s at %s", body, res.Header.Get("Location"))
			}
			id := res.Header.Get("Apigw-Requestid") + res.Header.Get("X-Amzn-Requestid")
			waitFor(t, "the function's line in the log", func() bool {
				return strings.Contains(s.log.String(), `"gateway_request_id":"`+id+`"`)
			})
			for _, line := range []string{"building ./functions/api\n", "docs    " + s.url + "/docs\n",
				"gateway payload " + payload, "sandboxes: up to 1\n", "stop with Ctrl-C\n"} {
				waitFor(t, line, func() bool { return strings.Contains(s.output.String(), line) })
			}
			stopWhileBusy(t, s, address, busy)
		})
	}
}

// stopWhileBusy sends two requests to the only sandbox and Ctrl-C to the command. The first request waits for a lock.
func stopWhileBusy(t *testing.T, s *server, address, busy string) {
	t.Helper()
	db := dbtest.Open(t, address)
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "SELECT id FROM notes WHERE id = 1 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 1)
	ask := func(method, path, body string) string {
		res, text, err := s.do(method, path, body)
		if err != nil {
			return err.Error()
		}
		return res.Status + " " + text
	}
	go func() { answered <- ask("PATCH", "/notes/1", `{"title":"new"}`) }()
	waitFor(t, "the request to wait for the lock", func() bool {
		return len(dbtest.Processes(t, tx, func(p dbtest.Process) bool {
			return p.Here && strings.HasPrefix(p.Statement, "UPDATE")
		})) == 1
	})
	if got := ask("GET", "/healthz", ""); got != busy {
		t.Errorf("a second request gets %s, want %s", got, busy)
	}
	if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the server to stop listening", func() bool { return strings.Contains(s.output.String(), "stopping") })
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; !strings.HasPrefix(got, "200 OK") || !strings.Contains(got, `"title":"new"`) {
		t.Errorf("the request in progress got %s", got)
	}
	<-s.exited
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d:\n%s%s", code, &s.output, &s.log)
	}
}

// TestLambdaRefuses: invalid settings are an error of one line, before the build.
func TestLambdaRefuses(t *testing.T) {
	t.Parallel()
	const mysql = "DATABASE_URL=mysql://root:" + password + "@127.0.0.1:1/app"
	dir := project.Copy(t, "go.mod", "functions/api")
	for _, c := range []struct {
		name, dir, env string
		args           []string
		want           string
	}{
		{"another payload", dir, mysql, []string{"--payload=3.0"},
			`error: --payload is "3.0": it must be 2.0 (an HTTP API) or 1.0 (a REST API)`},
		{"no sandboxes", dir, mysql, []string{"--concurrency=0"}, "error: --concurrency is 0: it must be 1 to 1000"},
		{"some sandboxes", dir, mysql, []string{"--concurrency=some"}, `error: invalid argument "some" for "--concurrency"`},
		{"another flag", dir, mysql, []string{"--port=80"},
			"error: unknown flag: --port: run local lambda --help for the list"},
		{"a word", dir, mysql, []string{"now"}, `error: unknown command "now" for "local lambda"`},
		{"SQLite", dir, "DATABASE_URL=sqlite://local/data/app.db", nil,
			"error: DATABASE_URL is an SQLite file, but the Lambda binary does not contain SQLite: unset it, or set it to " +
				"mysql://"},
		{"SQLite to read", dir, "DATABASE_READER_URL=sqlite://x.db", nil,
			"error: DATABASE_READER_URL is an SQLite file, but the Lambda binary does not contain SQLite"},
		{"another folder", ".", mysql, nil, "error: missing go.mod: run the command in the project's folder"},
		{"no level", dir, "LOG_LEVEL=loud", nil, `error: LOG_LEVEL is "loud"`},
		{"no scheme", dir, "DATABASE_URL=root:" + password + "@tcp(127.0.0.1:3306)/app", nil,
			"error: DATABASE_URL has no scheme"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := lambdaCommand(t, c.dir, []string{c.env}, c.args...)
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(stderr.String(), c.want) ||
				strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("exit code %d, %s\nwant 1, %s", code, &stderr, c.want)
			}
			if stdout.Len() > 0 || strings.Contains(stderr.String(), password) {
				t.Errorf("%s%s", &stdout, &stderr)
			}
		})
	}
}

// TestLambdaCannotReach: if the database is unreachable, the command fails before it builds and serves, and leaves no
// files.
func TestLambdaCannotReach(t *testing.T) {
	t.Parallel()
	dir := project.Copy(t, "go.mod", "functions/api")
	cmd := lambdaCommand(t, dir, []string{"DATABASE_URL=mysql://root:" + password + "@127.0.0.1:1/app"})
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 1 || strings.Count(stderr.String(), "\n") != 1 ||
		!strings.Contains(stderr.String(), "127.0.0.1:1") || strings.Contains(stdout.String(), "building") ||
		strings.Contains(stdout.String(), "serving") || strings.Contains(stdout.String()+stderr.String(), password) {
		t.Errorf("%v\n%s%s", err, &stdout, &stderr)
	}
}

// scriptOf replaces local/mysql.sh in a project's folder. The first argument must be up.
func scriptOf(t *testing.T, dir, script string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "local"), 0o700); err != nil {
		t.Fatal(err)
	}
	saveFile(t, dir, "local/mysql.sh", fmt.Sprintf("[ \"$1\" = up ] || exit 9\n%s\n", script))
}

// TestLambdaStartsMySQL: if local/mysql.sh fails, the command fails.
func TestLambdaStartsMySQL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"it does not start": {"echo 'mysql: no' >&2; exit 1", "error: cannot start the development MySQL (exit " +
			"status 1): set DATABASE_URL to a running server"},
		"it prints nothing": {"true", "error: local/mysql.sh printed no URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project.Copy(t, "go.mod", "functions/api")
			scriptOf(t, dir, c.script)
			cmd := lambdaCommand(t, dir, nil)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("%v\n%s\nwant %s", err, &stderr, c.want)
			}
		})
	}
}

// TestSandboxEnv: a sandbox gets the configuration and the variables of the AWS SDK, and no other variables.
func TestSandboxEnv(t *testing.T) {
	t.Parallel()
	got := sandboxEnv(map[string]string{"DATABASE_URL": "mysql://x", "CORS_ORIGINS": "", "ADDR": ":1"},
		[]string{"HOME=/home/ada", "PATH=/bin", "AWS_ACCESS_KEY_ID=id", "AWS_SESSION_TOKEN=t", "AWS_PROFILE=dev",
			"AWS_LAMBDA_RUNTIME_API=x", "DATABASE_SECRET_ARN=not asked for"})
	if want := []string{"DATABASE_URL=mysql://x", "AWS_ACCESS_KEY_ID=id", "AWS_SESSION_TOKEN=t"}; !slices.Equal(got,
		want) {
		t.Errorf("%q, want %q", got, want)
	}
}
