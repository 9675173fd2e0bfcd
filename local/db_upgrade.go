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
		Long: `Apply pending migrations, in order, one upgrade at a time on a database: while
another one is at work, or another program holds the SQLite file, it waits for at
most 5 minutes.

When a statement fails on MySQL, what ran is recorded, and running it again goes on
from there. On SQLite nothing of that migration is applied.

Ctrl-C stops it after the statement that is running; a second one kills it.`,
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
	cmd.Flags().StringVar(&opts.To, "to", "", "the last version to apply (default: all)")
	cmd.Flags().BoolVar(&opts.DryRun, "dry-run", false, "print the SQL that would run, and its hash; change nothing")
	cmd.Flags().StringVar(&opts.Plan, "plan", "", "apply only if what is pending has this hash, as a dry run printed it")
	target.flags(cmd)
	return cmd
}

func newDowngradeCommand() *cobra.Command {
	var opts run.Downgrade
	var target target
	cmd := &cobra.Command{
		Use:   "downgrade",
		Short: "Undo the last migration, or several",
		Long: `Undo the last migration, or several, by the way down that stands in their files.

It refuses to lose data: it counts the rows and values that the way down would
delete, and unless there are none it undoes nothing before you say so.

When a statement fails on MySQL, what ran is recorded, and running it again goes on
from there. On SQLite nothing of that migration is undone.

Ctrl-C stops it after the statement that is running; a second one kills it.`,
		Example: `  go run ./local db downgrade
  go run ./local db downgrade --dry-run
  go run ./local db downgrade -n 2 --allow-data-loss
  go run ./local db downgrade --to 20260102150405
  go run ./local db downgrade --to base`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("number") && opts.N < 1 {
				return fmt.Errorf("-n is how many migrations to undo, 1 or more, not %d", opts.N)
			}
			return target.change(cmd, opts.DryRun, func(ctx context.Context, engine *run.Engine) (run.Report, error) {
				return engine.Downgrade(ctx, opts)
			}, printDowngrade)
		},
	}
	cmd.Flags().StringVar(&opts.To, "to", "", `the version to go back to; "base" undoes all`)
	cmd.Flags().IntVarP(&opts.N, "number", "n", 0, "how many migrations to undo (default 1)")
	cmd.Flags().BoolVar(&opts.DryRun, "dry-run", false, "print the SQL that would run, its hash, and what data would be "+
		"lost; change nothing")
	cmd.Flags().StringVar(&opts.Plan, "plan", "", "undo only if what is to be undone has this hash, as a dry run "+
		"printed it")
	cmd.Flags().BoolVar(&opts.AllowDataLoss, "allow-data-loss", false, "undo although rows or values are deleted by it")
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
		Short: "Print the exact SQL that is pending, and its hash",
		Long: `Print the exact SQL that is pending, and its hash: "db upgrade --plan HASH" applies
that and nothing else. It changes nothing.

With --from no database is asked: the plan and its hash are those of a database
that is at that version. So a pipeline shows what a deployment will run, and has
that very plan approved, without reaching the database.`,
		Example: `  go run ./local db plan
  go run ./local db plan --to 20260102150405
  go run ./local db plan --from 20260102150405 --json
  go run ./local db plan --from base --dialect sqlite`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show := func(report run.Report) { printPlan(cmd.OutOrStdout(), report) }
			asked, err := offline.asked(cmd)
			if err != nil {
				return err
			}
			if asked {
				report, err := offline.plan(to)
				return target.answer(cmd, report, err, show)
			}
			return target.run(cmd, database.ReadOnly, func(
				ctx context.Context, engine *run.Engine,
			) (run.Report, error) {
				return engine.Plan(ctx, to)
			}, show)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "the last version to plan for (default: all)")
	target.flags(cmd)
	offline.flags(cmd)
	return cmd
}

// change runs a command that changes the schema, telling what it does as it goes;
// a dry run only looks.
func (t *target) change(
	cmd *cobra.Command,
	dryRun bool,
	do work,
	show func(out io.Writer, report run.Report, dryRun bool),
) error {
	return t.run(cmd, modeOf(dryRun), do, func(report run.Report) { show(cmd.OutOrStdout(), report, dryRun) })
}

func printUpgrade(out io.Writer, report run.Report, dryRun bool) {
	switch {
	case dryRun:
		printPlan(out, report)
	case report.Incomplete:
		fmt.Fprintf(out, "stopped before the time was up, at %s, with %s to go: run it again\n",
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
		printLoss(out, "-- it would lose: ", report)
		fmt.Fprintf(out, "-- nothing was undone; to undo exactly this: db downgrade --to %s --plan %s\n",
			cmp.Or(report.To, run.Base), report.Plan)
	case report.Incomplete:
		fmt.Fprintf(out, "stopped before the time was up, at %s, with %s to go: run it again\n",
			versionName(report.To), count(len(report.Pending), "migration"))
	default:
		printLoss(out, "lost: ", report)
		fmt.Fprintf(out, "undid %s in %s: the database is at %s\n", count(len(report.Applied), "migration"), took(report),
			versionName(report.To))
	}
}

// printLoss prints what is lost, where that is anything.
func printLoss(out io.Writer, intro string, report run.Report) {
	for _, l := range report.Loss {
		if l.Rows != 0 {
			fmt.Fprintf(out, "%s%s\n", intro, l)
		}
	}
}

func printSQL(out io.Writer, report run.Report) {
	for _, m := range report.Pending {
		fmt.Fprintf(out, "-- %s %s\n", m.Version, m.Description)
		for _, statement := range m.SQL {
			fmt.Fprintln(out, statement)
		}
		fmt.Fprintln(out)
	}
}
