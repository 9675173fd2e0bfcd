package plan

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"slipway/internal/migrate/atomicfiles"

	"ariga.io/atlas/sql/migrate"
)

// addSnapshots restores the snapshots of the base branch, and writes the others with the new
// versions of their files. names maps the path of a renumbered file to its new name.
//
// If the files do not produce the last snapshot, it becomes a copy of schema.hcl, which has
// the changes of both branches. If the files do not produce an earlier snapshot, it is
// removed, and the migrations up to the next snapshot count as one step.
func (r *Rebased) addSnapshots(
	ctx context.Context, out *atomicfiles.Files, m mergedFiles, names map[string]string, settled Settled, wanted []byte,
) error {
	for _, path := range slices.Sorted(maps.Keys(settled.Snapshots)) {
		r.Written = append(r.Written, path)
		if err := out.Write(path, settled.Snapshots[path]); err != nil {
			return err
		}
	}
	moved := map[string]string{}
	for from, to := range names {
		moved[versionOf(from)] = versionOf(to)
	}
	end, err := lastVersion(m.folders)
	if err != nil {
		return err
	}
	all, err := readSnapshots(out.Root)
	if err != nil {
		return err
	}
	m.base = notOurs(all, settled)
	ours := slices.DeleteFunc(all, func(s Snapshot) bool { return settled.Files[s.Path()] })
	if len(ours) == 0 {
		if differs, err := m.addUp(ctx, end, m.base); err == nil && differs == "" {
			return nil
		}
		ours = append(ours, Snapshot{Version: end})
	}
	for i, from := range ours {
		to := Snapshot{cmp.Or(moved[from.Version], from.Version), from.Text}
		last := i == len(ours)-1
		upTo := to.Version
		if last {
			upTo = end
		}
		// A snapshot that cannot be parsed, such as one with a conflict, is replaced too.
		differs, err := m.addUp(ctx, upTo, to)
		switch outdated := err != nil || differs != ""; {
		case outdated && last:
			if err := m.check(ctx, end, wanted); err != nil {
				return err
			}
			to.Text = wanted
		case outdated:
			r.Removed = append(r.Removed, from.Path())
			if err := out.Remove(from.Path()); err != nil {
				return err
			}
			continue
		}
		if err := r.addSnapshot(out, from, to); err != nil {
			return err
		}
	}
	return nil
}

// readSnapshots returns all snapshots of a project, sorted by version.
func readSnapshots(root string) (all []Snapshot, err error) {
	migrations := os.DirFS(filepath.Join(root, "migrations"))
	versions, err := snapshotVersions(migrations)
	if err != nil {
		return nil, err
	}
	for _, version := range versions {
		s, err := readSnapshot(migrations, version)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// addSnapshot replaces one snapshot by another.
func (r *Rebased) addSnapshot(out *atomicfiles.Files, from, to Snapshot) error {
	renamed, written := from.Version != to.Version, !bytes.Equal(from.Text, to.Text)
	if written {
		r.Written = append(r.Written, to.Path())
	}
	var err error
	if renamed || written {
		err = out.Write(to.Path(), to.Text)
	}
	if renamed {
		r.Renamed = append(r.Renamed, RenamedFile{from.Path(), to.Path()})
		err = errors.Join(err, out.Remove(from.Path()))
	}
	return err
}

// check returns an error unless the files produce the schema of schema.hcl.
func (m mergedFiles) check(ctx context.Context, end string, wanted []byte) error {
	differs, err := m.addUp(ctx, end, Snapshot{Text: wanted})
	switch {
	case err != nil:
		return fmt.Errorf("cannot compare the files with %s: %w", SchemaFile, err)
	case differs != "":
		return fmt.Errorf("the files of both branches do not produce the schema in %s: %s: remove from %s the changes that "+
			"no migration contains, run db rebase, add the changes again, and run db migrate", SchemaFile, differs, SchemaFile)
	}
	return nil
}

// versionOf returns the version in the path of a migration file.
func versionOf(file string) string { return migrate.NewLocalFile(path.Base(file), nil).Version() }

// lastVersion returns the last version of all dialects; "" if there are no files.
func lastVersion(folders map[string]*migrate.MemDir) (last string, err error) {
	for _, d := range presentIn(folders) {
		files, err := folders[d.Name].Files()
		if err != nil {
			return "", err
		}
		for _, f := range files {
			last = max(last, f.Version())
		}
	}
	return last, nil
}
