package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"

	"slipway/internal/database"
)

func newUpgradeCommand() *cobra.Command {
	var opts run.Upgrade
	var target target
	cmd := &cobra.Command{
		Use:   "upgrade",
		Short: "Apply pending migrations",
		Long: `Apply pending migrations in order. If another upgrade is running on the database, or
another program has locked the SQLite file, the command waits up to 5 minutes.

If a statement fails on MySQL, the statements before it are applied and recorded. Run
the command again to continue from there. On SQLite, no statement of the failed
migration is applied.

Ctrl-C stops the command after the current statement. A second Ctrl-C stops it at once.`,
		Example: `  go run ./local db upgrade
  go run ./local db upgrade --dry-run
  go run ./local db upgrade --to 20260102150405
  go run ./local db upgrade --url mysql://root@127.0.0.1:3306/app --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return target.change(cmd, opts.DryRun, func(ctx context.Context, engine *run.Engine) (run.Report, error) {
				return engine.Upgrade(ctx, opts)
			}, printUpgrade)
		},
	}
	cmd.Flags().StringVar(&opts.To, "to", "", "last version to apply (default: all)")
	cmd.Flags().BoolVar(&opts.DryRun, "dry-run", false, "print the SQL that would run and its hash, and change nothing")
	cmd.Flags().StringVar(&opts.Plan, "plan", "", "apply only if the pending SQL has this hash, which a dry run prints")
	target.flags(cmd)
	return cmd
}

func newDowngradeCommand() *cobra.Command {
	var opts run.Downgrade
	var target target
	cmd := &cobra.Command{
		Use:   "downgrade",
		Short: "Undo the last migration, or several",
		Long: `Undo the last migration, or several, with the down statements in their files.

The command counts the rows and values that the down statements would delete. If there
are any, it undoes nothing, unless you add --allow-data-loss.

If a statement fails on MySQL, the statements before it are undone and recorded. Run
the command again to continue from there. On SQLite, no statement of the failed
migration is undone.

Ctrl-C stops the command after the current statement. A second Ctrl-C stops it at once.`,
		Example: `  go run ./local db downgrade
  go run ./local db downgrade --dry-run
  go run ./local db downgrade -n 2 --allow-data-loss
  go run ./local db downgrade --to 20260102150405
  go run ./local db downgrade --to base`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("number") && opts.N < 1 {
				return fmt.Errorf("-n must be 1 or more, not %d", opts.N)
			}
			return target.change(cmd, opts.DryRun, func(ctx context.Context, engine *run.Engine) (run.Report, error) {
				return engine.Downgrade(ctx, opts)
			}, printDowngrade)
		},
	}
	cmd.Flags().StringVar(&opts.To, "to", "", `version to return to; "base" undoes all`)
	cmd.Flags().IntVarP(&opts.N, "number", "n", 0, "number of migrations to undo (default 1)")
	cmd.Flags().BoolVar(&opts.DryRun, "dry-run", false, "print the SQL that would run, its hash and the data that it "+
		"would delete, and change nothing")
	cmd.Flags().StringVar(&opts.Plan, "plan", "", "undo only if the SQL has this hash, which a dry run prints")
	cmd.Flags().BoolVar(&opts.AllowDataLoss, "allow-data-loss", false, "undo even if this deletes rows or values")
	cmd.MarkFlagsMutuallyExclusive("to", "number")
	target.flags(cmd)
	return cmd
}

func newPlanCommand() *cobra.Command {
	var to string
	var target target
	var offline offline
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Print the pending SQL and its hash",
		Long: `Print the exact SQL that is pending, and its hash. "db upgrade --plan HASH" applies
exactly this SQL. The command changes nothing.

With --from, the command uses no database. It prints the SQL and the hash for a
database at that version. So a pipeline without access to the database can show what
a deployment will run, and have exactly that approved.`,
		Example: `  go run ./local db plan
  go run ./local db plan --to 20260102150405
  go run ./local db plan --from 20260102150405 --json
  go run ./local db plan --from base --dialect sqlite`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show := func(report run.Report) { printPlan(cmd.OutOrStdout(), report) }
			noDatabase, err := offline.selected(cmd)
			if err != nil {
				return err
			}
			if noDatabase {
				report, err := offline.plan(to)
				return target.print(cmd, report, err, show)
			}
			return target.run(cmd, database.ReadOnly, func(
				ctx context.Context, engine *run.Engine,
			) (run.Report, error) {
				return engine.Plan(ctx, to)
			}, show)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "last version to plan for (default: all)")
	target.flags(cmd)
	offline.flags(cmd)
	return cmd
}

// change runs a command that changes the schema. A dry run opens the database
// read-only.
func (t *target) change(
	cmd *cobra.Command,
	dryRun bool,
	do action,
	show func(out io.Writer, report run.Report, dryRun bool),
) error {
	return t.run(cmd, modeOf(dryRun), do, func(report run.Report) { show(cmd.OutOrStdout(), report, dryRun) })
}

func printUpgrade(out io.Writer, report run.Report, dryRun bool) {
	switch {
	case dryRun:
		printPlan(out, report)
	case report.Incomplete:
		fmt.Fprintf(out, "stopped before the time limit: the database is at %s, with %s left; run the command again\n",
			versionName(report.To), count(len(report.Pending), "migration"))
	case len(report.Applied) == 0:
		fmt.Fprintf(out, "nothing to apply: the database is at %s\n", versionName(report.To))
	default:
		fmt.Fprintf(out, "applied %s in %s: the database is at %s\n", count(len(report.Applied), "migration"), took(report),
			report.To)
	}
}

func printPlan(out io.Writer, report run.Report) {
	if len(report.Pending) == 0 {
		fmt.Fprintf(out, "nothing to apply: the database is at %s\n", versionName(report.From))
		return
	}
	printSQL(out, report)
	fmt.Fprintf(out, "-- nothing was applied; to apply exactly this: db upgrade --plan %s\n", report.Plan)
}

func printDowngrade(out io.Writer, report run.Report, dryRun bool) {
	switch {
	case dryRun && len(report.Pending) == 0, len(report.Applied) == 0 && !report.Incomplete && !dryRun:
		fmt.Fprintf(out, "nothing to undo: the database is at %s\n", versionName(report.From))
	case dryRun:
		printSQL(out, report)
		printLoss(out, "-- this would delete: ", report)
		fmt.Fprintf(out, "-- nothing was undone; to undo exactly this: db downgrade --to %s --plan %s\n",
			cmp.Or(report.To, run.Base), report.Plan)
	case report.Incomplete:
		fmt.Fprintf(out, "stopped before the time limit: the database is at %s, with %s left; run the command again\n",
			versionName(report.To), count(len(report.Pending), "migration"))
	default:
		printLoss(out, "deleted: ", report)
		fmt.Fprintf(out, "undid %s in %s: the database is at %s\n", count(len(report.Applied), "migration"), took(report),
			versionName(report.To))
	}
}

// printLoss prints the data that is lost, one line for each table or column.
func printLoss(out io.Writer, intro string, report run.Report) {
	for _, l := range report.Loss {
		if l.Rows != 0 {
			fmt.Fprintf(out, "%s%s\n", intro, l)
		}
	}
}

// printSQL prints the statements of all pending migrations.
func printSQL(out io.Writer, report run.Report) {
	for _, m := range report.Pending {
		fmt.Fprintf(out, "-- %s %s\n", m.Version, m.Description)
		for _, statement := range m.SQL {
			fmt.Fprintln(out, statement)
		}
		fmt.Fprintln(out)
	}
}
