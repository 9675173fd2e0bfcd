package verify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
	declared "slipway/internal/migrate/schema"

	"ariga.io/atlas/sql/schema"
)

// The number of rows that a table gets at a time. New rows have edge values of their
// columns. Copies are variants of rows that existed before the up statements, so that they
// are also valid in the previous schema.
const (
	freshRows = 7
	copies    = 3
)

// one tests the file f. The database is at the version before. On success, it is at the
// version of f.
func (r *roundtrip) one(ctx context.Context, before string, f plan.File) (err error) {
	old := r.now
	if old.rows, err = r.rowsOf(ctx, r.DB, old.Schema); err == nil {
		err = r.prepare(ctx, f, old)
	}
	if err != nil {
		return err
	}
	c := &change{renames: parseRenames(f.Statements, old.Schema), old: old, written: map[string]bool{}}
	r.change, r.at.Step = c, StepUp
	if c.now, err = r.up(ctx, f.Version(), nil, "after the upgrade"); err != nil {
		return err
	}
	r.states[f.Version()] = &state{Schema: c.now.Schema, programs: c.now.programs}
	c.renames.follow(old.Schema)
	if err := c.compare("after the upgrade", old, c.now, false); err != nil {
		return err
	}
	if why := r.irreversible(f); why != "" {
		r.note("only the up statements are tested, because the file is irreversible: %s", why)
		// A copy of c.now, because the next file changes its names.
		r.now = &state{Schema: declared.Copy(c.now.Schema), programs: c.now.programs}
		if r.now.rows, err = r.rowsOf(ctx, r.DB, r.now.Schema); err != nil {
			return err
		}
		return r.finish(ctx, c)
	}

	r.at.Step = StepRows
	if err := r.fill(ctx, c.now, old.Schema, nil); err != nil {
		return err
	}
	if c.now.rows, err = r.rowsOf(ctx, r.DB, c.now.Schema); err != nil { // in the form that the database returns
		return err
	}

	r.at.Step = StepDown
	down, err := r.down(ctx, "", r.states[before], "after the downgrade")
	if err != nil {
		return err
	}
	c.renames.follow(down.Schema)
	if err := cmp.Or(
		c.compare("after the downgrade", c.now, down, false),
		c.compare("after the upgrade and the downgrade", old, down, true),
	); err != nil {
		return err
	}

	r.at.Step = StepUpAgain
	const twice = "after the second upgrade"
	if r.now, err = r.up(ctx, f.Version(), c.now, twice); err != nil {
		return err
	}
	if err := c.compare(twice, c.now, r.now, false); err != nil {
		return err
	}
	return r.finish(ctx, c)
}

// finish adds a note about what was not compared, and inserts rows into the tables that the
// file changed, so that the next file runs with edge values of these tables.
func (r *roundtrip) finish(ctx context.Context, c *change) error {
	if len(c.skipped) > 0 {
		slices.Sort(c.skipped)
		r.note("rows not compared in %s: the file changes rows there", strings.Join(c.skipped, ", "))
	}
	changed, err := r.differences(r.now, c.old, "")
	if err != nil {
		return err
	}
	r.at.Step = StepRows
	return r.fill(ctx, r.now, nil, func(t *schema.Table) bool {
		return slices.ContainsFunc(changed, func(d plan.Drift) bool {
			return d.Object == t.Name || strings.HasPrefix(d.Object, t.Name+".")
		})
	})
}

// irreversible returns why a file cannot be undone, or "" if it can.
func (r *roundtrip) irreversible(f plan.File) string {
	way, _, _ := r.engine.Dialect.ParseDown(string(f.Bytes())) // the engine reports errors
	return way.Irreversible
}

// allTheWay undoes all files, or those after the last irreversible one, and applies them
// again. It first does this without rows. Then it does it with rows that each table got in
// the version that created it.
func (r *roundtrip) allTheWay(ctx context.Context) error {
	floor, base := 0, ""
	for i, f := range r.files {
		if r.irreversible(f) != "" {
			floor, base = i+1, f.Version()
		}
	}
	if floor == len(r.files) {
		return nil // no file can be undone
	}
	to := cmp.Or(base, run.Base)
	allDown := "after the downgrade from the last version to " + to
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
		if err := r.prepare(ctx, f, at); err != nil {
			return err
		}
		if at, err = r.up(ctx, f.Version(), r.states[f.Version()], "after the second upgrade to "+f.Version()); err != nil {
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
	_, err = r.up(ctx, "", at, "after the upgrade to the last version in one run")
	return err
}

// fillEmpty fills the tables that have no rows, and updates the rows of the state.
func (r *roundtrip) fillEmpty(ctx context.Context, at *state) error {
	err := r.fill(ctx, at, nil, func(t *schema.Table) bool { return len(at.rows[t]) == 0 })
	if err == nil {
		at.rows, err = r.rowsOf(ctx, r.DB, at.Schema)
	}
	return err
}

// up applies the files up to a version, or all files if to is "". It returns the new state of
// the database, and an error if its schema differs from that of was. was can be nil.
func (r *roundtrip) up(ctx context.Context, to string, was *state, when string) (*state, error) {
	report, err := r.engine.Upgrade(ctx, run.Upgrade{To: to})
	return r.reached(ctx, report, err, was, when)
}

// down undoes the last file, or all files after the version to. It returns the same as up.
func (r *roundtrip) down(ctx context.Context, to string, was *state, when string) (*state, error) {
	report, err := r.engine.Downgrade(ctx, run.Downgrade{To: to, AllowDataLoss: true})
	return r.reached(ctx, report, err, was, when)
}

// reached returns the state of the database after a command of the engine, and an error if
// the command failed or the schema differs from that of was.
func (r *roundtrip) reached(
	ctx context.Context, report run.Report, err error, was *state, when string,
) (*state, error) {
	if err := r.refused(report, err); err != nil {
		return nil, err
	}
	is, err := r.read(ctx, r.DB)
	if err != nil || was == nil {
		return is, err
	}
	different, err := r.differences(is, was, when)
	if err == nil && len(different) > 0 {
		err = errors.New(different[0].String())
	}
	return is, err
}

// refused returns the error of a report, and stores its version and statement in at.
func (r *roundtrip) refused(report run.Report, err error) error {
	if err == nil || report.Failed == nil {
		return err
	}
	r.at.Version = cmp.Or(report.Failed.Version, r.at.Version)
	r.at.Statement = report.Failed.Statement
	if orphans.MatchString(report.Failed.Error) {
		return errors.New(report.Failed.Error + "; these are random rows of db test: they say nothing of real rows, which " +
			"must refer to existing rows, too")
	}
	return errors.New(report.Failed.Error)
}

// orphans matches the errors for a new foreign key on rows that refer to nothing.
var orphans = lazyregexp.New(`^Error 1452 |refer to missing rows`)

// exec runs a statement of a file. It records which rows an INSERT, UPDATE or DELETE changes.
func (r *roundtrip) exec(ctx context.Context, conn schema.ExecQuerier, statement string) error {
	c := r.change
	if c == nil || !plan.ChangesOnlyRows(statement) && !plan.ChangesRows.MatchString(statement) {
		return r.execOnline(ctx, conn, statement)
	}
	was, err := r.read(ctx, conn)
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
