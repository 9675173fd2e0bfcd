package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// samTimeout is the limit for the start. The first start compiles the function and may download an image.
const samTimeout = 10 * time.Minute

// TestSamLocal runs the commands of the documents against make sam-local: the real template, SAM's gateway, the real
// binary in a container, and a MySQL on loopback. Ctrl-C leaves no container and no file.
func TestSamLocal(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs Docker, skipped with -short")
	}
	engine := os.Getenv("TEST_DOCKER")
	switch {
	case engine == "":
		t.Fatal(`TEST_DOCKER is not set: it is the Docker Engine of this test. Do one of these:
  - run every check with: bash local/test.sh
  - export TEST_DOCKER=$(bash local/docker.sh start /tmp/slipway-docker): the engine of this machine or
    a temporary one, which "bash local/docker.sh stop /tmp/slipway-docker" stops
  - set TEST_DOCKER=none to skip this test`)
	case strings.HasPrefix(engine, "none"):
		fmt.Fprintln(os.Stderr, "!! NO DOCKER in this run: sam local start-api is not tested: TEST_DOCKER is", engine)
		return
	}
	before := samContainers(t, engine)
	dir, address, tmp := project.Copy(t), dbtest.MySQL(t), t.TempDir()
	s := startSam(t, dir, "ADDR=127.0.0.1:0", "DATABASE_URL="+address, "DOCKER_HOST="+engine, "TMPDIR="+tmp)
	for document, least := range map[string]int{"../README.md": 5, "../docs/api.md": 25} {
		emptyTables(t, address)
		story(t, s, document, least)
	}

	s.interrupt()
	waitFor(t, "the last process of it to end", func() bool {
		return errors.Is(syscall.Kill(-s.cmd.Process.Pid, 0), syscall.ESRCH)
	})
	if after := samContainers(t, engine); after != before {
		t.Errorf("containers before:\n%s\nand after:\n%s", before, after)
	}
	if left, err := filepath.Glob(filepath.Join(tmp, "*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".aws-sam")); err == nil {
		t.Error(".aws-sam is left")
	}
	if t.Failed() {
		t.Logf("it wrote:\n%s%s", &s.output, &s.log)
	}
}

// startSam runs make sam-local in the project in dir and waits until it serves. The end of the test interrupts it.
func startSam(t *testing.T, dir string, env ...string) *server {
	t.Helper()
	s := &server{t: t, cmd: exec.Command("make", "--silent", "sam-local"), exited: make(chan struct{})}
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that interrupt can signal the whole process group
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { defer close(s.exited); _ = s.cmd.Wait() }()
	t.Cleanup(s.interrupt)
	for begun := time.Now(); ; {
		if _, rest, found := strings.Cut(s.output.String(), "serving "); found && strings.Contains(rest, " ") {
			s.url = strings.Fields(rest)[0]
			return s
		}
		select {
		case <-s.exited:
			t.Fatalf("it ended before it served:\n%s%s", &s.output, &s.log)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Since(begun) > samTimeout {
			t.Fatalf("it does not serve:\n%s%s", &s.output, &s.log)
		}
	}
}

// interrupt sends SIGINT to the process group, as Ctrl-C does, and waits for the end.
func (s *server) interrupt() {
	select {
	case <-s.exited:
		return
	default:
	}
	if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGINT); err != nil {
		s.t.Error(err)
	}
	select {
	case <-s.exited:
	case <-time.After(commandTimeout):
		s.t.Errorf("it does not end:\n%s%s", &s.output, &s.log)
	}
}

// samContainers lists all containers that SAM created, also in other runs.
func samContainers(t *testing.T, engine string) string {
	t.Helper()
	client, err := exec.CommandContext(t.Context(), "bash", "docker.sh", "client").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), strings.TrimSpace(string(client)), "ps", "-a", "--filter",
		"label=sam.cli.container.type=lambda", "--format", "{{.ID}} {{.Status}}")
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+engine)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("docker ps: %v\n%s", err, out)
	}
	return string(out)
}

// emptyTables deletes all rows of a migrated database and resets the ids to 1.
func emptyTables(t *testing.T, address string) {
	t.Helper()
	db := dbtest.Open(t, address)
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	statements := []string{"SET FOREIGN_KEY_CHECKS = 0"}
	rows, err := conn.QueryContext(t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = "+
		"DATABASE() AND table_name <> 'atlas_schema_revisions'")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		statements = append(statements, "TRUNCATE TABLE `"+name+"`")
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
