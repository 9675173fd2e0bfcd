package run

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// Loss is data that the down statements of a downgrade delete.
type Loss struct {
	Table string `json:"table"`
	// Column is "" if whole rows are deleted.
	Column string `json:"column,omitempty"`
	// Rows is the number of deleted rows or, for a column, of rows whose value is neither
	// NULL nor the default; -1 if it is unknown.
	Rows int64 `json:"rows"`
	// Statement is the statement whose effect is unknown; "" otherwise.
	Statement string `json:"statement,omitempty"`

	where string
}

// wholeTable reports whether all rows of the table are deleted.
func (l Loss) wholeTable() bool { return l.Table != "" && l.Column == "" && l.where == "" }

func (l Loss) String() string {
	name, noun := l.Table, "row"
	if l.Column != "" {
		name, noun = l.Table+"."+l.Column, "value"
	}
	if l.Rows < 0 {
		return fmt.Sprintf("the effect of %q on rows is unknown", strings.Join(strings.Fields(l.Statement), " "))
	}
	if l.Rows != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%s (%d %s)", name, l.Rows, noun)
}

// checkLoss returns an error if loss contains rows, values or an unknown effect.
func checkLoss(loss []Loss) error {
	var lost []string
	for _, l := range loss {
		if l.Rows != 0 {
			lost = append(lost, l.String())
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return fmt.Errorf(`the downgrade would delete data: %s; to allow this, use --allow-data-loss `+
		`("allow_data_loss": true in the event of the Lambda)`, strings.Join(lost, ", "))
}

// losses counts the rows and values that the down statements of all steps would delete.
// The result includes tables and columns without data, with 0 rows. known has the effects of
// the statements that an earlier call read; losses adds to it.
func (e *Engine) losses(
	ctx context.Context, s session, files plan.Files, steps []step, known map[plan.Point][]plan.Effect,
) ([]Loss, error) {
	lost, err := e.lost(ctx, s, files, steps, known)
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
		// A missing table or column was dropped already, by an interrupted run or by hand.
		if err != nil && !missing(err) {
			return nil, fmt.Errorf("count what would be lost from %s: %w", l.Table, err)
		}
	}
	return lost, nil
}

// lost returns what the down statements of steps delete. Tables and columns have the names
// that they have before the first statement.
func (e *Engine) lost(
	ctx context.Context, s session, files plan.Files, steps []step, known map[plan.Point][]plan.Effect,
) (lost []Loss, err error) {
	h := e.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	t := &tracker{dialect: e.Dialect, names: map[[2]string]string{}}
	for _, next := range steps {
		from := plan.Point{File: files.Index(next.Version()), Statements: min(next.applied, len(next.Statements))}
		effects, read := known[from]
		if !read {
			effects, err = h.Undo(ctx, from, next.statements)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				// The files cannot be replayed on an empty database.
				effects = plan.UnknownEffects(next.statements)
			}
			known[from] = effects
		}
		for i, effect := range effects {
			unknown := effect.Unknown || effect.Problem != nil
			if unknown && effect.Problem != nil && !whole(next.revision) {
				continue // its up statement never ran, so it has no effect
			}
			if unknown && t.live == nil {
				if t.live, err = e.Dialect.Inspect(ctx, s); err != nil {
					return nil, err
				}
			}
			t.follow(effect.Statement, effect.Changes, unknown, effect.Copies)
			if i < next.ran {
				t.lost = nil // it has run already
			}
		}
	}
	return t.list(), nil
}
