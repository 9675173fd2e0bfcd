package upgrade_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"slipway/internal/migrate/job"
	"slipway/internal/migrate/run"

	"slipway/internal/aws/customresource"
	"slipway/internal/aws/customresource/upgrade"
)

// TestReasons checks the reasons in the events of the stack.
func TestReasons(t *testing.T) {
	t.Parallel()
	one := []run.Migration{{Version: "2"}}
	failed := func(r run.Report) (run.Report, error) {
		return run.Report{}, &job.Error{Report: r}
	}
	for name, c := range map[string]struct {
		job    func() (run.Report, error)
		failed bool
		want   []string
	}{
		"nothing to do": {func() (run.Report, error) { return run.Report{From: "2", To: "2"}, nil },
			false, []string{"no migration was pending; the database is at 2."}},
		"a statement": {func() (run.Report, error) {
			return failed(
				run.Report{To: "2", Applied: one,
					Failed: &run.Failure{Version: "3", Statement: "ALTER TABLE\n  a", Error: "Error 1050: no."}})
		}, true, []string{"Migration 3 failed: Error 1050: no. The statement is: ALTER TABLE a. Before that, 1 migration " +
			"was applied; the database is at 2.", "deploy again"}},
		"no database": {func() (run.Report, error) {
			return failed(run.FailedReport("upgrade", errors.New("cannot connect to the database: refused")))
		}, true, []string{"The migration failed: cannot connect to the database: refused. Fix the error"}},
		"an error of another kind": {func() (run.Report, error) { return run.Report{}, errors.New("no") },
			true, []string{"The migration failed: no. Fix the error"}},
		"out of time": {func() (run.Report, error) {
			return run.Report{To: "2", Applied: one, Pending: one, Incomplete: true}, nil
		}, true,
			[]string{"1 migration was applied; the database is at 2. 1 are still pending", "aws lambda invoke",
				"--qualifier 17 ", `'{"command":"upgrade"}'`, `until its report says "incomplete": false; then deploy again.`}},
		"endless": {func() (run.Report, error) {
			return failed(
				run.Report{Failed: &run.Failure{Statement: strings.Repeat("é<", 5000), Error: strings.Repeat("\x01\"", 5000)}})
		}, true, []string{"The migration failed: "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent string
			got := upgrade.Hook(func(_ context.Context, event json.RawMessage) (run.Report, error) {
				sent = string(event)
				return c.job()
			}).
				Run(t.Context(),
					customresource.Properties{"Plan": "abc",
						"Version": "arn:aws:lambda:eu-central-1:123456789012:function:app-migrate:17"})
			if !strings.Contains(sent, `"command":"upgrade"`) || !strings.Contains(sent, `"plan":"abc"`) {
				t.Errorf("the job is run with %s", sent)
			}
			for _, want := range c.want {
				if got.Failed != c.failed || !strings.Contains(got.Reason, want) {
					t.Errorf("failed %v: %s\nwant %v: %s", got.Failed, got.Reason, c.failed, want)
				}
			}
		})
	}
}

// TestLate: the reason for a late response contains the command that waits for the statement.
func TestLate(t *testing.T) {
	t.Parallel()
	if got := upgrade.Hook(nil).
		Late(customresource.Properties{"Version": "17"}); !strings.HasPrefix(got,
		"A statement takes longer than the timeout of the function.") || !strings.Contains(got, "--qualifier 17 ") {
		t.Error(got)
	}
}
