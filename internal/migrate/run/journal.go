package run

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// journalEntry is the only row of the journal: the statement that ran last, or that is
// about to run.
type journalEntry struct {
	version string
	// direction is up or down.
	direction string
	// number is the position of the statement among the up or down statements, from 1.
	number int
	// statement is the SHA-256 of its text, in hex.
	statement string
	// before is the fingerprint of the schema before the statement.
	before fingerprint
}

// entry returns the journal entry of the next statement of a step, without fingerprint.
func (s step) entry() journalEntry {
	direction := "up"
	if s.down {
		direction = "down"
	}
	sum := sha256.Sum256([]byte(s.statements[s.ran]))
	return journalEntry{version: s.Version(), direction: direction, number: s.ran + 1,
		statement: hex.EncodeToString(sum[:])}
}

// createJournal creates the journal unless it exists.
func createJournal(ctx context.Context, s querier) error {
	return execute(ctx, s, "create "+plan.JournalTable, "CREATE TABLE IF NOT EXISTS `"+plan.JournalTable+"` ("+
		"`id` tinyint NOT NULL, "+
		"`version` varchar(255) NOT NULL, "+
		"`direction` varchar(4) NOT NULL, "+
		"`statement` bigint NOT NULL, "+
		"`statement_hash` varchar(64) NOT NULL, "+
		"`fingerprint` longtext NOT NULL, "+
		"PRIMARY KEY (`id`)) CHARSET utf8mb4 COLLATE utf8mb4_bin")
}

// dropJournal drops the journal if no migration is recorded: the Atlas CLI starts only on
// a database without tables.
func (st state) dropJournal(ctx context.Context, s querier) error {
	if len(st.revisions) > 0 || !st.hasJournal {
		return nil
	}
	return execute(ctx, s, "drop "+plan.JournalTable, "DROP TABLE IF EXISTS `"+plan.JournalTable+"`")
}

// begin writes the row of a file, and the first statement of the file to the journal.
// resumed is true if an earlier run did that.
func begin(ctx context.Context, s session, next *step) (resumed bool, err error) {
	r, write := next.revision, updateRevision
	switch {
	case next.down && inRollback(r):
		return true, nil
	case next.down:
		if next.applied, err = appliedOf(ctx, s, next); err != nil {
			return false, err
		}
		r.Error, r.ErrorStmt = "", "" // the error of an up statement
		next.record(0)
	case r == nil:
		r, write = &migrate.Revision{
			Version: next.Version(), Description: next.Desc(), Type: migrate.RevisionTypeExecute,
			Total: len(next.statements), Hash: next.Hash,
		}, insertRevision
		next.revision = r
	case r.Total == len(next.statements):
		return true, nil
	default:
		// Statements that have not run were edited. The row must have the new count and
		// hash: the Atlas CLI relies on them.
		r.Total, r.Hash = len(next.statements), next.Hash
		if next.record(r.Applied); whole(r) {
			r.Error, r.ErrorStmt = "", ""
		}
		return true, updateRevision(ctx, s, r)
	}
	if len(next.statements) == 0 {
		return false, write(ctx, s, r)
	}
	return false, writeJournal(ctx, s, next.entry(), func(ctx context.Context) error { return write(ctx, s, r) })
}

// writeJournal records that a statement is about to run on the present schema. writeRow
// writes the row of its file in the same transaction. Without a journal, writeJournal only
// calls writeRow.
func writeJournal(ctx context.Context, s session, e journalEntry, writeRow func(context.Context) error) (err error) {
	// No cancellation: the driver closes a connection whose query was cancelled.
	ctx = context.WithoutCancel(ctx)
	if !s.journaled() {
		return writeRow(ctx)
	}
	if e.before, err = s.fingerprint(ctx); err != nil {
		return err
	}
	text, err := json.Marshal(e.before)
	if err != nil {
		return err
	}
	err = transaction(ctx, s, func() error {
		if err := writeRow(ctx); err != nil {
			return err
		}
		_, err := s.ExecContext(ctx, "REPLACE INTO "+plan.JournalTable+
			" (id, version, direction, statement, statement_hash, fingerprint) VALUES (1, ?, ?, ?, ?, ?)",
			e.version, e.direction, e.number, e.statement, string(text))
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", plan.JournalTable, err)
	}
	return nil
}

// readJournal returns the row of the journal; ok is false when there is none.
func readJournal(ctx context.Context, s session) (e journalEntry, ok bool, err error) {
	err = eachRow(ctx, s, "SELECT version, direction, statement, statement_hash, fingerprint FROM "+plan.JournalTable+
		" WHERE id = 1", func(rows *sql.Rows) error {
		var text []byte
		err := rows.Scan(&e.version, &e.direction, &e.number, &e.statement, &text)
		ok = json.Unmarshal(text, &e.before) == nil // an older slipway used another format
		return err
	})
	if missing(err) {
		return e, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("read %s: %w", plan.JournalTable, err)
	}
	return e, ok, nil
}

// settleJournal writes the next statement of an upgrade to the journal, with the present
// schema: after a repair it is known that this statement has not run.
func settleJournal(ctx context.Context, s session, st state, dryRun bool, report *Report) error {
	if len(st.revisions) == 0 && !dryRun {
		return st.dropJournal(ctx, s)
	}
	i := slices.IndexFunc(st.pending, func(next step) bool {
		return next.revision != nil && !inRollback(next.revision) && len(next.left()) > 0
	})
	if i < 0 {
		return nil
	}
	next := st.pending[i]
	if known, err := statementApplied(ctx, s, &next); err == nil && known == notApplied {
		return nil
	}
	if len(report.Repaired) == 0 {
		report.Repaired = append(report.Repaired, fmt.Sprintf(
			"statement %d of %d of %s has not run: the next upgrade starts with it",
			next.ran+1, len(next.statements), next.Version()))
	}
	if dryRun {
		return nil
	}
	if err := st.ownTables(ctx, s); err != nil {
		return err
	}
	return writeJournal(ctx, s, next.entry(), func(context.Context) error { return nil })
}
