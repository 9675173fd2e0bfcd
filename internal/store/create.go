package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// Create writes new rows, all or none, and sets their ids and times: one statement. Where the table is not verbatim, it
// is a transaction that reads the rows again: they are then as the database holds them.
func (t *Table) Create(ctx context.Context, rows *resource.Rows) error {
	if err := t.insert(t.write(ctx), rows); err != nil {
		return t.notCreated(ctx, err, rows)
	}
	return nil
}

// notCreated is the error of rows that were refused. Where InnoDB gives up their
// ids, they are given up everywhere: what comes next has the same id on every
// dialect. It does for a value that is taken, and for a parent that is missing
// behind a row that was good.
func (t *Table) notCreated(ctx context.Context, err error, rows *resource.Rows) error {
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

// insert writes new rows with as few statements as there can be, in a transaction where they are several. It returns
// the error as it is: to look further may need the connection that a transaction holds.
func (t *Table) insert(db *gorm.DB, rows *resource.Rows) error {
	t.stamp(rows)
	size := maxBinds / len(t.model.Fields)
	if t.model.Verbatim && rows.Len() <= size {
		return t.insertRange(db, rows, 0, rows.Len())
	}
	return db.Transaction(func(tx *gorm.DB) error {
		for from := 0; from < rows.Len(); from += size {
			if err := t.insertRange(tx, rows, from, min(from+size, rows.Len())); err != nil {
				return err
			}
		}
		if t.model.Verbatim {
			return nil
		}
		return t.readAgain(tx, rows)
	})
}

// stamp sets the times that are the server's, as their columns keep them, and those that a client left out.
func (t *Table) stamp(rows *resource.Rows) {
	now := t.db.Write.NowFunc()
	for _, f := range t.model.Fields {
		if !f.OnCreate || f.Computed {
			continue
		}
		for i := range rows.Len() {
			sent, _ := f.Of(rows.Row(i)).(time.Time)
			if f.ReadOnly || sent.IsZero() {
				rows.Set(i, f, f.Truncate(now))
			}
		}
	}
}

// insertRange writes the rows from one to before another with one statement. Of several rows the driver says one id;
// the others follow from the step between ids, which is a setting of the server: a group of MySQL servers has 7. The
// statement fails where the step is not the one that was seen last; the server is asked then, and it is sent again.
func (t *Table) insertRange(db *gorm.DB, rows *resource.Rows, from, to int) error {
	for range maxTries {
		step := t.idStep.Load()
		id, err := t.insertRows(db, rows, from, to, step)
		var cause *database.Error
		if errors.As(t.db.Error(db.Statement.Context, err), &cause) && cause.Kind == database.IDStep {
			if err := db.Raw(t.db.IDStepQuery).Scan(&step).Error; err != nil {
				return err
			}
			t.idStep.Store(step)
			continue
		}
		if f := t.model.Field("id"); err == nil && f.ReadOnly {
			for i := from; i < to; i++ {
				rows.Set(i, f, id+int64(i-from)*step)
			}
		}
		return err
	}
	return &Error{Kind: Busy, Err: errors.New("auto_increment_increment differs from connection to connection")}
}

// insertRows writes rows, and returns the id of the first, if ids are the database's.
func (t *Table) insertRows(db *gorm.DB, rows *resource.Rows, from, to int, step int64) (int64, error) {
	vars := make([]any, 0, (to-from)*len(t.insertion.fields)+1)
	first := t.insertion.row
	if to-from > 1 && t.insertion.guarded != "" {
		first, vars = t.insertion.guarded, append(vars, step)
	}
	for i := from; i < to; i++ {
		row := rows.Row(i)
		for _, f := range t.insertion.fields {
			vars = append(vars, f.Of(row))
		}
	}
	text := t.insertion.head + first + strings.Repeat(","+t.insertion.row, to-from-1)
	// Not by GORM, which would read the text again: there is nothing left to make of it.
	result, err := db.Statement.ConnPool.ExecContext(db.Statement.Context, text, vars...)
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if t.db.LastID {
		id -= int64(to - from - 1)
	}
	return id, err
}

// insertion is the text of an INSERT into one table: a head, and a text for each row. Its first row has a text of its
// own where the statement has to ask for the step of ids.
type insertion struct {
	fields             []*resource.Field // that are written
	head, row, guarded string
}

func newInsertion(db *database.DB, m *resource.Table) insertion {
	var in insertion
	var names, values []string
	quote := func(name any) string { return db.Write.Statement.Quote(name) }
	ownIDs := m.Field("id").ReadOnly
	if ownIDs {
		names, values = append(names, quote("id")), append(values, "NULL")
	}
	for _, f := range m.Fields {
		if !f.ReadOnly || !f.Computed && f.Name != "id" {
			names, values, in.fields = append(names, quote(f.Name)), append(values, "?"), append(in.fields, f)
		}
	}
	in.head = "INSERT INTO " + quote(m.Name) + " (" + strings.Join(names, ",") + ") VALUES "
	in.row = "(" + strings.Join(values, ",") + ")"
	if ownIDs && db.IDGuard != "" {
		values[0] = db.IDGuard
		in.guarded = "(" + strings.Join(values, ",") + ")"
	}
	return in
}

// readAgain reads the rows that a transaction has written.
func (t *Table) readAgain(tx *gorm.DB, rows *resource.Rows) error {
	ids := make([]any, rows.Len())
	for i := range ids {
		ids[i] = t.model.ID(rows.Row(i))
	}
	// Ids of one transaction go up.
	stored := t.model.NewRows(len(ids))
	if err := t.scan(tx.Where(clause.IN{Column: column("id"), Values: ids}).Order("id"), stored,
		t.model.Fields); err != nil {
		return err
	}
	if stored.Len() != rows.Len() {
		return fmt.Errorf("store: %d rows were written to %s, and %d of them are found", rows.Len(), t.model.Name,
			stored.Len())
	}
	*rows = *stored
	return nil
}
