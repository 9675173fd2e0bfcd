package stackhook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"slipway/internal/migration"
)

// maxPart is how much is shown of an error, and of a statement.
const maxPart = 1000

// tell fills in an answer with how the upgrade went.
func (r result) tell(response *cfn.Response) {
	report := r.report
	if failed, ok := errors.AsType[*migration.JobError](r.err); ok {
		report = failed.Report
	}
	response.Status = cfn.StatusFailed
	const mend = " Mend that and deploy again: it goes on from there."
	switch {
	case report.Failed != nil && len(report.Applied) > 0:
		response.Reason = failure(*report.Failed) + " Before that, " + applied(report) + mend
	case report.Failed != nil:
		response.Reason = failure(*report.Failed) + mend
	case r.err != nil:
		response.Reason = failure(migration.Failure{Error: r.err.Error()}) + mend
	case report.Incomplete:
		response.Reason = fmt.Sprintf("One invocation was too short for this migration: %s %d are still pending, and nothing is lost. ",
			applied(report), len(report.Pending)) + byHand("until its report says \"incomplete\": false")
	default:
		response.Status = cfn.StatusSuccess
		response.Reason = applied(report)
	}
	response.Data = map[string]any{"From": report.From, "To": report.To, "Applied": len(report.Applied)}
}

// unfinished fills in an answer for a statement that takes longer than there is time.
func unfinished(response *cfn.Response) {
	response.Status = cfn.StatusFailed
	response.Reason = "A statement takes longer than one invocation may. The server goes on with it. " +
		byHand("which waits for it, until its report says \"incomplete\": false")
}

// failure says which statement of which migration was refused, and why.
func failure(f migration.Failure) string {
	text := "The migration failed: "
	if f.Version != "" && !strings.Contains(f.Error, f.Version) {
		text = "Migration " + f.Version + " failed: "
	}
	text += short(f.Error) + "."
	if f.Statement != "" {
		text += " The statement is: " + short(f.Statement) + "."
	}
	return text
}

// applied says how far it came.
func applied(report migration.Report) string {
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
// be this version of the function: the stack puts the old code back.
func byHand(until string) string {
	return fmt.Sprintf("Run aws lambda invoke --function-name %s --qualifier %s --cli-read-timeout 0 --cli-binary-format raw-in-base64-out "+
		"--payload '{\"command\":\"upgrade\"}' report.json, %s; then deploy again.",
		lambdacontext.FunctionName, lambdacontext.FunctionVersion, until)
}

// short makes a text one line of bearable length.
func short(text string) string {
	text = strings.TrimRight(strings.Join(strings.Fields(text), " "), ".;")
	return cut(text, maxPart)
}

// cut ends a text after n bytes, between two characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:max(n-len("…"), 0)], "") + "…"
}
