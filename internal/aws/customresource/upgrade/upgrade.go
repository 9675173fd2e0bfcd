// Package upgrade is the migration job as a custom resource: a deployment migrates
// before its new code serves.
//
//	Create, Update  upgrade, by the property Plan where there is one
//	Update of a stack's rollback  nothing: the old code works on the new schema
//	Delete  nothing: a schema goes with its database
//
// It knows the job's events and reports, and nothing of how migrations work. Beside
// the packages for those and for custom resources it imports the library for Lambda only.
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

// Hook returns the hook that invokes the job. With the property Plan, the hash that db plan
// prints, it applies that plan and nothing else. A plan that was applied is no
// hindrance to what comes after it: where nothing is pending, nothing is compared.
func Hook(invoke customresource.Job[run.Report]) customresource.Hook {
	return customresource.Hook{
		ID: "slipway-schema",
		Run: func(ctx context.Context, properties customresource.Properties) customresource.Result {
			event, err := json.Marshal(job.Event{Command: "upgrade", Plan: properties.Text("Plan")})
			if err != nil {
				return tell(run.Report{}, err, properties)
			}
			report, err := invoke(ctx, event)
			return tell(report, err, properties)
		},
		Late: func(properties customresource.Properties) string {
			return "A statement takes longer than one invocation may. The server goes on with it. " +
				byHand(properties, "which waits for it, until its report says \"incomplete\": false")
		},
		RolledBack: "The stack is rolled back: the schema stays as it is.",
		Deleted:    "The schema stays: it goes with its database.",
	}
}

// tell says how the upgrade went.
func tell(report run.Report, err error, properties customresource.Properties) customresource.Result {
	if failed, ok := errors.AsType[*job.Error](err); ok {
		report = failed.Report
	}
	result := customresource.Result{Failed: true, Report: report}
	const mend = " Mend that and deploy again: it goes on from there."
	switch {
	case report.Failed != nil && len(report.Applied) > 0:
		result.Reason = failure(*report.Failed) + " Before that, " + applied(report) + mend
	case report.Failed != nil:
		result.Reason = failure(*report.Failed) + mend
	case err != nil:
		result.Reason = failure(run.Failure{Error: err.Error()}) + mend
	case report.Incomplete:
		result.Reason = fmt.Sprintf("One invocation was too short for this migration: %s %d are still pending, and nothing "+
			"is lost. ",
			applied(report), len(report.Pending)) + byHand(properties, "until its report says \"incomplete\": false")
	default:
		result.Failed, result.Reason = false, applied(report)
	}
	result.Data = map[string]any{"From": report.From, "To": report.To, "Applied": len(report.Applied)}
	return result
}

// failure says which statement of which migration was refused, and why.
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

// applied says how far it came.
func applied(report run.Report) string {
	done := "nothing was to be applied"
	switch n := len(report.Applied); {
	case n == 1:
		done = "1 migration was applied"
	case n > 1:
		done = fmt.Sprintf("%d migrations were applied", n)
	case len(report.Pending) > 0:
		done = "no migration was applied whole"
	}
	if report.To == "" {
		return done + "; the database has no version yet."
	}
	return done + "; the database is at " + report.To + "."
}

// byHand says how to go on without the stack, which cannot wait that long. It has to
// be this version of the function, whose ARN is the property Version: the stack puts
// the old code back.
func byHand(properties customresource.Properties, until string) string {
	version := properties.Text("Version")
	if version = version[strings.LastIndexByte(version, ':')+1:]; version == "" {
		version = lambdacontext.FunctionVersion
	}
	return fmt.Sprintf("Run aws lambda invoke --function-name %s --qualifier %s --cli-read-timeout 0 "+
		"--cli-binary-format raw-in-base64-out "+
		"--payload '{\"command\":\"upgrade\"}' report.json, %s; then deploy again.",
		lambdacontext.FunctionName, version, until)
}
