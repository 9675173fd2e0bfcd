// Package store reads and writes the rows of any table with GORM. Its errors name the
// fields that the database refuses, the same on every dialect: see [Error].
//
// It may import resource, query and database, but no package of HTTP.
package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// Store has the tables of one database.
type Store struct {
	db *database.DB
	*shared
}

// shared is the state that all tables of a store share.
type shared struct {
	idStep atomic.Int64  // the last known difference between the ids of one INSERT
	keyed  atomic.Uint64 // the number of creates with an idempotency key
}

// New returns a store for db.
func New(db *database.DB) *Store {
	s := &Store{db, new(shared)}
	s.idStep.Store(1)
	return s
}

// Ready returns nil if the database is reachable and has the migration with this version.
// The error is an *[Error]. For kind [Schema], the text of Err is safe to show to clients;
// other kinds, such as [Unavailable], are temporary.
func (s *Store) Ready(ctx context.Context, version string) error {
	err := s.db.Ready(ctx, version)
	var cause *database.Error
	if errors.As(err, &cause) {
		return &Error{Kind: cause.Kind, Err: cause.Err}
	}
	return err
}

// Table returns the Table for t. The errors of its methods are an *[Error] or the error of
// a [Precondition]; any other error is a bug.
func (s *Store) Table(t *resource.Table) *Table {
	return &Table{db: s.db, model: t, insertion: newInsertion(s.db, t), reader: s.db.Read, shared: s.shared}
}

// Table reads and writes the rows of one table.
type Table struct {
	db        *database.DB
	model     *resource.Table
	insertion insertion
	reader    *gorm.DB
	linked    clause.Expression // limits lists and counts to related rows; nil for all rows
	*shared
}

// Primary returns a Table that reads from the primary database. A replica may not have the
// latest writes yet.
func (t *Table) Primary() *Table {
	primary := *t
	primary.reader = t.db.Write
	return &primary
}

// read returns the connection for reads, write the one for writes.
func (t *Table) read(ctx context.Context) *gorm.DB  { return t.reader.WithContext(ctx) }
func (t *Table) write(ctx context.Context) *gorm.DB { return t.db.Write.WithContext(ctx) }

// tooLarge is the size in bytes at which a read of rows stops with an error, to limit the
// memory. No response may be larger.
const tooLarge = 6 << 20

// scan runs a SELECT of these columns and appends the rows.
func (t *Table) scan(q *gorm.DB, into *resource.Rows, columns []*resource.Field) error {
	names := make([]clause.Column, len(columns))
	for i, f := range columns {
		names[i] = column(f.Name)
	}
	return t.collect(t.rowsOf(q).Clauses(clause.Select{Columns: names}), into)
}

// unreadable returns the error for a row that cannot be scanned, of kind [Unreadable] unless the context ended. The
// message of package sql has the index of the column.
func unreadable(q *gorm.DB, err error, into *resource.Rows, more []*resource.Rows) error {
	if ended := q.Statement.Context.Err(); ended != nil {
		return ended
	}
	e := &Error{Kind: Unreadable, Err: err}
	column := 0
	if _, failed := fmt.Sscanf(err.Error(), "sql: Scan error on column index %d", &column); failed != nil {
		return err
	}
	for _, rows := range append([]*resource.Rows{into}, more...) {
		fields := rows.Fields()
		if column < len(fields) {
			e.Fields = append(e.Fields, fields[column])
			break
		}
		column -= len(fields)
	}
	return e
}

// collect runs a query and appends the rows, of several tables if their columns follow each
// other. It scans columns directly into the fields, at less than half the cost of GORM, which
// scans into intermediate values.
func (t *Table) collect(q *gorm.DB, into *resource.Rows, more ...*resource.Rows) error {
	rows, err := q.Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for weight := 0; rows.Next(); {
		dest := into.Append()
		for _, other := range more {
			dest = append(dest[:len(dest):len(dest)], other.Append()...)
		}
		if err := rows.Scan(dest...); err != nil {
			return unreadable(q, err, into, more)
		}
		if weight += into.Weight(into.Len() - 1); weight > tooLarge {
			return &Error{Kind: TooLarge}
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
