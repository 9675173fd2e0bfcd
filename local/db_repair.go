package main

import (
	"context"
	"errors"
	"fmt"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"
)

func newRepairCommand() *cobra.Command {
	var target target
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "repair",
		Short: "Correct the record of applied migrations",
		Long: `Correct the record of applied migrations so that it matches the live schema. Use the
command after one of these:

  - You finished or reverted a failed migration by hand.
  - You ran a pending migration by hand.
  - You edited a file that is applied or partly applied.
  - Rows of the record were lost.

The command finds the point in the migrations at which the schema equals the live
schema, and records this point. It changes only the tables that record migrations. If
there is no such point, it prints the differences: fix them by hand first.

In the project's folder, the command also writes atlas.sum again if a file was edited,
added or removed by hand. For files that no database has applied, "db hash" does this
without a database.`,
		Example: `  go run ./local db repair --dry-run
  go run ./local db repair`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			return target.run(cmd, modeOf(dryRun), func(
				ctx context.Context, engine *run.Engine,
			) (run.Report, error) {
				report, err := engine.Repair(ctx, dryRun)
				if err != nil && !errors.Is(err, run.ErrNoMigrations) || !inProject() {
					return report, err
				}
				// Without migrations of this dialect, the other dialect may still have some.
				report.Failed = nil
				rehashed, err := plan.Rehash(ctx, ".", dryRun)
				for _, path := range rehashed.Written {
					report.Repaired = append(report.Repaired, path+" gets the checksums of the current files")
				}
				return report, err
			}, func(report run.Report) {
				for _, line := range report.Repaired {
					fmt.Fprintln(out, line)
				}
				switch {
				case len(report.Repaired) == 0:
					fmt.Fprintf(out, "nothing to repair: the database and its record are at %s%s\n", versionName(report.To),
						pendingNote(report))
				case dryRun:
					fmt.Fprintln(out, "nothing was changed: db repair would record this")
				default:
					fmt.Fprintf(out, "repaired: the database is at %s%s\n", versionName(report.To), pendingNote(report))
				}
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print what would be recorded, and change nothing")
	target.flags(cmd)
	return cmd
}
