// Package database opens the pools for DATABASE_URL and DATABASE_READER_URL, and converts driver errors to a [Kind].
// Code outside this folder does not depend on the dialect.
//
// Each dialect is a separate package (mysql, sqlite), whose Dialect is an argument of [Open]. The Lambda functions do
// not import sqlite, so that their binaries do not contain SQLite.
//
// It may not import other packages of slipway.
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
	// Dialect is "mysql" or "sqlite", for migrations.
	Dialect string
	// Write and Read are nil unless the mode is [Serve].
	//
	// Write is for statements that change rows, and for reads that must see the changes.
	Write *gorm.DB
	// Read is for plain reads. It uses the replica, if there is one. Otherwise it is the pool of Write on MySQL, and the
	// pool of read connections on SQLite.
	Read *gorm.DB
	Traits

	dialect Dialect
	pools   []*sql.DB
	replica bool // Read uses a replica
}

// Open opens a database of one of the dialects. It does not connect: an unreachable database is an error of the first
// statement. It creates the folder of an SQLite file, except in mode [ReadOnly].
//
// The error says what is wrong with a URL. It never contains a password.
func Open(c Config, dialects ...Dialect) (*DB, error) {
	d, err := dialectOf(c.URL, dialects)
	if err != nil {
		return nil, named(writer, err)
	}
	write, read, err := d.Open(c)
	if err != nil {
		return nil, named(writer, err)
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

// serve opens GORM on the pools, and on the replica, if there is one.
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
		return named(reader, err)
	}
	if d.Name() != db.Dialect {
		return fmt.Errorf("%s is for %s and %s for %s: both must have the same dialect", reader, d.Name(), writer, db.Dialect)
	}
	pool, err := d.OpenReplica(c)
	if err != nil {
		return named(reader, err)
	}
	db.pools = append(db.pools, pool)
	db.replica = true
	if db.Read, err = openGorm(d, pool); err != nil {
		return fmt.Errorf("%s: %w", reader, Wrap(d, err))
	}
	return nil
}

// The environment variables of the URLs.
const (
	writer = "DATABASE_URL"
	reader = "DATABASE_READER_URL"
)

// named adds the name of the variable to an error of its URL.
func named(variable string, err error) error { return fmt.Errorf("%s %w", variable, err) }

// SQL returns the write pool, or the one connection of [Migrate] and [ReadOnly]. [DB.Close] closes it.
func (db *DB) SQL() *sql.DB { return db.pools[0] }

// SkipIDs skips the next n ids of a table, after an insert of n rows failed. MySQL skips them by itself, so that the
// next rows have the same ids on both dialects.
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

// Now returns the current time for a row: in UTC and microseconds, which both dialects can store.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func openGorm(d Dialect, pool *sql.DB) (*gorm.DB, error) {
	config := &gorm.Config{
		// Each write is one statement, or begins its own transaction.
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		NowFunc:                Now,
		// The logger of GORM prints statements with their values.
		Logger: logger.Discard,
	}
	db, err := gorm.Open(d.Gorm(pool, config), config)
	if err != nil {
		return nil, err
	}
	// A write must not save the rows of relations.
	for _, remove := range []func(string) error{db.Callback().Create().Remove, db.Callback().Update().Remove} {
		for _, name := range []string{"gorm:save_before_associations", "gorm:save_after_associations"} {
			if err := remove(name); err != nil {
				return nil, err
			}
		}
	}
	return db, nil
}
