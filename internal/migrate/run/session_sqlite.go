package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// Primary result codes of SQLite for a database that another connection has locked.
const (
	sqliteBusy   = 5
	sqliteLocked = 6
)

type sqliteSession struct {
	connection
	// foreignKeys and busyTimeout are the settings of the connection, which restore sets.
	foreignKeys, busyTimeout int
	// violations are the violations before the transaction.
	violations map[violation]bool
}

// violation is a row that refers to a missing row.
type violation struct {
	table, parent string
	row           sql.NullInt64
	key           int
}

func (s *sqliteSession) tables() string {
	return "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'" +
		" AND name <> '" + plan.RevisionTable + "' ORDER BY name LIMIT 3"
}

// lock does nothing: the transaction of each file locks the database, and SQLite ends it if
// the process is killed.
func (s *sqliteSession) lock(context.Context) error { return nil }

func (s *sqliteSession) unlock(context.Context) error { return nil }

// missing reports whether a query failed because a table or column does not exist.
func missing(err error) bool {
	return noTable(err) || hasErrorNumber(err, 1054) || err != nil && strings.Contains(err.Error(), "no such column")
}

// noTable reports whether a query failed because a table does not exist. SQLite has no result
// code for this, so noTable compares the text.
func noTable(err error) bool {
	return hasErrorNumber(err, 1146) || err != nil && strings.Contains(err.Error(), "no such table")
}

func (s *sqliteSession) perFile() bool { return true }

func (s *sqliteSession) journaled() bool { return false }

// begin starts the transaction for one file. It first turns foreign keys off, which is
// impossible inside a transaction. To change a table, a migration copies it and drops the
// old one; with foreign keys on, the drop would delete all rows that refer to it.
func (s *sqliteSession) begin(ctx context.Context) (err error) {
	err = s.QueryRowContext(ctx, "SELECT foreign_keys, timeout FROM pragma_foreign_keys, pragma_busy_timeout").
		Scan(&s.foreignKeys, &s.busyTimeout)
	if err != nil {
		return err
	}
	// A short timeout per try: waitFor must report the wait and check the deadline.
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
	// Violations from before the migration must not fail it.
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
			return fmt.Errorf("after the migration, rows of table %q refer to missing rows of %q (row %d): the migration "+
				"was rolled back", v.table, v.parent, v.row.Int64)
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

// restore restores the settings that the connection had before the transaction.
func (s *sqliteSession) restore(ctx context.Context) error {
	return s.set(context.WithoutCancel(ctx), s.foreignKeys, s.busyTimeout)
}

func (s *sqliteSession) set(ctx context.Context, foreignKeys, busyTimeout int) error {
	return s.exec(ctx, fmt.Sprintf("PRAGMA foreign_keys = %d; PRAGMA busy_timeout = %d", foreignKeys, busyTimeout))
}

// check returns the rows that refer to missing rows.
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

// busy reports whether another connection has locked the database. It needs only the method
// Code of an SQLite driver's error, because this package imports no driver.
func busy(err error) bool {
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return false
	}
	primary := coded.Code() & 0xff
	return primary == sqliteBusy || primary == sqliteLocked
}
