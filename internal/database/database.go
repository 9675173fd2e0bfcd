// Package database turns DATABASE_URL into open, tuned pools and turns what a
// driver says went wrong into a [Kind]. Nothing outside this folder knows which
// dialect it talks to.
//
// Each dialect is one file in a folder of its own (mysql, sqlite) and makes
// itself known when it is imported, as drivers of database/sql do. That is how
// the Lambda functions carry no SQLite: they do not import it.
//
// It imports no other room of slipway.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Dialect is what one kind of database brings. Its methods never put a password
// into an error.
type Dialect interface {
	// Name is "mysql" or "sqlite", as Atlas names them.
	Name() string
	// Schemes are the URL schemes that belong to it.
	Schemes() []string
	// Open gives the pool that writes and the pool that reads; they may be the
	// same. It makes no connection.
	Open(rawURL string) (write, read *sql.DB, err error)
	// OpenMigration gives a pool of one connection that may take as long as a
	// migration takes. One that only looks makes no database where none is.
	OpenMigration(rawURL string, onlyLook bool) (*sql.DB, error)
	// Gorm gives GORM's dialector for a pool and sets what the dialect needs in
	// the configuration.
	Gorm(pool *sql.DB, config *gorm.Config) gorm.Dialector
	// Classify says what an error of this dialect's driver means; false for an
	// error it does not know.
	Classify(err error) (Error, bool)
}

var dialects []Dialect

// Register makes a dialect known. It is called from the init function of the
// dialect's package.
func Register(d Dialect) { dialects = append(dialects, d) }

// DB is an open database.
type DB struct {
	// Dialect is "mysql" or "sqlite". Only migrations have a use for it.
	Dialect string
	// Write is where statements that change rows go, and reads that must see
	// them.
	Write *gorm.DB
	// Read is where plain reads go. On MySQL it is the same pool as Write, on
	// SQLite the readers beside the one writer.
	Read *gorm.DB

	dialect Dialect
	pools   []*sql.DB
}

// Open opens rawURL, in the form the Atlas CLI takes: sqlite://PATH or
// mysql://user:pass@host:3306/db?tls=true. It does not wait for the server: a
// database that is down shows in the first statement, and is gone from the
// second when it is back.
//
// The error says what is wrong with the URL and never holds a password.
func Open(rawURL string) (*DB, error) {
	d, err := dialectOf(rawURL)
	if err != nil {
		return nil, err
	}
	write, read, err := d.Open(rawURL)
	if err != nil {
		return nil, err
	}
	db := &DB{Dialect: d.Name(), dialect: d, pools: []*sql.DB{write}}
	if db.Write, err = openGorm(d, write); err != nil {
		return nil, errors.Join(Wrap(d, err), db.Close())
	}
	db.Read = db.Write
	if read != write {
		db.pools = append(db.pools, read)
		if db.Read, err = openGorm(d, read); err != nil {
			return nil, errors.Join(Wrap(d, err), db.Close())
		}
	}
	return db, nil
}

// OpenMigration opens rawURL for the migration engine: one connection, no time
// limit on a statement. It makes no connection yet; on SQLite the folder of the
// file is made. The dialect is "mysql" or "sqlite".
func OpenMigration(rawURL string) (db *sql.DB, dialect string, err error) {
	return openMigration(rawURL, false)
}

// OpenLook is [OpenMigration] for those who only look: an SQLite file that is not
// there reads as an empty database, and is still not there afterwards.
func OpenLook(rawURL string) (db *sql.DB, dialect string, err error) {
	return openMigration(rawURL, true)
}

func openMigration(rawURL string, onlyLook bool) (*sql.DB, string, error) {
	d, err := dialectOf(rawURL)
	if err != nil {
		return nil, "", err
	}
	db, err := d.OpenMigration(rawURL, onlyLook)
	return db, d.Name(), err
}

// Close closes the pools.
func (db *DB) Close() error {
	var errs []error
	for _, p := range db.pools {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// Ready reports whether the database answers and has the migration that this
// build expects, whole. Later migrations may be there too: while new code is
// being rolled out, the old code goes on serving on the new schema.
//
// The error is an *[Error]: of kind [Schema] when the migration is missing or
// half applied, with a sentence fit for anyone; else whatever the driver's error
// means.
func (db *DB) Ready(ctx context.Context, version string) error {
	var row struct{ Applied, Total int }
	res := db.Write.WithContext(ctx).
		Raw("SELECT applied, total FROM atlas_schema_revisions WHERE version = ?", version).Scan(&row)
	err := db.Error(ctx, res.Error)
	var known *Error
	switch {
	case errors.As(err, &known) && known.Kind == Schema:
		return &Error{Kind: Schema, Err: errors.New("no migration is applied: the database has no table of migrations")}
	case err != nil:
		return err
	case res.RowsAffected == 0:
		return &Error{Kind: Schema, Err: fmt.Errorf("migration %s, which this build expects, is not applied", version)}
	case row.Applied != row.Total:
		return &Error{Kind: Schema, Err: fmt.Errorf("migration %s is half applied (%d of %d statements)", version, row.Applied, row.Total)}
	}
	return nil
}

// Now is the time a row is written with: UTC, in microseconds, which is what
// both dialects keep.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func openGorm(d Dialect, pool *sql.DB) (*gorm.DB, error) {
	config := &gorm.Config{
		// Every write is one statement, or opens its own transaction.
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		NowFunc:                Now,
		// GORM would print statements with their values; errors climb instead.
		Logger: logger.Discard,
	}
	db, err := gorm.Open(d.Gorm(pool, config), config)
	if err != nil {
		return nil, err
	}
	// A row is written alone: relations are for reading, and are not followed
	// to look for rows to save along.
	for _, remove := range []func(string) error{db.Callback().Create().Remove, db.Callback().Update().Remove} {
		for _, name := range []string{"gorm:save_before_associations", "gorm:save_after_associations"} {
			if err := remove(name); err != nil {
				return nil, err
			}
		}
	}
	return db, nil
}

func dialectOf(rawURL string) (Dialect, error) {
	if rawURL == "" {
		return nil, errors.New("DATABASE_URL is not set: give it as sqlite://PATH or mysql://user:pass@host:3306/db")
	}
	scheme, _, found := strings.Cut(rawURL, "://")
	var known []string
	for _, d := range dialects {
		if found && slices.Contains(d.Schemes(), scheme) {
			return d, nil
		}
		known = append(known, d.Schemes()...)
	}
	slices.Sort(known)
	if !found {
		return nil, fmt.Errorf("DATABASE_URL has no scheme: it starts with one of %s, followed by ://", strings.Join(known, ", "))
	}
	return nil, fmt.Errorf("DATABASE_URL has a scheme this program does not know: it knows %s", strings.Join(known, ", "))
}
