package store

import (
	"errors"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// selfKeys returns the foreign keys of the table to itself.
func (t *Table) selfKeys() (keys []*resource.ForeignKey) {
	for _, k := range t.model.ForeignKeys {
		if k.Table == t.model {
			keys = append(keys, k)
		}
	}
	return keys
}

// errNotSent is the cause of an error of insert that was found before the INSERT, so that it used no ids.
var errNotSent = errors.New("a row references the row 0 of its own table, which does not exist")

// zeroParent returns an error of kind [MissingParent] for the first row that references the row with the number 0 of
// its own table, if there is no such row. MySQL 9.7 accepts the new row: until it has a number, its own number is 0.
func (t *Table) zeroParent(db *gorm.DB, rows *resource.Rows) error {
	for _, k := range t.selfKeys() {
		if len(k.Refs) != 1 || k.Refs[0] != t.model.Auto {
			continue
		}
		for i := range rows.Len() {
			if k.Fields[0].Of(rows.Row(i)) != any(int64(0)) {
				continue
			}
			found := t.model.NewRows(1)
			if err := t.scan(db.Where(t.in(k.Refs, [][]any{{int64(0)}})), found, k.Refs); err != nil {
				return err
			}
			if found.Len() == 0 {
				return &Error{Kind: MissingParent, Fields: k.Fields, Row: i, Err: errNotSent}
			}
			break
		}
	}
	return nil
}

// ownParent returns an error of kind [MissingParent] if a new row references itself by the number that the database has
// assigned. MySQL refuses this, because it checks the row before it has a number.
func (t *Table) ownParent(rows *resource.Rows, i int) error {
	for _, k := range t.selfKeys() {
		if !slices.Contains(k.Refs, t.model.Auto) {
			continue
		}
		from, _ := rows.Identity(i, k.Fields)
		to, _ := rows.Identity(i, k.Refs)
		if from == to {
			e := &Error{Kind: MissingParent, Row: i}
			e.addSet(k.Fields)
			return e
		}
	}
	return nil
}

// deleted returns the conditions for a delete of all rows that match. A delete sets references to its rows to NULL. If
// a filter reads these references, MySQL misses rows: it deletes each row before it looks at the next one. Therefore
// the condition reads all rows first.
func (t *Table) deleted(filters []query.Filter) []clause.Expression {
	conditions := t.conditions(filters)
	for _, k := range t.selfKeys() {
		for _, f := range k.Fields {
			if slices.ContainsFunc(filters, func(x query.Filter) bool { return x.Field == f.Name }) {
				key := columns("", t.model.Key)
				return []clause.Expression{clause.Expr{
					SQL:  "? IN (SELECT * FROM (SELECT DISTINCT ? FROM ? WHERE ?) AS matching)",
					Vars: []any{row(key), list(key), clause.Table{Name: t.model.Name}, clause.And(conditions...)},
				}}
			}
		}
	}
	return conditions
}

// deleteOne deletes the row of a key if it satisfies the conditions. MySQL refuses to delete a row that references
// itself by a key with RESTRICT or NO ACTION, and SQLite deletes it. So after a refusal, deleteOne sets such references
// to NULL first, and deletes the row if no other row references it.
func (t *Table) deleteOne(db *gorm.DB, key resource.Key, conditions ...clause.Expression) (int64, error) {
	n, err := t.delete(db, append([]clause.Expression{t.is(key)}, conditions...)...)
	if err == nil {
		return n, nil
	}
	none := map[string]any{}
	for _, k := range t.selfKeys() {
		for _, f := range k.Fields {
			if f.Nullable {
				none[f.Name] = nil
			}
		}
	}
	var refused *Error
	if len(none) == 0 || !errors.As(t.deleteError(db.Statement.Context, err), &refused) || refused.Kind != HasChildren {
		return n, err
	}
	refusal := err
	if db.Transaction(func(tx *gorm.DB) error {
		found := t.rowsOf(tx).Where(clause.And(append([]clause.Expression{t.is(key)}, conditions...)...)).Updates(none)
		if n = 0; found.Error != nil || found.RowsAffected == 0 { // changed in between
			return found.Error
		}
		n, err = t.delete(tx, t.is(key))
		return err
	}) != nil {
		return 0, refusal
	}
	return n, nil
}
