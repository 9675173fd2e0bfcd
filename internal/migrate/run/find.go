package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/migrate/plan"
)

// find looks for the point at which the schema is the live one: the recorded one if it
// is, else the nearest, a later one before an earlier one. Points within a file count
// only where a file can be applied in part. The error says that there is none, and how the
// live schema differs from the recorded one.
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
			break // a scratch database that refused a statement comes no further
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
	return found, like(plan.DescribeDrift(differs, plan.BetweenLive, "the database", "the migrations"))
}

// pointsOf lists the points of files in the order in which a scratch database passes them.
func pointsOf(files plan.Files, wholeFiles bool) (points []plan.Point) {
	for i, f := range files.List {
		points = append(points, plan.Point{File: i})
		for n := 1; n < len(f.Statements) && !wholeFiles; n++ {
			points = append(points, plan.Point{File: i, Statements: n})
		}
	}
	return append(points, plan.Point{File: len(files.List)})
}

// distance orders positions by how near they are, a later one before an earlier one.
func distance(from, to int) int {
	if to >= from {
		return 2 * (to - from)
	}
	return 2*(from-to) + 1
}

// like is the error that says how the live schema differs from the record.
func like(differs []plan.Drift) error {
	var all []string
	for _, d := range differs {
		all = append(all, d.Object+" "+d.Detail)
	}
	const shown = 5
	if len(all) > shown {
		all = append(all[:shown], fmt.Sprintf("and %d more", len(all)-shown))
	}
	return fmt.Errorf("the database matches no point of the migrations: change it by hand until it does, then run this "+
		"again; it differs from its recorded point: %s", strings.Join(all, "; "))
}
