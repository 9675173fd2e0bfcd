package plan

import (
	"context"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// What statements do according to the snapshots, without a database.

// declared returns the schema at a point as snapshots have it: the last one before it,
// with what the statements since then do, as far as a later snapshot tells.
func (h *History) declared(ctx context.Context, p Point) (*schema.Schema, error) {
	from, to, err := h.around(p)
	if err != nil {
		return nil, err
	}
	s, err := h.Dialect.Parse(from.Path(), from.Text)
	if err != nil {
		return nil, err
	}
	statements := h.since(from, p)
	if len(statements) == 0 || to.Version == "" {
		return s, nil
	}
	known, err := h.Dialect.match(ctx, from, to, statements)
	if err != nil {
		return nil, err
	}
	for _, statement := range statements {
		if change, ok := known.of(statement); ok {
			apply(s, change)
		}
	}
	return s, nil
}

// since lists the statements between a snapshot and a point.
func (h *History) since(from Snapshot, p Point) (all []string) {
	for i, s := range h.List {
		switch {
		case i > p.File || s.Version() <= from.Version:
		case i == p.File:
			all = append(all, s.Statements[:min(p.Statements, len(s.Statements))]...)
		default:
			all = append(all, s.Statements...)
		}
	}
	return all
}

// around returns the snapshots before and after a point: the last one whose files are
// all applied there, and the next one. Each is empty where there is none.
func (h *History) around(p Point) (before, after Snapshot, err error) {
	if h.versions == nil {
		if h.versions, err = snapshotVersions(h.Migrations); err != nil {
			return before, after, err
		}
		h.snapshots = map[string]Snapshot{}
	}
	end := ""
	if p.File > 0 {
		end = h.List[p.File-1].Version()
	}
	if p.File < len(h.List) && p.Statements >= len(h.List[p.File].Statements) {
		end = h.List[p.File].Version()
	}
	i, found := slices.BinarySearch(h.versions, end)
	if found {
		i++
	}
	if i > 0 {
		if before, err = h.snapshot(h.versions[i-1]); err != nil {
			return before, after, err
		}
	}
	if i < len(h.versions) {
		after, err = h.snapshot(h.versions[i])
	}
	return before, after, err
}

func (h *History) snapshot(version string) (Snapshot, error) {
	s, ok := h.snapshots[version]
	if ok {
		return s, nil
	}
	s, err := readSnapshot(h.Migrations, version)
	h.snapshots[version] = s
	return s, err
}

// leftOf makes the changes of a way down in the schema at a point, and compares with
// the schema before the file.
func (h *History) leftOf(ctx context.Context, from Point, down []Effect) ([]schema.Change, error) {
	after, err := h.declared(ctx, from)
	if err != nil {
		return nil, err
	}
	for _, e := range down {
		for _, c := range e.Changes {
			apply(after, c)
		}
	}
	before, err := h.declared(ctx, Point{File: from.File})
	if err != nil {
		return nil, err
	}
	return h.Dialect.Compare(after, before)
}

// planned returns what statements do as far as the plan between the snapshots around
// two points has them; the others are unknown. On SQLite all are: it runs them.
func (h *History) planned(ctx context.Context, from, to Point, statements []string, back bool) ([]Effect, error) {
	all := UnknownEffects(statements)
	if h.Dialect.Name != MySQL {
		return all, nil
	}
	before, err := h.declared(ctx, from)
	if err != nil {
		return nil, err
	}
	after, err := h.declared(ctx, to)
	if err != nil {
		return nil, err
	}
	old, now, err := h.around(Point{File: min(from.File, to.File)})
	if err != nil {
		return nil, err
	}
	if now.Version == "" {
		now = old
	}
	if back {
		old, now = now, old
	}
	known, err := h.Dialect.match(ctx, old, now, statements)
	if err != nil {
		return nil, err
	}
	for i := range all {
		e := &all[i]
		e.Before, e.After = before, after
		if change, ok := known.of(e.Statement); ok {
			e.Unknown = false
			if change != nil {
				e.Changes = []schema.Change{change}
			}
		}
	}
	return all, nil
}
