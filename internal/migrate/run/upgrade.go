package run

import (
	"context"
	"fmt"
)

// Upgrade holds the options of [Engine.Upgrade].
type Upgrade struct {
	// To is the last version to apply; "" for all.
	To string
	// DryRun reports what would be applied and changes nothing.
	DryRun bool
	// Plan is the hash from an earlier report. If the pending migrations have changed since
	// then, Upgrade returns an error. "" turns this check off.
	Plan string
}

// Upgrade applies pending migrations. Only one upgrade or downgrade runs on a database at a
// time: Upgrade waits for a running one, then applies what is still pending.
//
// The report lists the applied migrations, whether Upgrade fails or not. The error has the
// same text as the report's Failed: the database rejected a statement, an applied file was
// edited, the version is unknown, or the plan does not match. On SQLite the failed file is
// rolled back. On MySQL each statement that ran is recorded. In both cases the next upgrade
// continues from there.
//
// Upgrade completes a started statement even if ctx is cancelled, because closing the
// connection does not stop the server. Between statements a cancelled ctx is an error. If
// the deadline is near, Upgrade stops without an error and sets Incomplete in the report.
func (e *Engine) Upgrade(ctx context.Context, opts Upgrade) (Report, error) {
	return e.command("upgrade", func(report *Report) error {
		pending := func(st state) ([]step, error) {
			steps := st.upTo(opts.To)
			report.To, report.Pending = st.live, describeSteps(steps)
			if len(report.Applied) > 0 {
				// The hash covers all steps, so it is checked only before the first file.
				return steps, st.checkUpgrade(opts.To, "")
			}
			report.From, report.Plan = st.live, planHash(steps)
			return steps, st.checkUpgrade(opts.To, opts.Plan)
		}
		check := func(session, state, []step) error { return nil }
		return e.change(ctx, report, opts.DryRun, goal{pending, check})
	})
}

// checkUpgrade returns an error if an upgrade to a version cannot run, or if hash is not ""
// and differs from the hash of the pending steps.
func (st state) checkUpgrade(to, hash string) error {
	switch {
	case st.problem != nil:
		return st.problem
	case to != "" && !st.files.Has(to) && st.files.Last() == "":
		return fmt.Errorf("no migration has version %s: there are no migrations", to)
	case to != "" && !st.files.Has(to):
		return fmt.Errorf("no migration has version %s: the last one is %s", to, st.files.Last())
	case to != "" && to < st.live:
		return fmt.Errorf("the database is at version %s, which is later than %s: use a downgrade to return to an earlier "+
			"version", st.live, to)
	}
	return checkPlan(hash, planHash(st.upTo(to)))
}
