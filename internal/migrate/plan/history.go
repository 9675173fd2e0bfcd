package plan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// Point is a place between two statements: the files before this one are applied, and
// of this one the first statements.
type Point struct {
	File       int
	Statements int
}

func (p Point) after(q Point) bool {
	return p.File > q.File || p.File == q.File && p.Statements > q.Statements
}

// History knows the schema at each point of a dialect's files, and what their statements
// change. It runs the files on a scratch database, which is in memory on SQLite. Without
// a scratch database for MySQL, it takes the effect of the statements that db migrate
// wrote from the snapshots.
//
// The caller closes it.
type History struct {
	Files
	// root has the folder snapshots.
	Migrations fs.FS
	Scratch    Scratch

	Replay *replay // nil while there is none
	ran    Point   // how far it is
	// versions are those with a snapshot, read when they are needed.
	versions  []string
	snapshots map[string]Snapshot
}

func (h *History) Close() error {
	if h.Replay == nil {
		return nil
	}
	closeReplay := h.Replay.close
	h.Replay = nil
	return closeReplay()
}

// replayTo brings the scratch database to a point. The error is [ErrNoScratch] where
// there is none; another one names the statement that the database refuses.
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

// At returns the schema at a point. inspected says that it is as a database describes
// it; else it is as snapshots declare it.
func (h *History) At(ctx context.Context, p Point) (s *schema.Schema, inspected bool, err error) {
	r, err := h.replayTo(ctx, p)
	if errors.Is(err, ErrNoScratch) && h.Dialect.Name == MySQL {
		s, err = h.declared(ctx, p)
		return s, false, err
	}
	if err != nil {
		return nil, false, err
	}
	s, err = r.inspect(ctx)
	return s, true, err
}

// Up returns what the statements of a file do.
func (h *History) Up(ctx context.Context, file int) ([]Effect, error) {
	statements := h.List[file].Statements
	start := Point{File: file}
	known, err := h.planned(ctx, start, Point{File: file + 1}, statements, false)
	if err != nil || Complete(known) && len(h.versions) > 0 {
		return known, err
	}
	r, err := h.replayTo(ctx, start)
	if errors.Is(err, ErrNoScratch) && h.Dialect.Name == MySQL {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := r.follow(ctx, statements)
	h.ran = Point{file, len(statements)}
	if err == nil && !Complete(all) {
		err = h.Close() // some were refused: nothing goes on from there
	}
	return all, err
}

// Down returns what the way down of a file does, from a point of the file on, and what
// differs from the schema before the file then.
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
	r, err := h.replayTo(ctx, start)
	if errors.Is(err, ErrNoScratch) && h.Dialect.Name == MySQL {
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
		left, err = h.Dialect.Compare(after, before)
	}
	if h.ran = start; err != nil || len(left) > 0 {
		err = errors.Join(err, h.Close())
	}
	return all, left, err
}

func UnknownEffects(statements []string) (all []Effect) {
	for _, statement := range statements {
		all = append(all, Effect{Statement: statement, Unknown: true})
	}
	return all
}

// Complete says that the effect of each statement is known.
func Complete(all []Effect) bool {
	return !slices.ContainsFunc(all, func(e Effect) bool { return e.Unknown || e.Problem != nil })
}
