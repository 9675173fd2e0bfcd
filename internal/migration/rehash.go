package migration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
)

// Rehash writes atlas.sum anew where it does not match the files next to it, for
// files that were edited, added or taken away by hand. It gives the paths of the
// sums it wrote, or with dryRun would write; none when all match. Whether what was
// edited may be is for [Engine.Repair] to say, before.
func Rehash(ctx context.Context, root string, dryRun bool) (written []string, err error) {
	err = authoring(ctx, root, func(stage stage) error {
		for _, d := range dialects {
			dir, err := readUnchecked(root, d)
			if err != nil {
				return err
			}
			if migrate.Validate(dir) == nil {
				continue
			}
			written = append(written, d.folder()+"/"+migrate.HashFileName)
			if dryRun {
				continue
			}
			if err := stageSums(stage, d, dir); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

// readUnchecked reads a dialect's folder of a project, whatever its sums say.
func readUnchecked(root string, d dialect) (*migrate.MemDir, error) {
	dir, err := openUnchecked(os.DirFS(filepath.Join(root, filepath.FromSlash(d.folder()))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.folder(), err)
	}
	return dir, nil
}
