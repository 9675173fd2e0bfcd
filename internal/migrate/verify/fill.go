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

	declared "slipway/internal/migrate/schema"
)

// tries is the number of attempts to insert a row. The database can reject a row because of
// a CHECK, or because of a unique column with few values.
const tries = 200

// filler inserts generated rows.
type filler struct {
	values
	tx       *sql.Tx
	rows     map[*schema.Table][]row
	inserted int
	// snapshot is the snapshot of the version, or nil. It has the types that a later file
	// enforces in tables of an adopted SQLite file.
	snapshot *schema.Schema
}

// typeOf returns the type that determines the values of a column.
func (f *filler) typeOf(t *schema.Table, c *schema.Column) schema.Type {
	if f.snapshot == nil {
		return f.values.typeOf(t, c)
	}
	if _, known := declared.TypeOf(t, c); known {
		return f.values.typeOf(t, c)
	}
	if wanted, found := f.snapshot.Table(t.Name); found {
		if column, found := wanted.Column(c.Name); found {
			if typ, ok := declared.TypeOf(wanted, column); ok {
				return typ
			}
		}
	}
	return f.values.typeOf(t, c)
}

// fill inserts generated rows into the tables for which choose returns true, or into all
// tables if choose is nil. It adds the rows to now.
//
// Tables that exist in the old schema get variants of their rows, which are also valid in the
// old schema. Other tables get new rows. A table gets fewer rows if no further value of a key
// is valid in both schemas.
func (r *roundtrip) fill(
	ctx context.Context, now *state, old *schema.Schema, choose func(*schema.Table) bool,
) error {
	tx, err := r.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	f := filler{values: values{r.Dialect, r.random}, tx: tx, rows: now.rows}
	if r.Dialect == plan.SQLite {
		version := r.at.Version
		if version == "" && len(r.files) > 0 { // all files run after the first one
			version = r.files[0].Version()
		}
		if f.snapshot, err = r.snapshot(version); err != nil {
			return err
		}
	}
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
			r.note("table %q has no rows, because the database rejected all generated rows: %s", t.Name, clip(why.Error()))
		}
	}
	for _, fk := range open {
		f.connect(ctx, fk)
	}
	r.result.Rows += f.inserted
	return tx.Commit()
}

// empty deletes all rows of all tables.
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

// inOrder sorts tables so that a table comes after the tables that it refers to. In a cycle,
// tables with nullable references come first.
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

// mayBeNull reports whether a column of a table accepts NULL.
func mayBeNull(t *schema.Table, c *schema.Column) bool {
	return c.Type.Null && !slices.Contains(keyOf(t), c)
}

// insert inserts new rows into a table, or variants of its rows. If it inserts fewer rows
// than wanted, it returns the error for the last one.
func (f *filler) insert(ctx context.Context, t *target) (why error) {
	models, wanted := []row{nil}, freshRows
	if t.was != nil {
		models = slices.Clone(f.rows[t.Table])
		wanted = min(copies, len(models))
	}
	for i := range wanted {
		why = errors.New("no row to refer to, no free value of a unique key, or an unknown type")
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

// exec inserts a row, and adds it to the rows of the table.
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

// connect sets foreign keys that are NULL to a row that was inserted later. It ignores an
// error of the database, and the keys stay NULL.
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
