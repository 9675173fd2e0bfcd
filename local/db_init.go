package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"

	"slipway/internal/database"
	"slipway/migrations"
)

const initHelp = `Create migrations/ if it is missing.

If the database has tables that no migration of this project created, the command
adopts them: it records the version that has these tables as the baseline, and later
upgrades start there. If the project has no migrations, the command writes the first
one from schema.hcl. If the project has no schema.hcl, the command writes it from the
database. Read both files before you commit them.

The command changes no table.`

func newInitCommand() *cobra.Command {
	var target target
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Create migrations/, and adopt a database that has tables",
		Long:  initHelp,
		Example: `  go run ./local db init
  go run ./local db init --url mysql://root@127.0.0.1:3306/app`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			declared, err := declare(cmd.Context(), target)
			if err != nil {
				return oneLine(err)
			}
			written, err := makeMigrations()
			if err != nil {
				return oneLine(err)
			}
			written = append(declared, written...)
			if !target.json {
				for _, path := range written {
					fmt.Fprintf(out, "wrote %s\n", path)
				}
			}
			return target.run(cmd, database.Migrate, func(
				ctx context.Context, engine *run.Engine,
			) (run.Report, error) {
				report, err := engine.Baseline(ctx)
				if !errors.Is(err, run.ErrNoMigrations) {
					return report, err
				}
				authored, err := plan.Generate(ctx, ".", plan.Options{Message: "baseline"}, time.Now())
				if err != nil {
					return run.FailedReport("init", err), err
				}
				if !target.json {
					printAuthored(out, authored, nothingChanged)
				}
				return engine.Baseline(ctx)
			}, func(report run.Report) {
				switch {
				case report.To != "":
					fmt.Fprintf(out, "the database has the tables of %s: recorded as the baseline%s\n", report.To, pendingNote(report))
				case len(written) == 0 && report.From == "":
					fmt.Fprintln(out, "nothing to do: migrations/ exists, and the database is empty")
				case len(written) == 0:
					fmt.Fprintf(out, "nothing to do: migrations/ exists, and the database is at %s\n", report.From)
				case report.From != "":
					fmt.Fprintf(out, "the database already records its migrations, and is at %s\n", report.From)
				}
			})
		},
	}
	target.flags(cmd)
	return cmd
}

// declare writes schema.hcl from the database if the file is missing. It returns the
// files that it wrote.
func declare(ctx context.Context, t target) (written []string, err error) {
	if _, err := os.Stat("schema.hcl"); !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	noTables := errors.New("schema.hcl is missing, and the database has no tables: run this command in the project's " +
		"folder, declare the tables in schema.hcl, or name a database with --url")
	if _, err := os.Stat("migrations"); err == nil {
		return nil, errors.New("this folder has migrations/ but no schema.hcl: restore schema.hcl")
	}
	engine, db, err := t.open(database.ReadOnly)
	if err != nil {
		return nil, err
	}
	text, err := engine.Declare(ctx)
	if err := errors.Join(err, db.Close()); err != nil {
		if errors.Is(err, run.ErrNoTables) {
			return nil, noTables
		}
		return nil, err
	}
	return []string{"schema.hcl"}, os.WriteFile("schema.hcl", text, 0o644)
}

// makeMigrations creates the missing files of migrations/: an empty atlas.sum for each
// dialect, and the Go file that embeds the folder. It returns the files that it wrote.
func makeMigrations() (written []string, err error) {
	files := map[string][]byte{
		"migrations/embed.go":         migrations.Source(),
		"migrations/mysql/atlas.sum":  []byte(plan.EmptySum),
		"migrations/sqlite/atlas.sum": []byte(plan.EmptySum),
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if _, err := os.Stat(path); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return written, err
		}
		// If there are migrations, a missing atlas.sum was lost, and an empty one would be
		// wrong: "db repair" writes it again.
		if found, err := filepath.Glob("migrations/*/*.sql"); path != "migrations/embed.go" &&
			(err != nil || len(found) > 0) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return written, err
		}
		if err := os.WriteFile(path, files[path], 0o644); err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}
