package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/dbtest/blog/project"
)

// commandTimeout is the limit for a command, and for the start of a server. It is long because the machine may be busy.
const commandTimeout = 3 * time.Minute

// binary builds the command without cgo, once for all tests, and returns its path. TestMain deletes it. The build cache
// of go run keeps the program for other packages and later runs: they do not link it again. cp copies it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "slipway-local-")
	if err != nil {
		return "", err
	}
	binaryFolder = dir
	path := filepath.Join(dir, "local")
	cmd := exec.Command("go", "run", "-exec=cp", "slipway/local", path)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the command: %w\n%s", err, out)
	}
	return path, nil
})

var binaryFolder string

// TestMain builds the programs of these tests with the tables and migrations of package blog.
//
// The garbage collector of these programs and of the linker runs less often, because all of them end soon.
func TestMain(m *testing.M) {
	code := 1
	if err := os.Setenv("GOGC", "400"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = project.Run(m)
	}
	if binaryFolder != "" {
		if err := os.RemoveAll(binaryFolder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// goEnv returns the variables for the caches of the go command. Tests change HOME; without these variables the go
// command would download and build everything again. It also returns GOGC, see [TestMain].
var goEnv = sync.OnceValue(func() []string {
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOFLAGS", "GOTOOLCHAIN"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		panic(err)
	}
	values := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i, name := range names {
		values[i] = name + "=" + values[i]
	}
	return append(values, "CGO_ENABLED=0", "GOGC="+os.Getenv("GOGC"))
})

// command returns the command in dir. Its environment is env ("NAME=value"), PATH, HOME, TMPDIR, and the variables of
// goEnv.
func command(ctx context.Context, t testing.TB, dir string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return commandOf(ctx, path, dir, env, args...)
}

func commandOf(ctx context.Context, path, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	own := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir()}
	cmd.Env = slices.Concat(own, goEnv(), env)
	return cmd
}

// result is the exit code and the output of a command.
type result struct {
	code           int
	stdout, stderr string
}

// runLocal runs the command and returns its result.
func runLocal(t testing.TB, dir string, env []string, args ...string) result {
	t.Helper()
	path, err := binary() // before the timeout starts
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	cmd := commandOf(ctx, path, dir, env, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited || ctx.Err() != nil {
		t.Fatalf("local %s: %v\n%s%s", strings.Join(args, " "), errors.Join(err, ctx.Err()), &stdout, &stderr)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// server is a running `local`.
type server struct {
	t      testing.TB
	cmd    *exec.Cmd
	url    string // http://127.0.0.1:54321
	output output // its standard output
	log    output // its standard error
	client *http.Client
	exited chan struct{}
}

// start runs the server on a free port and waits until it prints its address. The end of the test kills it.
func start(t testing.TB, dir string, env ...string) *server {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return startBinary(t, path, dir, env...)
}

// startBinary is [start] for another binary.
func startBinary(t testing.TB, path, dir string, env ...string) *server {
	t.Helper()
	return startCommand(t, commandOf(context.Background(), path, dir, append([]string{"ADDR=127.0.0.1:0"}, env...)))
}

// startCommand is [start] for another command.
func startCommand(t testing.TB, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		exited: make(chan struct{})}
	s.cmd.Stderr = &s.log
	pipe, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	go func() {
		defer close(s.exited)
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			fmt.Fprintln(&s.output, lines.Text())
			if _, rest, found := strings.Cut(lines.Text(), "http://"); found && s.output.once() {
				address <- "http://" + strings.TrimRight(strings.Fields(rest)[0], "/,.")
			}
		}
		_ = s.cmd.Wait() // tests read the ProcessState
	}()
	t.Cleanup(func() {
		s.kill()
		s.client.CloseIdleConnections()
	})
	select {
	case s.url = <-address:
	case <-s.exited:
		t.Fatalf("the server ended before it served, with %v:\n%s%s", s.cmd.ProcessState, &s.output, &s.log)
	case <-time.After(commandTimeout):
		t.Fatalf("the server printed no address:\n%s%s", &s.output, &s.log)
	}
	return s
}

// kill ends the server at once, as kill -9 does.
func (s *server) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.exited
}

// terminate sends SIGTERM, waits for the end, and returns the exit code.
func (s *server) terminate() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.exited:
	case <-time.After(commandTimeout):
		s.t.Fatalf("the server does not end:\n%s%s", &s.output, &s.log)
	}
	return s.cmd.ProcessState.ExitCode()
}

// do sends one request with a JSON body ("" for none), and returns the response and its body.
func (s *server) do(method, path, body string) (*http.Response, string, error) {
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res, string(text), err
}

// must is [server.do] for a request that must return status.
func (s *server) must(status int, method, path, body string) (*http.Response, string) {
	s.t.Helper()
	res, text, err := s.do(method, path, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, &s.log)
	}
	if res.StatusCode != status {
		s.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, res.StatusCode, text, status)
	}
	return res, text
}

// output collects the output of a process. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	used bool
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// once returns true on the first call only.
func (o *output) once() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := !o.used
	o.used = true
	return first
}
