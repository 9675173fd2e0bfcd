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

// Rebased is what [Rebase] did, or would do.
type Rebased struct {
	// Renamed has an entry for each renamed file, in the order of the new versions.
	Renamed []RenamedFile
	// Replanned lists the files, by their new paths, whose way down was planned again: it
	// would have dropped what the other branch added.
	Replanned []string
	// Written lists the other files with a new text: sums and snapshots.
	Written []string
	// Removed lists snapshots that lack what the other branch changed.
	Removed []string
}

// RenamedFile is a migration file, or a snapshot, with a new version. The paths are
// relative to the project's root, with slashes.
type RenamedFile struct{ From, To string }

// Settled is what the base has: the branch whose migrations stay as they are. Paths are
// relative to the project's root, with slashes.
type Settled struct {
	// Files are its migration files and snapshots.
	Files map[string]bool
	// Snapshots are the texts of those of its snapshots that are not the same here: git
	// leaves a conflict where the other branch has one of the same version.
	Snapshots map[string][]byte
}

// Rebase puts the migrations of two branches that were merged into one order.
// Those that are settled stay as they are; unless all others come after them
// already, the others get new versions after the last one there is, in their order,
// the files of one migration the same one. Then atlas.sum is written again where it
// does not match, be it for the conflict that the merge left there. Snapshots get
// the versions of their files; the last one becomes a copy of schema.hcl, once the
// files add up to that.
//
// With dryRun it only says what it would do. Everything is put in place at once,
// as [Generate] does it.
//
// Errors are for the developer to read: schema.hcl or a migration has a conflict
// in it; the files do not add up to schema.hcl, and how they differ; a migration
// would lose what the others' migrations made.
func Rebase(
	ctx context.Context, root string, settled Settled, when time.Time, dryRun bool, scratch Scratch,
) (Rebased, error) {
	var rebased Rebased
	err := atomicfiles.Update(ctx, root, func(out *atomicfiles.Files) error {
		folders := map[string]*migrate.MemDir{}
		for _, d := range Dialects {
			dir, err := readUnchecked(root, d)
			if err != nil {
				return err
			}
			folders[d.Name] = dir
		}
		wanted, err := os.ReadFile(filepath.Join(root, SchemaFile))
		if err != nil {
			return fmt.Errorf("the tables are declared in %s: %w", SchemaFile, err)
		}
		if conflicted(wanted) {
			return fmt.Errorf("%s contains a merge conflict: resolve it first, so that it has the tables of both branches",
				SchemaFile)
		}
		names, err := renumber(folders, settled.Files, when)
		if err != nil {
			return err
		}
		for _, d := range Dialects {
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
	for _, d := range Dialects {
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

// addFolder writes what changes in a dialect's folder, and returns the folder.
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
