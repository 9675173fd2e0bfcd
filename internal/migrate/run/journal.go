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

// journalEntry is the row of the journal.
type journalEntry struct {
	version string
	// direction is up or down.
	direction string
	// number is the statement's in its file, or in its way down, from 1.
	number int
	// statement is the SHA-256 of its text, in hex.
	statement string
	// before is the schema before the statement.
	before fingerprint
}

// entry is the entry of the next statement of a step.
func (s step) entry() journalEntry {
	direction := "up"
	if s.down {
		direction = "down"
	}
	sum := sha256.Sum256([]byte(s.way[s.ran]))
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

// dropJournal drops the journal of a database on which no migration is left: the
// Atlas CLI begins only on one without tables.
func (st state) dropJournal(ctx context.Context, s querier) error {
	if len(st.revisions) > 0 || !st.hasJournal {
		return nil
	}
	return execute(ctx, s, "drop "+plan.JournalTable, "DROP TABLE IF EXISTS `"+plan.JournalTable+"`")
}

// begin writes the row of a file of which nothing is applied, or undone, yet, and its first
// statement into the journal. resumed says that an earlier run did that.
func begin(ctx context.Context, s session, next *step) (resumed bool, err error) {
	r, write := next.revision, updateRevision
	switch {
	case next.down && isBeingUndone(r):
		return true, nil
	case next.down:
		if next.applied, err = appliedOf(ctx, s, next); err != nil {
			return false, err
		}
		r.Error, r.ErrorStmt = "", "" // of the way up
		next.record(0)
	case r == nil:
		r, write = &migrate.Revision{
			Version: next.Version(), Description: next.Desc(), Type: migrate.RevisionTypeExecute,
			Total: len(next.way), Hash: next.Hash,
		}, insertRevision
		next.revision = r
	case r.Total == len(next.way):
		return true, nil
	default:
		// What has not run yet was edited. Where the CLI would lose count, the row
		// speaks of the file as it is from here on.
		r.Total, r.Hash = len(next.way), next.Hash
		if next.record(r.Applied); whole(r) {
			r.Error, r.ErrorStmt = "", ""
		}
		return true, updateRevision(ctx, s, r)
	}
	if len(next.way) == 0 {
		return false, write(ctx, s, r)
	}
	return false, writeJournal(ctx, s, next.entry(), func(ctx context.Context) error { return write(ctx, s, r) })
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
	err = transaction(ctx, s, func() error {
		if err := also(ctx); err != nil {
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
		ok = json.Unmarshal(text, &e.before) == nil // an older slipway wrote it otherwise
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

// settle writes the statement that an upgrade goes on with into the journal, on the
// schema as it is: whatever happened before, it has not run.
func settle(ctx context.Context, s session, st state, dryRun bool, report *Report) error {
	if len(st.revisions) == 0 && !dryRun {
		return st.dropJournal(ctx, s)
	}
	i := slices.IndexFunc(st.pending, func(next step) bool {
		return next.revision != nil && !isBeingUndone(next.revision) && len(next.left()) > 0
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
			"statement %d of %d of %s has not run: an upgrade goes on with it", next.ran+1, len(next.way), next.Version()))
	}
	if dryRun {
		return nil
	}
	if err := st.ownTables(ctx, s); err != nil {
		return err
	}
	return writeJournal(ctx, s, next.entry(), func(context.Context) error { return nil })
}
