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
		Short: "Put the migrations of two branches that were merged into one order",
		Long: `Put the migrations of two branches that were merged into one order: those that
the base has stay, and those that only this branch has get later versions, unless
they come after the others already, and so do their snapshots. The last snapshot
becomes a copy of schema.hcl, once the files add up to that. atlas.sum is written
again, whatever conflict is in it.

Merge first, and resolve schema.hcl by hand, as any source file. Then run this,
and commit what it says it wrote.

A database that has a migration under its old version is told the new one: the
one that --url names, or else the one of DATABASE_URL if it is on this machine.`,
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
	cmd.Flags().StringVar(&base, "base", "", "the branch that has the others' migrations (default: origin's, or main, "+
		"or master)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would change; change nothing")
	cmd.Flags().StringVar(&target.url, "url", "", "the database to tell (default: that of DATABASE_URL if it is on this "+
		"machine, or "+defaultURL+")")
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
		fmt.Fprintf(out, "%s its way down again, which knew nothing of the others' columns: %s\n", wrote, name)
	}
	for _, name := range rebased.Written {
		fmt.Fprintf(out, "%s %s\n", wrote, name)
	}
	for _, name := range rebased.Removed {
		fmt.Fprintf(out, "%s %s, which lacks what the others changed\n", removed, name)
	}
	if len(rebased.Renamed)+len(rebased.Written)+len(rebased.Removed) == 0 {
		fmt.Fprintf(out, "nothing to rebase: all migrations come after those of %s, and match their checksums\n", base)
	}
}

// renumber tells the database of the new versions, if it is one that may be told
// and has any of them.
func (t *target) renumber(ctx context.Context, out io.Writer) error {
	if t.url == "" {
		c, err := config.Load(os.Getenv)
		if err != nil {
			return err
		}
		if c.DatabaseURL != "" && !onThisMachine(c.DatabaseURL) {
			t.url = c.DatabaseURL
			fmt.Fprintf(out, "not looked at: %s, which is not on this machine; name it with --url if a migration was applied "+
				"there under its old version\n", t.address())
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
		return fmt.Errorf("the files are in order; run this again for the database %s: %w", t.address(), err)
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
		fmt.Fprintf(out, "it has yours without the others' that come first now: undo yours with db downgrade -n %d, then "+
			"db upgrade; where that is refused, begin with an empty database\n", len(report.Repaired))
	}
	return err
}

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
