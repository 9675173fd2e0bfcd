package run

import (
	"context"
	"fmt"
	"slices"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// Renumber updates the recorded versions of migrations that [plan.Rebase] renumbered, in one
// transaction. It matches a row without a file to a file without a row by description and
// number of statements. Repaired in the report has a sentence for each changed row. If
// nothing was renumbered, it changes nothing. With dryRun it only reports the changes.
//
// It returns an error if a row matches several files, or if the database rejects the change.
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
				fmt.Sprintf("%s_%s is now recorded as %s", m.from.Version, m.from.Description, m.to.Version()))
		}
		return nil
	})
}

// move is a row and its renumbered file.
type move struct {
	from *migrate.Revision
	to   plan.File
}

// moved returns the rows whose files were renumbered.
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
			continue // for example, a newer build applied it; status reports it
		}
		if n := slices.IndexFunc(left[i+1:], same); n >= 0 {
			return nil, fmt.Errorf("the row of version %s matches both %s and %s: rename one of these files, and "+
				"change its row by hand", r.Version, left[i].Name(), left[i+1+n].Name())
		}
		moves = append(moves, move{r, left[i]})
		left = slices.Delete(left, i, i+1)
	}
	return moves, nil
}

// move updates the versions of rows, the last row first: a new version may equal the old
// version of a later row.
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
