package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"
)

// undoOne runs what is left of the way down of one file, records each statement
// where a file is not one transaction, and then forgets the file's row.
func (e *Engine) undoOne(ctx context.Context, s session, next step, report *Report) error {
	started, r := time.Now(), next.revision
	done := Migration{Version: r.Version, Description: next.Desc(), Statements: len(next.undoLeft())}
	failed := func(statement string, err error) error {
		return &failureError{Failure{Version: r.Version, Statement: statement, Error: err.Error()}, err}
	}
	u, resumed := undoingOf(r)
	if err := beginUndo(ctx, s, next, &u, resumed); err != nil {
		return failed("", err)
	}
	partial := !s.perFile() && u.applied < r.Total
	progress := Progress{Version: done.Version, Description: done.Description, Total: len(next.way.Statements)}
	sums := partialHashes(next.way.Statements)
	for first := true; u.undone < len(next.way.Statements); first = false {
		if err := outOfTime(ctx); errors.Is(err, errOutOfTime) {
			return err
		} else if err != nil {
			return failed("", err)
		}
		statement := next.way.Statements[u.undone]
		progress.Statement, progress.Index = statement, u.undone+1
		ran := func() {
			u.undone, u.sums = u.undone+1, sums[:u.undone+1]
			u.mark(r)
		}
		known := notApplied
		if !first || resumed { // else the journal has it
			var err error
			if known, err = prepare(ctx, s, r, directionDown, progress.Index, statement, first); err != nil {
				return failed(statement, err)
			}
		}
		if partial && known == notApplied {
			known = perhaps
		}
		if err := e.step(ctx, s, &progress, r, ran, known); err != nil {
			return failed(statement, err)
		}
		if !s.perFile() {
			report.Pending[0].drop()
		}
	}
	// Seen through like a statement.
	ctx = context.WithoutCancel(ctx)
	if err := deleteRevision(ctx, s, r); err != nil {
		return failed("", err)
	}
	if s.perFile() {
		if err := s.commit(ctx); err != nil {
			return failed("", err)
		}
	}
	done.DurationMS = time.Since(started).Milliseconds()
	report.Applied, report.Pending = append(report.Applied, done), report.Pending[1:]
	progress.Stage, progress.Statement, progress.Took = Undone, "", time.Since(started)
	e.tell(progress)
	return nil
}

// beginUndo marks the row of a file as being undone, where a file is not one
// transaction, and writes the first statement of the way down into the journal.
func beginUndo(ctx context.Context, s session, next step, u *undoing, resumed bool) error {
	r := next.revision
	if s.perFile() || resumed {
		return nil
	}
	u.applied = r.Applied
	ran, err := nextApplied(ctx, s, next)
	if err != nil {
		return err
	}
	if ran {
		u.applied++
	}
	u.mark(r)
	r.Error, r.ErrorStmt = "", "" // of the way up
	if len(next.way.Statements) == 0 {
		return updateRevision(ctx, s, r)
	}
	return writeJournal(ctx, s, newEntry(r, directionDown, 1, next.way.Statements[0]), func(ctx context.Context) error {
		return updateRevision(ctx, s, r)
	})
}

// undoneAlready says that the server refused a statement because what it takes away is
// missing, or what it brings back exists.
func undoneAlready(err error) bool {
	return numbered(err, 1050, 1051, 1054, 1060, 1061, 1068, 1072, 1091, 1146, 1176, 1826, 3821, 3822)
}

// nextApplied says whether an upgrade that was killed came one statement further than
// the row of its file says.
func nextApplied(ctx context.Context, s session, begun step) (bool, error) {
	r := begun.revision
	if whole(r) || r.Applied >= len(begun.Statements) {
		return false, nil
	}
	number, statement := r.Applied+1, begun.Statements[r.Applied]
	known, err := statementApplied(ctx, s, r, directionUp, number, statement)
	if err == nil && known == unknown {
		err = fmt.Errorf("another program, or an older slipway, ended in statement %d: "+
			"there is no row of %s that tells whether it ran; let `db repair` find out", number, plan.JournalTable)
	}
	return known == applied, err
}
