package verify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

// tries is how often another row is made when the database refuses one: for a check that
// is not understood, or a unique column with few values.
const tries = 200

// filler inserts generated rows.
type filler struct {
	values
	tx       *sql.Tx
	rows     map[*schema.Table][]row
	inserted int
}

// fill generates rows into tables of a state, those that choose names or, with nil, all of
// them, and adds them to its rows.
//
// Tables get fresh rows, but those that the old schema has get copies of their rows, which
// the old schema can hold too. A table gets fewer where no further value of a key fits both.
func (r *roundtrip) fill(
	ctx context.Context, now *state, old *schema.Schema, choose func(*schema.Table) bool,
) error {
	tx, err := r.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	f := filler{values: values{r.Dialect, r.random}, tx: tx, rows: now.rows}
	var open []*schema.ForeignKey
	for _, t := range inOrder(now.Tables) {
		if choose != nil && !choose(t) {
			continue
		}
		for _, fk := range t.ForeignKeys {
			if fk.RefTable != t && len(f.rows[fk.RefTable]) == 0 {
				open = append(open, fk)
			}
		}
		why := f.insert(ctx, f.target(t, old))
		if err := ctx.Err(); err != nil {
			return err
		}
		if why != nil && len(f.rows[t]) == 0 {
			r.note("table %q is without rows: none that was tried is accepted: %s", t.Name, clip(why.Error()))
		}
	}
	for _, fk := range open {
		f.connect(ctx, fk)
	}
	r.result.Rows += f.inserted
	return tx.Commit()
}

// empty deletes all rows.
func (r *roundtrip) empty(ctx context.Context) (err error) {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	off, on := "PRAGMA foreign_keys = off", "PRAGMA foreign_keys = on"
	if r.Dialect == plan.MySQL {
		off, on = "SET foreign_key_checks = 0", "SET foreign_key_checks = 1"
	}
	statements := []string{off}
	for _, t := range r.states[r.files[len(r.files)-1].Version()].Tables {
		statements = append(statements, "DELETE FROM "+plan.Quote(t.Name))
	}
	for _, statement := range append(statements, on) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// inOrder sorts tables so that those that are referred to come first. In a cycle a table
// comes early whose references may be NULL for a while.
func inOrder(tables []*schema.Table) (sorted []*schema.Table) {
	left := slices.Clone(tables)
	optional := func(fk *schema.ForeignKey) bool {
		return slices.ContainsFunc(fk.Columns, func(c *schema.Column) bool { return mayBeNull(fk.Table, c) })
	}
	ready := func(inCycle bool) int {
		return slices.IndexFunc(left, func(t *schema.Table) bool {
			return !slices.ContainsFunc(t.ForeignKeys, func(fk *schema.ForeignKey) bool {
				return fk.RefTable != t && slices.Contains(left, fk.RefTable) && !(inCycle && optional(fk))
			})
		})
	}
	for len(left) > 0 {
		next := ready(false)
		if next < 0 {
			next = max(ready(true), 0)
		}
		sorted = append(sorted, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return sorted
}

// mayBeNull says that a column of a table takes NULL.
func mayBeNull(t *schema.Table, c *schema.Column) bool {
	return c.Type.Null && !slices.Contains(keyOf(t), c)
}

// insert inserts copies of rows into a table, or fresh ones. When fewer are accepted than
// wanted, why is what the database said of the last one.
func (f *filler) insert(ctx context.Context, t *target) (why error) {
	models, wanted := []row{nil}, freshRows
	if t.was != nil {
		models = slices.Clone(f.rows[t.Table])
		wanted = min(copies, len(models))
	}
	for i := range wanted {
		why = errors.New("there is no row to refer to, no value left that is not taken, or a type that is not known")
		for try := 0; try < tries && why != nil && ctx.Err() == nil; try++ {
			if made, ok := f.propose(t, i, try, models[(i+try)%len(models)]); ok {
				why = f.exec(ctx, t, made)
			}
		}
		if why != nil {
			return why
		}
	}
	return nil
}

// exec inserts a row, and adds it to those of the table.
func (f *filler) exec(ctx context.Context, t *target, made row) error {
	var names, literals []string
	for _, c := range stored(t.Table) {
		names, literals = append(names, plan.Quote(c.Name)), append(literals, made[c])
	}
	_, err := f.tx.ExecContext(ctx, "INSERT INTO "+plan.Quote(t.Name)+
		" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(literals, ", ")+")")
	if err == nil {
		f.inserted++
		f.rows[t.Table] = append(f.rows[t.Table], made)
	}
	return err
}

// connect makes rows refer to one that was made after them. A database that refuses leaves
// them as they are.
func (f *filler) connect(ctx context.Context, fk *schema.ForeignKey) {
	parents := f.parents(fk, nil)
	if len(parents) == 0 {
		return
	}
	parent := parents[f.random.IntN(len(parents))]
	var set, where []string
	for i, c := range fk.Columns {
		set = append(set, plan.Quote(c.Name)+" = "+parent[fk.RefColumns[i]])
		where = append(where, plan.Quote(c.Name)+" IS NULL")
	}
	_, _ = f.tx.ExecContext(ctx, "UPDATE "+plan.Quote(fk.Table.Name)+" SET "+strings.Join(set, ", ")+
		" WHERE "+strings.Join(where, " AND "))
}
