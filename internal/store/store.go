// Package store reads and writes the rows of any table with GORM: one statement
// for a read or a create, two for a change. What the database refuses comes back
// as an [Error] that names the fields, alike on every dialect.
//
// It knows model, query and the error kinds of database, and nothing of HTTP.
package store

import (
	"context"
	"errors"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/model"
	"slipway/internal/query"
)

// Store is all tables of one database.
type Store struct{ db *database.DB }

// New serves the tables of db.
func New(db *database.DB) *Store { return &Store{db} }

// Ready reports whether the database answers and has the migration that this
// build expects. The error is an *[Error]: of kind [Schema] with a sentence fit
// for anyone, of [Unavailable] or of another kind that passes.
func (s *Store) Ready(ctx context.Context, version string) error {
	err := s.db.Ready(ctx, version)
	var cause *database.Error
	if errors.As(err, &cause) {
		return &Error{Kind: cause.Kind, Err: cause.Err}
	}
	return err
}

// Table gives access to one table. Rows are pointers to the struct of the table,
// as [model.Table.New] gives them.
//
// Every error is an *[Error], or a bug.
func (s *Store) Table(t *model.Table) *Table {
	columns := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		columns[i] = f.Name
	}
	return &Table{db: s.db, model: t, columns: columns}
}

// Table reads and writes the rows of one table.
type Table struct {
	db      *database.DB
	model   *model.Table
	columns []string
	prepare sync.Once
}

// write is where rows are written. Before the first write GORM is told to write
// what stands in a row: by itself it takes false, 0 and "" for absent and puts
// the default there. Absent members got theirs when the row was decoded.
func (t *Table) write(ctx context.Context) *gorm.DB {
	t.prepare.Do(func() {
		stmt := &gorm.Statement{DB: t.db.Write}
		if stmt.Parse(t.model.New()) != nil {
			return // the write itself will say so
		}
		for _, f := range stmt.Schema.Fields {
			if !f.PrimaryKey {
				f.HasDefaultValue, f.DefaultValueInterface = false, nil
			}
		}
		// Nothing but the id is the database's own, and the driver gives that
		// without a RETURNING.
		stmt.Schema.FieldsWithDefaultDBValue = nil
	})
	return t.db.Write.WithContext(ctx)
}

// Get reads the row with that id: one statement.
func (t *Table) Get(ctx context.Context, id int64) (any, error) {
	return t.get(ctx, t.db.Read.WithContext(ctx), id)
}

func (t *Table) get(ctx context.Context, from *gorm.DB, id int64) (any, error) {
	rows := t.model.NewRows(1)
	if err := t.scan(from.Where("id = ?", id).Limit(1), rows); err != nil {
		return nil, t.error(ctx, err)
	}
	if rows.Len() == 0 {
		return nil, &Error{Kind: NotFound}
	}
	return rows.Row(0), nil
}

// scan runs a SELECT of the table's columns and appends what it gives. GORM makes
// the statement; database/sql puts the columns straight into the fields, at less
// than half the cost of GORM's way through intermediate values.
func (t *Table) scan(q *gorm.DB, into *model.Rows) error {
	rows, err := q.Table(t.model.Name).Select(t.columns).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into.Append()...); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// List reads the rows that q asks for: one statement.
func (t *Table) List(ctx context.Context, q query.List) (*model.Rows, error) {
	order := make([]clause.OrderByColumn, len(q.Sort))
	for i, o := range q.Sort {
		order[i] = clause.OrderByColumn{Column: clause.Column{Name: o.Field}, Desc: o.Desc}
	}
	rows := t.model.NewRows(min(q.PerPage, query.DefaultPerPage))
	err := t.scan(where(t.db.Read.WithContext(ctx), q.Filters).
		Order(clause.OrderBy{Columns: order}).Limit(q.PerPage).Offset(q.Offset()), rows)
	return rows, t.error(ctx, err)
}

// Count counts the rows that match the filters of q: one statement.
func (t *Table) Count(ctx context.Context, q query.List) (int64, error) {
	var n int64
	err := where(t.db.Read.WithContext(ctx), q.Filters).Model(t.model.New()).Count(&n).Error
	return n, t.error(ctx, err)
}

// Create writes a new row and sets its id and times: one statement.
func (t *Table) Create(ctx context.Context, row any) error {
	err := t.write(ctx).Create(row).Error
	return t.writeError(ctx, err, func(f *model.Field) any { return f.Of(row) })
}

// Update changes the fields that values name, and no other, and gives the row as
// it is then: two statements. No values change nothing, and cost one.
func (t *Table) Update(ctx context.Context, id int64, values []model.Value) (any, error) {
	if len(values) == 0 {
		return t.get(ctx, t.write(ctx), id)
	}
	changes := make(map[string]any, len(values))
	for _, v := range values {
		changes[v.Field.Name] = v.Value
	}
	res := t.write(ctx).Model(t.model.New()).Where("id = ?", id).Updates(changes)
	if res.Error != nil {
		return nil, t.writeError(ctx, res.Error, func(f *model.Field) any { return changes[f.Name] })
	}
	if res.RowsAffected == 0 {
		return nil, &Error{Kind: NotFound}
	}
	return t.get(ctx, t.write(ctx), id)
}

// Delete removes the row with that id: one statement.
func (t *Table) Delete(ctx context.Context, id int64) error {
	res := t.write(ctx).Delete(t.model.New(), "id = ?", id)
	if res.Error != nil {
		return t.error(ctx, res.Error)
	}
	if res.RowsAffected == 0 {
		return &Error{Kind: NotFound}
	}
	return nil
}

func where(db *gorm.DB, filters []query.Filter) *gorm.DB {
	for _, f := range filters {
		db = db.Where(clause.Eq{Column: clause.Column{Name: f.Field}, Value: f.Value})
	}
	return db
}
