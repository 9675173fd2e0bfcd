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
		Short: "Bring the record of applied migrations to where the database is",
		Long: `Bring the record of applied migrations to where the database is: after a failed
migration was finished or taken back by hand, after a pending one was run by
hand, after a half-applied or an applied file was edited, or after rows of the
record were lost.

It looks for the point of the migrations at which the schema is as the live one,
and writes down that one. It changes no table other than those that record migrations.
Where the schema is like none, it says how it differs: mend that by hand first.

In the project's folder it also writes atlas.sum again, where a file was edited,
added or removed by hand. For files that are not applied anywhere, "db hash" does
that without a database.`,
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
				// The other dialect may have files where this one has none.
				report.Failed = nil
				rehashed, err := plan.Rehash(ctx, ".", dryRun)
				for _, path := range rehashed.Written {
					report.Repaired = append(report.Repaired, path+" is made again for the files as they are now")
				}
				return report, err
			}, func(report run.Report) {
				for _, line := range report.Repaired {
					fmt.Fprintln(out, line)
				}
				switch {
				case len(report.Repaired) == 0:
					fmt.Fprintf(out, "nothing to repair: the database is where the record has it, at %s%s\n", versionName(report.To),
						pendingNote(report))
				case dryRun:
					fmt.Fprintln(out, "nothing was changed: this is what db repair would write down")
				default:
					fmt.Fprintf(out, "repaired: the database is at %s%s\n", versionName(report.To), pendingNote(report))
				}
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be written down; change nothing")
	target.flags(cmd)
	return cmd
}
