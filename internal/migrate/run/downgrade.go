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

// Base is what Downgrade.To says for "before the first migration".
const Base = "base"

// Downgrade says how far to go back.
type Downgrade struct {
	// To is the version that is to be the live one; [Base] undoes all. It may be
	// said again after a run that was cut off: it means the same then.
	To string
	// N says instead how many migrations to undo: 1 when both are left out.
	N int
	// DryRun only says what would be undone, and what data would be lost.
	DryRun bool
	// Plan is the hash from an earlier report. If what is to be undone is not what
	// it was then, nothing is; "" undoes whatever it is.
	Plan string
	// AllowDataLoss lets go of rows and values that the way down deletes.
	AllowDataLoss bool
}

// Downgrade undoes migrations, the last one first, by the way down that stands
// in their files. It takes the same lock as [Engine.Upgrade] and holds to the
// same rules about failures, deadlines and being run again.
//
// It refuses to lose data: what the way down would drop is counted, table by
// table and column by column, and unless all of it is empty (or AllowDataLoss
// says so) nothing is undone. The report has the counts in Loss either way.
//
// A migration that is applied in part is undone as far as it was applied.
//
// The report says what was undone, in Applied. The error says the same as the
// report's Failed: a file that is not here, states no way down or cannot be
// undone, data that would be lost, a statement that the database refused.
func (e *Engine) Downgrade(ctx context.Context, opts Downgrade) (Report, error) {
	target, decided := "", false
	return e.command("downgrade", func(report *Report) error {
		pending := func(st state) (steps []step, err error) {
			if !decided {
				report.From, report.To = st.live, st.live
				if target, err = st.target(opts); err != nil {
					return nil, err
				}
				decided = true
			}
			if steps, err = st.undo(target); err != nil {
				return nil, err
			}
			report.To, report.Pending = st.live, describeSteps(steps)
			if len(report.Applied) > 0 {
				return steps, nil
			}
			report.Plan = planHash(steps)
			return steps, keepsTo(opts.Plan, report.Plan)
		}
		// All that is still to be undone is looked at before each file: rows that came
		// meanwhile count as well.
		mayRun := func(s session, st state, steps []step) error {
			loss, err := e.losses(ctx, s, st.files, steps)
			refusal := allowed(loss)
			if opts.AllowDataLoss || opts.DryRun || err != nil {
				refusal = err
			}
			if len(report.Applied) == 0 || refusal != nil {
				report.Loss = loss
			}
			return refusal
		}
		return e.change(ctx, report, opts.DryRun, goal{pending, mayRun})
	})
}

// target is the version to be left as the live one; "" for none. It is decided
// once: of two downgrades by one migration that meet, one finds it done.
func (st state) target(opts Downgrade) (string, error) {
	if opts.N < 0 || opts.N > 0 && opts.To != "" {
		return "", errors.New("missing target: name a version, or the number of migrations (1 or more)")
	}
	if opts.To == Base {
		return "", nil
	}
	if opts.To == "" {
		// Rows that stand for no whole migration count too: they are undone first.
		if left := len(st.revisions) - max(opts.N, 1); left > 0 {
			return st.revisions[left-1].Version, nil
		}
		return "", nil
	}
	if st.row(opts.To) == nil {
		return "", fmt.Errorf("version %s is not applied, so a downgrade cannot reach it: the live version is %s",
			opts.To, cmp.Or(st.live, "none"))
	}
	return opts.To, nil
}

// undo is what has to be undone to make target the live version, the last one
// first. The error says why that cannot be done: then nothing of it is.
func (st state) undo(target string) (steps []step, err error) {
	for _, r := range slices.Backward(st.revisions) {
		if r.Version < target || r.Version == target && whole(r) {
			break
		}
		s, err := st.wayDown(r, target)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// wayDown is the step that undoes a migration, on the way to a target.
func (st state) wayDown(r *migrate.Revision, target string) (s step, err error) {
	refuse := func(format string, args ...any) (step, error) { return s, problem(r.Version, format, args...) }
	i := st.files.Index(r.Version)
	switch {
	case r.Version == target:
		return refuse("is not applied whole, so a downgrade cannot reach it: choose an earlier version")
	case r.Type.Has(migrate.RevisionTypeBaseline):
		return refuse("is a baseline: its tables were there before it was recorded, and there is no way down from it")
	case i < 0:
		return refuse("is applied, but its file is missing: run the build that has it")
	}
	s = step{File: st.files.List[i], revision: r, down: true, to: st.before(r.Version)}
	way, stated, err := st.files.Dialect.ParseDown(string(s.Bytes()))
	switch {
	case err != nil:
		return refuse("has a way down that cannot be read: %s: %v", s.Name(), err)
	case !stated:
		return refuse("states no way down: write a new migration that undoes it, or add a %q section to %s "+
			"where it is applied nowhere else", plan.DownMarker, s.Name())
	case way.Irreversible != "":
		return refuse("cannot be undone: %s", way.Irreversible)
	}
	s.way, s.applied = way.Statements, len(s.Statements)
	begun := s
	if applied, sums, undoing := undoingOf(r); undoing {
		s.applied, s.ran = applied, len(sums)
		begun = s
	} else if !whole(r) {
		s.applied = r.Applied
		begun = upStep(s.File, r)
	}
	if why := begun.changed(); why != "" {
		return refuse("%s", why)
	}
	return s, nil
}
