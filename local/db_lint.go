package main

import (
	"context"
	"errors"
	"fmt"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"

	"slipway/internal/database"
	"slipway/migrations"
)

func newLintCommand() *cobra.Command {
	opts := lint.Lint{LargeTable: lint.LargeTable}
	var target target
	var offline offline
	var format string
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Say what in the pending migrations is dangerous, and the safer way",
		Long: `Look at the pending migrations, before they are applied, and say what in them deletes
data, breaks the code that is still running, narrows a type, makes writers wait,
or does not lead back; with the file and the line, why, and the safer way.

What db migrate wrote is known from the snapshots. Other statements are tried on a
scratch database: in memory for SQLite, and for MySQL on the server of
DEV_DATABASE_URL, without which they are an error.

The files of the other dialect are looked at as well. How many rows the tables
have is asked of the database. With --latest or --from no database is needed:
--from looks at what is pending in a database that is at that version.

"-- atlas:nolint CODE" in front of a statement silences one rule for it. The
rules are in docs/migrations.md. The exit code is 1 when there is an error.`,
		Example: `  go run ./local db lint
  go run ./local db lint --latest 1 --format github
  go run ./local db lint --from 20260102150405
  go run ./local db lint --url mysql://root@127.0.0.1:3306/app --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "github" {
				return fmt.Errorf("--format is text or github, not %q", format)
			}
			if opts.Latest < 0 || opts.LargeTable < 1 {
				return fmt.Errorf("--latest and --large-table are numbers from 1 on")
			}
			look := func(ctx context.Context, engine *run.Engine) (run.Report, error) {
				opts.Declared, opts.Others = migrations.Schema(), true
				report, err := lint.Look(ctx, engine, opts)
				out := cmd.OutOrStdout()
				switch {
				case target.json:
				case format == "github":
					err = errors.Join(err, lint.GitHub(out, report.Findings))
				case len(report.Findings) > 0:
					err = errors.Join(err, lint.Text(out, report.Findings))
				case err == nil && len(report.Pending) == 0:
					fmt.Fprintln(out, "nothing to look at: no migration is pending")
				case err == nil:
					fmt.Fprintf(out, "%s looked at, nothing found\n", count(len(report.Pending), "migration"))
				}
				return report, err
			}
			show := func(run.Report) {}
			asked, err := offline.asked(cmd)
			if err != nil {
				return err
			}
			if !asked {
				return target.run(cmd, database.ReadOnly, look, show)
			}
			engine, err := offline.engine()
			if err != nil {
				return target.answer(cmd, run.FailedReport("lint", err), err, show)
			}
			opts.From, target.dialect = offline.from, offline.dialect
			report, err := look(cmd.Context(), engine)
			return target.answer(cmd, report, err, show)
		},
	}
	cmd.Flags().IntVar(&opts.Latest, "latest", 0, "look at the last N files instead of the pending ones, without a "+
		"database")
	cmd.Flags().StringVar(&format, "format", "text", "text, or github for annotations in a pull request")
	cmd.Flags().Int64Var(&opts.LargeTable, "large-table", lint.LargeTable, "the rows from which on to make writers wait "+
		"is an error")
	target.flags(cmd)
	offline.flags(cmd)
	cmd.MarkFlagsMutuallyExclusive("from", "latest")
	return cmd
}
