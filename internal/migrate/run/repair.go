package run

import (
	"context"
	"fmt"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// Repair corrects the record of applied migrations so that it matches the database. It
// finds the point of the migrations, between two statements, whose schema equals the live
// schema. Use it after a failed migration was completed or reverted by hand, after a pending
// migration was run by hand, or after rows of the record were lost. It changes no other
// table.
//
// It accepts files that were edited after they were applied if they still produce the same
// schema. It does not check atlas.sum; call [plan.Rehash] afterwards. With dryRun it only
// reports the corrections.
//
// Repaired in the report has a sentence for each correction. Repair returns an error that
// lists the differences from the recorded point if no point matches, or [ErrNoMigrations].
func (e *Engine) Repair(ctx context.Context, dryRun bool) (Report, error) {
	report, err := e.onState(ctx, "repair", e.uncheckedFiles, dryRun, func(s session, st state, report *Report) error {
		return e.correct(ctx, s, st, dryRun, report)
	})
	report.Repaired = append([]string{}, report.Repaired...) // never null
	return report, err
}

func (e *Engine) correct(ctx context.Context, s session, st state, dryRun bool, report *Report) error {
	report.describe(st, "")
	if len(st.files.List) == 0 {
		return ErrNoMigrations
	}
	for _, r := range st.revisions {
		if !st.files.Has(r.Version) {
			return fmt.Errorf("migration %s is recorded, but its file is missing: run the build that contains the file",
				r.Version)
		}
	}
	found, err := e.find(ctx, s, st.files, st.recorded(), s.perFile())
	if err != nil {
		return err
	}
	corrections := st.correct(found)
	for _, c := range corrections {
		if c.text != "" {
			report.Repaired = append(report.Repaired, c.text)
		}
	}
	if !dryRun && len(corrections) > 0 {
		if err := st.write(ctx, s, corrections); err != nil {
			return err
		}
		if st, err = readState(ctx, st.files, s); err != nil {
			return err
		}
		from := report.From
		report.describe(st, "")
		report.From = from
	}
	report.To = st.live
	if s.perFile() {
		return nil
	}
	return settleJournal(ctx, s, st, dryRun, report)
}

// recorded returns the point of the migrations that the rows record.
func (st state) recorded() plan.Point {
	at := plan.Point{}
	for i, f := range st.files.List {
		if f.Version() <= st.live {
			at = plan.Point{File: i + 1}
		}
		if r := st.row(f.Version()); r != nil && !whole(r) {
			if r.Applied >= len(f.Statements) {
				return plan.Point{File: i + 1}
			}
			return plan.Point{File: i, Statements: r.Applied}
		}
	}
	return at
}

// correction is a corrected row and the function that writes it. text describes it in the
// report; "" if the report omits it.
type correction struct {
	text  string
	row   *migrate.Revision
	write func(context.Context, session, *migrate.Revision) error
}

// correct returns the corrections after which the rows record the point to.
func (st state) correct(to plan.Point) (all []correction) {
	edited := false
	for i, f := range st.files.List {
		version, total := f.Version(), len(f.Statements)
		s := upStep(f, st.row(version))
		r, kind, write := s.revision, migrate.RevisionTypeExecute, updateRevision
		ran, text := total, ""
		switch {
		case r != nil && r.Type.Has(migrate.RevisionTypeBaseline):
			continue
		case i > to.File || i == to.File && to.Statements == 0:
			if r != nil {
				all = append(all, correction{version + " is not applied: its record was removed", r, deleteRevision})
			}
			continue
		case i == to.File:
			ran = to.Statements
			if r != nil && !whole(r) && !inRollback(r) && r.Applied == ran && r.Total == total && r.Hash == f.Hash {
				continue
			}
			text = fmt.Sprintf("%s is applied up to statement %d of %d: the next upgrade continues there", version, ran, total)
		case r == nil && version <= st.baseline():
			continue // the baseline includes it
		case r == nil:
			kind = migrate.RevisionTypeResolved
			text = version + " is applied: it is now recorded" + rowsSkipped(f.Statements)
		case !whole(r):
			r.Type |= migrate.RevisionTypeResolved
			text = fmt.Sprintf("%s is fully applied: the record had %d of %d statements%s",
				version, r.Applied, r.Total, rowsSkipped(s.left()))
		case r.Hash != f.Hash:
			// A hash covers all earlier files too, so only the first edit is known.
			if !edited {
				text = version + " was edited after it was applied: the edited file is now recorded"
			}
			edited = true
		default:
			continue
		}
		if r == nil {
			r, write = &migrate.Revision{Version: version, Description: f.Desc(), Type: kind}, insertRevision
			s.revision = r
		}
		r.Total, r.Hash, r.Error, r.ErrorStmt = total, f.Hash, "", ""
		s.record(ran)
		all = append(all, correction{text, r, write})
	}
	return all
}

// rowsSkipped returns a note about the first statement that changes rows: a comparison of
// schemas cannot show whether it ran.
func rowsSkipped(statements []string) string {
	for _, statement := range statements {
		if plan.ChangesRows.MatchString(statement) {
			return "; check whether this statement ran, because it changes rows: " + plan.Headline(statement)
		}
	}
	return ""
}

// write writes the corrected rows, in one transaction.
func (st state) write(ctx context.Context, s session, corrections []correction) error {
	if err := st.ownTables(ctx, s); err != nil {
		return err
	}
	return perStatement(ctx, s, func() error {
		for _, c := range corrections {
			if err := c.write(ctx, s, c.row); err != nil {
				return err
			}
		}
		return nil
	})
}
