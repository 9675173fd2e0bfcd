package migration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
)

// Rehash writes atlas.sum anew where it does not match the files next to it, for
// files that were edited, added or taken away by hand. It gives the paths of the
// sums it wrote; none when all match.
//
// A sum covers a file and all before it, so that nobody can tell which of the
// files from the first difference on were changed. mayChange is asked about each
// of them, by dialect and version; when it says no, nothing is written and the
// error names that file.
func Rehash(root string, mayChange func(dialect, version string) bool) ([]string, error) {
	var written []string
	err := authoring(context.Background(), root, func(stage stage) error {
		for _, d := range dialects {
			dir, err := readUnchecked(root, d)
			if err != nil {
				return err
			}
			differing, err := differing(dir)
			if err != nil {
				return fmt.Errorf("%s: %w", d.folder(), err)
			}
			if differing == nil {
				continue
			}
			for _, name := range differing {
				if version, _, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_"); !mayChange(d.name, version) {
					return fmt.Errorf("%s/%s does not match %s and is applied already: restore the file (git log -- %s/%s shows what it was), and put what is new in a new migration",
						d.folder(), name, migrate.HashFileName, d.folder(), name)
				}
			}
			if err := stageSums(stage, d, dir); err != nil {
				return err
			}
			written = append(written, d.folder()+"/"+migrate.HashFileName)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

// readUnchecked reads a dialect's folder, whatever its sums say. A folder that is
// not there is an empty one.
func readUnchecked(root string, d dialect) (*migrate.MemDir, error) {
	dir := &migrate.MemDir{}
	folder := filepath.Join(root, filepath.FromSlash(d.folder()))
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".sql") && entry.Name() != migrate.HashFileName {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		if err := dir.WriteFile(entry.Name(), text); err != nil {
			return nil, err
		}
	}
	return dir, nil
}

// differing lists the files whose sum is not what atlas.sum says, and those it
// has and the folder does not. It is nil when all match, and empty when only the
// sum of the sums is wrong. Lines that are no sums, as those a merge leaves, are
// passed over.
func differing(dir *migrate.MemDir) ([]string, error) {
	if migrate.Validate(dir) == nil {
		return nil, nil
	}
	sums, err := dir.Checksum()
	if err != nil {
		return nil, err
	}
	recorded := map[string]string{}
	if f, err := dir.Open(migrate.HashFileName); err == nil {
		text, readErr := fs.ReadFile(dir, migrate.HashFileName)
		if err := errors.Join(readErr, f.Close()); err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			if name, sum, ok := strings.Cut(strings.TrimSpace(line), " h1:"); ok {
				recorded[name] = sum
			}
		}
	}
	names := []string{}
	for _, s := range sums {
		if recorded[s.N] != s.H {
			names = append(names, s.N)
		}
		delete(recorded, s.N)
	}
	return append(names, slices.Sorted(maps.Keys(recorded))...), nil
}
