package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// find returns the point of the migrations whose schema equals the live schema. It prefers
// the recorded point, then the nearest one, and a later one to an earlier one. With
// wholeFiles it ignores points within a file. If no point matches, the error lists how the
// live schema differs from the recorded point.
func (e *Engine) find(ctx context.Context, s session, files plan.Files, recorded plan.Point, wholeFiles bool) (
	found plan.Point, err error,
) {
	live, err := e.Dialect.Inspect(ctx, s)
	if err != nil {
		return found, err
	}
	h := e.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	differs, _, err := h.Differ(ctx, recorded, live)
	if err != nil || len(differs) == 0 {
		return recorded, err
	}
	at, ok := h.Position(recorded), false
	for _, p := range pointsOf(files, wholeFiles) {
		changes, _, differErr := h.Differ(ctx, p, live)
		if err = differErr; err != nil {
			break // the scratch database cannot apply the files after this one
		}
		if len(changes) == 0 && (!ok || distance(at, h.Position(p)) < distance(at, h.Position(found))) {
			found, ok = p, true
		}
	}
	switch {
	case ok:
		return found, nil
	case err != nil:
		return found, err
	}
	return found, driftError(plan.DescribeDrift(differs, plan.BetweenLive, "the database", "the migrations"))
}

// pointsOf lists the points of files in the order in which the files are applied.
func pointsOf(files plan.Files, wholeFiles bool) (points []plan.Point) {
	for i, f := range files.List {
		points = append(points, plan.Point{File: i})
		for n := 1; n < len(f.Statements) && !wholeFiles; n++ {
			points = append(points, plan.Point{File: i, Statements: n})
		}
	}
	return append(points, plan.Point{File: len(files.List)})
}

// distance returns a sort key: near positions come first, and a later position comes before
// an earlier one that is equally near.
func distance(from, to int) int {
	if to >= from {
		return 2 * (to - from)
	}
	return 2*(from-to) + 1
}

// driftError returns the error that lists how the live schema differs from the record.
func driftError(differs []plan.Drift) error {
	var all []string
	for _, d := range differs {
		all = append(all, d.Object+" "+d.Detail)
	}
	const shown = 5
	if len(all) > shown {
		all = append(all[:shown], fmt.Sprintf("and %d more", len(all)-shown))
	}
	return fmt.Errorf("the schema of the database matches no point of the migrations; it differs from the recorded "+
		"point: %s; correct the database by hand, then run this command again", strings.Join(all, "; "))
}
