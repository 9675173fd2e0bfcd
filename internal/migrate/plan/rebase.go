package plan

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/internal/migrate/atomicfiles"

	"ariga.io/atlas/sql/migrate"
)

// Rebased lists what [Rebase] changed, or would change.
type Rebased struct {
	// Renamed has an entry for each renamed file, in the order of the new versions.
	Renamed []RenamedFile
	// Replanned lists the files, by their new paths, whose down statements were planned
	// again: they would have dropped columns of the other branch.
	Replanned []string
	// Written lists the other files with a new text: checksums and snapshots.
	Written []string
	// Removed lists deleted snapshots, which lacked the changes of the other branch.
	Removed []string
}

// RenamedFile is a migration file, or a snapshot, with a new version. The paths are
// relative to the project's root, with slashes.
type RenamedFile struct{ From, To string }

// Settled contains the files of the base branch, whose migrations stay unchanged. Paths are
// relative to the project's root, with slashes.
type Settled struct {
	// Files contains its migration files and snapshots.
	Files map[string]bool
	// Snapshots contains the texts of its snapshots that differ in the project: git leaves a
	// conflict if both branches have a snapshot of the same version.
	Snapshots map[string][]byte
}

// Rebase orders the migrations of two merged branches. The files in settled stay unchanged.
// The other files get new versions after the last version, in their order, unless they come
// after the settled files already. The files of one migration keep a common version. Rebase
// writes atlas.sum if it does not match, for example after a merge conflict. It renames
// snapshots with their files. The last snapshot becomes a copy of schema.hcl.
//
// With dryRun it only reports the changes. It writes all files or none, like [Generate].
//
// It returns an error if schema.hcl or a migration contains a merge conflict, if the files do
// not produce schema.hcl, or if a migration would drop a column of the other branch.
func Rebase(
	ctx context.Context, root string, settled Settled, when time.Time, dryRun bool, scratch Scratch,
) (Rebased, error) {
	var rebased Rebased
	err := atomicfiles.Update(ctx, root, func(out *atomicfiles.Files) error {
		folders := map[string]*migrate.MemDir{}
		for _, d := range dialectsIn(root) {
			dir, err := readUnchecked(root, d)
			if err != nil {
				return err
			}
			folders[d.Name] = dir
		}
		wanted, err := os.ReadFile(filepath.Join(root, SchemaFile))
		if err != nil {
			return fmt.Errorf("read %s, which declares the tables: %w", SchemaFile, err)
		}
		if conflicted(wanted) {
			return fmt.Errorf("%s contains a merge conflict: resolve it first, so that it has the tables of both branches",
				SchemaFile)
		}
		names, err := renumber(folders, settled.Files, when)
		if err != nil {
			return err
		}
		for _, d := range presentIn(folders) {
			if folders[d.Name], err = rebased.addFolder(ctx, out, d, folders[d.Name], names, settled.Files,
				wanted, scratch); err != nil {
				return err
			}
		}
		m := mergedFiles{folders: folders, scratch: scratch, settled: settled.Files}
		if err := rebased.addSnapshots(ctx, out, m, names, settled, wanted); err != nil {
			return err
		}
		if dryRun {
			return out.Discard()
		}
		return nil
	})
	if err != nil {
		return Rebased{}, err
	}
	return rebased, nil
}

// renumber returns the new name of each renamed file, by its path.
func renumber(folders map[string]*migrate.MemDir, settled map[string]bool, when time.Time) (map[string]string, error) {
	type ours struct{ version, rest, path string }
	var all []ours
	last, inOrder := "", true
	taken := map[string]bool{}
	for _, d := range presentIn(folders) {
		files, err := folders[d.Name].Files()
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			path := d.folder() + "/" + f.Name()
			if conflicted(f.Bytes()) {
				return nil, fmt.Errorf("%s contains a merge conflict: resolve it first", path)
			}
			if settled[path] {
				last = max(last, f.Version())
				continue
			}
			inOrder = inOrder && !taken[d.Name+f.Version()]
			taken[d.Name+f.Version()] = true
			all = append(all, ours{f.Version(), strings.TrimPrefix(f.Name(), f.Version()), path})
		}
	}
	slices.SortStableFunc(all, func(a, b ours) int {
		return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.rest, b.rest))
	})
	if len(all) == 0 || inOrder && all[0].version > last {
		return nil, nil
	}
	version, err := nextVersion(when, folders)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for i, file := range all {
		if i > 0 && (file.version != all[i-1].version || file.rest != all[i-1].rest) {
			if version, err = after(version); err != nil {
				return nil, err
			}
		}
		names[file.path] = version + file.rest
	}
	return names, nil
}

// addFolder writes the changed files of a dialect's folder, and returns the folder.
func (r *Rebased) addFolder(ctx context.Context, out *atomicfiles.Files, d Dialect, dir *migrate.MemDir,
	names map[string]string, settled map[string]bool, wanted []byte, scratch Scratch,
) (*migrate.MemDir, error) {
	files, err := dir.Files()
	if err != nil {
		return nil, err
	}
	renamed, oldPath := &migrate.MemDir{}, map[string]string{}
	for _, f := range files {
		path, name := d.folder()+"/"+f.Name(), f.Name()
		if newName := names[path]; newName != "" {
			name = newName
			oldPath[d.folder()+"/"+name] = path
		}
		if err := renamed.WriteFile(name, f.Bytes()); err != nil {
			return nil, err
		}
	}
	replanned, err := replanDown(ctx, d, renamed, scratch, settled, wanted)
	if err != nil {
		return nil, err
	}
	if files, err = renamed.Files(); err != nil {
		return nil, err
	}
	for _, f := range files {
		path, text := d.folder()+"/"+f.Name(), string(f.Bytes())
		if replanned[path] != "" {
			text = replanned[path]
			r.Replanned = append(r.Replanned, path)
			if err := renamed.WriteFile(f.Name(), []byte(text)); err != nil {
				return nil, err
			}
		}
		if oldPath[path] != "" {
			r.Renamed = append(r.Renamed, RenamedFile{oldPath[path], path})
		}
		if oldPath[path] != "" || replanned[path] != "" {
			if err := out.Write(path, []byte(text)); err != nil {
				return nil, err
			}
		}
	}
	if len(oldPath)+len(replanned) > 0 || migrate.Validate(dir) != nil {
		if err := addSums(out, d, renamed); err != nil {
			return nil, err
		}
		r.Written = append(r.Written, d.folder()+"/"+migrate.HashFileName)
	}
	for _, path := range oldPath {
		if err := out.Remove(path); err != nil {
			return nil, err
		}
	}
	return renamed, nil
}
