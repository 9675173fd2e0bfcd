package adopt

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/atomicfiles"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/rowtypes"
	"slipway/internal/migrate/run"
)

// Verify runs the migrations on scratch databases: those of both dialects lead to
// schema.hcl, and the baseline leads to the tables of the database. Without a scratch
// database for MySQL, it compares the tables with schema.hcl, except for expressions. It
// returns a [Refusal] with the differences.
func (p *Project) Verify(ctx context.Context, live *run.Engine, scratch plan.Scratch) error {
	folder, err := os.MkdirTemp("", "slipway-adopt-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for path, text := range p.Files {
		target := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return err
		}
	}
	migrations := os.DirFS(filepath.Join(folder, "migrations"))
	var reasons []string
	for _, d := range p.dialects {
		found, err := p.verify(ctx, d, migrations, live, scratch)
		if err != nil {
			return fmt.Errorf("cannot adopt this database, and nothing was written: %w", err)
		}
		reasons = append(reasons, found...)
	}
	if len(reasons) > 0 {
		return &Refusal{reasons}
	}
	return nil
}

// verify compares the files of a dialect with schema.hcl, and those of the database's own
// dialect with its tables.
func (p *Project) verify(
	ctx context.Context, d plan.Dialect, migrations fs.FS, live *run.Engine, scratch plan.Scratch,
) (reasons []string, err error) {
	folder, err := fs.Sub(migrations, d.Name)
	if err != nil {
		return nil, err
	}
	dir, err := plan.OpenDir(folder)
	if err != nil {
		return nil, err
	}
	files, err := d.ReadFiles(dir)
	if err != nil {
		return nil, err
	}
	h := &plan.History{Files: files, Migrations: migrations, Scratch: scratch}
	defer func() { err = errors.Join(err, h.Close()) }()
	if d.Name == p.source.Dialect.Name {
		err := live.Live(ctx, func(conn schema.ExecQuerier, _ []*migrate.Revision) error {
			is, err := d.Inspect(ctx, conn)
			if err != nil {
				return err
			}
			changes, _, err := h.Differ(ctx, plan.Point{File: 1}, is)
			reasons = describe(changes, "the database", "the baseline")
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	made, inspected, err := h.At(ctx, plan.Point{File: len(files.List)})
	if err != nil || !inspected {
		return reasons, err
	}
	wanted, err := h.FromText(ctx, plan.SchemaFile, p.Files[plan.SchemaFile])
	if err != nil {
		return nil, err
	}
	changes, err := d.Compare(made, wanted)
	return append(reasons, describe(changes, "the migrations for "+d.Name, plan.SchemaFile)...), err
}

func describe(changes []schema.Change, left, right string) (all []string) {
	for _, d := range plan.DescribeDrift(changes, left, left, right) {
		all = append(all, d.Object+" "+d.Detail)
	}
	return all
}

// Write puts the files in the folder root, removes those in remove, and records the baseline
// in the database: all of it or nothing. Row types are written if the folder has a place
// for them.
func (p *Project) Write(ctx context.Context, root string, remove []string, db *sql.DB) (written []string, err error) {
	if info, err := os.Stat(filepath.Join(root, rowtypes.Folder)); err != nil || !info.IsDir() {
		delete(p.Files, rowtypes.Folder+"/"+rowtypes.File)
		delete(p.Files, adoptedFile)
	}
	if _, err := os.Stat(filepath.Join(root, adoptedFile)); err == nil {
		delete(p.Files, adoptedFile)
	}
	_, err = os.Stat(filepath.Join(root, "migrations"))
	isNew := errors.Is(err, fs.ErrNotExist)
	err = atomicfiles.Update(ctx, root, func(out *atomicfiles.Files) error {
		for _, path := range p.order() {
			if err := out.Write(path, p.Files[path]); err != nil {
				return err
			}
			written = append(written, path)
		}
		for _, path := range remove {
			if _, kept := p.Files[path]; kept {
				continue
			}
			if err := out.Remove(path); err != nil {
				return err
			}
		}
		return run.RecordBaseline(ctx, db, p.source.Dialect.Name, p.Baseline, baselineName)
	})
	switch {
	case err != nil && isNew:
		err = errors.Join(err, os.Remove(filepath.Join(root, "migrations")))
	case err == nil && len(p.dialects) == 1:
		// A folder with other files stays.
		_ = os.Remove(filepath.Join(root, "migrations", plan.SQLite))
	}
	return written, err
}

// order returns the paths of the files: those that others rely on are last.
func (p *Project) order() []string {
	return slices.SortedFunc(maps.Keys(p.Files), func(a, b string) int {
		sum := func(path string) int { return strings.Count(path, migrate.HashFileName) }
		if d := sum(a) - sum(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}
