package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// Loss is data that a way down deletes.
type Loss struct {
	Table string `json:"table"`
	// Column is "" when whole rows go.
	Column string `json:"column,omitempty"`
	// Rows is how many rows of the table go or, of a column, have a value in it
	// other than its default; -1 when it is unknown.
	Rows int64 `json:"rows"`
	// Statement is the statement with an unknown effect; "" otherwise.
	Statement string `json:"statement,omitempty"`

	where string
}

// wholeTable says that all rows go.
func (l Loss) wholeTable() bool { return l.Table != "" && l.Column == "" && l.where == "" }

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
	return fmt.Errorf("the downgrade would delete data: %s: nothing was undone; to delete it, use --allow-data-loss "+
		`("allow_data_loss": true in the job's event)`, strings.Join(lost, ", "))
}

// losses counts what the way down of steps would delete from the database as it
// is, all steps taken together. What is empty is listed with 0 rows.
func (e *Engine) losses(ctx context.Context, s session, files plan.Files, steps []step) ([]Loss, error) {
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
		err := eachRow(ctx, s, text, func(rows *sql.Rows) error { return rows.Scan(&l.Rows) })
		// What is missing is gone already: a run that was cut off came so far, or somebody's hand.
		if err != nil && !missing(err) {
			return nil, fmt.Errorf("count what would be lost from %s: %w", l.Table, err)
		}
	}
	return lost, nil
}

// lost lists what the way down of steps deletes, by the names that tables and
// columns have before it.
func (e *Engine) lost(ctx context.Context, s session, files plan.Files, steps []step) (lost []Loss, err error) {
	h := e.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	t := &tracker{dialect: e.Dialect, names: map[[2]string]string{}}
	for _, next := range steps {
		from := plan.Point{File: files.Index(next.Version()), Statements: min(next.applied, len(next.Statements))}
		effects, _, err := h.Down(ctx, from, next.way)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			// The files do not run on an empty database: what their ways down do is not known.
			effects = plan.UnknownEffects(next.way)
		}
		for i, effect := range effects {
			unknown := effect.Unknown || effect.Problem != nil
			if unknown && effect.Problem != nil && !whole(next.revision) {
				continue // it was never done, and is not undone
			}
			if unknown && t.live == nil { // read when it is needed
				if t.live, err = e.Dialect.Inspect(ctx, s); err != nil {
					return nil, err
				}
			}
			t.follow(effect.Statement, effect.Changes, unknown, effect.Copies)
			if i < next.ran {
				t.lost = nil // it ran already: what it lost is lost
			}
		}
	}
	return t.list(), nil
}
