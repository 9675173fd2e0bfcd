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

// Rehashed is what [Rehash] did, or would do. All paths are relative to the project's
// root, with slashes.
type Rehashed struct {
	// Files are the migration files that do not match the sums as they were. A sum
	// covers all files before its own: of an edited file only the first one is known,
	// and of sums that are missing or damaged none.
	Files []ChangedFile `json:"files"`
	// Written lists the atlas.sum files with a new text.
	Written []string `json:"written"`
}

// ChangedFile is a migration file that was edited, added or removed by hand.
type ChangedFile struct {
	Path string `json:"path"`
	// Change is "edited", "added" or "removed".
	Change string `json:"change"`
}

// Rehash writes atlas.sum again where it does not match the files next to it, for
// files that were edited, added or removed by hand. With dryRun it only returns what
// it would write. Whether what was edited may be is for run.Engine.CheckApplied or
// run.Engine.Repair to say, before.
func Rehash(ctx context.Context, root string, dryRun bool) (Rehashed, error) {
	made := Rehashed{Files: []ChangedFile{}, Written: []string{}}
	err := atomicfiles.Update(ctx, root, func(out *atomicfiles.Files) error {
		for _, d := range Dialects {
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

// readSums returns a folder's atlas.sum; nil where it is missing or damaged.
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

// readUnchecked reads a dialect's folder of a project, whatever its sums say.
func readUnchecked(root string, d Dialect) (*migrate.MemDir, error) {
	dir, err := OpenUnchecked(os.DirFS(filepath.Join(root, filepath.FromSlash(d.folder()))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.folder(), err)
	}
	return dir, nil
}
