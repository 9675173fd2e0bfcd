// Package sqlite is the SQLite dialect of package database. Its driver needs no C compiler. It may import only package
// database of slipway. The Lambda functions may not import it.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"

	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"slipway/internal/database"
)

// Dialect is the dialect for sqlite:// and sqlite3:// URLs, for [database.Open].
type Dialect struct{}

func (Dialect) Name() string      { return "sqlite" }
func (Dialect) Schemes() []string { return []string{"sqlite", "sqlite3"} }

// readers is the number of read connections. Because of the write-ahead log, they never wait for the writer.
const readers = 8

// Open returns one write connection and several read connections, or one connection for the other modes. Credentials
// are an error.
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

// openOne returns one connection. The migration engine begins transactions itself, after it has turned off foreign
// keys.
func openOne(path string, mode database.Mode) (*sql.DB, error) {
	var c driver.Connector = &reader{path: path}
	if mode == database.Migrate {
		var err error
		if c, err = connect(path, migrateBusyTimeout, writeAheadLog, "_txlock=immediate"); err != nil {
			return nil, err
		}
	}
	db := sql.OpenDB(c) // without cached statements: a migration runs each statement once
	db.SetMaxOpenConns(1)
	return db, nil
}

// openPools returns the pools for requests. SQLite allows one writer at a time. Waiting for a connection of Go's pool
// is fair and ends with the deadline of the request; waiting in SQLite's busy handler does neither.
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

// OpenReplica returns read connections to an existing file. They do not create or change the file, nor its journal
// mode.
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

// Traits returns the traits of SQLite. For conditions combined with OR, the planner uses only the common part, and
// reads all rows that tie with the last one again. Sorts that exceed the memory use files. The step between the ids of
// an INSERT is 1.
func (Dialect) Traits() database.Traits {
	return database.Traits{
		SplitKeyset: true, LastID: true, SameText: "? = ? COLLATE BINARY", SameJSON: "? = ?", RowValues: "VALUES ",
		ClockOrder: clockOrder, TimeTexts: true, ExactDigits: 15, DecimalOrder: decimalOrder(),
		KeysByStatement: true, DefaultQuery: "SELECT dflt_value FROM pragma_table_info(?) WHERE name = ?",
	}
}

// decimalOrder returns the expression for [database.Traits.DecimalOrder].
func decimalOrder() string {
	const longest = 1 + 65 + 1 // a decimal has at most 65 digits
	padded := "substr('" + strings.Repeat("0", longest) + "' || ltrim($, '-'), -#)"
	letters := padded
	for digit := range 10 {
		letters = fmt.Sprintf("replace(%s, '%d', '%c')", letters, digit, 'J'-rune(digit))
	}
	return "(CASE WHEN substr($, 1, 1) = '-' THEN '-' || " + letters + " || '~' ELSE '0' || " + padded + " END)"
}

// clockOrder computes the microseconds of a text such as -123:59:59.5: hours before the first colon, two digits each
// for minutes and seconds, and a fraction.
const clockOrder = "(CASE WHEN substr($, 1, 1) = '-' THEN -1 ELSE 1 END * (" +
	"CAST(ltrim($, '-') AS INTEGER) * 3600000000" +
	" + CAST(substr($, instr($, ':') + 1, 2) AS INTEGER) * 60000000" +
	" + CAST(substr($, instr($, ':') + 4, 2) AS INTEGER) * 1000000" +
	" + CAST(substr(substr($, instr($, ':') + 7) || '000000', 1, 6) AS INTEGER)))"

// SkipIDs increments the sequence of AUTOINCREMENT, which a failed insert does not change.
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

// Gorm does not turn on GORM's cache of prepared statements, because the connections have their own.
func (Dialect) Gorm(pool *sql.DB, _ *gorm.Config) gorm.Dialector {
	return gormsqlite.New(gormsqlite.Config{Conn: pool})
}
