package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// WithLock runs work in one transaction. It commits if work returns nil, else it rolls back and returns the error of
// work unchanged. The store is valid until work returns, and work must write through it only.
//
// On one database, only one call of WithLock runs at a time, in all processes together; other calls wait. Other
// statements do not wait.
//
// The error is of kind [Schema] if no migration is applied.
func (s *Store) WithLock(ctx context.Context, work func(*Store) error) error {
	var failed error
	err := s.db.Write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		// The rows of applied migrations exist in every database, and migrations lock them for a short time only.
		// SQLite has no row locks and needs none: it allows one write transaction at a time.
		var held []string
		if err := tx.Table("atlas_schema_revisions").Clauses(clause.Locking{Strength: "UPDATE"}).
			Pluck("version", &held).Error; err != nil {
			return err
		}
		inside := *s.db
		inside.Write, inside.Read = tx, tx
		failed = work(&Store{&inside, s.shared})
		return failed
	})
	if failed != nil {
		return failed
	}
	err = s.db.Error(ctx, err)
	var cause *database.Error
	if errors.As(err, &cause) {
		return &Error{Kind: cause.Kind, Err: cause}
	}
	return err
}

// Find returns a list with the only row with these values. It runs one statement on the primary database. The error is
// of
// kind [NotFound] if there is no such row, and of kind [TooMany] if there are several.
func (t *Table) Find(ctx context.Context, values []resource.Value) (*resource.Rows, error) {
	q := t.write(ctx)
	for _, v := range values {
		q = q.Where(t.holds(v.Field, v.Value))
	}
	rows := t.model.NewRows(2)
	if err := t.scan(q.Limit(2), rows, t.model.Fields); err != nil {
		return nil, t.error(ctx, err)
	}
	switch rows.Len() {
	case 0:
		return nil, &Error{Kind: NotFound}
	case 1:
		return rows, nil
	}
	return nil, &Error{Kind: TooMany, Count: int64(rows.Len())}
}
