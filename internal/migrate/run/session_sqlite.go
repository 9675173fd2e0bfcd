package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// Primary result codes of SQLite that mean: another connection has it.
const (
	sqliteBusy   = 5
	sqliteLocked = 6
)

type sqliteSession struct {
	connection
	// What was set before the transaction, to be set again after it.
	foreignKeys, busyTimeout int
	violations               map[violation]bool
}

// violation is a row that refers to one that is not there.
type violation struct {
	table, parent string
	row           sql.NullInt64
	key           int
}

func (s *sqliteSession) tables() string {
	return "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'" +
		" ORDER BY name = '" + plan.RevisionTable + "' DESC, name LIMIT 4"
}

// lock does nothing: the transaction around each file is the lock, and it cannot
// be left behind.
func (s *sqliteSession) lock(context.Context) error { return nil }

func (s *sqliteSession) unlock(context.Context) error { return nil }

// missing says that a query failed because there is no such table or column. SQLite has no
// code of its own for it, only words.
func missing(err error) bool {
	return numbered(err, 1054, 1146) || err != nil && (strings.Contains(err.Error(), "no such column") ||
		strings.Contains(err.Error(), "no such table"))
}

func (s *sqliteSession) perFile() bool { return true }

// begin opens the transaction for one file. Foreign keys are put aside before
// it, for inside a transaction that is not possible: SQLite changes a table by
// building it again and dropping the old one, and with foreign keys on the drop
// would delete every row that refers to it.
func (s *sqliteSession) begin(ctx context.Context) (err error) {
	err = s.QueryRowContext(ctx, "SELECT foreign_keys, timeout FROM pragma_foreign_keys, pragma_busy_timeout").
		Scan(&s.foreignKeys, &s.busyTimeout)
	if err != nil {
		return err
	}
	// The driver waits a little each time, so that the wait can be told and ended.
	err = s.set(ctx, 0, int(lockPeriod.Milliseconds()))
	if err == nil {
		err = s.waitFor(ctx, func(ctx context.Context) (bool, error) {
			err := s.exec(ctx, "BEGIN IMMEDIATE")
			if busy(err) {
				return false, nil
			}
			return err == nil, err
		})
	}
	if err != nil {
		return errors.Join(err, s.restore(ctx))
	}
	// Rows that were wrong before are not this migration's fault.
	if s.violations, err = s.check(ctx); err != nil {
		return errors.Join(err, s.rollback(ctx))
	}
	return nil
}

func (s *sqliteSession) commit(ctx context.Context) error {
	after, err := s.check(ctx)
	if err != nil {
		return err
	}
	for v := range after {
		if !s.violations[v] {
			return fmt.Errorf("the migration leaves rows of table %q that refer to missing rows of %q (row %d): "+
				"nothing of it was applied", v.table, v.parent, v.row.Int64)
		}
	}
	if err := s.connection.commit(ctx); err != nil {
		return err
	}
	return s.restore(ctx)
}

func (s *sqliteSession) rollback(ctx context.Context) error {
	return errors.Join(s.connection.rollback(ctx), s.restore(ctx))
}

// restore sets what the connection had before the transaction. It may be in use
// again after this.
func (s *sqliteSession) restore(ctx context.Context) error {
	return s.set(context.WithoutCancel(ctx), s.foreignKeys, s.busyTimeout)
}

func (s *sqliteSession) set(ctx context.Context, foreignKeys, busyTimeout int) error {
	return s.exec(ctx, fmt.Sprintf("PRAGMA foreign_keys = %d; PRAGMA busy_timeout = %d", foreignKeys, busyTimeout))
}

// check lists the rows that refer to missing ones.
func (s *sqliteSession) check(ctx context.Context) (map[violation]bool, error) {
	found := map[violation]bool{}
	err := eachRow(ctx, s, "PRAGMA foreign_key_check", func(rows *sql.Rows) error {
		var v violation
		err := rows.Scan(&v.table, &v.row, &v.parent, &v.key)
		found[v] = true
		return err
	})
	return found, err
}

// busy says that another connection holds the database. The drivers of SQLite
// give the result code this way; their types are not known here.
func busy(err error) bool {
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return false
	}
	primary := coded.Code() & 0xff
	return primary == sqliteBusy || primary == sqliteLocked
}
