package migration

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
)

// Rebased is what [Rebase] did, or would do.
type Rebased struct {
	// Renamed has an entry for each file that is called otherwise, in the order of
	// the new versions.
	Renamed []RenamedFile
	// Written lists the other files that are new: the sums and the copy of
	// schema.hcl.
	Written []string
}

// RenamedFile is a migration file with a new version. The paths are relative to
// the project's root, with slashes.
type RenamedFile struct{ From, To string }

// Rebase puts the migrations of two branches that were merged into one order.
// Those that are settled, by their paths under root, stay as they are; unless
// all others come after them already, the others get new versions after the last
// one there is, in their order, the files of one migration the same one. Then
// atlas.sum is written anew where it does not match, be it for the conflict that
// the merge left there, and so is migrations/schema.hcl: it is what schema.hcl
// says, once the files add up to that.
//
// With dryRun it only says what it would do. Everything is put in place at once,
// as [Author] does it.
//
// Errors are for the developer to read: schema.hcl or a migration has a conflict
// in it; the files do not add up to schema.hcl, and how they differ.
func Rebase(ctx context.Context, root string, settled map[string]bool, when time.Time, dryRun bool) (Rebased, error) {
	var rebased Rebased
	err := authoring(ctx, root, func(stage stage) error {
		folders := map[string]*migrate.MemDir{}
		for _, d := range dialects {
			dir, err := readUnchecked(root, d)
			if err != nil {
				return err
			}
			folders[d.name] = dir
		}
		names, err := renumber(folders, settled, when)
		if err != nil {
			return err
		}
		if err := rebased.stageFiles(stage, folders, names); err != nil {
			return err
		}
		if err := rebased.stageCopy(stage, folders); err != nil {
			return err
		}
		if dryRun {
			return stage.discard()
		}
		return nil
	})
	if err != nil {
		return Rebased{}, err
	}
	return rebased, nil
}

// renumber gives the new name of each file that gets one, by its path.
func renumber(folders map[string]*migrate.MemDir, settled map[string]bool, when time.Time) (map[string]string, error) {
	type ours struct{ version, rest, path string }
	var all []ours
	last, inOrder := "", true
	taken := map[string]bool{}
	for _, d := range dialects {
		files, err := folders[d.name].Files()
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			path := d.folder() + "/" + f.Name()
			if conflicted(f.Bytes()) {
				return nil, fmt.Errorf("%s has a conflict in it: resolve it first", path)
			}
			if settled[path] {
				last = max(last, f.Version())
				continue
			}
			inOrder = inOrder && !taken[d.name+f.Version()]
			taken[d.name+f.Version()] = true
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

// stageFiles puts the folders on the stage as they are to be.
func (r *Rebased) stageFiles(stage stage, folders map[string]*migrate.MemDir, names map[string]string) error {
	for _, d := range dialects {
		files, err := folders[d.name].Files()
		if err != nil {
			return err
		}
		renamed := &migrate.MemDir{}
		var gone []string
		for _, f := range files {
			path, name := d.folder()+"/"+f.Name(), f.Name()
			if newName := names[path]; newName != "" {
				name = newName
				gone = append(gone, path)
				r.Renamed = append(r.Renamed, RenamedFile{path, d.folder() + "/" + name})
				if err := stage.write(d.folder()+"/"+name, f.Bytes()); err != nil {
					return err
				}
			}
			if err := renamed.WriteFile(name, f.Bytes()); err != nil {
				return err
			}
		}
		if len(gone) > 0 || migrate.Validate(folders[d.name]) != nil {
			if err := stageSums(stage, d, renamed); err != nil {
				return err
			}
			r.Written = append(r.Written, d.folder()+"/"+migrate.HashFileName)
		}
		for _, path := range gone {
			if err := stage.remove(path); err != nil {
				return err
			}
		}
		folders[d.name] = renamed
	}
	return nil
}
