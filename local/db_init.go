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

func newInitCommand() *cobra.Command {
	var target target
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make migrations/, and take over a database that has tables already",
		Long: `Make migrations/ where there is none.

Where the database has tables that no migration of this project has made, it is
taken over: the version whose tables these are is recorded as its baseline, and
an upgrade goes on after it. A project without migrations gets its first one from
schema.hcl for that, and one without schema.hcl gets it from the database; read
both before you commit them. No table is changed.`,
		Example: `  go run ./local db init
  go run ./local db init --url mysql://root@127.0.0.1:3306/app`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			declared, err := declare(cmd.Context(), target)
			if err != nil {
				return oneLine(err)
			}
			made, err := makeMigrations()
			if err != nil {
				return oneLine(err)
			}
			made = append(declared, made...)
			if !target.json {
				for _, path := range made {
					fmt.Fprintf(out, "made %s\n", path)
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
					fmt.Fprintf(out, "the database has the tables of %s: recorded as its baseline%s\n", report.To, pendingNote(report))
				case len(made) == 0 && report.From == "":
					fmt.Fprintln(out, "nothing to do: migrations/ is there, and the database is empty")
				case len(made) == 0:
					fmt.Fprintf(out, "nothing to do: migrations/ is there, and the database is at %s\n", report.From)
				case report.From != "":
					fmt.Fprintf(out, "the database has a record already, and is at %s\n", report.From)
				}
			})
		},
	}
	target.flags(cmd)
	return cmd
}

// declare writes schema.hcl from the database where there is none.
func declare(ctx context.Context, t target) (made []string, err error) {
	if _, err := os.Stat("schema.hcl"); !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	nothing := errors.New("there is no schema.hcl here, and no database with tables to write one from: run this in the " +
		"project's folder, declare the tables first, or name a database with --url")
	if _, err := os.Stat("migrations"); err == nil {
		return nil, errors.New("there is a migrations/ here, and no schema.hcl that it belongs to: restore it")
	}
	engine, db, err := t.open(database.ReadOnly)
	if err != nil {
		return nil, err
	}
	text, err := engine.Declare(ctx)
	if err := errors.Join(err, db.Close()); err != nil {
		if errors.Is(err, run.ErrNoTables) {
			return nil, nothing
		}
		return nil, err
	}
	return []string{"schema.hcl"}, os.WriteFile("schema.hcl", text, 0o644)
}

// makeMigrations makes what is missing of migrations/: a folder for each dialect
// with the checksums of no files, and the Go file that puts it all into the
// binaries.
func makeMigrations() (made []string, err error) {
	files := map[string][]byte{
		"migrations/embed.go":         migrations.Source(),
		"migrations/mysql/atlas.sum":  []byte(plan.EmptySum),
		"migrations/sqlite/atlas.sum": []byte(plan.EmptySum),
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if _, err := os.Stat(path); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return made, err
		}
		// Where there are files, what is missing beside them was lost: that is for db
		// repair, and not to be taken for empty.
		if found, err := filepath.Glob("migrations/*/*.sql"); path != "migrations/embed.go" &&
			(err != nil || len(found) > 0) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return made, err
		}
		if err := os.WriteFile(path, files[path], 0o644); err != nil {
			return made, err
		}
		made = append(made, path)
	}
	return made, nil
}
