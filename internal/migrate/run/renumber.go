package run

import (
	"context"
	"fmt"
	"slices"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// Renumber gives the rows of migrations that a rebase renumbered their new
// versions, in one transaction, and lists the changes as "old → new": a row that
// has no file any more is that of the file of the same description and number of
// statements that has no row. It may be run at any time and again: where nothing
// was renumbered, it changes nothing. With dryRun it only says what it would do.
//
// The error says that a row cannot be told apart from another, or what the
// database refused.
func (e *Engine) Renumber(ctx context.Context, dryRun bool) (Report, error) {
	return e.onState(ctx, "rebase", e.files, dryRun, func(s session, st state, report *Report) error {
		moves, err := st.moved()
		if err == nil && !dryRun {
			err = perStatement(ctx, s, func() error { return st.move(ctx, s, moves) })
		}
		if err != nil {
			return err
		}
		for _, m := range moves {
			report.Repaired = append(report.Repaired,
				fmt.Sprintf("%s_%s is recorded as %s now", m.from.Version, m.from.Description, m.to.Version()))
		}
		return nil
	})
}

// move is a row and the file that it is the row of now.
type move struct {
	from *migrate.Revision
	to   plan.File
}

// moved finds the rows whose files were renumbered.
func (st state) moved() (moves []move, err error) {
	f := st.files
	var left []plan.File
	for _, s := range f.List {
		if r := st.row(s.Version()); r == nil || r.Description != s.Desc() && !r.Type.Has(migrate.RevisionTypeBaseline) {
			left = append(left, s)
		}
	}
	for _, r := range st.revisions {
		i := f.Index(r.Version)
		if r.Type.Has(migrate.RevisionTypeBaseline) || i >= 0 && f.List[i].Desc() == r.Description {
			continue
		}
		same := func(s plan.File) bool { return s.Desc() == r.Description && len(s.Statements) == r.Total }
		i = slices.IndexFunc(left, same)
		if i < 0 {
			continue // a newer build has been here, say; status tells of it
		}
		if n := slices.IndexFunc(left[i+1:], same); n >= 0 {
			return nil, fmt.Errorf("the row of version %s may be that of %s or of %s: rename one of them and its row by hand",
				r.Version, left[i].Name(), left[i+1+n].Name())
		}
		moves = append(moves, move{r, left[i]})
		left = slices.Delete(left, i, i+1)
	}
	return moves, nil
}

// move gives rows their new versions, the last one first: its new version may be the old
// one of another.
func (st state) move(ctx context.Context, s session, moves []move) error {
	for _, m := range slices.Backward(moves) {
		err := execute(ctx, s, "record version "+m.to.Version(), "UPDATE "+plan.RevisionTable+
			" SET version = ?, hash = ?, operator_version = ? WHERE version = ?",
			m.to.Version(), m.to.Hash, operator, m.from.Version)
		if err == nil && st.hasJournal {
			err = execute(ctx, s, "write "+plan.JournalTable,
				"UPDATE "+plan.JournalTable+" SET version = ? WHERE version = ?", m.to.Version(), m.from.Version)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
