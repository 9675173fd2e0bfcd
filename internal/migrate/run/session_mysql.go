package run

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
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

// heldUp are the numbers of errors that mean: others hold what the statement
// needs. The last four are TiDB's.
var heldUp = []uint16{1205, 1213, 8002, 8028, 9004, 9007}

type mysqlSession struct {
	connection
	database, lockName string
}

// tables also asks whether the URL names a database at all.
func (s *mysqlSession) tables(ctx context.Context) ([]string, error) {
	var database sql.NullString
	if err := s.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database); err != nil {
		return nil, err
	}
	if !database.Valid {
		return nil, errors.New("the URL names no database: mysql://user:pass@host:3306/DATABASE")
	}
	s.database, s.lockName = database.String, lockName(database.String)
	return tableNames(ctx, s, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"+
		" ORDER BY table_name = '"+plan.RevisionTable+"' DESC, table_name = '"+plan.JournalTable+"' DESC, table_name LIMIT 5")
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
func (s *mysqlSession) lock(ctx context.Context, waiting func()) error {
	if s.lockName == "" {
		if _, err := s.tables(ctx); err != nil {
			return err
		}
	}
	err := patiently(ctx, s.waitTimeout, waiting, func(ctx context.Context) (bool, error) {
		var got sql.NullInt64
		if err := s.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", s.lockName, int(lockPeriod.Seconds())).Scan(&got); err != nil {
			return false, fmt.Errorf("lock the database: %w", err)
		}
		return got.Int64 == 1, nil
	})
	if err != nil {
		return err
	}
	err = s.lockCLI(ctx, waiting)
	if err == nil {
		err = s.setLockWait(ctx, strconv.Itoa(lockWait))
	}
	if err != nil {
		return errors.Join(err, s.unlock(ctx))
	}
	return nil
}

// lockCLI holds off the Atlas CLI, which would go on in the middle of a file that
// is at work here, and waits for one that is at work. Whoever holds its lock for
// another database is left alone: upgrades of two databases do not wait for each
// other.
func (s *mysqlSession) lockCLI(ctx context.Context, waiting func()) error {
	wait := 0
	return patiently(ctx, s.waitTimeout, waiting, func(ctx context.Context) (bool, error) {
		for {
			var got sql.NullBool
			var holder sql.NullInt64
			if err := s.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", cliLock, wait).Scan(&got); err != nil {
				return false, fmt.Errorf("lock the database: %w", err)
			}
			if got.Bool {
				return true, nil
			}
			if err := s.QueryRowContext(ctx, "SELECT IS_USED_LOCK(?)", cliLock).Scan(&holder); err != nil {
				return false, fmt.Errorf("lock the database: %w", err)
			}
			// Otherwise nobody holds it: it was let go in between.
			if holder.Valid {
				wait = int(lockPeriod.Seconds())
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
	rows, err := s.QueryContext(ctx, "SHOW PROCESSLIST")
	if err != nil {
		return false, fmt.Errorf("lock the database: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return false, err
	}
	var id int64
	var database sql.NullString
	into := make([]any, len(columns))
	for i, name := range columns {
		switch into[i] = new(any); name {
		case "Id":
			into[i] = &id
		case "db":
			into[i] = &database
		}
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return false, err
		}
		if id == connection {
			found = database.Valid && database.String != s.database
		}
	}
	return found, rows.Err()
}

// unlock lets go of both locks; of one that was not taken there is nothing to let
// go. The connection may be used again.
func (s *mysqlSession) unlock(ctx context.Context) error {
	err := s.setLockWait(ctx, "DEFAULT")
	_, releaseErr := s.ExecContext(ctx, "DO RELEASE_LOCK(?), RELEASE_LOCK(?)", cliLock, s.lockName)
	return errors.Join(err, releaseErr)
}

func (s *mysqlSession) setLockWait(ctx context.Context, seconds string) error {
	_, err := s.ExecContext(ctx, "SET SESSION lock_wait_timeout = "+seconds+", SESSION innodb_lock_wait_timeout = "+seconds)
	return err
}

func (s *mysqlSession) heldUp(err error) bool { return numbered(err, heldUp...) }

func (s *mysqlSession) missing(err error) bool { return numbered(err, 1054, 1146) }

// numbered says whether the server refused something with one of these numbers.
func numbered(err error, numbers ...uint16) bool {
	var refused *mysql.MySQLError
	return errors.As(err, &refused) && slices.Contains(numbers, refused.Number)
}

func (s *mysqlSession) createRevisionTable(ctx context.Context) error {
	_, err := s.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS `"+plan.RevisionTable+"` ("+
		"`version` varchar(255) NOT NULL, "+
		"`description` varchar(255) NOT NULL, "+
		"`type` bigint unsigned NOT NULL DEFAULT 2, "+
		"`applied` bigint NOT NULL DEFAULT 0, "+
		"`total` bigint NOT NULL DEFAULT 0, "+
		"`executed_at` timestamp NOT NULL, "+
		"`execution_time` bigint NOT NULL, "+
		"`error` longtext NULL, "+
		"`error_stmt` longtext NULL, "+
		"`hash` varchar(255) NOT NULL, "+
		"`partial_hashes` json NULL, "+
		"`operator_version` varchar(255) NOT NULL, "+
		"PRIMARY KEY (`version`)) CHARSET utf8mb4 COLLATE utf8mb4_bin")
	if err != nil {
		return fmt.Errorf("create %s: %w", plan.RevisionTable, err)
	}
	return nil
}

func (s *mysqlSession) perFile() bool { return false }

// begin opens a transaction around one statement and its record, so that a
// statement that changes rows runs exactly once. One that changes the schema
// commits it, and the record after it commits by itself.
func (s *mysqlSession) begin(ctx context.Context, _ func()) error {
	_, err := s.ExecContext(ctx, "START TRANSACTION")
	return err
}

func (s *mysqlSession) commit(ctx context.Context) error {
	_, err := s.ExecContext(ctx, "COMMIT")
	return err
}

func (s *mysqlSession) rollback(ctx context.Context) error {
	_, err := s.ExecContext(ctx, "ROLLBACK")
	return err
}

func (s *mysqlSession) bind(executedAt time.Time, partialHashes []string) (at, hashes any, err error) {
	text, err := json.Marshal(partialHashes)
	// As text: MySQL takes no JSON from binary values.
	return executedAt.Format("2006-01-02 15:04:05"), string(text), err
}
