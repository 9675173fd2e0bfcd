package migration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/internal/migration/ddl"
)

// undoOne runs what is left of the way down of one file, records each statement
// where a file is not one transaction, and then forgets the file's row.
func (e *Engine) undoOne(ctx context.Context, s session, files files, next step, report *Report) error {
	started, r := time.Now(), next.revision
	done := Migration{Version: r.Version, Description: next.file.Desc(), Statements: len(next.undoLeft())}
	failed := func(statement string, err error) error {
		return &failureError{Failure{Version: r.Version, Statement: statement, Error: err.Error()}, err}
	}
	u, resumed := undoingOf(r)
	before, err := beginUndo(ctx, s, files, next, &u, resumed)
	if err != nil {
		return failed("", err)
	}
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
		// What a half-applied file never made is not there to be undone, and what an
		// earlier run was cut off at may be gone already.
		known := notApplied
		if before.cannot(statement) {
			known = applied
		} else if !first || resumed { // else the journal has it
			if known, err = prepare(ctx, s, r, directionDown, progress.Index, statement, first); err != nil {
				return failed(statement, err)
			}
		}
		if err := e.step(ctx, s, &progress, r, ran, known); err != nil {
			return failed(statement, err)
		}
		before.apply(statement)
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

// model is what is known of the schema without asking the database; state is nil
// when nothing is.
type model struct {
	state *ddl.State
	// partial says that the file being undone was applied in part.
	partial bool
}

// beginUndo marks the row of a file as being undone, where a file is not one
// transaction, writes the first statement of the way down into the journal, and
// returns the schema at this point.
func beginUndo(ctx context.Context, s session, files files, next step, u *undoing, resumed bool) (model, error) {
	r := next.revision
	if s.perFile() {
		return model{}, nil
	}
	if !resumed {
		u.applied = r.Applied
		ran, err := nextApplied(ctx, s, next)
		if err != nil {
			return model{}, err
		}
		if ran {
			u.applied++
		}
	}
	m := model{state: files.stateAt(r.Version, u.applied), partial: u.applied < r.Total}
	for _, statement := range next.way.Statements[:u.undone] {
		m.apply(statement)
	}
	if resumed {
		return m, nil
	}
	u.mark(r)
	r.Error, r.ErrorStmt = "", "" // of the way up
	if len(next.way.Statements) == 0 {
		return m, updateRevision(ctx, s, r)
	}
	return m, writeJournal(ctx, s, newEntry(r, directionDown, 1, next.way.Statements[0]), func(ctx context.Context) error {
		return updateRevision(ctx, s, r)
	})
}

// nextApplied says whether an upgrade that was killed came one statement further than
// the row of its file says.
func nextApplied(ctx context.Context, s session, begun step) (bool, error) {
	r := begun.revision
	if whole(r) || r.Applied >= len(begun.statements) {
		return false, nil
	}
	number, statement := r.Applied+1, begun.statements[r.Applied]
	known, err := statementApplied(ctx, s, r, directionUp, number, statement)
	if err == nil && known == unknown {
		err = fmt.Errorf("another program, or an older slipway, ended in statement %d: "+
			"there is no row of %s that tells whether it ran; let `db repair` find out", number, journalTable)
	}
	return known == applied, err
}

// cannot says that a statement of a way down has nothing to do: what it undoes
// was never done.
func (m *model) cannot(statement string) bool {
	if !m.partial || m.state == nil {
		return false
	}
	_, err := m.state.Clone().Apply(statement)
	return err != nil
}

func (m *model) apply(statement string) {
	if m.state != nil {
		// What it cannot take was skipped, or the database will say so.
		_, _ = m.state.Apply(statement)
	}
}

// stateAt is files.replay for those who can do without: nil when some statement
// cannot be followed, and nothing is known.
func (f files) stateAt(version string, statements int) *ddl.State {
	state, err := f.replay(version, statements)
	if err != nil {
		return nil
	}
	return state
}
