package run

import (
	"context"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// MySQL commits a schema change by itself, so a killed run may leave a statement that ran
// but is not recorded. Therefore the journal stores the fingerprint of the schema before
// each statement, and the next run compares. Some statements fail if they run twice; others
// take effect twice, such as adding an index without a name.

// outcome is what is known about the first statement that a row does not record.
type outcome int

const (
	// notApplied: it has not run.
	notApplied outcome = iota
	// applied: it ran, and its record is missing.
	applied
	// maybeRedundant: it has not run, and the up statement that it undoes may never have run.
	maybeRedundant
	// unknown: the journal has no entry, because another program or an older slipway ran it.
	unknown
)

// prepare writes the next statement of a step to the journal. If the last run may have
// ended in this statement, it first finds out whether the statement is applied. It returns
// an error if that is unknown and running the statement again is not safe.
func prepare(ctx context.Context, s session, next *step, mayHaveRun bool) (known outcome, err error) {
	r, statement := next.revision, next.statements[next.ran]
	// A statement that changes only rows and its record are one transaction.
	if s.perFile() || plan.ChangesOnlyRows(statement) {
		return notApplied, nil
	}
	if mayHaveRun {
		known, err = statementApplied(ctx, s, next)
		if err == nil && known == unknown && repeatable(statement) {
			err = outcomeUnknown(next, ", and running it again would apply it twice")
		}
		if err != nil || known == applied {
			return known, err
		}
	}
	return known, writeJournal(ctx, s, next.entry(), func(ctx context.Context) error {
		if r.Error == "" {
			return nil
		}
		// After a kill, statementApplied would take the error of an earlier run for a new one.
		r.Error, r.ErrorStmt = "", ""
		return updateRevision(ctx, s, r)
	})
}

// outcomeUnknown returns the error for a statement that may have run without a record.
func outcomeUnknown(next *step, why string) error {
	return fmt.Errorf("another program, or an older slipway, stopped in statement %d: %s does not record whether it "+
		"ran%s; run `db repair` to find out", next.ran+1, plan.JournalTable, why)
}

// statementApplied compares the schema with the journal to find out whether the next
// statement of a step ran before the last run of its file ended. It returns an error if that
// cannot be decided: something else changed the schema too, or the statement was edited.
func statementApplied(ctx context.Context, s session, next *step) (outcome, error) {
	r, entry := next.revision, next.entry()
	if s.perFile() || plan.ChangesOnlyRows(next.statements[next.ran]) {
		return notApplied, nil
	}
	journal, found, err := readJournal(ctx, s)
	if err != nil {
		return notApplied, err
	}
	found = found && journal.version == r.Version && journal.direction == entry.direction &&
		journal.number <= entry.number
	ours := found && r.OperatorVersion == operator
	// The run ended before this statement, or the row has an error of the MySQL server.
	rejected := strings.HasPrefix(r.Error, "Error ")
	switch {
	case ours && (rejected || journal.number < entry.number):
		return notApplied, nil
	case !found || journal.number < entry.number:
		return unknown, nil
	}
	now, err := s.fingerprint(ctx)
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
			entry.number, describeChanges(changes))
	}
	if others := unexplained(changes, next.statements[next.ran]); len(others) > 0 {
		return notApplied, fmt.Errorf("the last run stopped in statement %d, "+
			"and something else has changed the schema since then (%s): it is unknown whether the statement ran, and nothing "+
			"was recorded; check that change, then run `db repair`, which finds out what ran",
			entry.number, describeChanges(others))
	}
	return applied, nil
}

// appliedOf returns how many up statements of a file ran, before a downgrade undoes them. A
// killed upgrade may have run one statement more than its row records.
func appliedOf(ctx context.Context, s session, down *step) (int, error) {
	up := upStep(down.File, down.revision)
	if whole(up.revision) || len(up.left()) == 0 {
		return up.ran, nil
	}
	known, err := statementApplied(ctx, s, &up)
	if err == nil && known == unknown {
		err = outcomeUnknown(&up, "")
	}
	if known == applied {
		up.ran++
	}
	return up.ran, err
}
