package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tools returns the folder with sam, cfn-lint, and checkov. Without it, the test logs a warning and passes.
func tools(t *testing.T) (folder string, found bool) {
	t.Helper()
	if folder = os.Getenv("TEST_AWS_TOOLS"); folder == "" {
		t.Log("!! NO AWS TOOLS in this run: " + t.Name() + " has checked nothing. Set TEST_AWS_TOOLS=$(bash local/aws.sh)")
	}
	return folder, folder != ""
}

// run runs a program in this folder without network access. Its home is a temporary folder.
func run(t *testing.T, name string, arguments ...string) (stdout string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	home := t.TempDir()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Env = append(os.Environ(), "HOME="+home, "TMPDIR="+home, "SAM_CLI_TELEMETRY=0", "__SAM_CLI_APP_DIR="+home,
		"AWS_REGION=eu-central-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"PYTHONDONTWRITEBYTECODE=1", "NO_COLOR=1", "CHECKOV_PARALLELIZATION_TYPE=none",
		"HTTPS_PROXY=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1") // an unreachable proxy
	for _, variable := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} { // the default is in the home folder
		value, err := exec.CommandContext(ctx, "go", "env", variable).Output()
		if err != nil {
			t.Fatal(err)
		}
		command.Env = append(command.Env, variable+"="+strings.TrimSpace(string(value)))
	}
	command.Env = append(command.Env, "GOFLAGS=-mod=readonly", "GOPROXY=off")
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err = command.Run(); err != nil {
		err = errors.Join(err, errors.New(out.String()+errs.String()))
	}
	return out.String(), err
}

// samScript prints the routes that sam local start-api finds, and then runs sam, in one process, because the start of
// SAM takes seconds. It runs without garbage collections.
const samScript = `
import gc, sys
gc.disable()
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.lib.providers.api_provider import ApiProvider
stacks, _ = SamLocalStackProvider.get_stacks(
    "template.yaml", parameter_overrides={"DatabaseUrl": "mysql://root@h:3306/db", "AllowAnonymous": "true"})
for r in sorted(ApiProvider(stacks, disable_authorizer=True).api.routes, key=lambda r: r.path):
    print(r.path, r.function_name, r.payload_format_version, "DELETE" in r.methods)
from samcli.cli.main import cli
cli(sys.argv[1:])
`

// sam runs a command of the SAM CLI in the folder of tools. sam local start-api finds the two routes and their
// function, which needs no container.
func sam(t *testing.T, folder string, arguments ...string) {
	t.Helper()
	const want = "/ ApiFunction 2.0 True\n/{proxy+} ApiFunction 2.0 True\n"
	out, err := run(t, filepath.Join(folder, "python"), append([]string{"-c", samScript}, arguments...)...)
	if err != nil {
		t.Fatalf("sam %s: %v", arguments[0], err)
	}
	if !strings.HasPrefix(out, want) {
		t.Errorf("sam local finds\n%s\nwant\n%s", out, want)
	}
}

// TestSAMLocalConfig: SAM does not support the authorizer and fails without this setting.
func TestSAMLocalConfig(t *testing.T) {
	t.Parallel()
	if text, err := os.ReadFile("samconfig.toml"); err != nil ||
		!strings.Contains(string(text), "[default.local_start_api.parameters]\ndisable_authorizer = true\n") {
		t.Errorf("samconfig.toml does not set disable_authorizer: %v", err)
	}
}

// cfnLint runs cfn-lint without garbage collections, which take a fifth of its time.
const cfnLint = `
import gc, sys
gc.disable()
from cfnlint.runner import main
sys.exit(main())
`

// TestLinted: cfn-lint reports nothing, not even informational messages. It translates the template with SAM's library
// first, as sam validate --lint does.
func TestLinted(t *testing.T) {
	t.Parallel()
	folder, found := tools(t)
	if !found {
		return
	}
	if out, err := run(t, filepath.Join(folder, "python"), "-c", cfnLint, "--include-checks", "I", "--template",
		"template.yaml"); err != nil || out != "" {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// checkov runs checkov's scanners of templates and of secrets, and prints a report of each. Its command would load the
// scanners of all other languages, too. It runs without garbage collections. It parses dozens of paths, and would build
// the tables of the parser for each of them, which takes a third of its time.
const checkov = `
import gc, json
gc.disable()
import ply.yacc
build, parsers = ply.yacc.yacc, {}
def once(**options):
    kind = type(options.get("module"))
    if kind not in parsers:
        parsers[kind] = build(**options)
    return parsers[kind]
ply.yacc.yacc = once
from checkov.cloudformation.runner import Runner as Templates
from checkov.common.util.json_utils import CustomJSONEncoder
from checkov.runner_filter import RunnerFilter
from checkov.secrets.runner import Runner as Secrets
only = RunnerFilter(framework=["cloudformation", "secrets"])
reports = [r.run(None, files=["template.yaml"], runner_filter=only) for r in (Templates(), Secrets())]
print(json.dumps([report.get_dict() for report in reports], cls=CustomJSONEncoder))
`

// TestScanned: checkov finds no secret in the template, and no violation except those that the template skips with a
// reason.
func TestScanned(t *testing.T) {
	t.Parallel()
	folder, found := tools(t)
	if !found {
		return
	}
	out, err := run(t, filepath.Join(folder, "python"), "-c", checkov)
	if err != nil {
		t.Fatalf("checkov: %.2000v", err)
	}
	var reports []struct {
		Type    string `json:"check_type"`
		Results struct {
			Failed []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				Resource string
			} `json:"failed_checks"`
			Skipped []struct {
				ID       string `json:"check_id"`
				Resource string
				Result   struct {
					Comment string `json:"suppress_comment"`
				} `json:"check_result"`
			} `json:"skipped_checks"`
		}
		Summary struct {
			Passed, Skipped int
			ParsingErrors   int `json:"parsing_errors"`
			Resources       int `json:"resource_count"`
		}
	}
	if err := json.Unmarshal([]byte(out), &reports); err != nil || len(reports) != 2 || reports[1].Type != "secrets" {
		t.Fatalf("checkov: %v, %.2000s", err, out)
	}
	if s := reports[0].Summary; reports[0].Type != "cloudformation" || s.ParsingErrors != 0 || s.Passed < 100 ||
		s.Resources < 70 {
		t.Errorf("checkov has checked too little: %+v", reports[0])
	}
	for _, report := range reports {
		for _, f := range report.Results.Failed {
			t.Errorf("%s: %s %s", f.Resource, f.ID, f.Name)
		}
		for _, s := range report.Results.Skipped {
			if len(s.Result.Comment) < 20 || strings.HasPrefix(s.Result.Comment, "No comment") {
				t.Errorf("%s skips %s without a reason: %q", s.Resource, s.ID, s.Result.Comment)
			}
		}
	}
}
