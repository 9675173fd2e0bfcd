package run

import (
	"context"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// MySQL commits a schema change by itself: a run that is killed may leave a statement
// that ran without its record. So before each statement the journal gets the
// fingerprint of the schema, and the next run compares. Some statements would fail if
// they ran twice; others, such as adding an index without a name, would do it twice.

// outcome says what is known of the statement after those that a row records.
type outcome int

const (
	// notApplied: it has not run.
	notApplied outcome = iota
	// applied: it ran, and its record is missing.
	applied
	// perhaps: it has not run, and what it undoes may never have been done.
	perhaps
	// unknown: no journal tells. Another program ran it, or an older slipway.
	unknown
)

// prepare writes the next statement of a step into the journal. Where the last run may
// have ended in it, prepare finds out first whether it is applied. The error says that it
// cannot be told.
func prepare(ctx context.Context, s session, next *step, mayHaveRun bool) (known outcome, err error) {
	r, statement := next.revision, next.way[next.ran]
	// The rows of such a statement and its record are one transaction.
	if s.perFile() || plan.ChangesOnlyRows(statement) {
		return notApplied, nil
	}
	if mayHaveRun {
		known, err = statementApplied(ctx, s, next)
		if err == nil && known == unknown && repeats(statement) {
			err = notTold(next, ", and to run it twice would do it twice")
		}
		if err != nil || known == applied {
			return known, err
		}
	}
	return known, writeJournal(ctx, s, next.entry(), func(ctx context.Context) error {
		if r.Error == "" {
			return nil
		}
		// It is about an earlier try: after a kill it could not be told apart.
		r.Error, r.ErrorStmt = "", ""
		return updateRevision(ctx, s, r)
	})
}

// notTold refuses a statement of which it is not known whether it ran.
func notTold(next *step, why string) error {
	return fmt.Errorf("another program, or an older slipway, stopped in statement %d: %s does not record whether it "+
		"ran%s; run `db repair` to find out", next.ran+1, plan.JournalTable, why)
}

// statementApplied compares the schema with the journal, to say whether the next statement
// of a step ran before the last run of its file ended. The error says that something else
// has changed the schema too, or that the statement was edited: then it cannot be told.
func statementApplied(ctx context.Context, s session, next *step) (outcome, error) {
	r, entry := next.revision, next.entry()
	if s.perFile() || plan.ChangesOnlyRows(next.way[next.ran]) {
		return notApplied, nil
	}
	journal, found, err := readJournal(ctx, s)
	if err != nil {
		return notApplied, err
	}
	found = found && journal.version == r.Version && journal.direction == entry.direction &&
		journal.number <= entry.number
	ours := found && r.OperatorVersion == operator
	// The run ended before it began this one, or the row has the server's own words: it
	// refused the statement.
	refused := strings.HasPrefix(r.Error, "Error ")
	switch {
	case ours && (refused || journal.number < entry.number):
		return notApplied, nil
	case !found || journal.number < entry.number:
		return unknown, nil
	}
	now, err := readFingerprint(ctx, s)
	if err != nil {
		return notApplied, err
	}
	changes := journal.before.changes(now)
	if len(changes) == 0 {
		return notApplied, nil
	}
	if journal.statement != entry.statement {
		return notApplied, fmt.Errorf("the last run stopped in statement %d, which was edited since then, and the schema "+
			"has changed (%s): restore the statement, or run `db repair`, which finds out what ran",
			entry.number, list(changes))
	}
	if others := unexplained(changes, next.way[next.ran]); len(others) > 0 {
		return notApplied, fmt.Errorf("the last run stopped in statement %d, "+
			"and something else has changed the schema since then (%s): it is unknown whether the statement ran, and nothing "+
			"was recorded; check that change, then run `db repair`, which finds out what ran", entry.number, list(others))
	}
	return applied, nil
}

// appliedOf says how many statements of a file have run that is to be undone: an upgrade
// that was killed may have come one further than its row says.
func appliedOf(ctx context.Context, s session, down *step) (int, error) {
	up := upStep(down.File, down.revision)
	if whole(up.revision) || len(up.left()) == 0 {
		return up.ran, nil
	}
	known, err := statementApplied(ctx, s, &up)
	if err == nil && known == unknown {
		err = notTold(&up, "")
	}
	if known == applied {
		up.ran++
	}
	return up.ran, err
}
