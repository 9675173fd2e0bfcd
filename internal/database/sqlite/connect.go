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

// pathOf returns the path of the file that a configuration names.
func pathOf(c database.Config) (string, error) {
	if c.Credentials != nil {
		return "", errors.New("is SQLite, which nobody signs in to: leave out DATABASE_SECRET_ARN and DATABASE_IAM_AUTH")
	}
	return parse(c.URL)
}

// parse returns the path of sqlite://PATH. What stands behind a ? is for the Atlas CLI: slipway sets what it needs
// itself.
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
		return "", errors.New("names an SQLite database in memory, which would be gone between a migration and the next " +
			"request: name a file")
	case strings.ContainsRune(path, 0):
		return "", errors.New("has a path with a NUL in it")
	}
	return path, nil
}

// writeAheadLog lets readers read while somebody writes.
const writeAheadLog = "_pragma=journal_mode(WAL)"

const (
	// busyTimeout is how long a statement waits while another connection holds the
	// file.
	busyTimeout = 5 * time.Second
	// migrateBusyTimeout is short, because a migration says that it waits and tries
	// again.
	migrateBusyTimeout = time.Second
	// switchPause is the pause before another try to switch to the write-ahead log.
	switchPause = 25 * time.Millisecond
)

// connect makes the folder and returns what connects. The first connection makes the
// file.
func connect(path string, wait time.Duration, params ...string) (driver.Connector, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("names a file whose folder cannot be made: %w", err)
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
	return c, nil
}

// connector asserts of each new connection what SQLite would leave off without
// a word: the foreign keys.
type connector struct {
	driver.Connector
	path string
	wait time.Duration // how long it tries while another program holds the file
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	began := time.Now()
	conn, err := c.Connector.Connect(ctx)
	// The switch to the write-ahead log of a new file does not heed
	// busy_timeout while another connection does the same.
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

// isBusy says that another connection holds the file.
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
