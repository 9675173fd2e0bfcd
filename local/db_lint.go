package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"

	"slipway/internal/database"
	"slipway/migrations"
)

const lintHelp = `Check the pending migrations before you apply them. The command reports statements
that delete data, break code that is still running, narrow a type, block writers, or
cannot be undone. Each finding has the file, the line, the reason and a safer way.

For statements that "db migrate" wrote, the command compares the snapshots. All other
statements run on a scratch database: in memory for SQLite, and for MySQL on the
server of DEV_DATABASE_URL. If DEV_DATABASE_URL is not set, such a MySQL statement is
an error.

The command also checks the files of the other dialect. It reads the sizes of the
tables from the database. With --latest or --from, it uses no database: --from checks
what is pending in a database at that version.

Write "-- atlas:nolint CODE" before a statement to disable one rule for it. The rules
are in docs/migrations.md. The exit code is 1 if there is an error.`

func newLintCommand() *cobra.Command {
	opts := lint.Lint{LargeTable: lint.LargeTable}
	var target target
	var offline offline
	var format string
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Report risky statements in the pending migrations, and a safer way",
		Long:  lintHelp,
		Example: `  go run ./local db lint
  go run ./local db lint --latest 1 --format github
  go run ./local db lint --from 20260102150405
  go run ./local db lint --url mysql://root@127.0.0.1:3306/app --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "github" {
				return fmt.Errorf("--format must be text or github, not %q", format)
			}
			if opts.Latest < 0 || opts.LargeTable < 1 {
				return errors.New("--latest and --large-table must be 1 or more")
			}
			check := func(ctx context.Context, engine *run.Engine) (run.Report, error) {
				opts.Declared, opts.Others = migrations.Schema(), true
				report, err := lint.Look(ctx, engine, opts)
				if !target.json {
					err = printFindings(cmd.OutOrStdout(), format, report, err)
					if format == "text" {
						printUnmanaged(cmd.OutOrStdout(), report.Unmanaged)
					}
				}
				return report, err
			}
			show := func(run.Report) {}
			noDatabase, err := offline.selected(cmd)
			if err != nil {
				return err
			}
			if !noDatabase {
				return target.run(cmd, database.ReadOnly, check, show)
			}
			engine, err := offline.engine()
			if err != nil {
				return target.print(cmd, run.FailedReport("lint", err), err, show)
			}
			opts.From, target.dialect = offline.from, offline.dialect
			report, err := check(cmd.Context(), engine)
			return target.print(cmd, report, err, show)
		},
	}
	cmd.Flags().IntVar(&opts.Latest, "latest", 0, "check the last N files instead of the pending ones, without a "+
		"database")
	cmd.Flags().StringVar(&format, "format", "text", "text, or github for annotations of a pull request")
	cmd.Flags().Int64Var(&opts.LargeTable, "large-table", lint.LargeTable, "number of rows from which a statement that "+
		"blocks writers is an error")
	target.flags(cmd)
	offline.flags(cmd)
	cmd.MarkFlagsMutuallyExclusive("from", "latest")
	return cmd
}

// printFindings prints the findings in a format, "text" or "github". It returns err, joined with
// the error of writing.
func printFindings(out io.Writer, format string, report run.Report, err error) error {
	switch {
	case format == "github":
		return errors.Join(err, lint.GitHub(out, report.Findings))
	case len(report.Findings) > 0:
		return errors.Join(err, lint.Text(out, report.Findings))
	case err == nil && len(report.Pending) == 0:
		fmt.Fprintln(out, "nothing to check: no migration is pending")
	case err == nil:
		fmt.Fprintf(out, "checked %s: no findings\n", count(len(report.Pending), "migration"))
	}
	return err
}
