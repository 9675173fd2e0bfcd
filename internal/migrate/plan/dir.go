package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"ariga.io/atlas/sql/migrate"
)

// EmptySum is the text of atlas.sum in a folder without files.
const EmptySum = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"

// OpenDir reads a dialect's folder into memory and checks it: the files match atlas.sum, and
// no two files have the same version. A missing folder counts as empty.
//
// It returns an error that names the invalid file and what to do.
func OpenDir(folder fs.FS) (*migrate.MemDir, error) {
	dir, err := OpenUnchecked(folder)
	if err == nil {
		err = validate(dir)
	}
	if err == nil {
		err = CheckNames(dir)
	}
	if err != nil {
		return nil, err
	}
	return dir, nil
}

// OpenUnchecked reads a dialect's folder into memory without a check of atlas.sum.
func OpenUnchecked(folder fs.FS) (*migrate.MemDir, error) {
	dir := &migrate.MemDir{}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".sql") && name != migrate.HashFileName {
			continue
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		if err := dir.WriteFile(name, text); err != nil {
			return nil, err
		}
	}
	return dir, nil
}

// CheckNames returns an error if two files have the same version, or if a file has an Atlas
// directive that slipway does not support.
func CheckNames(dir *migrate.MemDir) error {
	files, err := dir.Files()
	if err != nil {
		return err
	}
	for i, f := range files {
		if i > 0 && files[i-1].Version() == f.Version() {
			return fmt.Errorf("%s and %s have the same version: run `db rebase`, which renumbers yours",
				files[i-1].Name(), f.Name())
		}
		if c, ok := f.(migrate.CheckpointFile); ok && c.IsCheckpoint() {
			return fmt.Errorf("%s is a checkpoint, which slipway does not support: apply it with the Atlas CLI", f.Name())
		}
		// The Atlas CLI rejects other modes too. slipway ignores the mode: it has its own
		// transaction for each file or statement.
		for _, mode := range f.(*migrate.LocalFile).Directive("txmode") {
			if mode != "none" && mode != "file" {
				return fmt.Errorf("%s has `-- atlas:txmode %s`: use none or file", f.Name(), mode)
			}
		}
	}
	return nil
}

// validate compares the files with atlas.sum.
func validate(dir migrate.Dir) error {
	err := migrate.Validate(dir)
	var mismatch *migrate.ChecksumError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mismatch):
		what := map[migrate.Reason]string{
			migrate.ReasonEdited:  "was edited",
			migrate.ReasonAdded:   "is not in atlas.sum",
			migrate.ReasonRemoved: "is in atlas.sum, but the file is missing",
		}[mismatch.Reason]
		return fmt.Errorf("checksum mismatch: %s %s: restore it, or run `db hash` if no database has applied it",
			mismatch.File, what)
	case errors.Is(err, migrate.ErrChecksumNotFound):
		return errors.New("atlas.sum is missing: restore it, or run `db hash`")
	default:
		return fmt.Errorf("atlas.sum is invalid: restore it, or run `db hash` (after a merge: `db rebase`): %w", err)
	}
}
