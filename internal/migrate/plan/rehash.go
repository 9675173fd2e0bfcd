package plan

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"slipway/internal/migrate/atomicfiles"

	"ariga.io/atlas/sql/migrate"
)

// Rehashed lists what [Rehash] changed, or would change. All paths are relative to the
// project's root, with slashes.
type Rehashed struct {
	// Files lists the migration files that did not match atlas.sum. A checksum covers all
	// earlier files too, so only the first edited file is known. If atlas.sum is missing or
	// damaged, Files is empty.
	Files []ChangedFile `json:"files"`
	// Written lists the rewritten atlas.sum files.
	Written []string `json:"written"`
}

// ChangedFile is a migration file that was edited, added or removed by hand.
type ChangedFile struct {
	Path string `json:"path"`
	// Change is "edited", "added" or "removed".
	Change string `json:"change"`
}

// Rehash rewrites each atlas.sum that does not match its files, after files were edited,
// added or removed by hand. With dryRun it only returns the changes. It does not check whether
// an edited file is applied: call run.Engine.CheckApplied or run.Engine.Repair before it.
func Rehash(ctx context.Context, root string, dryRun bool) (Rehashed, error) {
	made := Rehashed{Files: []ChangedFile{}, Written: []string{}}
	err := atomicfiles.Update(ctx, root, func(out *atomicfiles.Files) error {
		for _, d := range dialectsIn(root) {
			dir, err := readUnchecked(root, d)
			if err != nil {
				return err
			}
			if migrate.Validate(dir) == nil {
				continue
			}
			changed, err := changedFiles(d, dir)
			if err != nil {
				return err
			}
			made.Files = append(made.Files, changed...)
			made.Written = append(made.Written, d.folder()+"/"+migrate.HashFileName)
			if dryRun {
				continue
			}
			if err := addSums(out, d, dir); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// changedFiles compares a folder with its atlas.sum.
func changedFiles(d Dialect, dir *migrate.MemDir) (changed []ChangedFile, err error) {
	now, err := dir.Checksum()
	if err != nil {
		return nil, err
	}
	before := readSums(dir)
	if before == nil {
		return nil, nil
	}
	note := func(name, change string) { changed = append(changed, ChangedFile{d.folder() + "/" + name, change}) }
	for i, f := range now {
		_, err := before.SumByName(f.N)
		switch {
		case err != nil:
			note(f.N, "added")
		case i < len(before) && f.N == before[i].N && f.H != before[i].H && slices.Equal(now[:i], before[:i]):
			note(f.N, "edited")
		}
	}
	for _, f := range before {
		if _, err := now.SumByName(f.N); err != nil {
			note(f.N, "removed")
		}
	}
	return changed, nil
}

// readSums returns a folder's atlas.sum; nil if it is missing or damaged.
func readSums(dir *migrate.MemDir) migrate.HashFile {
	file, err := dir.Open(migrate.HashFileName)
	if err != nil {
		return nil
	}
	var sums migrate.HashFile
	// Closing a file in memory cannot fail.
	if text, err := io.ReadAll(file); err != nil || sums.UnmarshalText(text) != nil {
		return nil
	}
	return sums
}

// readUnchecked reads a dialect's folder of a project without a check of atlas.sum.
func readUnchecked(root string, d Dialect) (*migrate.MemDir, error) {
	dir, err := OpenUnchecked(os.DirFS(filepath.Join(root, filepath.FromSlash(d.folder()))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.folder(), err)
	}
	return dir, nil
}
