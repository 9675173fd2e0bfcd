package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"time"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"

	"slipway/internal/config"
	"slipway/internal/database"
)

func newRebaseCommand() *cobra.Command {
	var base string
	var dryRun bool
	var target target
	cmd := &cobra.Command{
		Use:   "rebase",
		Short: "Renumber the migrations of your branch after a merge",
		Long: `Put the migrations of two merged branches into one order.

Migrations of the base branch keep their versions. Migrations and snapshots that only
your branch has get later versions, unless they already come after the others. When
the migrations match schema.hcl, the last snapshot becomes a copy of it. The command
writes atlas.sum again, even if the file has merge conflicts.

First merge, and resolve the conflicts in schema.hcl by hand. Then run this command,
and commit the files that it prints.

If a database has applied a migration under its old version, the command records the
new version there. It uses the database of --url, or the database of DATABASE_URL if
it is on this machine.`,
		Example: `  git merge main
  go run ./local db rebase
  git add schema.hcl migrations && git commit

  go run ./local db rebase --base origin/develop --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := needsProject(); err != nil {
				return err
			}
			settled, name, err := settledMigrations(cmd.Context(), base)
			if err != nil {
				return oneLine(err)
			}
			rebased, err := plan.Rebase(cmd.Context(), ".", settled, time.Now(), dryRun, scratchDatabases)
			if err != nil {
				return oneLine(err)
			}
			printRebased(cmd.OutOrStdout(), rebased, name, dryRun)
			if dryRun {
				return nil
			}
			return oneLine(target.renumber(cmd.Context(), cmd.OutOrStdout()))
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "branch with the other migrations (default: the default branch of origin, "+
		"main or master)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print what would change, and change nothing")
	cmd.Flags().StringVar(&target.url, "url", "", "database with the old versions (default: DATABASE_URL if it is on "+
		"this machine, or "+defaultURL+")")
	return cmd
}

func printRebased(out io.Writer, rebased plan.Rebased, base string, dryRun bool) {
	renamed, wrote, removed := "renamed", "wrote", "removed"
	if dryRun {
		renamed, wrote, removed = "would rename", "would write", "would remove"
	}
	for _, f := range rebased.Renamed {
		fmt.Fprintf(out, "%s %s to %s\n", renamed, f.From, path.Base(f.To))
	}
	for _, name := range rebased.Replanned {
		fmt.Fprintf(out, "%s the down statements of %s again, with the columns of the other branch\n", wrote, name)
	}
	for _, name := range rebased.Written {
		fmt.Fprintf(out, "%s %s\n", wrote, name)
	}
	for _, name := range rebased.Removed {
		fmt.Fprintf(out, "%s %s, which lacks the changes of the other branch\n", removed, name)
	}
	if len(rebased.Renamed)+len(rebased.Written)+len(rebased.Removed) == 0 {
		fmt.Fprintf(out, "nothing to rebase: all migrations come after those of %s and match their checksums\n", base)
	}
}

// renumber records the new versions in the database. It skips a database of
// DATABASE_URL that is not on this machine.
func (t *target) renumber(ctx context.Context, out io.Writer) error {
	if t.url == "" {
		c, err := config.Load(os.Getenv)
		if err != nil {
			return err
		}
		if c.DatabaseURL != "" && !onThisMachine(c.DatabaseURL) {
			t.url = c.DatabaseURL
			fmt.Fprintf(out, "skipped %s, which is not on this machine: if it has applied a migration under its old "+
				"version, name it with --url\n", t.address())
			return nil
		}
	}
	report, err := t.withEngine(database.ReadOnly, func(e *run.Engine) (run.Report, error) {
		return e.Renumber(ctx, true)
	})
	if err == nil && len(report.Repaired) > 0 {
		report, err = t.withEngine(database.Migrate, func(e *run.Engine) (run.Report, error) {
			e.Progress = t.progress(out)
			return e.Renumber(ctx, false)
		})
	}
	if err != nil {
		return fmt.Errorf("the files are rebased, but not the database %s: run the command again: %w", t.address(), err)
	}
	if len(report.Repaired) == 0 {
		return nil
	}
	for _, line := range report.Repaired {
		fmt.Fprintf(out, "%s: %s\n", t.address(), line)
	}
	status, err := t.withEngine(database.ReadOnly, func(e *run.Engine) (run.Report, error) {
		return e.Status(ctx)
	})
	if err == nil && status.Failed != nil {
		fmt.Fprintf(out, "the database has your migrations, but not the others that now come first: run db downgrade -n %d, "+
			"then db upgrade; if this is refused, start with an empty database\n", len(report.Repaired))
	}
	return err
}

// withEngine opens the database, calls do and closes the database.
func (t *target) withEngine(
	mode database.Mode, do func(*run.Engine) (run.Report, error),
) (run.Report, error) {
	engine, db, err := t.open(mode)
	if err != nil {
		return run.Report{}, err
	}
	report, err := do(engine)
	return report, errors.Join(err, db.Close())
}
