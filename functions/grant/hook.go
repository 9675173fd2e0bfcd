package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/aws/customresource"
	"slipway/internal/aws/dbusers"
)

// hook returns the hook of the custom resource, which a deployment runs before it migrates. A rollback changes nothing,
// unless SignIn was changed: then it restores the users for the previous functions.
func hook(job dbusers.Job) customresource.Hook {
	return customresource.Hook{
		ID: "slipway-grants",
		Run: func(ctx context.Context, _ customresource.Properties) customresource.Result {
			return toResult(job.Handle(ctx, json.RawMessage(`{"command": "apply"}`)))
		},
		Late:       func(customresource.Properties) string { return "The database did not respond in time. Deploy again." },
		RolledBack: "The stack is rolled back: the database users stay unchanged.",
		Deleted:    "The database users stay: they are deleted with their database.",
		Restore:    []string{"SignIn"},
	}
}

// toResult returns the result of the job.
func toResult(report dbusers.Report, err error) customresource.Result {
	if err != nil {
		text := err.Error()
		if failed, ok := errors.AsType[*dbusers.JobError](err); ok && failed.Report.Failed != nil {
			report, text = failed.Report, failed.Report.Failed.Error
		}
		return customresource.Result{Failed: true, Report: report,
			Reason: "Cannot create the database users: " + customresource.Short(text) + ". Fix the error and deploy again."}
	}
	var done []string
	for _, u := range report.Users {
		done = append(done, fmt.Sprintf("%s signs in by %s (changed: %s)", u.Name, u.SignIn, u.Change))
	}
	return customresource.Result{Report: report, Reason: strings.Join(done, "; ") + ".",
		Data: map[string]any{"Users": len(report.Users)}}
}
