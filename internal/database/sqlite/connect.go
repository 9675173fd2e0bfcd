package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"

	"slipway/internal/database"
)

// pathOf returns the path of the file of a configuration.
func pathOf(c database.Config) (string, error) {
	if c.Credentials != nil {
		return "", errors.New("is SQLite, which has no credentials: unset DATABASE_SECRET_ARN and DATABASE_IAM_AUTH")
	}
	return parse(c.URL)
}

// parse returns the path of sqlite://PATH. It ignores the query, which is for the Atlas CLI.
func parse(rawURL string) (string, error) {
	_, rest, _ := strings.Cut(rawURL, "://")
	rest, query, _ := strings.Cut(rest, "?")
	path, err := url.PathUnescape(strings.TrimPrefix(rest, "file:"))
	if err != nil {
		return "", fmt.Errorf("has an invalid path: %w (write %% as %%25)", err)
	}
	values, err := url.ParseQuery(query)
	switch {
	case err != nil:
		return "", fmt.Errorf("has invalid parameters: %w", err)
	case path == "":
		return "", errors.New("names no file: use sqlite://PATH, for example sqlite://local/data/app.db")
	case strings.Contains(path, ":memory:") || values.Get("mode") == "memory":
		return "", errors.New("names an SQLite database in memory, which would be lost between a migration and the next " +
			"request: use a file")
	case strings.ContainsRune(path, 0):
		return "", errors.New("has a path with a NUL character")
	}
	return path, nil
}

// writeAheadLog turns on the write-ahead log, so that reads do not wait for a write.
const writeAheadLog = "_pragma=journal_mode(WAL)"

const (
	// busyTimeout is the maximum wait of a statement for the lock of another connection.
	busyTimeout = 5 * time.Second
	// migrateBusyTimeout is short, because a migration reports that it waits, and retries.
	migrateBusyTimeout = time.Second
	// switchPause is the pause before a retry of the switch to the write-ahead log.
	switchPause = 25 * time.Millisecond
)

// connect creates the folder and returns a connector. The first connection creates the file.
func connect(path string, wait time.Duration, params ...string) (driver.Connector, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("names a file whose folder cannot be created: %w", err)
	}
	c, err := newConnector(path, wait, params...)
	if err != nil {
		return nil, err
	}
	return connector{c, path, wait}, nil
}

// newConnector returns the driver's connector with the settings of all connections.
func newConnector(path string, wait time.Duration, params ...string) (driver.Connector, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(append([]string{
		fmt.Sprintf("_pragma=busy_timeout(%d)", wait.Milliseconds()),
		// After a kill no commit is lost. A power failure may lose the last commits, but does not damage the file. FULL would
		// sync to disk with each commit.
		"_pragma=synchronous(NORMAL)",
		"_pragma=foreign_keys(1)",
		// LIKE must be case-sensitive, as on MySQL with a _bin collation.
		"_pragma=case_sensitive_like(1)",
		// A double-quoted name that does not exist must be an error, not a string.
		"_dqs=0",
		// Times are stored as text in UTC, which sorts by time.
		"_time_format=sqlite",
		"_timezone=UTC",
	}, params...), "&")
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("is rejected by SQLite: %w", err)
	}
	return c, nil
}

// connector checks that each new connection enforces foreign keys: SQLite ignores the setting silently if it is not
// compiled in.
type connector struct {
	driver.Connector
	path string
	wait time.Duration // maximum wait for another program
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	began := time.Now()
	conn, err := c.Connector.Connect(ctx)
	// busy_timeout does not apply while another connection also switches a new file to the write-ahead log.
	for isBusy(err) && time.Since(began) < c.wait && ctx.Err() == nil {
		time.Sleep(switchPause)
		conn, err = c.Connector.Connect(ctx)
	}
	if isBusy(err) {
		return nil, fmt.Errorf("%s: %w: %w", c.path, database.ErrHeld, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.path, err)
	}
	if err := assertForeignKeys(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// isBusy reports whether another connection has locked the file.
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
