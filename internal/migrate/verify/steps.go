package verify

import (
	"context"
	"fmt"
	"strings"

	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/schema"
)

// How many rows a table gets at a time. Fresh rows hold the edges of what their
// columns can; copies are like rows that were there before the way up, so that
// the schema before it can hold them too.
const (
	freshRows = 7
	copies    = 3
)

// one tests one file. Before and after it, the database is at the version before
// and at the file's.
func (r *rehearsal) one(ctx context.Context, before string, f file) error {
	old := r.states[before]
	rowsBefore, err := r.dump(ctx, old)
	if err != nil {
		return err
	}

	r.step = StepUp
	if err := r.up(ctx, f.version); err != nil {
		return err
	}
	now, err := r.inspect(ctx)
	if err != nil {
		return err
	}
	r.states[f.version] = now
	rowsUp, err := r.dump(ctx, now)
	if err != nil {
		return err
	}
	both := common(old, now, f)
	if err := both.sameType().compare(f.renames.relabel(rowsBefore), rowsUp); err != nil {
		return fmt.Errorf("after the way up, %w", err)
	}
	if names := both.notCompared(); len(names) > 0 {
		r.note("rows not compared in %s: the file changes rows there", strings.Join(names, ", "))
	}
	if f.irreversible != "" {
		r.note("tested on the way up only: it says that it cannot be undone: %s", f.irreversible)
		return r.fill(ctx, now, nil, rowsUp, touched(old, now))
	}

	r.step = StepRows
	if err := r.fill(ctx, now, func(name string) *schema.Table { return f.renames.before(old, name) }, rowsUp, nil); err != nil {
		return err
	}
	rowsNow, err := r.dump(ctx, now)
	if err != nil {
		return err
	}

	r.step = StepDown
	if err := r.down(ctx, ""); err != nil {
		return err
	}
	rowsDown, err := r.expect(ctx, old, "after the way down")
	if err != nil {
		return err
	}
	if err := both.sameType().compare(rowsNow, f.renames.relabel(rowsDown)); err != nil {
		return fmt.Errorf("after the way down, %w", err)
	}
	if err := both.compareSome(f.renames.relabel(rowsBefore), f.renames.relabel(rowsDown)); err != nil {
		return fmt.Errorf("after the way up and down, %w", err)
	}

	r.step = StepUpAgain
	if err := r.up(ctx, f.version); err != nil {
		return err
	}
	rowsAgain, err := r.expect(ctx, now, "after the way up, down and up again")
	if err != nil {
		return err
	}
	if err := both.compare(rowsNow, rowsAgain); err != nil {
		return fmt.Errorf("after the way up, down and up again, %w", err)
	}
	// The next file meets the edges of what this one allows.
	r.step = StepRows
	return r.fill(ctx, now, nil, rowsAgain, touched(old, now))
}

// allTheWay goes back to the first version, or to the last that cannot be undone,
// and forward again: without rows, then with rows that each table got when it was
// made, which every version since then has held.
func (r *rehearsal) allTheWay(ctx context.Context) error {
	floor := 1 + lastIndex(r.files, func(f file) bool { return f.irreversible != "" })
	if floor == len(r.files) {
		return nil // nothing can be undone, or there is nothing
	}
	base, to := "", run.Base
	if floor > 0 {
		base = r.files[floor-1].version
		to = base
	}
	r.step = StepAllDown
	if err := r.empty(ctx); err != nil {
		return err
	}
	rows, err := r.allDown(ctx, base, to, "without rows")
	if err != nil {
		return err
	}

	r.step = StepAllUp
	at := r.states[base]
	for _, f := range r.files[floor:] {
		// A table gets its rows when it is made.
		if err := r.fill(ctx, at, nil, rows, isEmpty(rows)); err != nil {
			return err
		}
		if err := r.up(ctx, f.version); err != nil {
			return err
		}
		at = r.states[f.version]
		if rows, err = r.expect(ctx, at, "after the second way up to "+f.version); err != nil {
			return err
		}
	}
	if err := r.fill(ctx, at, nil, rows, isEmpty(rows)); err != nil {
		return err
	}

	r.step = StepAllDown
	if _, err := r.allDown(ctx, base, to, "with rows"); err != nil {
		return err
	}
	r.step = StepAllUp
	if err := r.up(ctx, ""); err != nil {
		return err
	}
	_, err = r.expect(ctx, at, "after the way up to the last version at once")
	return err
}

// allDown goes from the last version to the one called to.
func (r *rehearsal) allDown(ctx context.Context, base, to, how string) (dump, error) {
	if err := r.down(ctx, to); err != nil {
		return nil, err
	}
	return r.expect(ctx, r.states[base], "after the way from the last version down to "+to+", "+how)
}

// lastIndex is the last of list that fits, or -1.
func lastIndex[T any](list []T, fits func(T) bool) int {
	for i := len(list) - 1; i >= 0; i-- {
		if fits(list[i]) {
			return i
		}
	}
	return -1
}

// isEmpty chooses the tables that have no rows.
func isEmpty(rows dump) func(*schema.Table) bool {
	return func(t *schema.Table) bool { return len(rows[t.Name].rows) == 0 }
}

// up applies the files up to a version, or all of them.
func (r *rehearsal) up(ctx context.Context, to string) error {
	report, err := r.engine.Upgrade(ctx, run.Upgrade{To: to})
	return r.refused(report, err)
}

// down undoes the last file, or with to all that came after that version.
func (r *rehearsal) down(ctx context.Context, to string) error {
	report, err := r.engine.Downgrade(ctx, run.Downgrade{To: to, AllowDataLoss: true})
	return r.refused(report, err)
}

// refused gives the error of a report with its statement.
func (r *rehearsal) refused(report run.Report, err error) error {
	if err == nil {
		return nil
	}
	if report.Failed == nil {
		return err
	}
	if report.Failed.Version != "" {
		r.version = report.Failed.Version
	}
	return &refusedError{report.Failed.Statement, report.Failed.Error}
}

// expect compares the schema with what it should be, and gives the rows.
func (r *rehearsal) expect(ctx context.Context, want *state, when string) (dump, error) {
	got, err := r.inspect(ctx)
	if err != nil {
		return nil, err
	}
	difference, err := r.difference(got, want)
	if err != nil {
		return nil, err
	}
	if difference != "" {
		return nil, fmt.Errorf("%s, %s", when, difference)
	}
	return r.dump(ctx, want)
}
