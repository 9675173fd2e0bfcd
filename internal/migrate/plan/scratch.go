package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"ariga.io/atlas/sql/schema"
	"github.com/go-sql-driver/mysql"

	"slipway/internal/migrate/lazyregexp"
)

// Scratch creates an empty database of a dialect, on which files are run to find out their
// effect. remove closes and deletes it. Scratch returns [ErrNoScratch] if there is no server
// for it.
type Scratch func(ctx context.Context, dialect string) (db *sql.DB, remove func() error, err error)

// ErrNoScratch reports that there is no server for a scratch database.
var ErrNoScratch = errors.New("no scratch database: set DEV_DATABASE_URL to a MySQL server where one can be created")

// replay is a scratch database on which files run.
type replay struct {
	dialect Dialect
	conn    Conn
	close   func() error
}

// open creates a scratch database. The caller closes it.
func (s Scratch) open(ctx context.Context, d Dialect) (*replay, error) {
	if s == nil {
		return nil, ErrNoScratch
	}
	db, remove, err := s(ctx, d.Name)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	kept, end := NewConn(conn)
	return &replay{dialect: d, conn: kept, close: func() error {
		end()
		return errors.Join(conn.Close(), remove())
	}}, nil
}

// inspect returns the present schema.
func (r *replay) inspect(ctx context.Context) (*schema.Schema, error) {
	return r.dialect.Inspect(ctx, r.conn)
}

// outsideDatabase matches a statement with effects outside its database. Such a statement
// does not run on a scratch database, because the server may have other databases.
var outsideDatabase = lazyregexp.New(`(?i)^` + Space + `(?:(?:CREATE|ALTER|DROP)\s+(?:DATABASE|SCHEMA|USER|ROLE|` +
	`SERVER|TABLESPACE|INSTANCE)|USE|GRANT|REVOKE|SET\s+(?:GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD|DEFAULT\s+ROLE)|` +
	`SET\s+@@GLOBAL|INSTALL|UNINSTALL|SHUTDOWN|RESTART|KILL|FLUSH|RESET|PURGE|ATTACH|DETACH|VACUUM)\b`)

// exec runs a statement, unless it has effects outside the scratch database.
func (r *replay) exec(ctx context.Context, statement string) error {
	if outsideDatabase.MatchString(statement) {
		return nil
	}
	_, err := r.conn.ExecContext(ctx, statement)
	return err
}

// run runs statements. It returns an error with the statement that the database rejects.
func (r *replay) run(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if err := r.exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", Headline(statement), err)
		}
	}
	return nil
}

// onlineClause matches the ALGORITHM or LOCK of a statement.
var onlineClause = lazyregexp.New(`(?i)\s*,?\s*\b(?:ALGORITHM|LOCK)\s*=?\s*[A-Z]+\b`)

// clauseRejected reports whether MySQL rejected the ALGORITHM or LOCK of a statement.
func clauseRejected(err error) bool {
	var serverErr *mysql.MySQLError
	return errors.As(err, &serverErr) && slices.Contains([]uint16{1221, 1845, 1846}, serverErr.Number)
}

// pragma matches a statement of SQLite that changes a setting, and not the schema.
var pragma = lazyregexp.New(`(?i)^` + Space + `PRAGMA\b`)

// follow runs statements one by one on the schema before, and returns their effects and the
// schema after them. It continues after a statement that the database rejects.
func (r *replay) follow(ctx context.Context, before *schema.Schema, statements []string) (
	all []Effect, after *schema.Schema, err error,
) {
	for _, statement := range statements {
		e := Effect{Statement: statement, Before: before, After: before}
		err := r.exec(ctx, statement)
		if clauseRejected(err) {
			e.Clause = err
			err = r.exec(ctx, onlineClause.ReplaceAllString(statement, ""))
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, nil, err
			}
			e.Problem = err
		} else if !ChangesOnlyRows(statement) && !pragma.MatchString(statement) {
			if e.After, err = r.inspect(ctx); err != nil {
				return nil, nil, err
			}
			if e.Changes, err = r.dialect.between(before, e.After, statement); err != nil {
				return nil, nil, err
			}
		}
		before = e.After
		all = append(all, e)
	}
	if r.dialect.Name == SQLite {
		all, err = foldCopies(r.dialect, all)
	}
	return all, before, err
}
