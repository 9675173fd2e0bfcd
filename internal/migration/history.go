package migration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// point is a place between two statements: the files before this one are applied, and
// of this one the first statements.
type point struct {
	file       int
	statements int
}

func (p point) after(q point) bool {
	return p.file > q.file || p.file == q.file && p.statements > q.statements
}

// history says what the schema is at each point of a dialect's files, and what their
// statements do to it. It runs the files on a scratch database, in memory on SQLite;
// for MySQL, where there may be no server to make one on, the snapshots say what the
// statements do that db migrate wrote.
//
// The caller closes it.
type history struct {
	files
	// root has the folder snapshots.
	root    fs.FS
	scratch Scratch

	replay *replay // nil while there is none
	ran    point   // how far it is
	// versions are those with a snapshot, read when they are needed.
	versions  []string
	snapshots map[string]Snapshot
}

func (h *history) close() error {
	if h.replay == nil {
		return nil
	}
	closeReplay := h.replay.close
	h.replay = nil
	return closeReplay()
}

// replayTo brings the scratch database to a point. The error is [ErrNoScratch] where
// there is none; another one names the statement that the database refuses.
func (h *history) replayTo(ctx context.Context, p point) (*replay, error) {
	if h.replay == nil || h.ran.after(p) {
		if err := h.close(); err != nil {
			return nil, err
		}
		made, err := h.scratch.open(ctx, h.dialect)
		if err != nil {
			return nil, err
		}
		h.replay, h.ran = made, point{}
	}
	for h.ran != p {
		s := h.list[h.ran.file]
		end := len(s.statements)
		if h.ran.file == p.file {
			end = min(p.statements, end)
		}
		if err := h.replay.run(ctx, s.statements[min(h.ran.statements, end):end]...); err != nil {
			return nil, errors.Join(fmt.Errorf("%s cannot be run on a scratch database: %w", h.name(s), err), h.close())
		}
		if h.ran.file == p.file {
			h.ran = p
			break
		}
		h.ran = point{file: h.ran.file + 1}
	}
	return h.replay, nil
}

// at returns the schema at a point. inspected says that it is as a database describes
// it; else it is as snapshots declare it.
func (h *history) at(ctx context.Context, p point) (s *schema.Schema, inspected bool, err error) {
	r, err := h.replayTo(ctx, p)
	if errors.Is(err, ErrNoScratch) && h.dialect.name == MySQL {
		s, err = h.declared(ctx, p)
		return s, false, err
	}
	if err != nil {
		return nil, false, err
	}
	s, err = r.inspect(ctx)
	return s, true, err
}

// declared returns the schema at a point as snapshots have it: the last one before it,
// with what the statements since then do, as far as a later snapshot tells.
func (h *history) declared(ctx context.Context, p point) (*schema.Schema, error) {
	from, to, err := h.around(p)
	if err != nil {
		return nil, err
	}
	s, err := h.dialect.parse(from.path(), from.Text)
	if err != nil {
		return nil, err
	}
	statements := h.since(from, p)
	if len(statements) == 0 || to.Version == "" {
		return s, nil
	}
	known, err := h.dialect.match(ctx, from, to, statements)
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
func (h *history) since(from Snapshot, p point) (all []string) {
	for i, s := range h.list {
		switch {
		case i > p.file || s.Version() <= from.Version:
		case i == p.file:
			all = append(all, s.statements[:min(p.statements, len(s.statements))]...)
		default:
			all = append(all, s.statements...)
		}
	}
	return all
}

// around returns the snapshots before and after a point: the last one whose files are
// all applied there, and the next one. Each is empty where there is none.
func (h *history) around(p point) (before, after Snapshot, err error) {
	if h.versions == nil {
		if h.versions, err = snapshotVersions(h.root); err != nil {
			return before, after, err
		}
		h.snapshots = map[string]Snapshot{}
	}
	end := ""
	if p.file > 0 {
		end = h.list[p.file-1].Version()
	}
	if p.file < len(h.list) && p.statements >= len(h.list[p.file].statements) {
		end = h.list[p.file].Version()
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

func (h *history) snapshot(version string) (Snapshot, error) {
	s, ok := h.snapshots[version]
	if ok {
		return s, nil
	}
	s, err := readSnapshot(h.root, version)
	h.snapshots[version] = s
	return s, err
}

// up returns what the statements of a file do.
func (h *history) up(ctx context.Context, file int) ([]effect, error) {
	statements := h.list[file].statements
	start := point{file: file}
	known, err := h.planned(ctx, start, point{file: file + 1}, statements, false)
	if err != nil || complete(known) && len(h.versions) > 0 {
		return known, err
	}
	r, err := h.replayTo(ctx, start)
	if errors.Is(err, ErrNoScratch) && h.dialect.name == MySQL {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := r.follow(ctx, statements)
	h.ran = point{file, len(statements)}
	if err == nil && !complete(all) {
		err = h.close() // some were refused: nothing goes on from there
	}
	return all, err
}

// down returns what the way down of a file does, from a point of the file on, and what
// differs from the schema before the file then.
func (h *history) down(ctx context.Context, from point, statements []string) (
	all []effect, left []schema.Change, err error,
) {
	start := point{file: from.file}
	known, err := h.planned(ctx, from, start, statements, true)
	if err != nil {
		return nil, nil, err
	}
	if complete(known) {
		left, err = h.leftOf(ctx, from, known)
		return known, left, err
	}
	r, err := h.replayTo(ctx, start)
	if errors.Is(err, ErrNoScratch) && h.dialect.name == MySQL {
		return known, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	before, err := r.inspect(ctx)
	if err != nil {
		return nil, nil, err
	}
	if r, err = h.replayTo(ctx, from); err != nil {
		return nil, nil, err
	}
	if all, err = r.follow(ctx, statements); err != nil {
		return nil, nil, err
	}
	after, err := r.inspect(ctx)
	if err == nil {
		left, err = h.dialect.compare(after, before)
	}
	if h.ran = start; err != nil || len(left) > 0 {
		err = errors.Join(err, h.close())
	}
	return all, left, err
}

// leftOf makes the changes of a way down in the schema at a point, and compares with
// the schema before the file.
func (h *history) leftOf(ctx context.Context, from point, down []effect) ([]schema.Change, error) {
	after, err := h.declared(ctx, from)
	if err != nil {
		return nil, err
	}
	for _, e := range down {
		for _, c := range e.changes {
			apply(after, c)
		}
	}
	before, err := h.declared(ctx, point{file: from.file})
	if err != nil {
		return nil, err
	}
	return h.dialect.compare(after, before)
}

// planned returns what statements do as far as the plan between the snapshots around
// two points has them; the others are unknown. On SQLite all are: it runs them.
func (h *history) planned(ctx context.Context, from, to point, statements []string, back bool) ([]effect, error) {
	all := unknownEffects(statements)
	if h.dialect.name != MySQL {
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
	old, now, err := h.around(point{file: min(from.file, to.file)})
	if err != nil {
		return nil, err
	}
	if now.Version == "" {
		now = old
	}
	if back {
		old, now = now, old
	}
	known, err := h.dialect.match(ctx, old, now, statements)
	if err != nil {
		return nil, err
	}
	for i := range all {
		e := &all[i]
		e.before, e.after = before, after
		if change, ok := known.of(e.statement); ok {
			e.unknown = false
			if change != nil {
				e.changes = []schema.Change{change}
			}
		}
	}
	return all, nil
}

func unknownEffects(statements []string) (all []effect) {
	for _, statement := range statements {
		all = append(all, effect{statement: statement, unknown: true})
	}
	return all
}

// complete says that the effect of each statement is known.
func complete(all []effect) bool {
	return !slices.ContainsFunc(all, func(e effect) bool { return e.unknown || e.problem != nil })
}
