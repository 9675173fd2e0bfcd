package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// Precondition decides by the row as it is whether it may be changed: an error
// says no, and comes back as it is.
type Precondition func(row *resource.Rows) error

// maxTries is how often a change is tried on a row that others change at the same time, before it locks the row.
const maxTries = 3

// Update changes the fields that values name, and no other, and returns the row as this change left it. A row that does
// not exist is an error of kind [NotFound].
//
// It reads the row and changes it only if it is still as it was read, which the database decides: two statements, and
// two more whenever another writer was faster. Where the table is not verbatim, and where others are faster again and
// again, it is a transaction instead, which reads the changed row while it holds it.
//
// A check decides by the row as it was read. Of many writers that saw the same row one succeeds; the others' checks see
// what that one wrote. No values change nothing, and cost one statement.
func (t *Table) Update(
	ctx context.Context, id int64, values []resource.Value, check Precondition,
) (*resource.Rows, error) {
	if len(values) == 0 {
		return t.checked(ctx, t.write(ctx), id, check)
	}
	for range maxTries {
		if !t.model.Verbatim {
			break
		}
		rows, err := t.checked(ctx, t.write(ctx), id, check)
		if err != nil {
			return nil, err
		}
		changes := changes(values)
		t.advance(changes, rows)
		res := t.write(ctx).Model(t.model.New()).Where("id = ?", id).Where(t.unchanged(rows)).Updates(changes)
		switch {
		case res.Error != nil:
			return nil, t.writeError(ctx, res.Error, writtenTo(id, changes))
		case res.RowsAffected > 0:
			t.apply(changes, rows)
			return rows, nil
		}
	}
	return t.updateLocked(ctx, id, values, check)
}

// updateLocked is Update as a transaction: the row is locked by its change or, with a check, before that.
func (t *Table) updateLocked(
	ctx context.Context, id int64, values []resource.Value, check Precondition,
) (rows *resource.Rows, err error) {
	changes := changes(values)
	err = t.write(ctx).Transaction(func(tx *gorm.DB) error {
		if check != nil {
			seen, err := t.checked(ctx, locking(tx), id, check)
			if err != nil {
				return err
			}
			t.advance(changes, seen)
		} else {
			t.advance(changes, nil)
		}
		res := tx.Model(t.model.New()).Where("id = ?", id).Updates(changes)
		if res.Error != nil {
			return res.Error
		}
		rows, err = t.get(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, t.writeError(ctx, err, writtenTo(id, changes))
	}
	return rows, nil
}

// locking makes a SELECT hold the rows that it reads until the transaction ends. SQLite has no such lock, and needs
// none: it has one transaction that writes.
func locking(tx *gorm.DB) *gorm.DB { return tx.Clauses(clause.Locking{Strength: "UPDATE"}) }

// Delete removes the row with that id: one statement. With a check the row is read first, and deleted only if it is
// still as the check saw it: two statements, tried again as in [Table.Update].
func (t *Table) Delete(ctx context.Context, id int64, check Precondition) error {
	if check == nil {
		n, err := t.delete(t.write(ctx).Where("id = ?", id))
		if err == nil && n == 0 {
			err = &Error{Kind: NotFound}
		}
		return t.deleteError(ctx, err)
	}
	for range maxTries {
		if !t.model.Verbatim {
			break
		}
		seen, err := t.checked(ctx, t.write(ctx), id, check)
		if err != nil {
			return err
		}
		n, err := t.delete(t.write(ctx).Where("id = ?", id).Where(t.unchanged(seen)))
		if err != nil || n > 0 {
			return t.deleteError(ctx, err)
		}
	}
	err := t.write(ctx).Transaction(func(tx *gorm.DB) error {
		_, err := t.checked(ctx, locking(tx), id, check)
		if err == nil {
			_, err = t.delete(tx.Where("id = ?", id))
		}
		return err
	})
	return t.deleteError(ctx, err)
}

func (t *Table) delete(q *gorm.DB) (int64, error) {
	res := q.Delete(t.model.New())
	return res.RowsAffected, res.Error
}

// checked reads a row that the check, if there is one, lets pass.
func (t *Table) checked(ctx context.Context, from *gorm.DB, id int64, check Precondition) (*resource.Rows, error) {
	rows, err := t.get(ctx, from, id)
	if err == nil && check != nil {
		err = check(rows)
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// unchanged holds while a row is what it was: everything of it that can change.
func (t *Table) unchanged(seen *resource.Rows) clause.Expression {
	var all []clause.Expression
	for _, f := range t.model.Fields {
		if f.ReadOnly && !f.OnUpdate {
			continue
		}
		value := f.Of(seen.Row(0))
		if text, ok := value.(string); ok {
			all = append(all, clause.Expr{SQL: t.db.SameText, Vars: []any{column(f.Name), text}})
			continue
		}
		all = append(all, clause.Eq{Column: column(f.Name), Value: value})
	}
	return clause.And(all...)
}

// advance sets updated_at, and what else has the time of a change. It goes forward from the row that was seen even
// where the clock stands still or differs between machines, so that a row that was changed is never what it was.
// Without a row it is the time.
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

// apply puts changes into the row that they were made to.
func (t *Table) apply(changes map[string]any, rows *resource.Rows) {
	for name, value := range changes {
		rows.Set(0, t.model.Field(name), value)
	}
}

// UpdateAll changes the fields that values name in all rows that match, and says
// how many they are: one statement. Where there are more than most, the error is
// of kind [TooMany] and nothing changes: it is a transaction then. A negative
// most is no limit.
func (t *Table) UpdateAll(
	ctx context.Context, filters []query.Filter, values []resource.Value, most int64,
) (int64, error) {
	if len(values) == 0 {
		return t.CountAll(ctx, filters, most)
	}
	changes := changes(values)
	t.advance(changes, nil)
	n, err := t.all(ctx, most, func(db *gorm.DB) *gorm.DB {
		return t.where(db, filters).Model(t.model.New()).Updates(changes)
	})
	return n, t.writeError(ctx, err, writtenTo(0, changes))
}

// DeleteAll removes all rows that match, as UpdateAll changes them.
func (t *Table) DeleteAll(ctx context.Context, filters []query.Filter, most int64) (int64, error) {
	n, err := t.all(ctx, most, func(db *gorm.DB) *gorm.DB {
		return t.where(db, filters).Delete(t.model.New())
	})
	return n, t.deleteError(ctx, err)
}

// CountAll says how many rows UpdateAll and DeleteAll would concern: one
// statement, asked where rows are written.
func (t *Table) CountAll(ctx context.Context, filters []query.Filter, most int64) (int64, error) {
	n, err := t.count(ctx, t.write(ctx), filters)
	return atMost(n, most, err)
}

// all runs one statement on many rows, and returns the error as it is.
func (t *Table) all(ctx context.Context, most int64, run func(*gorm.DB) *gorm.DB) (affected int64, err error) {
	db := t.write(ctx).Session(&gorm.Session{AllowGlobalUpdate: true}) // the caller has asked for it
	if most < 0 {
		res := run(db)
		return res.RowsAffected, res.Error
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		res := run(tx)
		if res.Error != nil {
			return res.Error
		}
		affected, err = atMost(res.RowsAffected, most, nil)
		return err
	})
	return affected, err
}

func atMost(n, most int64, err error) (int64, error) {
	if err == nil && most >= 0 && n > most {
		return 0, &Error{Kind: TooMany, Count: n}
	}
	return n, err
}

func changes(values []resource.Value) map[string]any {
	m := make(map[string]any, len(values)+1)
	for _, v := range values {
		m[v.Field.Name] = v.Value
	}
	return m
}
