package run

import (
	"context"
	"fmt"

	"slipway/internal/migrate/plan"
)

// readUnchecked reads the files, whatever atlas.sum says of them.
func (e *Engine) readUnchecked() (found plan.Files, err error) {
	dir, err := plan.OpenUnchecked(e.folder)
	if err == nil {
		err = plan.CheckNames(dir)
	}
	if err == nil {
		found, err = e.Dialect.ReadFiles(dir)
	}
	if err != nil {
		return plan.Files{}, fmt.Errorf("migrations for %s: %w", e.Dialect.Name, err)
	}
	return found, nil
}

// CheckApplied compares the files with the hashes that the database has of those that
// are applied, in part or whole. It changes nothing and does not look at atlas.sum.
// The error names the first file that was edited, or is missing, although it is
// applied; or it says what could not be read.
func (e *Engine) CheckApplied(ctx context.Context) error {
	found, err := e.readUnchecked()
	if err != nil {
		return err
	}
	return e.withFiles(ctx, found, func(files plan.Files, s session) error {
		st, err := readState(ctx, files, s)
		if err != nil {
			return err
		}
		if edited := st.edited(); len(edited) > 0 {
			return fmt.Errorf("%s %s", edited[0].Version, edited[0].Detail)
		}
		return nil
	})
}
