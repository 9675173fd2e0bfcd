// Package sqlite is the SQLite dialect of the database room, on a driver that
// needs no C compiler. Importing it makes sqlite:// URLs known to
// [database.Open]. The Lambda functions do not import it.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"modernc.org/sqlite"

	"slipway/internal/database"
)

func init() { database.Register(dialect{}) }

type dialect struct{}

func (dialect) Name() string      { return "sqlite" }
func (dialect) Schemes() []string { return []string{"sqlite", "sqlite3"} }

// readers is how many connections read at once. They never wait for the writer:
// that is what the write-ahead log is for.
const readers = 8

// Open returns one connection that writes and several that read, or the one
// connection of the other modes. It refuses credentials: nobody signs in to a file.
func (dialect) Open(c database.Config) (write, read *sql.DB, err error) {
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

// openPools returns the pools for requests. SQLite takes one writer at a time;
// waiting for it in Go's pool is fair and ends with the request's deadline, waiting
// in SQLite's busy handler is neither.
func openPools(path string) (write, read *sql.DB, err error) {
	c, err := connect(path, writeAheadLog, "_txlock=immediate")
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
func (dialect) OpenReplica(c database.Config) (*sql.DB, error) {
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
	c, err := connect(path, params...)
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
func (dialect) Traits() database.Traits { return database.Traits{SplitKeyset: true, LastID: true} }

// SkipIDs moves the sequence that AUTOINCREMENT takes ids from, which a failed
// insert leaves where it was.
//
// https://www.sqlite.org/autoinc.html
func (dialect) SkipIDs(_ context.Context, db *gorm.DB, table string, n int) error {
	return db.Transaction(func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec("INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)", table, table).Error,
			tx.Exec("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", n, table).Error,
		)
	})
}

// openOne returns one connection. It does not begin transactions by itself: the
// engine does, after it has put the foreign keys aside.
func openOne(path string, mode database.Mode) (*sql.DB, error) {
	if _, err := os.Stat(path); mode == database.ReadOnly && errors.Is(err, fs.ErrNotExist) {
		path = ":memory:" // an empty database, which is what there is
	}
	// Another migration may be at work; it is waited for.
	c, err := connect(path, writeAheadLog, "_txlock=immediate", "_pragma=busy_timeout(60000)")
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c) // keeps no statements: a migration runs each once
	db.SetMaxOpenConns(1)
	return db, nil
}

// Gorm leaves it to the connections to keep prepared statements.
func (dialect) Gorm(pool *sql.DB, _ *gorm.Config) gorm.Dialector {
	return gormsqlite.New(gormsqlite.Config{Conn: pool})
}

// pathOf returns the path of the file that a configuration names.
func pathOf(c database.Config) (string, error) {
	if c.Credentials != nil {
		return "", errors.New("is SQLite, which nobody signs in to: leave out DATABASE_SECRET_ARN and DATABASE_IAM_AUTH")
	}
	return parse(c.URL)
}

// parse gives the path of sqlite://PATH. What stands behind a ? is for the Atlas
// CLI: slipway sets what it needs itself.
func parse(rawURL string) (string, error) {
	_, rest, _ := strings.Cut(rawURL, "://")
	rest, query, _ := strings.Cut(rest, "?")
	path, err := url.PathUnescape(strings.TrimPrefix(rest, "file:"))
	if err != nil {
		return "", fmt.Errorf("has a path that cannot be read: %w (write %% as %%25)", err)
	}
	values, err := url.ParseQuery(query)
	switch {
	case err != nil:
		return "", fmt.Errorf("has parameters that cannot be read: %w", err)
	case path == "":
		return "", errors.New("names no file: it reads sqlite://PATH, for example sqlite://local/data/app.db")
	case strings.Contains(path, ":memory:") || values.Get("mode") == "memory":
		return "", errors.New("names an SQLite database in memory, which would be gone between a migration and the next request: name a file")
	case strings.ContainsRune(path, 0):
		return "", errors.New("has a path with a NUL in it")
	}
	return path, nil
}

// writeAheadLog lets readers read while somebody writes.
const writeAheadLog = "_pragma=journal_mode(WAL)"

// connect makes the folder and what connects. The file is made by the first
// connection.
func connect(path string, params ...string) (driver.Connector, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("names a file whose folder cannot be made: %w", err)
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(append([]string{
		"_pragma=busy_timeout(5000)",
		// A killed process loses nothing; a power cut may lose the last
		// commits, never the file. FULL would sync to disk at each commit.
		"_pragma=synchronous(NORMAL)",
		"_pragma=foreign_keys(1)",
		// like tells upper from lower case, as it does on MySQL with a _bin
		// collation.
		"_pragma=case_sensitive_like(1)",
		// A double-quoted name that does not exist is an error, not a text.
		"_dqs=0",
		// Times are text in UTC that sorts as the times do.
		"_time_format=sqlite",
		"_timezone=UTC",
	}, params...), "&")
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("is refused by SQLite: %w", err)
	}
	return connector{c, path}, nil
}

// connector asserts of each new connection what SQLite would leave off without
// a word: the foreign keys.
type connector struct {
	driver.Connector
	path string
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	// The switch to the write-ahead log of a new file does not heed
	// busy_timeout while another connection does the same.
	for tries := 0; isBusy(err) && tries < 200 && ctx.Err() == nil; tries++ {
		time.Sleep(25 * time.Millisecond)
		conn, err = c.Connector.Connect(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.path, err)
	}
	if err := assertForeignKeys(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func isBusy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && kinds[lite.Code()&0xff] == database.Busy
}

func assertForeignKeys(ctx context.Context, conn driver.Conn) error {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "PRAGMA foreign_keys", nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil {
		return fmt.Errorf("PRAGMA foreign_keys: %w", err)
	}
	if value[0] != int64(1) {
		return errors.New("SQLite does not enforce foreign keys on this connection")
	}
	return nil
}
