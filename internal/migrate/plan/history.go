package plan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// Point is a position between two statements.
type Point struct {
	// File is the number of files that are fully applied.
	File int
	// Statements is the number of applied statements of the next file.
	Statements int
}

func (p Point) after(q Point) bool {
	return p.File > q.File || p.File == q.File && p.Statements > q.Statements
}

// History returns the schema at each point of a dialect's files, and the changes of their
// statements. It runs the files on a scratch database, which is in memory for SQLite. Without
// a scratch database for MySQL, it derives the effect of generated statements from the
// snapshots.
//
// The caller closes it.
type History struct {
	Files
	// Migrations contains the folder snapshots.
	Migrations fs.FS
	Scratch    Scratch

	Replay *replay // the scratch database; nil until it is needed
	ran    Point   // the point that Replay has reached
	// inspected has the schemas that were read from the scratch database.
	inspected map[Point]*schema.Schema
	// versions are the versions with a snapshot; nil until they are needed.
	versions  []string
	snapshots map[string]Snapshot
}

// Close deletes the scratch database. The History can be used again.
func (h *History) Close() error {
	if h.Replay == nil {
		return nil
	}
	closeReplay := h.Replay.close
	h.Replay = nil
	return closeReplay()
}

// replayTo runs the files on the scratch database up to a point. It returns [ErrNoScratch] if
// there is none, or an error with the statement that the database rejects.
func (h *History) replayTo(ctx context.Context, p Point) (*replay, error) {
	if h.Replay == nil || h.ran.after(p) {
		if err := h.Close(); err != nil {
			return nil, err
		}
		made, err := h.Scratch.open(ctx, h.Dialect)
		if err != nil {
			return nil, err
		}
		h.Replay, h.ran = made, Point{}
	}
	for h.ran != p {
		s := h.List[h.ran.File]
		end := len(s.Statements)
		if h.ran.File == p.File {
			end = min(p.Statements, end)
		}
		if err := h.Replay.run(ctx, s.Statements[min(h.ran.Statements, end):end]...); err != nil {
			return nil, errors.Join(fmt.Errorf("%s fails on a scratch database: %w", h.Name(s), err), h.Close())
		}
		if h.ran.File == p.File {
			h.ran = p
			break
		}
		h.ran = Point{File: h.ran.File + 1}
	}
	return h.Replay, nil
}

// At returns the schema at a point. inspected is true if it was read from a database, and
// false if it was derived from snapshots.
func (h *History) At(ctx context.Context, p Point) (s *schema.Schema, inspected bool, err error) {
	if s = h.inspected[p]; s != nil {
		return s, true, nil
	}
	_, s, err = h.inspectAt(ctx, p)
	if errors.Is(err, ErrNoScratch) && h.Dialect.Name == MySQL {
		s, err = h.declared(ctx, p)
		return s, false, err
	}
	return s, true, err
}

// Up returns the effects of the up statements of a file.
func (h *History) Up(ctx context.Context, file int) ([]Effect, error) {
	statements := h.List[file].Statements
	start := Point{File: file}
	known, err := h.planned(ctx, start, Point{File: file + 1}, statements, false)
	if err != nil || Complete(known) && len(h.versions) > 0 {
		return known, err
	}
	r, before, err := h.inspectAt(ctx, start)
	if errors.Is(err, ErrNoScratch) && h.Dialect.Name == MySQL {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	all, after, err := r.follow(ctx, before, statements)
	h.ran = Point{File: file + 1}
	if err == nil && !Complete(all) {
		return all, h.Close() // a statement failed, so later files cannot run on this database
	}
	h.remember(h.ran, after)
	return all, err
}

// inspectAt runs the files on the scratch database up to a point, and returns its schema.
func (h *History) inspectAt(ctx context.Context, p Point) (*replay, *schema.Schema, error) {
	r, err := h.replayTo(ctx, p)
	if err != nil || h.inspected[p] != nil {
		return r, h.inspected[p], err
	}
	s, err := r.inspect(ctx)
	if err != nil {
		return nil, nil, err
	}
	h.remember(p, s)
	return r, s, nil
}

func (h *History) remember(p Point, s *schema.Schema) {
	if h.inspected == nil {
		h.inspected = map[Point]*schema.Schema{}
	}
	h.inspected[p] = s
}

// Down returns the effects of the down statements of a file, if they run at the point from.
// left contains the changes from the resulting schema to the schema before the file.
func (h *History) Down(ctx context.Context, from Point, statements []string) (
	all []Effect, left []schema.Change, err error,
) {
	start := Point{File: from.File}
	known, err := h.planned(ctx, from, start, statements, true)
	if err != nil {
		return nil, nil, err
	}
	if Complete(known) {
		left, err = h.leftOf(ctx, from, known)
		return known, left, err
	}
	before := h.inspected[start] // Up has read it, and the scratch database is at the end of the file
	if before == nil {
		_, before, err = h.inspectAt(ctx, start)
	}
	if errors.Is(err, ErrNoScratch) && h.Dialect.Name == MySQL {
		return known, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	all, after, err := h.undo(ctx, from, statements)
	if err == nil {
		left, err = h.Dialect.Compare(after, before)
	}
	if err != nil || len(left) > 0 || !Complete(all) {
		err = errors.Join(err, h.Close())
	}
	return all, left, err
}

// Undo returns the effects of the down statements of a file, as Down does. The down statements
// of the file before it run on the result, as in a downgrade by several files.
func (h *History) Undo(ctx context.Context, from Point, statements []string) ([]Effect, error) {
	known, err := h.planned(ctx, from, Point{File: from.File}, statements, true)
	if err != nil || Complete(known) {
		return known, err
	}
	all, after, err := h.undo(ctx, from, statements)
	if errors.Is(err, ErrNoScratch) && h.Dialect.Name == MySQL {
		return known, nil
	}
	if h.remember(h.ran, after); err != nil || !Complete(all) {
		h.inspected = nil
		err = errors.Join(err, h.Close())
	}
	return all, err
}

// undo runs the down statements of a file at the point from, and returns their effects and the
// schema after them.
func (h *History) undo(ctx context.Context, from Point, statements []string) (
	all []Effect, after *schema.Schema, err error,
) {
	start := Point{File: from.File}
	if from.Statements == len(h.List[from.File].Statements) {
		from = Point{File: from.File + 1}
	}
	r, at, err := h.inspectAt(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	h.ran = start
	return r.follow(ctx, at, statements)
}

// UnknownEffects returns an unknown effect for each statement.
func UnknownEffects(statements []string) (all []Effect) {
	for _, statement := range statements {
		all = append(all, Effect{Statement: statement, Unknown: true})
	}
	return all
}

// Complete reports whether the effect of each statement is known.
func Complete(all []Effect) bool {
	return !slices.ContainsFunc(all, func(e Effect) bool { return e.Unknown || e.Problem != nil })
}
