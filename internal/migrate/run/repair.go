package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
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
// The report has a sentence for each thing that was mended in Repaired. The
// error says that the database is like no point of the migrations, and how it
// differs from where the record has it; [ErrNoMigrations], that there are none.
func (e *Engine) Repair(ctx context.Context, dryRun bool) (Report, error) {
	report, started := e.begin("repair"), time.Now()
	report.Repaired = []string{}
	found, err := e.readUnchecked()
	if err != nil {
		return report.finish(started, err)
	}
	err = e.withFiles(ctx, found, func(files plan.Files, s session) error {
		mend := func() (bool, error) { return true, e.mend(ctx, files, s, dryRun, report) }
		if dryRun {
			_, err := mend()
			return err
		}
		return e.locked(ctx, s, func() error {
			_, err := e.oneFile(ctx, s, func() (bool, error) {
				if _, err := mend(); err != nil || !s.perFile() {
					return true, err
				}
				return true, s.commit(context.WithoutCancel(ctx))
			})
			return err
		})
	})
	return report.finish(started, err)
}

func (e *Engine) mend(ctx context.Context, files plan.Files, s session, dryRun bool, report *Report) error {
	st, err := readState(ctx, files, s)
	if err != nil {
		return err
	}
	report.describe(st, "")
	if len(files.List) == 0 {
		return ErrNoMigrations
	}
	for _, r := range st.revisions {
		if files.Index(r.Version) < 0 {
			return fmt.Errorf("migration %s is recorded and its file is not here: run the build that has it", r.Version)
		}
	}
	live, err := e.Dialect.Inspect(ctx, s)
	if err != nil {
		return err
	}
	recorded := st.recorded()
	found, err := e.find(ctx, files, live, recorded, s.perFile())
	if err != nil {
		return err
	}
	changes := st.rewrite(recorded, *found)
	for _, c := range changes {
		if c.text != "" {
			report.Repaired = append(report.Repaired, c.text)
		}
	}
	if !dryRun && len(changes) > 0 {
		if err := e.record(ctx, s, st, changes); err != nil {
			return err
		}
		if st, err = readState(ctx, files, s); err != nil {
			return err
		}
		from := report.From
		report.describe(st, "")
		report.From = from
	}
	report.To = st.live
	if !s.perFile() {
		return settle(ctx, s, st, dryRun, report)
	}
	return nil
}

// find is the function find; the error says that there is no such point, and how the live
// schema differs from the recorded one.
func (e *Engine) find(
	ctx context.Context, files plan.Files, live *schema.Schema, recorded plan.Point, wholeFiles bool,
) (found *plan.Point, err error) {
	h := e.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	if found, err = find(ctx, h, live, recorded, wholeFiles); err == nil && found == nil {
		err = like(ctx, h, recorded, live)
	}
	return found, err
}

// recorded is the point that the rows speak of.
func (st state) recorded() plan.Point {
	at := plan.Point{}
	for i, s := range st.files.List {
		version := s.Version()
		if version <= st.live {
			at = plan.Point{File: i + 1}
		}
		if r := st.row(version); r != nil && !whole(r) {
			if r.Applied >= len(s.Statements) {
				return plan.Point{File: i + 1}
			}
			return plan.Point{File: i, Statements: r.Applied}
		}
	}
	return at
}

// row is the row of a version; nil when there is none.
func (st state) row(version string) *migrate.Revision {
	for _, r := range st.revisions {
		if r.Version == version {
			return r
		}
	}
	return nil
}

// find looks for the point at which the schema is the live one: the recorded one if it
// is, else the nearest, a later one before an earlier one. Points within a file count
// only where a file can be applied in part. It is nil when there is none.
func find(ctx context.Context, h *plan.History, live *schema.Schema, recorded plan.Point, wholeFiles bool) (*plan.Point, error) {
	is := func(p plan.Point) (bool, error) {
		changes, _, err := h.Differ(ctx, p, live)
		return err == nil && len(changes) == 0, err
	}
	if ok, err := is(recorded); ok || err != nil {
		return &recorded, err
	}
	var points []plan.Point
	for i, s := range h.List {
		points = append(points, plan.Point{File: i})
		for n := 1; n < len(s.Statements) && !wholeFiles; n++ {
			points = append(points, plan.Point{File: i, Statements: n})
		}
	}
	points = append(points, plan.Point{File: len(h.List)})
	var problem error
	if h.Replay != nil {
		// A scratch database goes forward: each point is looked at as it comes by.
		same := map[plan.Point]bool{}
		for _, p := range points {
			if same[p], problem = is(p); problem != nil {
				break
			}
		}
		is = func(p plan.Point) (bool, error) { return same[p], nil }
	}
	at := h.Position(recorded)
	slices.SortStableFunc(points, func(a, b plan.Point) int {
		return cmp.Compare(distance(at, h.Position(a)), distance(at, h.Position(b)))
	})
	for _, p := range points {
		if ok, err := is(p); ok || err != nil {
			return &p, err
		}
	}
	return nil, problem
}

// distance orders positions by how near they are, a later one before an earlier one.
func distance(from, to int) int {
	if to >= from {
		return 2 * (to - from)
	}
	return 2*(from-to) + 1
}

// like is the error that says how the live schema differs from the record.
func like(ctx context.Context, h *plan.History, recorded plan.Point, live *schema.Schema) error {
	changes, _, err := h.Differ(ctx, recorded, live)
	if err != nil {
		return err
	}
	var all []string
	for _, d := range plan.DescribeDrift(changes, plan.BetweenLive, "the database", "the migrations") {
		all = append(all, d.Object+" "+d.Detail)
	}
	const shown = 5
	if len(all) > shown {
		all = append(all[:shown], fmt.Sprintf("and %d more", len(all)-shown))
	}
	return fmt.Errorf("the database is like no point of the migrations: change it by hand until it is, then run "+
		"this again; where it is recorded to be, it differs in this: %s", strings.Join(all, "; "))
}

// rewriting is one row to be changed; text is "" when there is nothing to say.
type rewriting struct {
	text   string
	row    *migrate.Revision
	insert bool
	remove bool
}

// rewrite says how the rows have to change so that they speak of a point.
func (st state) rewrite(from, to plan.Point) (all []rewriting) {
	skipped := func(s plan.File, begin, end int) string {
		for _, statement := range s.Statements[begin:end] {
			if plan.ChangesRows.MatchString(statement) {
				return ", and with it what no schema shows: " + plan.Headline(statement)
			}
		}
		return ""
	}
	edited := false
	for i, s := range st.files.List {
		version := s.Version()
		r := st.row(version)
		total := len(s.Statements)
		switch {
		case i > to.File || i == to.File && to.Statements == 0:
			if r != nil && r.Type.Has(migrate.RevisionTypeBaseline) {
				continue
			}
			if r != nil {
				all = append(all, rewriting{text: version + " is not applied, and is recorded so no more", row: r, remove: true})
			}
		case i < to.File && r == nil && version <= st.baseline():
			// The baseline stands for it.
		case i < to.File && r == nil:
			all = append(all, rewriting{
				text: version + " is applied, and is recorded so now" + skipped(s, 0, total),
				row: &migrate.Revision{Version: version, Description: s.Desc(), Type: migrate.RevisionTypeResolved,
					Applied: total, Total: total, Hash: s.Hash},
				insert: true,
			})
		case i < to.File && !whole(r):
			n := min(r.Applied, total)
			all = append(all, rewriting{text: fmt.Sprintf("%s is applied whole, not %d of %d statements%s", version, r.Applied, r.Total, skipped(s, n, total)), row: r})
			r.Applied, r.Total, r.PartialHashes, r.Error, r.ErrorStmt, r.Hash = total, total, nil, "", "", s.Hash
			r.Type |= migrate.RevisionTypeResolved
		case i < to.File && r.Hash != s.Hash && !r.Type.Has(migrate.RevisionTypeBaseline):
			// A hash covers all files before its own: of those after this it is not known.
			text := version + " was edited after it was applied, and is accepted as it is now"
			if edited {
				text = ""
			}
			edited = true
			all = append(all, rewriting{text: text, row: r})
			r.Applied, r.Total, r.Hash = total, total, s.Hash
		case i == to.File && (r == nil || whole(r) || r.Applied != to.Statements || r.Total != total || r.Hash != s.Hash || isBeingUndone(r)):
			insert := r == nil
			if insert {
				r = &migrate.Revision{Version: version, Description: s.Desc(), Type: migrate.RevisionTypeExecute}
			}
			r.Applied, r.Total, r.Hash, r.Error, r.ErrorStmt = to.Statements, total, s.Hash, "", ""
			r.PartialHashes = partialHashes(s.Statements)[:to.Statements]
			all = append(all, rewriting{text: fmt.Sprintf("%s is applied as far as statement %d of %d: an upgrade goes on from there", version, to.Statements, total), row: r, insert: insert})
		}
	}
	return all
}

func isBeingUndone(r *migrate.Revision) bool {
	_, ok := undoingOf(r)
	return ok
}

// baseline is the version of the last baseline; "" for none.
func (st state) baseline() (version string) {
	for _, r := range st.revisions {
		if r.Type.Has(migrate.RevisionTypeBaseline) {
			version = r.Version
		}
	}
	return version
}

// record writes the rows.
func (e *Engine) record(ctx context.Context, s session, st state, changes []rewriting) error {
	if !st.hasTable {
		if err := s.createRevisionTable(ctx); err != nil {
			return err
		}
	}
	if s.perFile() {
		return rewriteRows(ctx, s, changes)
	}
	if err := s.begin(ctx, e.waiting); err != nil {
		return err
	}
	if err := rewriteRows(ctx, s, changes); err != nil {
		return errors.Join(err, s.rollback(context.WithoutCancel(ctx)))
	}
	return s.commit(context.WithoutCancel(ctx))
}

func rewriteRows(ctx context.Context, s session, changes []rewriting) error {
	for _, c := range changes {
		var err error
		switch {
		case c.remove:
			err = deleteRevision(ctx, s, c.row)
		case c.insert:
			err = insertRevision(ctx, s, c.row)
		default:
			// All of a row may change, its hash too.
			if err = deleteRevision(ctx, s, c.row); err == nil {
				err = insertRevision(ctx, s, c.row)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
