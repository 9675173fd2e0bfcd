package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/model"
	"slipway/internal/query"
)

// Precondition decides by the row as it is whether it may be changed: an error
// says no, and comes back as it is.
type Precondition func(row *model.Rows) error

// Create writes new rows, all or none, and sets their ids and times: one
// statement.
func (t *Table) Create(ctx context.Context, rows *model.Rows) error {
	if err := t.insert(t.write(ctx), rows); err != nil {
		return t.notCreated(ctx, err, rows)
	}
	return nil
}

// notCreated is the error of rows that were refused. Where InnoDB gives up their
// ids, they are given up everywhere: what comes next has the same id on every
// dialect. It does for a value that is taken, and for a parent that is missing
// behind a row that was good.
func (t *Table) notCreated(ctx context.Context, err error, rows *model.Rows) error {
	err = t.writeError(ctx, err, writtenRows(rows))
	var refused *Error
	if errors.As(err, &refused) && (refused.Kind == Duplicate || refused.Kind == MissingParent && refused.Row > 0) {
		if skip := t.db.SkipIDs(ctx, t.model.Name, rows.Len()); skip != nil {
			return t.error(ctx, skip)
		}
	}
	return err
}

// maxBinds is how many values SQLite takes in one statement.
const maxBinds = 32_766

// insert gives the error as it is: to look further may need the connection that a
// transaction holds.
func (t *Table) insert(db *gorm.DB, rows *model.Rows) error {
	size := maxBinds / len(t.model.Fields)
	switch {
	case rows.Len() == 1:
		return db.Create(rows.Row(0)).Error
	case rows.Len() <= size:
		return db.Create(rows.Pointer()).Error
	}
	return db.Transaction(func(tx *gorm.DB) error { return tx.CreateInBatches(rows.Pointer(), size).Error })
}

// Update changes the fields that values name, and no other, and gives the row as
// it is then: two statements. No values change nothing, and cost one.
//
// With a check the row is read first, and changed only if it is still what the
// check saw, which the database decides: of many that saw the same row one wins,
// and the error of the others is of kind [Changed].
func (t *Table) Update(ctx context.Context, id int64, values []model.Value, check Precondition) (*model.Rows, error) {
	if len(values) == 0 {
		rows, err := t.get(ctx, t.write(ctx), id)
		if err == nil && check != nil {
			err = check(rows)
		}
		return rows, err
	}
	changes := changes(values)
	q := t.write(ctx).Model(t.model.New()).Where("id = ?", id)
	if check != nil {
		seen, err := t.checked(ctx, id, check)
		if err != nil {
			return nil, err
		}
		q = q.Where(unchanged(t.model, seen))
		t.advance(changes, seen)
	}
	res := q.Updates(changes)
	if res.Error != nil {
		return nil, t.writeError(ctx, res.Error, writtenTo(id, changes))
	}
	if res.RowsAffected == 0 {
		return nil, missed(check)
	}
	return t.get(ctx, t.write(ctx), id)
}

// Delete removes the row with that id: one statement, two with a check, which
// does what it does in Update.
func (t *Table) Delete(ctx context.Context, id int64, check Precondition) error {
	q := t.write(ctx).Where("id = ?", id)
	if check != nil {
		seen, err := t.checked(ctx, id, check)
		if err != nil {
			return err
		}
		q = q.Where(unchanged(t.model, seen))
	}
	res := q.Delete(t.model.New())
	if res.Error != nil {
		return t.error(ctx, res.Error)
	}
	if res.RowsAffected == 0 {
		return missed(check)
	}
	return nil
}

func (t *Table) checked(ctx context.Context, id int64, check Precondition) (*model.Rows, error) {
	seen, err := t.get(ctx, t.write(ctx), id)
	if err == nil {
		err = check(seen)
	}
	return seen, err
}

// missed says why a statement found no row.
func missed(check Precondition) error {
	if check == nil {
		return &Error{Kind: NotFound}
	}
	return &Error{Kind: Changed}
}

// unchanged holds while a row is what it was: everything of it that can change.
func unchanged(t *model.Table, seen *model.Rows) clause.Expression {
	var all []clause.Expression
	for _, f := range t.Fields {
		if f.ReadOnly && f.Name != "updated_at" {
			continue
		}
		all = append(all, clause.Eq{Column: column(f.Name), Value: f.Of(seen.Row(0))})
	}
	return clause.And(all...)
}

// advance keeps updated_at going forward even where the clock stands still or
// differs between machines, so that a row that was changed is never what it was.
func (t *Table) advance(changes map[string]any, seen *model.Rows) {
	f := t.model.Field("updated_at")
	if f == nil || f.Type != model.Time || !f.ReadOnly {
		return
	}
	before, ok := f.Of(seen.Row(0)).(time.Time)
	if now := t.db.Write.NowFunc(); ok && !now.After(before) {
		changes[f.Name] = before.Add(time.Microsecond)
	}
}

// UpdateAll changes the fields that values name in all rows that match, and says
// how many they are: one statement. Where there are more than most, the error is
// of kind [TooMany] and nothing changes: it is a transaction then. A negative
// most is no limit.
func (t *Table) UpdateAll(ctx context.Context, filters []query.Filter, values []model.Value, most int64) (int64, error) {
	if len(values) == 0 {
		return t.CountAll(ctx, filters, most)
	}
	changes := changes(values)
	return t.all(ctx, most, func(db *gorm.DB) *gorm.DB {
		return where(db, filters).Model(t.model.New()).Updates(changes)
	}, writtenTo(0, changes))
}

// DeleteAll removes all rows that match, as UpdateAll changes them.
func (t *Table) DeleteAll(ctx context.Context, filters []query.Filter, most int64) (int64, error) {
	return t.all(ctx, most, func(db *gorm.DB) *gorm.DB {
		return where(db, filters).Delete(t.model.New())
	}, written{})
}

// CountAll says how many rows UpdateAll and DeleteAll would concern: one
// statement, asked where rows are written.
func (t *Table) CountAll(ctx context.Context, filters []query.Filter, most int64) (int64, error) {
	n, err := t.count(ctx, t.write(ctx), filters)
	return atMost(n, most, err)
}

// all runs one statement on many rows.
func (t *Table) all(ctx context.Context, most int64, run func(*gorm.DB) *gorm.DB, w written) (affected int64, err error) {
	db := t.write(ctx).Session(&gorm.Session{AllowGlobalUpdate: true}) // the caller has asked for it
	if most < 0 {
		res := run(db)
		return res.RowsAffected, t.writeError(ctx, res.Error, w)
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		res := run(tx)
		if res.Error != nil {
			return res.Error
		}
		affected, err = atMost(res.RowsAffected, most, nil)
		return err
	})
	return affected, t.writeError(ctx, err, w)
}

func atMost(n, most int64, err error) (int64, error) {
	if err == nil && most >= 0 && n > most {
		return 0, &Error{Kind: TooMany, Count: n}
	}
	return n, err
}

func changes(values []model.Value) map[string]any {
	m := make(map[string]any, len(values)+1)
	for _, v := range values {
		m[v.Field.Name] = v.Value
	}
	return m
}
