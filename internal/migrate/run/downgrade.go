package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// Base is the value of [Downgrade.To] that means "before the first migration".
const Base = "base"

// Downgrade holds the options of [Engine.Downgrade].
type Downgrade struct {
	// To is the version that is live afterwards; [Base] undoes all migrations. After an
	// interrupted run, the same value has the same effect.
	To string
	// N is the number of migrations to undo. Set N or To; the default is N = 1.
	N int
	// DryRun reports what would be undone and what data would be lost. It changes nothing.
	DryRun bool
	// Plan is the hash from an earlier report. If the down statements to run have changed
	// since then, Downgrade returns an error. "" turns this check off.
	Plan string
	// AllowDataLoss permits down statements that delete rows or values.
	AllowDataLoss bool
}

// Downgrade undoes migrations, the last one first, with the down statements in their
// files. It takes the same lock as [Engine.Upgrade] and handles errors, deadlines and
// interrupted runs in the same way.
//
// Before it runs anything, it counts the rows and values that the down statements would
// delete. If there are any and AllowDataLoss is false, it returns an error and changes
// nothing. The report lists the counts in Loss in both cases.
//
// If only some statements of a migration ran, it undoes only those.
//
// The report lists the undone migrations in Applied. The error has the same text as the
// report's Failed: the file is missing, has no down statements or is irreversible; data
// would be lost; or the database rejected a statement.
func (e *Engine) Downgrade(ctx context.Context, opts Downgrade) (Report, error) {
	target, decided := "", false
	known := map[plan.Point][]plan.Effect{}
	return e.command("downgrade", func(report *Report) error {
		pending := func(st state) (steps []step, err error) {
			if !decided {
				report.From, report.To = st.live, st.live
				if target, err = st.target(opts); err != nil {
					return nil, err
				}
				decided = true
			}
			if steps, err = st.downSteps(target); err != nil {
				return nil, err
			}
			report.To, report.Pending = st.live, describeSteps(steps)
			if len(report.Applied) > 0 {
				return steps, nil
			}
			report.Plan = planHash(steps)
			return steps, checkPlan(opts.Plan, report.Plan)
		}
		// Count again before each file: other programs may have inserted rows.
		check := func(s session, st state, steps []step) error {
			if opts.AllowDataLoss && (e.Disposable || len(report.Applied) > 0) {
				return nil // the report has the losses, or does not need them
			}
			loss, err := e.losses(ctx, s, st.files, steps, known)
			lossErr := checkLoss(loss)
			if opts.AllowDataLoss || opts.DryRun || err != nil {
				lossErr = err
			}
			if len(report.Applied) == 0 || lossErr != nil {
				report.Loss = loss
			}
			return lossErr
		}
		return e.change(ctx, report, opts.DryRun, goal{pending, check})
	})
}

// target returns the version that is live after the downgrade; "" for none. Downgrade calls
// it once, before it takes the lock: of two concurrent downgrades by one migration, the
// second has nothing left to do.
func (st state) target(opts Downgrade) (string, error) {
	if opts.N < 0 || opts.N > 0 && opts.To != "" {
		return "", errors.New("invalid target: set either a version or the number of migrations (1 or more)")
	}
	if opts.To == Base {
		return "", nil
	}
	if opts.To == "" {
		// A partly applied migration counts too: it is undone first.
		if left := len(st.revisions) - max(opts.N, 1); left > 0 {
			return st.revisions[left-1].Version, nil
		}
		return "", nil
	}
	if st.row(opts.To) == nil {
		return "", fmt.Errorf("cannot downgrade to version %s: it is not applied; the live version is %s",
			opts.To, cmp.Or(st.live, "none"))
	}
	return opts.To, nil
}

// downSteps returns the steps that make target the live version, the last migration first.
// It returns an error if one of them cannot be undone.
func (st state) downSteps(target string) (steps []step, err error) {
	for _, r := range slices.Backward(st.revisions) {
		if r.Version < target || r.Version == target && whole(r) {
			break
		}
		s, err := st.downStep(r, target)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// downStep returns the step that undoes one migration in a downgrade to target.
func (st state) downStep(r *migrate.Revision, target string) (s step, err error) {
	refuse := func(format string, args ...any) (step, error) { return s, problem(r.Version, format, args...) }
	i := st.files.Index(r.Version)
	switch {
	case r.Version == target:
		return refuse("is only partly applied: choose an earlier version as the target")
	case r.Type.Has(migrate.RevisionTypeBaseline):
		return refuse("is a baseline and cannot be undone: its tables existed before it was recorded")
	case i < 0:
		return refuse("is applied, but its file is missing: run the build that contains the file")
	}
	s = step{File: st.files.List[i], revision: r, down: true, to: st.before(r.Version)}
	down, stated, err := st.files.Dialect.ParseDown(string(s.Bytes()))
	switch {
	case err != nil:
		return refuse("has invalid down statements: %s: %v", s.Name(), err)
	case !stated:
		return refuse("has no down statements: write a new migration that undoes it; if no other database has applied "+
			"it, you can add a %q section to %s", plan.DownMarker, s.Name())
	case down.Irreversible != "":
		return refuse("cannot be undone: %s", down.Irreversible)
	}
	s.statements, s.applied = down.Statements, len(s.Statements)
	started := s
	if applied, sums, ok := rollbackOf(r); ok {
		s.applied, s.ran = applied, len(sums)
		started = s
	} else if !whole(r) {
		s.applied = r.Applied
		started = upStep(s.File, r)
	}
	if why := started.changed(); why != "" {
		return refuse("%s", why)
	}
	return s, nil
}
