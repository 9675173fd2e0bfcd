package run

import (
	"context"
	"fmt"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// Repair brings the record of what is applied to where the database is. It looks
// for the point of the migrations, between two statements, at which the schema is
// as the live one is: after a failed migration was finished or taken back by
// hand, after a pending one was run by hand, or after rows of the record were
// lost. It never changes a table other than the record.
//
// Files that were edited after they were applied are accepted, as far as the
// schema still comes out the same; atlas.sum is not looked at, and [plan.Rehash] is to
// follow. With dryRun it only says what it would do.
//
// The report has a sentence in Repaired for each correction. The
// error says that the database matches no point of the migrations, and how it
// differs from where the record has it; [ErrNoMigrations], that there are none.
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
			return fmt.Errorf("migration %s is recorded, but its file is missing: run the build that has it", r.Version)
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
	return settle(ctx, s, st, dryRun, report)
}

// recorded is the point that the rows speak of.
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

// correction is a row as it has to be, and what writes it; text is "" when there is
// nothing to say.
type correction struct {
	text  string
	row   *migrate.Revision
	write func(context.Context, session, *migrate.Revision) error
}

// correct says how the rows have to change so that they speak of a point.
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
				all = append(all, correction{version + " is not applied, and is recorded so no more", r, deleteRevision})
			}
			continue
		case i == to.File:
			ran = to.Statements
			if r != nil && !whole(r) && !isBeingUndone(r) && r.Applied == ran && r.Total == total && r.Hash == f.Hash {
				continue
			}
			text = fmt.Sprintf("%s is applied as far as statement %d of %d: an upgrade continues there", version, ran, total)
		case r == nil && version <= st.baseline():
			continue // the baseline stands for it
		case r == nil:
			kind = migrate.RevisionTypeResolved
			text = version + " is applied, and is recorded so now" + rowsSkipped(f.Statements)
		case !whole(r):
			r.Type |= migrate.RevisionTypeResolved
			text = fmt.Sprintf("%s is applied whole, not %d of %d statements%s",
				version, r.Applied, r.Total, rowsSkipped(s.left()))
		case r.Hash != f.Hash:
			// A hash covers all files before its own: of those after this it is not known.
			if !edited {
				text = version + " was edited after it was applied, and is accepted as it is now"
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

// rowsSkipped says which of the statements that did not run change rows.
func rowsSkipped(statements []string) string {
	for _, statement := range statements {
		if plan.ChangesRows.MatchString(statement) {
			return ", and with it what no schema shows: " + plan.Headline(statement)
		}
	}
	return ""
}

// write writes the rows.
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
