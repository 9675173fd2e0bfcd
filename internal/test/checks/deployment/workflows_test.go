package deployment

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rhysd/actionlint"
)

// TestWorkflows: actionlint and workflowComplaints find no errors in the workflows.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(".github/workflows/*")
	if err != nil || len(files) < 3 {
		t.Fatalf("missing workflows: %v %v", files, err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, complaint := range workflowComplaints(t, path, string(text)) {
			t.Error(complaint)
		}
	}
}

var (
	// pinned matches an action that is pinned to a commit, with its version in a comment.
	pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$`)
	// pinnedImage matches an image that is pinned to a digest.
	pinnedImage = regexp.MustCompile(`^[\w./:-]+@sha256:[0-9a-f]{64}$`)
	// scripts, targets, commands, and environments match the parts of this project that a script uses.
	scripts      = regexp.MustCompile(`\bbash (\S+\.sh)`)
	targets      = regexp.MustCompile(`(?m)\bmake +([\w-]+)`)
	commands     = regexp.MustCompile(`go run \./local((?: [a-z]+)*)([^\n|;&]*)`)
	environments = regexp.MustCompile(`\batlas [^\n|;&]*--env +(\S+)`)
)

// mayGrant are the permissions that a job may have.
var mayGrant = map[string]string{
	"contents": "read",  // to check out the code
	"id-token": "write", // to assume an AWS role
}

// workflowComplaints returns the complaints about one workflow.
func workflowComplaints(t *testing.T, path, text string) (complaints []string) {
	t.Helper()
	complain := func(position *actionlint.Pos, format string, args ...any) {
		complaints = append(complaints, fmt.Sprintf("%s:%d: ", path, position.Line)+fmt.Sprintf(format, args...))
	}
	// If shellcheck is installed, it checks the scripts, too.
	shellcheck, _ := exec.LookPath("shellcheck")
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{Shellcheck: shellcheck})
	if err != nil {
		t.Fatal(err)
	}
	faults, err := linter.Lint(path, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		complain(&actionlint.Pos{Line: fault.Line}, "%s", fault.Message)
	}
	w, _ := actionlint.Parse([]byte(text)) // the faults contain its errors
	if w == nil {
		return complaints
	}

	top := &actionlint.Pos{Line: 1}
	forPullRequests := false
	for _, event := range w.On {
		switch name := event.EventName(); name {
		case "pull_request":
			forPullRequests = true
		case "push", "workflow_dispatch":
		default:
			complain(top, "%s: this event is not allowed", name)
		}
	}
	if forPullRequests && strings.Contains(text, "secrets.") {
		complain(top, "a workflow for pull requests must not use secrets")
	}
	if p := w.Permissions; p == nil || p.All != nil || len(p.Scopes) != 1 || p.Scopes["contents"] == nil ||
		p.Scopes["contents"].Value.Value != "read" {
		complain(top, "the permissions of the workflow must be contents: read only")
	}
	if w.Concurrency == nil {
		complain(top, "missing concurrency")
	}
	for _, job := range w.Jobs {
		if job.TimeoutMinutes == nil {
			complain(job.Pos, "missing timeout-minutes")
		}
		if job.Permissions != nil {
			for name, scope := range job.Permissions.Scopes {
				if mayGrant[name] != scope.Value.Value {
					complain(job.Permissions.Pos, "no job needs %s: %s", name, scope.Value.Value)
				}
			}
			if job.Permissions.All != nil {
				complain(job.Permissions.Pos, "list the permissions individually")
			}
		}
		if c := w.Concurrency; job.Environment != nil && c != nil && (c.CancelInProgress == nil || c.CancelInProgress.Value) {
			complain(job.Pos, "a running deployment must not be canceled: set cancel-in-progress: false")
		}
		if job.Container != nil && !pinnedImage.MatchString(job.Container.Image.Value) {
			complain(job.Container.Pos, "the image %s is not pinned: add its sha256", job.Container.Image.Value)
		}
		if job.Services != nil {
			for name, service := range job.Services.Value {
				if !pinnedImage.MatchString(service.Container.Image.Value) {
					complain(job.Services.Pos, "the image of %s is not pinned: add its sha256", name)
				}
			}
		}
		if job.WorkflowCall != nil {
			complain(job.Pos, "calls of other workflows are not checked and not allowed")
		}
		for _, step := range job.Steps {
			switch do := step.Exec.(type) {
			case *actionlint.ExecAction:
				line := strings.Split(text, "\n")[do.Uses.Pos.Line-1]
				_, line, _ = strings.Cut(line, "uses:")
				if !pinned.MatchString(strings.TrimSpace(line)) {
					complain(do.Uses.Pos, "%s: pin the commit, 40 hex digits, and add its version in a comment",
						strings.TrimSpace(line))
				}
				if keep := do.Inputs["persist-credentials"]; strings.HasPrefix(do.Uses.Value, "actions/checkout@") &&
					(keep == nil || keep.Value.Value != "false") {
					complain(do.Uses.Pos, "the checkout stores a token in .git/config: set persist-credentials: false")
				}
			case *actionlint.ExecRun:
				if strings.Contains(do.Run.Value, "${{") {
					complain(do.Run.Pos, "an expression in a script allows injection: pass it in env")
				}
				for _, why := range missing(t, do.Run.Value) {
					complain(do.Run.Pos, "%s", why)
				}
			}
		}
	}
	return complaints
}

// missing returns a complaint for each script, target, command, flag, and environment in a script that does not exist.
func missing(t *testing.T, script string) (complaints []string) {
	t.Helper()
	for _, m := range scripts.FindAllStringSubmatch(script, -1) {
		if _, err := os.Stat(m[1]); err != nil {
			complaints = append(complaints, "missing "+m[1])
		}
	}
	makefile, atlas := readText(t, "Makefile"), readText(t, "atlas.hcl")
	for _, m := range targets.FindAllStringSubmatch(script, -1) {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(m[1]) + `:`).MatchString(makefile) {
			complaints = append(complaints, "make has no "+m[1])
		}
	}
	for _, m := range environments.FindAllStringSubmatch(script, -1) {
		if !strings.Contains(atlas, `env "`+m[1]+`" {`) {
			complaints = append(complaints, "atlas.hcl has no environment "+m[1])
		}
	}
	for _, m := range commands.FindAllStringSubmatch(script, -1) {
		help, err := helpOf(m[1])
		// For an unknown command, the output is the help of its parent.
		usage := regexp.MustCompile(`(?m)^  local` + regexp.QuoteMeta(m[1]) + `( |$)`)
		if err != nil || !usage.MatchString(help) {
			complaints = append(complaints, fmt.Sprintf("local has no%s", m[1]))
			continue
		}
		for _, word := range strings.Fields(m[2]) {
			flag, _, _ := strings.Cut(word, "=")
			if strings.HasPrefix(flag, "--") && !strings.Contains(help, " "+flag+" ") {
				complaints = append(complaints, fmt.Sprintf("local%s has no %s", m[1], flag))
			}
		}
	}
	return complaints
}

var helps sync.Map

// helpOf returns the output of a command of local with --help. It runs each command once.
func helpOf(words string) (help string, err error) {
	once, _ := helps.LoadOrStore(words, sync.OnceValues(func() (string, error) {
		arguments := slices.Concat([]string{"run", "./local"}, strings.Fields(words), []string{"--help"})
		command := exec.Command("go", arguments...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0") // shares the build cache
		out, err := command.CombinedOutput()
		return string(out), err
	}))
	return once.(func() (string, error))()
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
