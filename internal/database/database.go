// Package database turns DATABASE_URL, and DATABASE_READER_URL where there is a
// reader, into open, tuned pools and turns what a driver says went wrong into a
// [Kind]. Nothing outside this folder knows which dialect it talks to.
//
// Each dialect is a package of its own (mysql, sqlite), whose Dialect is a value for
// [Open]. The Lambda functions contain no SQLite: they do not import it.
//
// It imports no other package of slipway.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// DB is an open database.
type DB struct {
	// Dialect is "mysql" or "sqlite". Only migrations have a use for it.
	Dialect string
	// Write and Read are nil unless the mode is [Serve].
	//
	// Write is where statements that change rows go, and reads that must see
	// them.
	Write *gorm.DB
	// Read is where plain reads go: to the reader, where there is one. Without it
	// it is the same pool as Write on MySQL, and on SQLite the connections that
	// read beside the one that writes.
	Read *gorm.DB
	Traits

	dialect Dialect
	pools   []*sql.DB
	replica bool // Read is a replica's
}

// Open opens a database of one of the dialects. It does not wait for the server: a database that is down
// shows in the first statement, and is gone from the second when it is back. In
// mode [Migrate] the folder of an SQLite file is made.
//
// The error says what is wrong with a URL and never holds a password.
func Open(c Config, dialects ...Dialect) (*DB, error) {
	d, err := dialectOf(c.URL, dialects)
	if err != nil {
		return nil, wrong(writer, err)
	}
	write, read, err := d.Open(c)
	if err != nil {
		return nil, wrong(writer, err)
	}
	db := &DB{Dialect: d.Name(), Traits: d.Traits(), dialect: d, pools: []*sql.DB{write}}
	if read != write {
		db.pools = append(db.pools, read)
	}
	if c.Mode == Serve {
		if err := db.serve(c, dialects, write, read); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// serve opens what GORM needs, and the replica where there is one.
func (db *DB) serve(c Config, dialects []Dialect, write, read *sql.DB) (err error) {
	if db.Write, err = openGorm(db.dialect, write); err != nil {
		return Wrap(db.dialect, err)
	}
	if c.ReaderURL != "" && c.ReaderURL != c.URL {
		c.URL = c.ReaderURL
		return db.openReplica(c, dialects)
	}
	db.Read = db.Write
	if read != write {
		db.Read, err = openGorm(db.dialect, read)
	}
	return Wrap(db.dialect, err)
}

func (db *DB) openReplica(c Config, dialects []Dialect) error {
	d, err := dialectOf(c.URL, dialects)
	if err != nil {
		return wrong(reader, err)
	}
	if d.Name() != db.Dialect {
		return fmt.Errorf("%s is for %s and %s for %s: they have to be alike", reader, d.Name(), writer, db.Dialect)
	}
	pool, err := d.OpenReplica(c)
	if err != nil {
		return wrong(reader, err)
	}
	db.pools = append(db.pools, pool)
	db.replica = true
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

// SQL returns the pool that writes: the one connection of [Migrate] and [ReadOnly].
// [DB.Close] closes it.
func (db *DB) SQL() *sql.DB { return db.pools[0] }

// SkipIDs returns up the next n ids of a table, after an insert of n rows failed. MySQL does so by itself; without it
// the rows that come next would have other ids on another dialect.
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
