package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// mergedFiles contains the files of all dialects after a rebase.
type mergedFiles struct {
	folders map[string]*migrate.MemDir
	scratch Scratch
	// base is the last snapshot of the base branch.
	base Snapshot
	// settled contains the files of the base branch.
	settled map[string]bool
}

// addUp compares the schema after the files up to a version with a text of schema.hcl. It
// returns a description of the first difference; "" if there is none.
func (m mergedFiles) addUp(ctx context.Context, version string, wanted Snapshot) (differs string, err error) {
	name := wanted.Path()
	for _, d := range presentIn(m.folders) {
		files, err := d.ReadFiles(m.folders[d.Name])
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.folder(), err)
		}
		changes, err := m.differ(ctx, files, version, wanted)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.folder(), err)
		}
		if drift := DescribeDrift(changes, "", "the migrations for "+d.Name, name); len(drift) > 0 {
			return strings.TrimSpace(drift[0].Object + " " + drift[0].Detail), nil
		}
	}
	return "", nil
}

// differ returns the changes from the schema after the files up to a version to a declared
// schema. It runs the files on a scratch database. Without one for MySQL, it starts at the
// last snapshot of the base branch, and applies the statements that it finds in the plan from
// there.
func (m mergedFiles) differ(ctx context.Context, files Files, version string, wanted Snapshot) (
	changes []schema.Change, err error,
) {
	h := &History{Files: files, Scratch: m.scratch}
	defer func() { err = errors.Join(err, h.Close()) }()
	end := 0
	for end < len(files.List) && files.List[end].Version() <= version {
		end++
	}
	r, err := h.replayTo(ctx, Point{File: end})
	if errors.Is(err, ErrNoScratch) && files.Dialect.Name == MySQL {
		return m.differPlanned(ctx, files, end, wanted)
	}
	if err != nil {
		return nil, err
	}
	made, err := r.inspect(ctx)
	if err != nil {
		return nil, err
	}
	declared, err := h.FromText(ctx, wanted.Path(), wanted.Text)
	if err != nil {
		return nil, err
	}
	return files.Dialect.Compare(made, declared)
}

func (m mergedFiles) differPlanned(ctx context.Context, files Files, end int, wanted Snapshot) ([]schema.Change,
	error) {
	d := files.Dialect
	var statements []string
	for _, s := range files.List[:end] {
		if !m.settled[files.Name(s)] {
			statements = append(statements, s.Statements...)
		}
	}
	known, err := d.match(ctx, m.base, wanted, statements)
	if err != nil {
		return nil, err
	}
	made, err := d.Parse(m.base.Path(), m.base.Text)
	if err != nil {
		return nil, err
	}
	for _, statement := range statements {
		if change, ok := known.of(statement); ok {
			apply(made, change)
		}
	}
	declared, err := d.Parse(wanted.Path(), wanted.Text)
	if err != nil {
		return nil, err
	}
	return d.Compare(made, declared)
}

// notOurs returns the last snapshot of the base branch; empty if there is none.
func notOurs(all []Snapshot, settled Settled) (last Snapshot) {
	for _, s := range slices.Backward(all) {
		if settled.Files[s.Path()] {
			if text := settled.Snapshots[s.Path()]; text != nil {
				s.Text = text
			}
			return s
		}
	}
	return Snapshot{}
}

// conflicted reports whether a file contains the markers of a merge conflict.
func conflicted(text []byte) bool {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> ")) {
			return true
		}
	}
	return false
}
