// Package sqlite is the SQLite dialect of package database, on a driver that
// needs no C compiler. The Lambda functions do not import it.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"

	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"slipway/internal/database"
)

// Dialect is what [database.Open] takes for sqlite:// and sqlite3:// URLs.
type Dialect struct{}

func (Dialect) Name() string      { return "sqlite" }
func (Dialect) Schemes() []string { return []string{"sqlite", "sqlite3"} }

// readers is how many connections read at once. They never wait for the writer:
// that is what the write-ahead log is for.
const readers = 8

// Open returns one connection that writes and several that read, or the one
// connection of the other modes. It refuses credentials: nobody signs in to a file.
func (Dialect) Open(c database.Config) (write, read *sql.DB, err error) {
	path, err := pathOf(c)
	if err != nil {
		return nil, nil, err
	}
	if c.Mode == database.Serve {
		return openPools(path)
	}
	one, err := openOne(path, c.Mode)
	return one, one, err
}

// openOne returns one connection. It does not begin transactions by itself: the
// engine does, after it has put the foreign keys aside.
func openOne(path string, mode database.Mode) (*sql.DB, error) {
	var c driver.Connector = &reader{path: path}
	if mode == database.Migrate {
		var err error
		if c, err = connect(path, migrateBusyTimeout, writeAheadLog, "_txlock=immediate"); err != nil {
			return nil, err
		}
	}
	db := sql.OpenDB(c) // keeps no statements: a migration runs each once
	db.SetMaxOpenConns(1)
	return db, nil
}

// openPools returns the pools for requests. SQLite takes one writer at a time;
// waiting for it in Go's pool is fair and ends with the request's deadline, waiting
// in SQLite's busy handler is neither.
func openPools(path string) (write, read *sql.DB, err error) {
	c, err := connect(path, busyTimeout, writeAheadLog, "_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	write = sql.OpenDB(keeping{c})
	write.SetMaxOpenConns(1)
	if read, err = openReaders(path, writeAheadLog, "_pragma=query_only(1)"); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	return write, read, nil
}

// OpenReplica returns connections that read from an existing file, and neither make
// nor change it: not even its kind of log.
func (Dialect) OpenReplica(c database.Config) (*sql.DB, error) {
	path, err := pathOf(c)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("names a file that cannot be read: %w", err)
	}
	return openReaders(path, "mode=ro")
}

func openReaders(path string, params ...string) (*sql.DB, error) {
	c, err := connect(path, busyTimeout, params...)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(keeping{c})
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	return pool, nil
}

// Traits are those of SQLite. Of conditions that are joined by OR, it uses the part that they share, and reads all rows
// that tie with the last one again. Sorts that are larger than memory go to files. The ids of an INSERT are 1 apart.
func (Dialect) Traits() database.Traits {
	return database.Traits{SplitKeyset: true, LastID: true, SameText: "? = ? COLLATE BINARY"}
}

// SkipIDs moves the sequence that AUTOINCREMENT takes ids from, which a failed
// insert leaves where it was.
//
// https://www.sqlite.org/autoinc.html
func (Dialect) SkipIDs(_ context.Context, db *gorm.DB, table string, n int) error {
	return db.Transaction(func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec("INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence "+
				"WHERE name = ?)", table, table).Error,
			tx.Exec("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", n, table).Error,
		)
	})
}

// Gorm leaves it to the connections to keep prepared statements.
func (Dialect) Gorm(pool *sql.DB, _ *gorm.Config) gorm.Dialector {
	return gormsqlite.New(gormsqlite.Config{Conn: pool})
}
