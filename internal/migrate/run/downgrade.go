package run

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

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
	report, started := e.begin("downgrade"), time.Now()
	err := e.with(ctx, func(files plan.Files, s session) error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		report.From, report.To = st.live, st.live
		target, err := st.target(opts)
		if err != nil {
			return err
		}
		steps, err := st.undo(target)
		if err != nil {
			return err
		}
		report.describeUndo(steps)
		if err := keepsTo(opts.Plan, report.Plan); err != nil || len(steps) == 0 {
			return err
		}
		if opts.DryRun {
			report.To = target
			report.Loss, err = e.losses(ctx, s, files, steps)
			return err
		}
		return e.locked(ctx, s, func() error { return e.undoAll(ctx, files, s, target, opts, report) })
	})
	if errors.Is(err, errOutOfTime) {
		report.Incomplete, err = true, nil
	}
	report.showSQL = opts.DryRun
	return report.finish(started, err)
}

// target is the version to be left as the live one; "" for none. It is decided
// once: of two downgrades by one migration that meet, one finds it done.
func (st state) target(opts Downgrade) (string, error) {
	if opts.N < 0 || opts.N > 0 && opts.To != "" {
		return "", errors.New("say how far to go back: by a version, or by how many migrations (1 or more)")
	}
	n := len(st.revisions)
	if opts.To == "" {
		// Rows that stand for no whole migration count too: they are undone first.
		if left := n - max(opts.N, 1); left > 0 {
			return st.revisions[left-1].Version, nil
		}
		return "", nil
	}
	if opts.To == Base {
		return "", nil
	}
	if !slices.ContainsFunc(st.revisions, func(r *migrate.Revision) bool { return r.Version == opts.To }) {
		return "", fmt.Errorf("version %s is not applied, so it cannot be gone back to: the live version is %s", opts.To, cmp.Or(st.live, "none"))
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
		refuse := func(format string, args ...any) ([]step, error) {
			return nil, &failureError{Failure: Failure{Version: r.Version, Error: "migration " + r.Version + " " + fmt.Sprintf(format, args...)}}
		}
		if r.Version == target {
			return refuse("is not applied whole, so it cannot be gone back to: choose an earlier version")
		}
		if r.Type.Has(migrate.RevisionTypeBaseline) {
			return refuse("is a baseline: its tables were there before it was recorded, and there is no way down from it")
		}
		i := st.files.Index(r.Version)
		if i < 0 {
			return refuse("is applied and its file is not here: run the build that has it")
		}
		s := step{File: st.files.List[i], revision: r}
		way, stated, err := st.files.Dialect.ParseDown(string(s.Bytes()))
		switch {
		case err != nil:
			return refuse("has a way down that cannot be read: %s: %v", s.Name(), err)
		case !stated:
			return refuse("states no way down: write a new migration that undoes it, or add a %q section to %s where it is applied nowhere else", plan.DownMarker, s.Name())
		case way.Irreversible != "":
			return refuse("cannot be undone: %s", way.Irreversible)
		}
		s.way = way
		if u, ok := undoingOf(r); ok {
			if why := u.changed(way); why != "" {
				return refuse("%s", why)
			}
		} else if !whole(r) {
			if why := s.changed(); why != "" {
				return refuse("%s", why)
			}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// undoLeft is the statements of the way down that are still to be run.
func (s step) undoLeft() []string {
	if u, ok := undoingOf(s.revision); ok {
		return s.way.Statements[min(u.undone, len(s.way.Statements)):]
	}
	return s.way.Statements
}

// describeUndo fills in what is to be undone.
func (r *Report) describeUndo(steps []step) {
	r.Pending, r.Plan = []Migration{}, undoPlan(steps)
	for _, s := range steps {
		r.Pending = append(r.Pending, Migration{
			Version: s.Version(), Description: s.Desc(),
			Statements: len(s.undoLeft()), SQL: s.undoLeft(),
		})
	}
}

// undoPlan is to a way down what plan is to the way up.
func undoPlan(steps []step) string {
	if len(steps) == 0 {
		return ""
	}
	h := sha256.New()
	for _, s := range steps {
		h.Write([]byte("down " + s.Version() + "\x00"))
		for _, statement := range s.way.Statements {
			h.Write([]byte(statement + "\x00"))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// keepsTo compares a plan with what was asked for.
func keepsTo(wanted, plan string) error {
	if wanted != "" && plan != "" && wanted != plan {
		return fmt.Errorf("what is pending is not what was planned: the plan is %s, pending is %s", wanted, plan)
	}
	return nil
}

// undoAll undoes file after file until the target is the live version.
func (e *Engine) undoAll(ctx context.Context, files plan.Files, s session, target string, opts Downgrade, report *Report) error {
	for first := true; ; first = false {
		more, err := e.oneFile(ctx, s, func() (bool, error) {
			return e.undoNext(ctx, files, s, target, opts, first, report)
		})
		if err != nil || !more {
			return err
		}
	}
}

// undoNext undoes the last file that is applied after the target, if there is one.
func (e *Engine) undoNext(ctx context.Context, files plan.Files, s session, target string, opts Downgrade, first bool, report *Report) (more bool, err error) {
	st, err := readState(ctx, files, s)
	if err != nil {
		return false, err
	}
	steps, err := st.undo(target)
	if err != nil {
		return false, err
	}
	report.To = st.live
	plan := report.Plan
	report.describeUndo(steps)
	if first {
		if err := keepsTo(opts.Plan, report.Plan); err != nil {
			return false, err
		}
	} else {
		report.Plan = plan
	}
	if len(steps) == 0 {
		if len(st.revisions) == 0 && st.hasJournal {
			return false, dropJournal(ctx, s)
		}
		return false, nil
	}
	if err := st.ownTables(ctx, s); err != nil {
		return false, err
	}
	// All that is still to be undone is looked at before each file: rows that
	// came meanwhile count as well.
	loss, err := e.losses(ctx, s, files, steps)
	if err != nil {
		return false, err
	}
	if first {
		report.Loss = loss
	}
	if err := allowed(loss); err != nil && !opts.AllowDataLoss {
		report.Loss = loss
		return false, err
	}
	err = e.undoOne(ctx, s, steps[0], report)
	if err == nil || !s.perFile() && isBeingUndone(steps[0].revision) {
		report.To = st.before(steps[0].revision.Version)
	}
	return true, err
}

// before is the version that is live once another is undone; "" for none.
func (st state) before(version string) (live string) {
	for _, m := range st.applied {
		if m.Version < version {
			live = m.Version
		}
	}
	return live
}
