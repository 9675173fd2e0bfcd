package database

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Ready reports whether the database answers and has the migration that this
// build expects, whole. Later migrations may be there too: while new code is
// being rolled out, the old code goes on serving on the new schema.
//
// The error is an *[Error]: of kind [Schema] when the migration is missing or
// half applied, with a sentence fit for anyone; else whatever the driver's error
// means.
//
// Where there is a reader, it has to answer and to have the migration as well,
// and the error says which of the two has not.
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
