// Package store reads and writes the rows of any table with GORM: one statement
// for a read or a create, two for a change, three for one that depends on what
// the row was. What the database refuses comes back as an [Error] that names the
// fields, alike on every dialect.
//
// It knows resource, query and the error kinds of database, and nothing of HTTP.
package store

import (
	"context"
	"errors"
	"sync/atomic"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// Store is all tables of one database.
type Store struct {
	db *database.DB
	*shared
}

// shared is what all tables of a store have in common.
type shared struct {
	idStep atomic.Int64  // what ids of rows of one INSERT were last seen to differ by
	keyed  atomic.Uint64 // creates under a key
}

// New returns the store of db.
func New(db *database.DB) *Store {
	s := &Store{db, new(shared)}
	s.idStep.Store(1)
	return s
}

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

// Table returns access to one table.
//
// Every error of the Table's methods is an *[Error], what a check returned, or a bug.
func (s *Store) Table(t *resource.Table) *Table {
	return &Table{db: s.db, model: t, insertion: newInsertion(s.db, t), reader: s.db.Read, shared: s.shared}
}

// Table reads and writes the rows of one table.
type Table struct {
	db        *database.DB
	model     *resource.Table
	insertion insertion
	reader    *gorm.DB
	*shared
}

// Primary returns the table read from the primary database, where a row that was just written is visible; a replica
// may not have it yet.
func (t *Table) Primary() *Table {
	fresh := *t
	fresh.reader = t.db.Write
	return &fresh
}

// read is where rows are read, write is where they are written.
func (t *Table) read(ctx context.Context) *gorm.DB  { return t.reader.WithContext(ctx) }
func (t *Table) write(ctx context.Context) *gorm.DB { return t.db.Write.WithContext(ctx) }

// tooLarge is more than any answer may carry: reading ends there, so that memory
// does not grow with what is stored.
const tooLarge = 6 << 20

// scan runs a SELECT of these columns and appends what it gives. GORM makes the
// statement.
func (t *Table) scan(q *gorm.DB, into *resource.Rows, columns []*resource.Field) error {
	names := make([]clause.Column, len(columns))
	for i, f := range columns {
		names[i] = column(f.Name)
	}
	return t.collect(q.Table(t.model.Name).Clauses(clause.Select{Columns: names}), into)
}

// collect appends what a statement gives. database/sql puts the columns straight
// into the fields, at less than half the cost of GORM's way through intermediate
// values.
func (t *Table) collect(q *gorm.DB, into *resource.Rows) error {
	rows, err := q.Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for weight := 0; rows.Next(); {
		if err := rows.Scan(into.Append()...); err != nil {
			return err
		}
		if weight += into.Weight(into.Len() - 1); weight > tooLarge {
			return &Error{Kind: TooLarge}
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
