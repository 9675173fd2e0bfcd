package migration

import (
	"context"
	"errors"
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
	before, err := e.beginUndo(ctx, s, files, next, &u, resumed)
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
		skip := before.cannot(statement)
		if !skip && first && resumed {
			if skip, err = e.hasRun(ctx, s, before.state, statement); err != nil {
				return failed(statement, err)
			}
		}
		if err := e.step(ctx, s, &progress, r, ran, skip); err != nil {
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
// transaction, and gives the schema at this point.
func (e *Engine) beginUndo(ctx context.Context, s session, files files, next step, u *undoing, resumed bool) (model, error) {
	r := next.revision
	if s.perFile() {
		return model{}, nil
	}
	if !resumed {
		u.applied = r.Applied
		if !whole(r) {
			// A run that was killed may have come one statement further than its record.
			ran, err := e.hasRunNext(ctx, s, files, next)
			if err != nil {
				return model{}, err
			}
			if ran {
				u.applied++
			}
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
	ctx, cancel := recordContext(ctx)
	defer cancel()
	return m, updateRevision(ctx, s, r)
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
