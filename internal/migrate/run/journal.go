package run

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// The directions in which a file runs.
const (
	directionUp   = "up"
	directionDown = "down"
)

// journalEntry is the row of the journal.
type journalEntry struct {
	version   string
	direction string
	// number is the statement's in its file, or in its way down, from 1.
	number int
	// statement is the hash of its text: see statementHash.
	statement string
	// before is the schema before the statement.
	before fingerprint
}

// newEntry is the entry of a statement of a row's file, or of its way down.
func newEntry(r *migrate.Revision, direction string, number int, statement string) journalEntry {
	return journalEntry{version: r.Version, direction: direction, number: number, statement: statementHash(statement)}
}

// statementHash returns the SHA-256 of a statement's text, in hex.
func statementHash(statement string) string {
	sum := sha256.Sum256([]byte(statement))
	return hex.EncodeToString(sum[:])
}

// createJournal creates the journal unless it exists.
func createJournal(ctx context.Context, s querier) error {
	_, err := s.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS `"+plan.JournalTable+"` ("+
		"`id` tinyint NOT NULL, "+
		"`version` varchar(255) NOT NULL, "+
		"`direction` varchar(4) NOT NULL, "+
		"`statement` bigint NOT NULL, "+
		"`statement_hash` varchar(64) NOT NULL, "+
		"`fingerprint` longtext NOT NULL, "+
		"PRIMARY KEY (`id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin")
	if err != nil {
		return fmt.Errorf("create %s: %w", plan.JournalTable, err)
	}
	return nil
}

// ownTables creates the tables that record migrations, unless they exist.
func (st state) ownTables(ctx context.Context, s session) error {
	if !st.hasTable {
		if err := s.createRevisionTable(ctx); err != nil {
			return err
		}
	}
	if !st.hasJournal && !s.perFile() {
		return createJournal(ctx, s)
	}
	return nil
}

// dropJournal drops the journal of a database on which no migration is left: the
// Atlas CLI begins only on one without tables.
func dropJournal(ctx context.Context, s querier) error {
	if _, err := s.ExecContext(ctx, "DROP TABLE IF EXISTS `"+plan.JournalTable+"`"); err != nil {
		return fmt.Errorf("drop %s: %w", plan.JournalTable, err)
	}
	return nil
}

// writeJournal records that a statement is about to run on the schema as it is now.
// also writes the row of its file in the same transaction. Where a file is one
// transaction there is no journal, and also is all there is to do.
func writeJournal(ctx context.Context, s session, e journalEntry, also func(context.Context) error) (err error) {
	// Seen through: a connection with a query that was cut off is gone.
	ctx = context.WithoutCancel(ctx)
	if s.perFile() {
		return also(ctx)
	}
	if e.before, err = readFingerprint(ctx, s); err != nil {
		return err
	}
	text, err := json.Marshal(e.before)
	if err != nil {
		return err
	}
	if err := s.begin(ctx, nil); err != nil {
		return err
	}
	if err = also(ctx); err == nil {
		_, err = s.ExecContext(ctx, "REPLACE INTO "+plan.JournalTable+
			" (id, version, direction, statement, statement_hash, fingerprint) VALUES (1, ?, ?, ?, ?, ?)",
			e.version, e.direction, e.number, e.statement, string(text))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", plan.JournalTable, err), s.rollback(ctx))
	}
	return s.commit(ctx)
}

// readJournal returns the row of the journal; ok is false when there is none.
func readJournal(ctx context.Context, s session) (e journalEntry, ok bool, err error) {
	rows, err := s.QueryContext(ctx, "SELECT version, direction, statement, statement_hash, fingerprint"+
		" FROM "+plan.JournalTable+" WHERE id = 1")
	if s.missing(err) {
		return journalEntry{}, false, nil
	}
	if err != nil {
		return journalEntry{}, false, fmt.Errorf("read %s: %w", plan.JournalTable, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text sql.RawBytes
		if err := rows.Scan(&e.version, &e.direction, &e.number, &e.statement, &text); err != nil {
			return journalEntry{}, false, fmt.Errorf("read %s: %w", plan.JournalTable, err)
		}
		if err := json.Unmarshal(text, &e.before); err != nil {
			return journalEntry{}, false, fmt.Errorf("read %s: %w", plan.JournalTable, err)
		}
		ok = true
	}
	return e, ok, rows.Err()
}

// moveJournal tells the journal that a migration has another version now.
func moveJournal(ctx context.Context, s querier, from, to string) error {
	if _, err := s.ExecContext(ctx, "UPDATE "+plan.JournalTable+" SET version = ? WHERE version = ?", to, from); err != nil {
		return fmt.Errorf("write %s: %w", plan.JournalTable, err)
	}
	return nil
}

// settle writes the statement that an upgrade goes on with into the journal, on the
// schema as it is: whatever happened before, it has not run.
func settle(ctx context.Context, s session, st state, dryRun bool, report *Report) error {
	if len(st.revisions) == 0 && st.hasJournal && !dryRun {
		return dropJournal(ctx, s)
	}
	for _, next := range st.pending {
		r := next.revision
		if r == nil || r.Applied >= len(next.Statements) || isBeingUndone(r) {
			continue
		}
		number, statement := r.Applied+1, next.Statements[r.Applied]
		if known, err := statementApplied(ctx, s, r, directionUp, number, statement); err == nil && known == notApplied {
			continue
		}
		if len(report.Repaired) == 0 {
			report.Repaired = append(report.Repaired,
				fmt.Sprintf("statement %d of %d of %s has not run: an upgrade goes on with it",
					number, len(next.Statements), r.Version))
		}
		if dryRun {
			continue
		}
		if err := st.ownTables(ctx, s); err != nil {
			return err
		}
		if err := writeJournal(ctx, s, newEntry(r, directionUp, number, statement),
			func(context.Context) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}
