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
	// maxLockName is MySQL's limit.
	maxLockName = 64
	// cliLock is the name under which the Atlas CLI locks, on a connection of its
	// own: one for all databases of a server.
	cliLock = "atlas_migrate_execute"
	// lockWait is how long, in seconds, a statement waits for a table or a row that
	// others hold. An ALTER that waits keeps everyone behind it waiting too, so it
	// gives way soon and is tried again. By itself MySQL waits for a year.
	lockWait = 3
)

// mysqlSession is a session of MySQL, or of TiDB.
type mysqlSession struct {
	connection
	database string
}

// newMySQLSession asks whether the URL names a database at all.
func newMySQLSession(ctx context.Context, c connection) (*mysqlSession, error) {
	var database sql.NullString
	if err := c.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database); err != nil {
		return nil, err
	}
	if !database.Valid {
		return nil, errors.New("the URL names no database: mysql://user:pass@host:3306/DATABASE")
	}
	return &mysqlSession{c, database.String}, nil
}

func (s *mysqlSession) tables() string {
	return "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name = '" +
		plan.RevisionTable + "' DESC, table_name = '" + plan.JournalTable + "' DESC, table_name LIMIT 5"
}

// lockName names the lock of a database. Locks are the server's, so the name
// of the database is in it; one that is too long is hashed.
func lockName(database string) string {
	name := "slipway." + database
	if len(name) <= maxLockName {
		return name
	}
	sum := sha256.Sum256([]byte(database))
	return "slipway." + hex.EncodeToString(sum[:16])
}

// lock holds the lock on the connection that runs the statements: when the
// process is killed in the middle of an ALTER, the server goes on with it and
// the lock stays until it is done.
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

// getLock waits for a lock; holder is the connection that has it then, if one does.
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

// lockCLI holds off the Atlas CLI, which would go on in the middle of a file that
// is at work here, and waits for one that is at work. Whoever holds its lock for
// another database is left alone: upgrades of two databases do not wait for each
// other.
func (s *mysqlSession) lockCLI(ctx context.Context) error {
	wait := time.Duration(0)
	return s.waitFor(ctx, func(ctx context.Context) (bool, error) {
		for {
			got, holder, err := s.getLock(ctx, cliLock, wait)
			if got || err != nil {
				return got, err
			}
			// Otherwise no session holds it: it was let go in between.
			if holder.Valid {
				wait = lockPeriod
				return s.elsewhere(ctx, holder.Int64)
			}
		}
	})
}

// elsewhere says whether a connection works on another database. One that this
// user may not see is taken to work on this one.
func (s *mysqlSession) elsewhere(ctx context.Context, connection int64) (found bool, err error) {
	// Not information_schema.processlist, which fails while another connection runs
	// a statement with characters that utf8mb3 does not have.
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

// unlock lets go of both locks; of one that was not taken there is nothing to let
// go. The connection may be used again.
func (s *mysqlSession) unlock(ctx context.Context) error {
	err := s.setLockWait(ctx, "DEFAULT")
	_, releaseErr := s.ExecContext(ctx, "DO RELEASE_LOCK(?), RELEASE_LOCK(?)", cliLock, lockName(s.database))
	return errors.Join(err, releaseErr)
}

func (s *mysqlSession) setLockWait(ctx context.Context, seconds string) error {
	return s.exec(ctx, "SET SESSION lock_wait_timeout = "+seconds+", SESSION innodb_lock_wait_timeout = "+seconds)
}

// lockConflict says that a statement failed because other sessions held a lock that it needs: after a rollback it
// may be tried again. The last four numbers are TiDB's. On SQLite it is never so: whoever
// began the transaction has the whole file.
func lockConflict(err error) bool { return numbered(err, 1205, 1213, 8002, 8028, 9004, 9007) }

// numbered says whether the server refused something with one of these numbers.
func numbered(err error, numbers ...uint16) bool {
	var refused *mysql.MySQLError
	return errors.As(err, &refused) && slices.Contains(numbers, refused.Number)
}

// perFile is false: a transaction is around one statement and its record, so that a
// statement that changes rows runs exactly once. One that changes the schema
// commits it, and the record after it commits by itself.
func (s *mysqlSession) perFile() bool { return false }
