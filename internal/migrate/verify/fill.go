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

// tries is how often a row is made anew when the database refuses it: for a check
// that is not understood, or a unique column with few values.
const tries = 200

// fill generates rows into the tables of a schema and adds them to rows, which is
// what is there.
//
// With choose, those tables get fresh rows. Without, every table does, except
// those that were there before, as old says: they get copies of their rows, so
// that the old schema can hold them too.
func (r *rehearsal) fill(ctx context.Context, now *state, old func(string) *schema.Table, rows dump, choose func(*schema.Table) bool) (err error) {
	tx, err := r.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	f := filler{values: values{r.Dialect, r.random}, tx: tx, rows: rows}
	for _, t := range inOrder(now.Tables) {
		if choose != nil && !choose(t) {
			continue
		}
		target := f.target(t, old)
		var why error
		if target.was == nil {
			why, err = f.insert(ctx, target, freshRows, nil)
		} else if like := rows[t.Name].rows; len(like) > 0 {
			why, err = f.insert(ctx, target, min(copies, len(like)), slices.Clone(like))
		}
		if err != nil {
			return fmt.Errorf("cannot insert into table %q: %w", t.Name, err)
		}
		if why != nil && len(rows[t.Name].rows) == 0 {
			r.note("table %q is without rows: none that was tried is accepted: %s", t.Name, clip(why.Error()))
		}
	}
	for _, link := range f.links {
		if err := f.connect(ctx, link); err != nil {
			return err
		}
	}
	r.result.Rows += f.inserted
	return tx.Commit()
}

// empty deletes all rows.
func (r *rehearsal) empty(ctx context.Context) (err error) {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	off, on := "PRAGMA foreign_keys = off", "PRAGMA foreign_keys = on"
	if r.Dialect == plan.MySQL {
		off, on = "SET foreign_key_checks = 0", "SET foreign_key_checks = 1"
	}
	if _, err := conn.ExecContext(ctx, off); err != nil {
		return err
	}
	defer func() {
		_, onErr := conn.ExecContext(context.WithoutCancel(ctx), on)
		err = errors.Join(err, onErr)
	}()
	for _, t := range r.states[r.files[len(r.files)-1].version].Tables {
		if _, err := conn.ExecContext(ctx, "DELETE FROM "+quoteName(t.Name)); err != nil {
			return fmt.Errorf("cannot empty table %q: %w", t.Name, err)
		}
	}
	return nil
}

// inOrder sorts tables so that those that are referred to come first. In a cycle
// a table comes early whose references may be NULL for a while.
func inOrder(tables []*schema.Table) []*schema.Table {
	var sorted []*schema.Table
	left := slices.Clone(tables)
	waits := func(t *schema.Table, also func(*schema.ForeignKey) bool) bool {
		return slices.ContainsFunc(t.ForeignKeys, func(fk *schema.ForeignKey) bool {
			return fk.RefTable != t && slices.Contains(left, fk.RefTable) && also(fk)
		})
	}
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(t *schema.Table) bool { return !waits(t, func(*schema.ForeignKey) bool { return true }) })
		if next < 0 {
			next = slices.IndexFunc(left, func(t *schema.Table) bool { return !waits(t, required) })
		}
		next = max(next, 0)
		sorted = append(sorted, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return sorted
}

// required says that the columns of a foreign key cannot be NULL.
func required(fk *schema.ForeignKey) bool {
	return !slices.ContainsFunc(fk.Columns, func(c *schema.Column) bool { return mayBeNull(fk.Table, c) })
}

func mayBeNull(t *schema.Table, c *schema.Column) bool {
	return c.Type.Null && !slices.Contains(keyOf(t), c.Name)
}

// filler inserts generated rows.
type filler struct {
	values
	tx       *sql.Tx
	rows     dump
	inserted int
	// links are references that had to be NULL because the row they refer to was
	// not there yet.
	links []link
}

type link struct {
	fk  *schema.ForeignKey
	row map[string]string
}

// insert inserts rows into a table, copies of like or fresh ones. When fewer are
// accepted than wanted, why is what the database said of the last one. The error
// is one of the connection.
func (f *filler) insert(ctx context.Context, t *target, wanted int, like [][]string) (why, err error) {
	for i := range wanted {
		why = errors.New("there is no row to refer to, no value left that is not taken, or a type that is not known")
		for try := range tries {
			var model []string
			if like != nil {
				model = like[(i+try)%len(like)]
			}
			row, ok := f.propose(t, i, try, model)
			if !ok {
				continue
			}
			if why = f.exec(ctx, t, row); why == nil {
				break
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		if why != nil {
			return why, nil
		}
	}
	return nil, nil
}

// exec inserts a row and remembers it.
func (f *filler) exec(ctx context.Context, t *target, row map[string]string) error {
	var names, literals []string
	for _, c := range t.columns {
		names, literals = append(names, quoteName(c.Name)), append(literals, row[c.Name])
	}
	_, err := f.tx.ExecContext(ctx, "INSERT INTO "+quoteName(t.Name)+
		" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(literals, ", ")+")")
	if err != nil {
		return err
	}
	f.inserted++
	t.remember(row)
	rows := f.rows[t.Name]
	values := make([]string, len(rows.columns))
	for i, c := range rows.columns {
		values[i] = row[c]
	}
	rows.rows = append(rows.rows, values)
	for _, fk := range t.ForeignKeys {
		if row[fk.Columns[0].Name] == null && fk.RefTable != t.Table && len(f.parents(fk, nil)) == 0 {
			f.links = append(f.links, link{fk, row})
		}
	}
	return nil
}

// connect makes a row refer to one that came after it. A database that refuses
// leaves it as it is.
func (f *filler) connect(ctx context.Context, l link) error {
	key := keyOf(l.fk.Table)
	parents := f.parents(l.fk, nil)
	if len(key) == 0 || len(parents) == 0 {
		return nil
	}
	parent := parents[f.random.IntN(len(parents))]
	var set, where []string
	for i, c := range l.fk.Columns {
		set = append(set, quoteName(c.Name)+" = "+parent[i])
	}
	for _, c := range key {
		where = append(where, quoteName(c)+" = "+l.row[c])
	}
	_, _ = f.tx.ExecContext(ctx, "UPDATE "+quoteName(l.fk.Table.Name)+" SET "+strings.Join(set, ", ")+" WHERE "+strings.Join(where, " AND "))
	return ctx.Err()
}
