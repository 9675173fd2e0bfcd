package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

// Loss is data that a way down deletes.
type Loss struct {
	Table string `json:"table"`
	// Column is "" when whole rows go.
	Column string `json:"column,omitempty"`
	// Rows is how many rows of the table go or, of a column, have a value in it
	// other than its default; -1 when nobody can tell.
	Rows int64 `json:"rows"`
	// Statement is the statement that nobody can tell of; "" otherwise.
	Statement string `json:"statement,omitempty"`

	where string
}

func (l Loss) String() string {
	name, noun := l.Table, "row"
	if l.Column != "" {
		name, noun = l.Table+"."+l.Column, "value"
	}
	if l.Rows < 0 {
		return fmt.Sprintf("what %q does to rows is not known", strings.Join(strings.Fields(l.Statement), " "))
	}
	if l.Rows != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%s (%d %s)", name, l.Rows, noun)
}

// allowed says what would be lost, if anything.
func allowed(loss []Loss) error {
	var lost []string
	for _, l := range loss {
		if l.Rows != 0 {
			lost = append(lost, l.String())
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return errors.New("the way down loses data: " + strings.Join(lost, ", ") + ": nothing was undone; to lose it, say --allow-data-loss (\"allow_data_loss\": true in the job's event)")
}

// losses counts what the way down of steps would delete from the database as it
// is, all steps taken together. What is empty is listed with 0 rows.
func (e *Engine) losses(ctx context.Context, s session, files plan.Files, steps []step) ([]Loss, error) {
	if len(steps) == 0 {
		return nil, nil
	}
	lost, err := e.lost(ctx, s, files, steps)
	if err != nil {
		return nil, err
	}
	for i := range lost {
		l := &lost[i]
		if l.Rows < 0 {
			continue
		}
		text := "SELECT COUNT(*) FROM " + plan.Quote(l.Table)
		if l.where != "" {
			text += " WHERE " + l.where
		}
		rows, err := s.QueryContext(ctx, text)
		if s.missing(err) {
			continue // it is gone already: a run that was cut off came so far, or somebody's hand
		}
		if err != nil {
			return nil, fmt.Errorf("count what would be lost from %s: %w", l.Table, err)
		}
		for rows.Next() {
			err = errors.Join(err, rows.Scan(&l.Rows))
		}
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("count what would be lost from %s: %w", l.Table, err)
		}
	}
	return lost, nil
}

// lost lists what the way down of steps deletes, by the names that tables and
// columns have before it.
func (e *Engine) lost(
	ctx context.Context, conn schema.ExecQuerier, files plan.Files, steps []step,
) (lost []Loss, err error) {
	h := e.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	t := newTracker(e.Dialect)
	var live *schema.Schema // read when it is needed
	for _, s := range steps {
		from := plan.Point{File: files.Index(s.revision.Version), Statements: len(s.Statements)}
		partial := !whole(s.revision)
		if partial {
			from.Statements = s.revision.Applied
		}
		if u, ok := undoingOf(s.revision); ok {
			from.Statements = min(u.applied, len(s.Statements))
		}
		effects, _, err := h.Down(ctx, from, s.way.Statements)
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			// The files do not run on an empty database: what their ways down do is not known.
			effects = plan.UnknownEffects(s.way.Statements)
		}
		done := len(s.way.Statements) - len(s.undoLeft())
		for i, effect := range effects {
			switch {
			case partial && effect.Problem != nil:
				// It was never done, and is not undone.
			case effect.Problem != nil || effect.Unknown:
				if live == nil {
					if live, err = e.Dialect.Inspect(ctx, conn); err != nil {
						return nil, err
					}
				}
				if !t.read(effect.Statement, live) {
					t.unknown(effect.Statement)
				}
			default:
				t.follow(effect)
			}
			if i < done {
				t.lost = nil // it ran already: what it lost is lost
			}
		}
	}
	return t.list(), nil
}
