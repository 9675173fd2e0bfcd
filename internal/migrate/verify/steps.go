package verify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/schema"
)

// How many rows a table gets at a time. Fresh rows hold the edges of what their columns
// can; copies are like rows that existed before the way up, so that the schema before it
// can hold them too.
const (
	freshRows = 7
	copies    = 3
)

// one tests one file. Before it the database is at the version before, after it at the
// file's.
func (r *roundtrip) one(ctx context.Context, before string, f plan.File) error {
	old, err := r.look(ctx, r.DB)
	if err != nil {
		return err
	}
	c := &change{renames: parseRenames(f.Statements, old.Schema), old: old, written: map[string]bool{}}
	r.change, r.at.Step = c, StepUp
	if c.now, err = r.up(ctx, f.Version(), nil, "after the way up"); err != nil {
		return err
	}
	r.states[f.Version()] = &state{Schema: c.now.Schema, programs: c.now.programs}
	c.renames.follow(old.Schema)
	if err := c.compare("after the way up", old, c.now, false); err != nil {
		return err
	}
	if why := r.irreversible(f); why != "" {
		r.note("tested on the way up only: it says that it cannot be undone: %s", why)
		return r.finish(ctx, c, c.now)
	}

	r.at.Step = StepRows
	if err := r.fill(ctx, c.now, old.Schema, nil); err != nil {
		return err
	}
	if c.now.rows, err = r.rowsOf(ctx, r.DB, c.now.Schema); err != nil { // as the database writes them
		return err
	}

	r.at.Step = StepDown
	down, err := r.down(ctx, "", r.states[before], "after the way down")
	if err != nil {
		return err
	}
	c.renames.follow(down.Schema)
	if err := cmp.Or(
		c.compare("after the way down", c.now, down, false),
		c.compare("after the way up and down", old, down, true),
	); err != nil {
		return err
	}

	r.at.Step = StepUpAgain
	const twice = "after the way up, down and up again"
	again, err := r.up(ctx, f.Version(), c.now, twice)
	if err != nil {
		return err
	}
	if err := c.compare(twice, c.now, again, false); err != nil {
		return err
	}
	return r.finish(ctx, c, again)
}

// finish notes what was not compared of a file, and fills the tables that it has changed in
// the state that it left: the next file meets the edges of what this one allows.
func (r *roundtrip) finish(ctx context.Context, c *change, now *state) error {
	if len(c.skipped) > 0 {
		slices.Sort(c.skipped)
		r.note("rows not compared in %s: the file changes rows there", strings.Join(c.skipped, ", "))
	}
	changed, err := r.differences(now, c.old, "")
	if err != nil {
		return err
	}
	r.at.Step = StepRows
	return r.fill(ctx, now, nil, func(t *schema.Table) bool {
		return slices.ContainsFunc(changed, func(d plan.Drift) bool {
			return d.Object == t.Name || strings.HasPrefix(d.Object, t.Name+".")
		})
	})
}

// irreversible returns why a file cannot be undone; "" when it can.
func (r *roundtrip) irreversible(f plan.File) string {
	way, _, _ := r.engine.Dialect.ParseDown(string(f.Bytes())) // the engine reports a faulty one
	return way.Irreversible
}

// allTheWay goes back to the first version, or to the last that cannot be undone, and
// forward again: without rows, then with rows that each table got when it was made, which
// every version since then has held.
func (r *roundtrip) allTheWay(ctx context.Context) error {
	floor, base := 0, ""
	for i, f := range r.files {
		if r.irreversible(f) != "" {
			floor, base = i+1, f.Version()
		}
	}
	if floor == len(r.files) {
		return nil // nothing can be undone, or there is nothing
	}
	to := cmp.Or(base, run.Base)
	allDown := "after the way from the last version down to " + to
	r.at.Step = StepAllDown
	if err := r.empty(ctx); err != nil {
		return err
	}
	at, err := r.down(ctx, to, r.states[base], allDown+", without rows")
	if err != nil {
		return err
	}
	for _, f := range r.files[floor:] {
		r.at.Step = StepAllUp
		if err := r.fillEmpty(ctx, at); err != nil {
			return err
		}
		if at, err = r.up(ctx, f.Version(), r.states[f.Version()], "after the second way up to "+f.Version()); err != nil {
			return err
		}
	}
	if err := r.fillEmpty(ctx, at); err != nil {
		return err
	}
	r.at.Step = StepAllDown
	if _, err := r.down(ctx, to, r.states[base], allDown+", with rows"); err != nil {
		return err
	}
	r.at.Step = StepAllUp
	_, err = r.up(ctx, "", at, "after the way up to the last version at once")
	return err
}

// fillEmpty fills the tables that have no rows.
func (r *roundtrip) fillEmpty(ctx context.Context, at *state) error {
	return r.fill(ctx, at, nil, func(t *schema.Table) bool { return len(at.rows[t]) == 0 })
}

// up applies the files up to a version, or all of them, and returns the database then. Its
// schema must be what it was in another state; nil for none.
func (r *roundtrip) up(ctx context.Context, to string, was *state, when string) (*state, error) {
	report, err := r.engine.Upgrade(ctx, run.Upgrade{To: to})
	return r.reached(ctx, report, err, was, when)
}

// down is like up: it undoes the last file, or with to all that came after that version.
func (r *roundtrip) down(ctx context.Context, to string, was *state, when string) (*state, error) {
	report, err := r.engine.Downgrade(ctx, run.Downgrade{To: to, AllowDataLoss: true})
	return r.reached(ctx, report, err, was, when)
}

// reached returns the database after a command of the engine, if its schema is what it was.
func (r *roundtrip) reached(
	ctx context.Context, report run.Report, err error, was *state, when string,
) (*state, error) {
	if err := r.refused(report, err); err != nil {
		return nil, err
	}
	is, err := r.look(ctx, r.DB)
	if err != nil || was == nil {
		return is, err
	}
	different, err := r.differences(is, was, when)
	if err == nil && len(different) > 0 {
		err = errors.New(different[0].String())
	}
	return is, err
}

// refused returns the error of a report, and notes its statement.
func (r *roundtrip) refused(report run.Report, err error) error {
	if err == nil || report.Failed == nil {
		return err
	}
	r.at.Version = cmp.Or(report.Failed.Version, r.at.Version)
	r.at.Statement = report.Failed.Statement
	return errors.New(report.Failed.Error)
}

// exec runs a statement of a file, and watches what it does.
func (r *roundtrip) exec(ctx context.Context, conn schema.ExecQuerier, statement string) error {
	c := r.change
	if c == nil || !plan.ChangesOnlyRows(statement) && !plan.ChangesRows.MatchString(statement) {
		return r.ask(ctx, conn, statement)
	}
	was, err := r.look(ctx, conn)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, statement); err != nil {
		return err
	}
	is, err := r.rowsOf(ctx, conn, was.Schema)
	if err != nil {
		return err
	}
	c.observe(was.Schema, was.rows, is)
	return nil
}
