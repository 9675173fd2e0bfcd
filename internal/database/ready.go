package database

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Ready checks that the database is reachable, and that the migration version is completely applied. Later migrations
// are allowed: during a deployment, the old code runs on the new schema.
//
// The error is an *[Error]. It has kind [Schema] and a message for clients if the migration is missing or applied in
// part. Otherwise it has the kind of the driver's error.
//
// If there is a reader, Ready checks it, too, and the error names the database.
func (db *DB) Ready(ctx context.Context, version string) error {
	err := db.ready(ctx, db.Write, version)
	if !db.replica {
		return err
	}
	of := "the database that is written"
	if err == nil {
		err, of = db.ready(ctx, db.Read, version), "the reader"
	}
	var known *Error
	if errors.As(err, &known) {
		return &Error{Kind: known.Kind, Err: fmt.Errorf("%s: %w", of, known.Err)}
	}
	return err
}

func (db *DB) ready(ctx context.Context, from *gorm.DB, version string) error {
	var row struct{ Applied, Total int }
	res := from.WithContext(ctx).
		Raw("SELECT applied, total FROM atlas_schema_revisions WHERE version = ?", version).Scan(&row)
	err := db.Error(ctx, res.Error)
	var known *Error
	switch {
	case errors.As(err, &known) && known.Kind == Schema:
		return &Error{Kind: Schema, Err: errors.New("no migration is applied: there is no table of migrations")}
	case err != nil:
		return err
	case res.RowsAffected == 0:
		return &Error{Kind: Schema, Err: fmt.Errorf("migration %s, which this build expects, is not applied", version)}
	case row.Applied != row.Total:
		return &Error{Kind: Schema,
			Err: fmt.Errorf("migration %s is half applied (%d of %d statements)", version, row.Applied, row.Total)}
	}
	return nil
}
