package plan

import (
	"context"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// The functions in this file derive the effects of statements from the snapshots, without a
// database.

// declared returns the schema at a point: the last snapshot before it, with the changes of
// the statements since then, as far as the next snapshot shows them.
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

// since returns the statements between a snapshot and a point.
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

// around returns the last snapshot whose files are all applied at a point, and the next one.
// Each is empty if there is none.
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

// leftOf applies the effects of down statements to the schema at a point, and returns the
// changes from the result to the schema before the file.
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

// planned returns the effects of statements that are in the plan between the snapshots around
// two points. The effects of other statements are unknown, and all effects on SQLite, where
// the files run in memory.
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
