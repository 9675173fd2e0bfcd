package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// Precondition returns an error if the row must not be changed, or if it must exist and does
// not: row is then nil, see [Table.Put]. The store returns this error unchanged.
type Precondition func(row *resource.Rows) error

// maxTries is the number of optimistic updates of a row before an update locks the row.
const maxTries = 3

// Update sets the fields of values and returns the row after this update. The check may be nil. The error is of kind
// [NotFound] if there is no row with that key.
//
// It reads the row and updates it on the condition that it is unchanged: two statements, and two more after each
// conflict with another writer. If the table is not verbatim, or after maxTries conflicts, it runs a transaction that
// locks the row and reads it after the update.
//
// Of several writers that read the same row, one succeeds; the checks of the others run again with the new row. Without
// values, Update runs the check and changes nothing.
func (t *Table) Update(
	ctx context.Context, key resource.Key, values []resource.Value, check Precondition,
) (*resource.Rows, error) {
	if len(values) == 0 {
		return t.checked(ctx, t.write(ctx), key, check)
	}
	for range maxTries {
		if !t.model.Verbatim {
			break
		}
		rows, err := t.checked(ctx, t.write(ctx), key, check)
		if err != nil {
			return nil, err
		}
		changes := t.changes(values)
		t.advance(changes, rows)
		res := t.rowsOf(t.write(ctx)).Where(t.is(key)).Where(t.unchanged(rows)).Updates(t.stored(changes))
		switch {
		case res.Error != nil:
			return nil, t.writeError(ctx, res.Error, writtenTo(key, changes))
		case res.RowsAffected > 0:
			t.apply(changes, rows)
			return rows, nil
		}
	}
	return t.updateLocked(ctx, key, values, check)
}

// updateLocked is Update with a transaction. The update locks the row; with a check, the read before it does.
func (t *Table) updateLocked(
	ctx context.Context, key resource.Key, values []resource.Value, check Precondition,
) (rows *resource.Rows, err error) {
	changes := t.changes(values)
	err = t.write(ctx).Transaction(func(tx *gorm.DB) error {
		if err := t.computeDefaults(tx, changes); err != nil {
			return err
		}
		if check != nil {
			seen, err := t.checked(ctx, locking(tx), key, check)
			if err != nil {
				return err
			}
			t.advance(changes, seen)
		} else {
			t.advance(changes, nil)
		}
		res := t.rowsOf(tx).Where(t.is(key)).Updates(t.stored(changes))
		if res.Error != nil {
			return res.Error
		}
		rows, err = t.get(ctx, tx, key)
		return err
	})
	if err != nil {
		return nil, t.writeError(ctx, err, writtenTo(key, changes))
	}
	return rows, nil
}

// locking makes a SELECT lock its rows until the transaction ends. SQLite has no row locks and needs none: it allows
// one write transaction at a time.
func locking(tx *gorm.DB) *gorm.DB { return tx.Clauses(clause.Locking{Strength: "UPDATE"}) }

// Delete deletes the row with that key. Without a check it runs one statement. With a check it reads the row and
// deletes it on the condition that it is unchanged, like [Table.Update]. The error is of kind [NotFound] if there is no
// such row.
func (t *Table) Delete(ctx context.Context, key resource.Key, check Precondition) error {
	if check == nil {
		n, err := t.deleteOne(t.write(ctx), key)
		if err == nil && n == 0 {
			err = &Error{Kind: NotFound}
		}
		return t.deleteError(ctx, err)
	}
	for range maxTries {
		if !t.model.Verbatim {
			break
		}
		seen, err := t.checked(ctx, t.write(ctx), key, check)
		if err != nil {
			return err
		}
		n, err := t.deleteOne(t.write(ctx), key, t.unchanged(seen))
		if err != nil || n > 0 {
			return t.deleteError(ctx, err)
		}
	}
	err := t.write(ctx).Transaction(func(tx *gorm.DB) error {
		_, err := t.checked(ctx, locking(tx), key, check)
		if err == nil {
			_, err = t.deleteOne(tx, key)
		}
		return err
	})
	return t.deleteError(ctx, err)
}

// delete deletes the rows that satisfy all conditions, or all rows without one, and returns their number.
func (t *Table) delete(db *gorm.DB, conditions ...clause.Expression) (int64, error) {
	sql, vars := "DELETE FROM ?", []any{clause.Table{Name: t.model.Name}}
	if len(conditions) > 0 {
		sql, vars = sql+" WHERE ?", append(vars, clause.And(conditions...))
	}
	res := db.Exec(sql, vars...)
	return res.RowsAffected, res.Error
}

// rowsOf returns a connection for a statement on the table. GORM's Table takes a name with a
// blank as an expression.
func (t *Table) rowsOf(db *gorm.DB) *gorm.DB {
	tx := db.Table(t.model.Name)
	if strings.Contains(t.model.Name, " ") {
		tx.Statement.Table, tx.Statement.TableExpr = t.model.Name, &clause.Expr{SQL: tx.Statement.Quote(t.model.Name)}
	}
	return tx
}

// checked reads a row and returns the error of the check, if there is one.
func (t *Table) checked(ctx context.Context, from *gorm.DB, key resource.Key, check Precondition) (*resource.Rows,
	error) {
	rows, err := t.get(ctx, from, key)
	if err == nil && check != nil {
		err = check(rows)
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// unchanged returns the condition that all columns that can change have the values in seen. Where none can, it is the
// condition of the key.
func (t *Table) unchanged(seen *resource.Rows) clause.Expression {
	same := t.same(seen, 0, func(f *resource.Field) bool { return !f.InKey && (!f.ReadOnly || f.OnUpdate) })
	if same == nil {
		return t.is(seen.Key(0))
	}
	return same
}

// same returns the condition that columns have the values of the row at index i. It is nil for no columns.
func (t *Table) same(rows *resource.Rows, i int, of func(*resource.Field) bool) clause.Expression {
	var all []clause.Expression
	for _, f := range t.model.Fields {
		if !of(f) {
			continue
		}
		all = append(all, t.holds(f, f.Of(rows.Row(i))))
	}
	return clause.And(all...)
}

// advance sets updated_at and other columns with the time of the update to the current time. If seen is not nil, the
// time is always later than the one in seen, even if clocks differ, so that each update changes the row.
func (t *Table) advance(changes map[string]any, seen *resource.Rows) {
	for _, f := range t.model.Fields {
		if !f.OnUpdate || f.Computed {
			continue
		}
		now := f.Truncate(t.db.Write.NowFunc())
		if seen != nil {
			if before, ok := f.Of(seen.Row(0)).(time.Time); ok && !now.After(before) {
				now = before.Add(f.Tick())
			}
		}
		changes[f.Name] = now
	}
}

// apply sets changes in the row in memory.
func (t *Table) apply(changes map[string]any, rows *resource.Rows) {
	for name, value := range changes {
		rows.Set(0, t.model.Field(name), value)
	}
}

// UpdateAll sets the fields of values in all rows that match, and returns the number of
// rows. If more than most rows match, nothing changes and the error is of kind [TooMany];
// a negative most is no limit. It runs one statement, in a transaction if there is a limit.
func (t *Table) UpdateAll(
	ctx context.Context, filters []query.Filter, values []resource.Value, most int64,
) (int64, error) {
	if len(values) == 0 {
		return t.CountAll(ctx, filters, most)
	}
	changes := t.changes(values)
	t.advance(changes, nil)
	n, err := t.all(ctx, most, func(db *gorm.DB) (int64, error) {
		res := t.where(t.rowsOf(db), filters).Updates(t.stored(changes))
		return res.RowsAffected, res.Error
	})
	w := writtenTo(nil, changes)
	w.filters = filters
	return n, t.writeError(ctx, err, w)
}

// DeleteAll deletes all rows that match, with the same limit and errors as UpdateAll. If a foreign key to the own table
// may delete some of them first, it counts the rows in the same transaction.
func (t *Table) DeleteAll(ctx context.Context, filters []query.Filter, most int64) (int64, error) {
	run := func(db *gorm.DB) (int64, error) { return t.delete(db, t.deleted(filters)...) }
	if t.selfKeys() != nil {
		once := run
		run = func(db *gorm.DB) (n int64, err error) {
			err = db.Transaction(func(tx *gorm.DB) error {
				matched, err := t.count(ctx, tx, filters)
				if err != nil {
					return err
				}
				n, err = once(tx)
				n = max(n, matched)
				return err
			})
			return n, err
		}
	}
	n, err := t.all(ctx, most, run)
	return n, t.deleteError(ctx, err)
}

// CountAll returns the number of rows that UpdateAll or DeleteAll would change, with the
// same limit. It runs one statement on the primary database.
func (t *Table) CountAll(ctx context.Context, filters []query.Filter, most int64) (int64, error) {
	n, err := t.count(ctx, t.write(ctx), filters)
	return atMost(n, most, err)
}

// all runs a statement on many rows and returns the error of GORM unchanged. If it affects
// more than most rows, it rolls back and returns an error of kind [TooMany].
func (t *Table) all(
	ctx context.Context, most int64, run func(*gorm.DB) (int64, error),
) (affected int64, err error) {
	db := t.write(ctx).Session(&gorm.Session{AllowGlobalUpdate: true}) // package query requires all=true
	if most < 0 {
		return run(db)
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		n, err := run(tx)
		affected, err = atMost(n, most, err)
		return err
	})
	return affected, err
}

// atMost returns n, or an error of kind [TooMany] if n exceeds a limit.
func atMost(n, most int64, err error) (int64, error) {
	if err == nil && most >= 0 && n > most {
		return 0, &Error{Kind: TooMany, Count: n}
	}
	return n, err
}

// changes returns values as column names and values, for GORM.
func (t *Table) changes(values []resource.Value) map[string]any {
	m := make(map[string]any, len(values)+1)
	for _, v := range values {
		if m[v.Field.Name] = v.Value; v.Value == any(resource.Now) {
			m[v.Field.Name] = v.Field.At(t.db.Write.NowFunc())
		}
	}
	return m
}
