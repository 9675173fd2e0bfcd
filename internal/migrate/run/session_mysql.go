package run

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"slipway/internal/migrate/plan"

	"github.com/go-sql-driver/mysql"
)

const (
	// maxLockName is MySQL's maximum length of a lock name, in characters.
	maxLockName = 64
	// cliLock is the name of the lock of the Atlas CLI, which is one for all databases of a
	// server.
	cliLock = "atlas_migrate_execute"
	// sessionLock and the ID of a connection are the name of a lock that tells other sessions
	// that the connection is one of slipway, not of the Atlas CLI.
	sessionLock = "slipway-session."
	// lockWait is how long a statement waits for a table or row lock, in seconds. A waiting
	// ALTER blocks all later statements on the table, so it stops soon and is retried.
	// MySQL's default is one year.
	lockWait = 3
)

// mysqlSession is a session of MySQL, or of TiDB.
type mysqlSession struct {
	connection
	database  string
	noJournal bool
}

// newMySQLSession returns a session on c, or an error if the URL has no database name.
func newMySQLSession(ctx context.Context, c connection, noJournal bool) (*mysqlSession, error) {
	var database sql.NullString
	if err := c.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database); err != nil {
		return nil, err
	}
	if !database.Valid {
		return nil, errors.New("missing database name in the URL: use mysql://user:pass@host:3306/DATABASE")
	}
	return &mysqlSession{c, database.String, noJournal}, nil
}

func (s *mysqlSession) tables() string {
	return "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name NOT IN ('" +
		plan.RevisionTable + "', '" + plan.JournalTable + "') ORDER BY table_name LIMIT 3"
}

// lockName returns the name of the lock of a database. Lock names are global to the
// server, so it contains the name of the database, or its hash if that is too long.
func lockName(database string) string {
	name := "slipway." + database
	if len(name) <= maxLockName {
		return name
	}
	sum := sha256.Sum256([]byte(database))
	return "slipway." + hex.EncodeToString(sum[:16])
}

// lock takes the lock on the connection that runs the statements. If the process is killed
// during an ALTER, the server completes the ALTER and only then releases the lock.
func (s *mysqlSession) lock(ctx context.Context) error {
	err := s.waitFor(ctx, func(ctx context.Context) (bool, error) {
		got, _, err := s.getLock(ctx, lockName(s.database), lockPeriod)
		return got, err
	})
	if err != nil {
		return err
	}
	err = s.lockCLI(ctx)
	if err == nil {
		err = s.setLockWait(ctx, strconv.Itoa(lockWait))
	}
	if err != nil {
		return errors.Join(err, s.unlock(ctx))
	}
	return nil
}

// getLock waits for a lock. holder is the ID of the connection that holds it afterwards.
func (s *mysqlSession) getLock(ctx context.Context, name string, wait time.Duration) (
	got bool, holder sql.NullInt64, err error,
) {
	var one sql.NullBool
	err = s.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?), IS_USED_LOCK(?)", name, int(wait.Seconds()), name).
		Scan(&one, &holder)
	if err != nil {
		err = fmt.Errorf("lock the database: %w", err)
	}
	return one.Bool, holder, err
}

// lockCLI takes the lock of the Atlas CLI, which would otherwise continue a file that runs
// here. It waits for a CLI that works on this database, and ignores one that works on
// another database of the server.
func (s *mysqlSession) lockCLI(ctx context.Context) error {
	err := execute(ctx, s, "lock the database", "DO GET_LOCK(CONCAT(?, CONNECTION_ID()), 0)", sessionLock)
	if err != nil {
		return err
	}
	wait := time.Duration(0)
	return s.waitFor(ctx, func(ctx context.Context) (bool, error) {
		for {
			got, holder, err := s.getLock(ctx, cliLock, wait)
			if got || err != nil {
				return got, err
			}
			// Without a holder, the lock was released in between: try again.
			if holder.Valid {
				wait = lockPeriod
				return s.usesOtherDatabase(ctx, holder.Int64)
			}
		}
	})
}

// usesOtherDatabase reports whether a connection works on another database. It returns
// false for a connection of the Atlas CLI that this user may not see.
func (s *mysqlSession) usesOtherDatabase(ctx context.Context, connection int64) (found bool, err error) {
	var ours bool
	err = s.QueryRowContext(ctx, "SELECT COALESCE(IS_USED_LOCK(CONCAT(?, ?)) = ?, FALSE)",
		sessionLock, connection, connection).Scan(&ours)
	if err != nil {
		return false, fmt.Errorf("lock the database: %w", err)
	}
	if ours { // and this session has the lock of this database
		return true, nil
	}
	// information_schema.processlist fails while another connection runs a statement with
	// characters outside utf8mb3.
	err = eachRow(ctx, s, "SHOW PROCESSLIST", func(rows *sql.Rows) error {
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		var id int64
		var database sql.NullString
		var other any
		into := []any{&id, &other, &other, &database} // Id, User, Host, db, and more
		for len(into) < len(columns) {
			into = append(into, &other)
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if id == connection {
			found = database.Valid && database.String != s.database
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("lock the database: %w", err)
	}
	return found, nil
}

// unlock releases all locks, and ignores one that is not held. The connection can be used
// again afterwards.
func (s *mysqlSession) unlock(ctx context.Context) error {
	err := s.setLockWait(ctx, "DEFAULT")
	_, releaseErr := s.ExecContext(ctx, "DO RELEASE_LOCK(?), RELEASE_LOCK(CONCAT(?, CONNECTION_ID())), RELEASE_LOCK(?)",
		cliLock, sessionLock, lockName(s.database))
	return errors.Join(err, releaseErr)
}

func (s *mysqlSession) setLockWait(ctx context.Context, seconds string) error {
	return s.exec(ctx, "SET SESSION lock_wait_timeout = "+seconds+", SESSION innodb_lock_wait_timeout = "+seconds)
}

// lockConflict reports whether a statement failed because other sessions hold a lock that
// it needs. After a rollback it can be retried. The last four numbers are TiDB's. It is
// always false on SQLite, where a transaction locks the whole file.
func lockConflict(err error) bool { return hasErrorNumber(err, 1205, 1213, 8002, 8028, 9004, 9007) }

// hasErrorNumber reports whether err is a MySQL error with one of these numbers.
func hasErrorNumber(err error, numbers ...uint16) bool {
	var serverErr *mysql.MySQLError
	return errors.As(err, &serverErr) && slices.Contains(numbers, serverErr.Number)
}

// perFile is false: a transaction encloses one statement and its record, so that a
// statement that changes rows runs exactly once. A statement that changes the schema commits
// the transaction, and its record is committed separately.
func (s *mysqlSession) perFile() bool { return false }

func (s *mysqlSession) journaled() bool { return !s.noJournal }
