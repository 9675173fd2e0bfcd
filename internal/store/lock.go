package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// WithLock runs work in one transaction: what it writes, to whatever tables, is there as a whole when it returns nil,
// and not at all when it returns an error, which comes back as it is. The store that work is given is good until it
// returns, and reads what work has written; work writes through no other.
//
// Of all calls of WithLock on one database, in any process, one is at work; the others wait. Other statements do not
// wait.
//
// The error is of kind [Schema] where no migration is applied.
func (s *Store) WithLock(ctx context.Context, work func(*Store) error) error {
	var failed error
	err := s.db.Write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		// The rows that say which migrations are applied are there in every database that is in use, and a migration holds
		// none of them for long. SQLite knows no such lock and needs none: it has one transaction that writes.
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

// Find returns the id of the one row that has these values: one statement, asked where rows are written. The error is
// of kind [NotFound] where there is none, and of [TooMany] where there are several.
func (t *Table) Find(ctx context.Context, values []resource.Value) (int64, error) {
	q := t.write(ctx)
	for _, v := range values {
		q = q.Where(clause.Eq{Column: column(v.Field.Name), Value: v.Value})
	}
	columns := []*resource.Field{t.model.Field("id")}
	rows := t.model.NewRows(2, columns...)
	if err := t.scan(q.Limit(2), rows, columns); err != nil {
		return 0, t.error(ctx, err)
	}
	switch rows.Len() {
	case 0:
		return 0, &Error{Kind: NotFound}
	case 1:
		return t.model.ID(rows.Row(0)), nil
	}
	return 0, &Error{Kind: TooMany, Count: int64(rows.Len())}
}
