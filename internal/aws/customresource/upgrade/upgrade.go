// Package upgrade is the hook of the migration function as a custom resource: a deployment migrates before the new code
// serves.
//
//	Create, Update                upgrades, with the plan in the property Plan, if set
//	Update of a stack's rollback  does nothing: the old code works on the new schema
//	Delete                        does nothing: the schema is deleted with its database
//
// It may import the packages job and run (for events and reports), customresource, and the Lambda library.
package upgrade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/job"
	"slipway/internal/migrate/run"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"slipway/internal/aws/customresource"
)

// Hook returns the hook that invokes the job. With the property Plan, the hash that db plan prints, it applies exactly
// that plan. If nothing is pending, it does not compare the hash, so a later deployment can keep an applied plan.
func Hook(invoke customresource.Job[run.Report]) customresource.Hook {
	return customresource.Hook{
		ID: "slipway-schema",
		Run: func(ctx context.Context, properties customresource.Properties) customresource.Result {
			event, err := json.Marshal(job.Event{Command: "upgrade", Plan: properties.Text("Plan")})
			if err != nil {
				return toResult(run.Report{}, err, properties)
			}
			report, err := invoke(ctx, event)
			return toResult(report, err, properties)
		},
		Late: func(properties customresource.Properties) string {
			return "A statement takes longer than the timeout of the function. The server continues it. " +
				resumeCommand(properties, "which waits for it, until its report says \"incomplete\": false")
		},
		RolledBack: "The stack is rolled back: the schema stays unchanged.",
		Deleted:    "The schema stays: it is deleted with its database.",
	}
}

// toResult returns the result of the upgrade.
func toResult(report run.Report, err error, properties customresource.Properties) customresource.Result {
	if failed, ok := errors.AsType[*job.Error](err); ok {
		report = failed.Report
	}
	result := customresource.Result{Failed: true, Report: report}
	const advice = " Fix the error and deploy again: the migration resumes."
	switch {
	case report.Failed != nil && len(report.Applied) > 0:
		result.Reason = failure(*report.Failed) + " Before that, " + applied(report) + advice
	case report.Failed != nil:
		result.Reason = failure(*report.Failed) + advice
	case err != nil:
		result.Reason = failure(run.Failure{Error: err.Error()}) + advice
	case report.Incomplete:
		result.Reason = fmt.Sprintf("This migration takes longer than the timeout of the function: %s %d are still pending. "+
			"The migration can be resumed. ",
			applied(report), len(report.Pending)) + resumeCommand(properties, "until its report says \"incomplete\": false")
	default:
		result.Failed, result.Reason = false, applied(report)
	}
	result.Data = map[string]any{"From": report.From, "To": report.To, "Applied": len(report.Applied)}
	return result
}

// failure returns the failed statement, its migration, and the error as text.
func failure(f run.Failure) string {
	text := "The migration failed: "
	if f.Version != "" && !strings.Contains(f.Error, f.Version) {
		text = "Migration " + f.Version + " failed: "
	}
	text += customresource.Short(f.Error) + "."
	if f.Statement != "" {
		text += " The statement is: " + customresource.Short(f.Statement) + "."
	}
	return text
}

// applied returns the number of applied migrations and the version of the database as text.
func applied(report run.Report) string {
	done := "no migration was pending"
	switch n := len(report.Applied); {
	case n == 1:
		done = "1 migration was applied"
	case n > 1:
		done = fmt.Sprintf("%d migrations were applied", n)
	case len(report.Pending) > 0:
		done = "no migration was applied completely"
	}
	if report.To == "" {
		return done + "; the database has no version."
	}
	return done + "; the database is at " + report.To + "."
}

// resumeCommand returns the command that resumes the migration without the stack, which cannot wait that long. The
// command names the version of the function in the property Version, because the stack rolls back to the old code.
func resumeCommand(properties customresource.Properties, until string) string {
	version := properties.Text("Version")
	if version = version[strings.LastIndexByte(version, ':')+1:]; version == "" {
		version = lambdacontext.FunctionVersion
	}
	return fmt.Sprintf("Run aws lambda invoke --function-name %s --qualifier %s --cli-read-timeout 0 "+
		"--cli-binary-format raw-in-base64-out "+
		"--payload '{\"command\":\"upgrade\"}' report.json, %s; then deploy again.",
		lambdacontext.FunctionName, version, until)
}
