package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// Create inserts rows, all or none, and sets their ids and times. It runs one statement. If the table is not verbatim,
// or if there are too many values for one statement, it runs a transaction; this reads the rows of a table that is not
// verbatim again.
func (t *Table) Create(ctx context.Context, rows *resource.Rows) error {
	if err := t.insert(t.write(ctx), rows); err != nil {
		return t.notCreated(ctx, err, rows)
	}
	return nil
}

// notCreated returns the error for rows that the database refused. InnoDB does not reuse
// their ids after a duplicate value, or after a missing parent if an earlier row was valid.
// The other dialects skip the same ids, so that the next row has the same id everywhere.
func (t *Table) notCreated(ctx context.Context, err error, rows *resource.Rows) error {
	err = t.writeError(ctx, err, writtenRows(rows))
	var refused *Error
	if t.model.Auto != nil && !errors.Is(err, errNotSent) && errors.As(err, &refused) &&
		(refused.Kind == Duplicate || refused.Kind == MissingParent && refused.Row > 0) {
		if skip := t.db.SkipIDs(ctx, t.model.Name, rows.Len()); skip != nil {
			return t.error(ctx, skip)
		}
	}
	return err
}

// maxBinds is SQLite's limit for the values of one statement.
const maxBinds = 32_766

// insert inserts rows with as few statements as possible, in a transaction if there are several. It returns the error
// of GORM unchanged: a lookup of the cause needs a connection, and the caller's transaction may hold the only one.
//
// Where the database checks foreign keys by statement, rows that can reference each other need a statement each: MySQL
// checks each row, so that a row can reference an earlier one, but not a later one.
func (t *Table) insert(db *gorm.DB, rows *resource.Rows) error {
	t.stamp(rows)
	if err := t.zeroParent(db, rows); err != nil {
		return err
	}
	defaults, err := t.defaults(db, rows)
	if err != nil {
		return err
	}
	size := maxBinds / len(t.model.Fields)
	byRow := t.db.KeysByStatement && t.selfKeys() != nil
	if byRow {
		size = 1
	}
	if t.model.Verbatim && rows.Len() <= size && !byRow {
		return t.insertRange(db, rows, 0, rows.Len(), defaults)
	}
	return db.Transaction(func(tx *gorm.DB) error {
		for from := 0; from < rows.Len(); from += size {
			err := t.insertRange(tx, rows, from, min(from+size, rows.Len()), defaults)
			if err == nil && byRow {
				err = t.ownParent(rows, from)
			}
			if err != nil {
				return err
			}
		}
		if t.model.Verbatim {
			return nil
		}
		return t.readAgain(tx, rows)
	})
}

// insertRange inserts the rows with the indexes from (inclusive) to to (exclusive) with one statement. The driver
// returns one id; the others follow from the step between ids, a setting of the server: MySQL Group Replication uses 7.
// If the step differs from the last known one, the statement fails. insertRange then reads the setting and tries again.
func (t *Table) insertRange(db *gorm.DB, rows *resource.Rows, from, to int, defaults defaults) error {
	for range maxTries {
		step := t.idStep.Load()
		id, err := t.insertRows(db, rows, from, to, step, defaults)
		var cause *database.Error
		if errors.As(t.db.Error(db.Statement.Context, err), &cause) && cause.Kind == database.IDStep {
			if err := db.Raw(t.db.IDStepQuery).Scan(&step).Error; err != nil {
				return err
			}
			t.idStep.Store(step)
			continue
		}
		if f := t.model.Auto; err == nil && f != nil {
			for i := from; i < to; i++ {
				rows.Set(i, f, id+int64(i-from)*step)
			}
		}
		return err
	}
	return &Error{Kind: Busy, Err: errors.New("auto_increment_increment differs from connection to connection")}
}

// insertRows inserts rows, and returns the id of the first if the database generates ids.
func (t *Table) insertRows(
	db *gorm.DB, rows *resource.Rows, from, to int, step int64, defaults defaults,
) (int64, error) {
	vars := make([]any, 0, (to-from)*len(t.insertion.fields)+1)
	id := t.insertion.id
	if to-from > 1 && t.insertion.guarded != "" {
		id, vars = t.insertion.guarded, append(vars, step)
	}
	for i := from; i < to; i++ {
		row := rows.Row(i)
		for _, f := range t.insertion.fields {
			if defaults == nil || !rows.Omitted(i, f) {
				vars = append(vars, f.Stored(f.Of(row)))
			}
		}
	}
	text := t.insertion.head + "(" + id + t.insertion.values + ")" +
		strings.Repeat(",("+t.insertion.id+t.insertion.values+")", to-from-1)
	if defaults != nil {
		text = t.insertion.head + t.insertion.withDefaults(id, rows, from, to, defaults)
	}
	// Without GORM, which would parse the statement again.
	result, err := db.Statement.ConnPool.ExecContext(db.Statement.Context, text, vars...)
	if err != nil {
		return 0, err
	}
	if t.model.Auto == nil {
		return 0, nil
	}
	first, err := result.LastInsertId()
	if t.db.LastID {
		first -= int64(to - from - 1)
	}
	return first, err
}

// insertion has the parts of an INSERT into one table: the head, and in each row the value of the id, if the database
// assigns it, and the other values. guarded replaces the first id in a statement that checks the step between ids.
type insertion struct {
	fields                    []*resource.Field // the fields to write
	head, id, guarded, values string
}

func newInsertion(db *database.DB, m *resource.Table) insertion {
	var in insertion
	var names []string
	quote := func(name any) string { return db.Write.Statement.Quote(name) }
	for _, f := range m.Fields {
		if f != m.Auto && !(f.ReadOnly && f.Computed) {
			names, in.fields = append(names, quote(f.Name)), append(in.fields, f)
		}
	}
	in.values = strings.TrimSuffix(strings.Repeat("?,", len(names)), ",")
	if m.Auto != nil {
		comma := ""
		if len(names) > 0 {
			comma = ","
		}
		names, in.id = slices.Insert(names, 0, quote(m.Auto.Name)), "NULL"+comma
		if db.IDGuard != "" {
			in.guarded = db.IDGuard + comma
		}
	}
	in.head = "INSERT INTO " + quote(m.Name) + " (" + strings.Join(names, ",") + ") VALUES "
	return in
}

// readAgain replaces rows that the transaction has inserted by the stored ones.
func (t *Table) readAgain(tx *gorm.DB, rows *resource.Rows) error {
	if len(t.model.Key) == 0 {
		return t.findAgain(tx, rows)
	}
	places, keys := make(map[string]int, rows.Len()), make([][]any, rows.Len())
	for i := range keys {
		keys[i] = rows.Key(i)
		id, _ := rows.Identity(i, t.model.Key)
		places[id] = i
	}
	stored := t.model.NewRows(len(keys))
	if err := t.scan(tx.Where(t.in(t.model.Key, keys)), stored, t.model.Fields); err != nil {
		return err
	}
	if stored.Len() != rows.Len() {
		return fmt.Errorf("store: inserted %d rows into %s, but found %d", rows.Len(), t.model.Name, stored.Len())
	}
	for i := range stored.Len() {
		id, _ := stored.Identity(i, t.model.Key)
		rows.Copy(places[id], stored, i)
	}
	return nil
}

// findAgain is readAgain for a table without a key: it reads a row with the same values, one statement per row.
func (t *Table) findAgain(tx *gorm.DB, rows *resource.Rows) error {
	for i := range rows.Len() {
		stored := t.model.NewRows(1)
		same := t.same(rows, i, func(f *resource.Field) bool {
			return slices.Contains(t.insertion.fields, f) && !rows.Omitted(i, f)
		})
		if err := t.scan(tx.Where(same).Limit(1), stored, t.model.Fields); err != nil {
			return err
		}
		if stored.Len() == 0 {
			return fmt.Errorf("store: inserted a row into %s, but did not find it", t.model.Name)
		}
		rows.Copy(i, stored, 0)
	}
	return nil
}
