package run

import (
	"context"
	"fmt"
)

// Upgrade says how far to go.
type Upgrade struct {
	// To is the last version to apply; "" for all.
	To string
	// DryRun only says what would be applied.
	DryRun bool
	// Plan is the hash from an earlier report. If what is pending is not what it
	// was then, nothing is applied; "" applies whatever is pending.
	Plan string
}

// Upgrade applies pending migrations, one upgrade at a time on a database. It
// waits for another one that is at work, and then applies what that has left.
//
// The report says what was applied, whether it failed or not. When it failed,
// the error says the same as the report's Failed: a statement that the database
// refused, a file that was edited, an unknown version, a plan that does not
// match. On SQLite nothing of the file that failed is applied; on MySQL what ran
// is recorded, statement by statement. Either way, running again goes on from there.
//
// A statement that was begun is seen through, even when ctx is cancelled: to
// break the connection would not stop the server. Between statements a cancelled
// ctx is an error; a deadline that nears is none, the report says Incomplete.
func (e *Engine) Upgrade(ctx context.Context, opts Upgrade) (Report, error) {
	return e.command("upgrade", func(report *Report) error {
		pending := func(st state) ([]step, error) {
			steps := st.upTo(opts.To)
			report.To, report.Pending = st.live, describeSteps(steps)
			if len(report.Applied) > 0 {
				// The plan was kept when the first file was applied under it.
				return steps, st.allow(opts.To, "")
			}
			report.From, report.Plan = st.live, planHash(steps)
			return steps, st.allow(opts.To, opts.Plan)
		}
		mayRun := func(session, state, []step) error { return nil }
		return e.change(ctx, report, opts.DryRun, goal{pending, mayRun})
	})
}

// allow says why an upgrade to a version, by a plan, may not go ahead, if so.
func (st state) allow(to, hash string) error {
	switch {
	case st.problem != nil:
		return st.problem
	case to != "" && !st.files.Has(to) && st.files.Last() == "":
		return fmt.Errorf("no migration has version %s: there are no migrations", to)
	case to != "" && !st.files.Has(to):
		return fmt.Errorf("no migration has version %s: the last one is %s", to, st.files.Last())
	case to != "" && to < st.live:
		return fmt.Errorf("the database is at %s, which is later than %s: an upgrade only goes forward; use a downgrade to "+
			"go back", st.live, to)
	}
	return keepsTo(hash, planHash(st.upTo(to)))
}
