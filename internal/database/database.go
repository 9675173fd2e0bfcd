// Package database turns DATABASE_URL, and DATABASE_READER_URL where there is a
// reader, into open, tuned pools and turns what a driver says went wrong into a
// [Kind]. Nothing outside this folder knows which dialect it talks to.
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
// into an error. What is wrong with a URL they say without the name of the
// variable that it stands in, which goes in front: "names no host".
type Dialect interface {
	// Name is "mysql" or "sqlite", as Atlas names them.
	Name() string
	// Schemes are the URL schemes that belong to it.
	Schemes() []string
	// Open gives the pool that writes and the pool that reads; they may be the
	// same. It makes no connection.
	Open(rawURL string) (write, read *sql.DB, err error)
	// OpenReader gives a pool that reads from a copy of the database. It makes no
	// connection, and no database where none is.
	OpenReader(rawURL string) (*sql.DB, error)
	// OpenMigration gives a pool of one connection that may take as long as a
	// migration takes. One that only looks makes no database where none is.
	OpenMigration(rawURL string, onlyLook bool) (*sql.DB, error)
	// Gorm gives GORM's dialector for a pool and sets what the dialect needs in
	// the configuration.
	Gorm(pool *sql.DB, config *gorm.Config) gorm.Dialector
	// SkipIDs is what DB.SkipIDs does.
	SkipIDs(ctx context.Context, db *gorm.DB, table string, n int) error
	// SplitKeyset is what DB.SplitKeyset says.
	SplitKeyset() bool
	// Classify says what an error of this dialect's driver means; false for an
	// error it does not know.
	Classify(err error) (Error, bool)
	// With gives the dialect that goes by the options. The error is for options that
	// it has no use for, such as credentials where nobody signs in.
	With(Options) (Dialect, error)
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
	// Read is where plain reads go: to the reader, where there is one. Without it
	// it is the same pool as Write on MySQL, and on SQLite the connections that
	// read beside the one that writes.
	Read *gorm.DB
	// SplitKeyset says that the planner finds its way through an index for
	// (k = v AND id < i) and for k < v, each alone, and not for both joined by OR:
	// a page of a keyset is then to be read as a UNION ALL of the two.
	SplitKeyset bool

	dialect Dialect
	pools   []*sql.DB
	split   bool // Read is a reader's
}

// Open opens rawURL, in the form the Atlas CLI takes: sqlite://PATH or
// mysql://user:pass@host:3306/db?tls=true. It does not wait for the server: a
// database that is down shows in the first statement, and is gone from the
// second when it is back.
//
// The options say what the URL does not; there are one or none.
//
// The error says what is wrong with the URL and never holds a password.
func Open(rawURL string, options ...Options) (*DB, error) {
	d, err := dialectOf(rawURL, options)
	if err != nil {
		return nil, wrong(writer, err)
	}
	write, read, err := d.Open(rawURL)
	if err != nil {
		return nil, wrong(writer, err)
	}
	db := &DB{Dialect: d.Name(), SplitKeyset: d.SplitKeyset(), dialect: d, pools: []*sql.DB{write}}
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

// OpenSplit is [Open] with a reader, a copy of the database that follows it: plain
// reads go there, and nothing of a write does. A readerURL that is empty, or the
// same as rawURL, is none.
// The options are for both.
func OpenSplit(rawURL, readerURL string, options ...Options) (*DB, error) {
	db, err := Open(rawURL, options...)
	if err != nil || readerURL == "" || readerURL == rawURL {
		return db, err
	}
	if err := db.openReader(readerURL, options); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) openReader(readerURL string, options []Options) error {
	d, err := dialectOf(readerURL, options)
	if err != nil {
		return wrong(reader, err)
	}
	if d.Name() != db.Dialect {
		return fmt.Errorf("%s is for %s and %s for %s: they have to be alike", reader, d.Name(), writer, db.Dialect)
	}
	pool, err := d.OpenReader(readerURL)
	if err != nil {
		return wrong(reader, err)
	}
	db.pools = append(db.pools, pool)
	db.split = true
	if db.Read, err = openGorm(d, pool); err != nil {
		return fmt.Errorf("%s: %w", reader, Wrap(d, err))
	}
	return nil
}

// The variables that a URL comes from.
const (
	writer = "DATABASE_URL"
	reader = "DATABASE_READER_URL"
)

// wrong says what is wrong with the URL of a variable.
func wrong(variable string, err error) error { return fmt.Errorf("%s %w", variable, err) }

// OpenMigration opens rawURL for the migration engine: one connection, no time
// limit on a statement. It makes no connection yet; on SQLite the folder of the
// file is made. The dialect is "mysql" or "sqlite". The options are those of [Open].
func OpenMigration(rawURL string, options ...Options) (db *sql.DB, dialect string, err error) {
	return openMigration(rawURL, false, options)
}

// OpenLook is [OpenMigration] for those who only look: an SQLite file that is not
// there reads as an empty database, and is still not there afterwards.
func OpenLook(rawURL string, options ...Options) (db *sql.DB, dialect string, err error) {
	return openMigration(rawURL, true, options)
}

func openMigration(rawURL string, onlyLook bool, options []Options) (*sql.DB, string, error) {
	d, err := dialectOf(rawURL, options)
	if err != nil {
		return nil, "", wrong(writer, err)
	}
	db, err := d.OpenMigration(rawURL, onlyLook)
	if err != nil {
		return nil, "", wrong(writer, err)
	}
	return db, d.Name(), nil
}

// SkipIDs gives up the next n ids of a table, after an insert of n rows failed.
// MySQL does so by itself; without it the rows that come next would have other ids
// on another dialect.
func (db *DB) SkipIDs(ctx context.Context, table string, n int) error {
	return db.dialect.SkipIDs(ctx, db.Write.WithContext(ctx), table, n)
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
//
// Where there is a reader, it has to answer and to have the migration as well,
// and the error says which of the two has not.
func (db *DB) Ready(ctx context.Context, version string) error {
	err := db.ready(ctx, db.Write, version)
	if !db.split {
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

// dialectOf gives the dialect of a URL, as it goes by the options.
func dialectOf(rawURL string, options []Options) (Dialect, error) {
	d, err := dialectByScheme(rawURL)
	for _, o := range options {
		if err == nil {
			d, err = d.With(o)
		}
	}
	return d, err
}

func dialectByScheme(rawURL string) (Dialect, error) {
	if rawURL == "" {
		return nil, errors.New("is not set: give it as sqlite://PATH or mysql://user:pass@host:3306/db")
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
		return nil, fmt.Errorf("has no scheme: it starts with one of %s, followed by ://", strings.Join(known, ", "))
	}
	return nil, fmt.Errorf("has a scheme this program does not know: it knows %s", strings.Join(known, ", "))
}
