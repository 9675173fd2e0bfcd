package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"

	"slipway/internal/migrate/run"
	"slipway/internal/migrate/verify"

	"github.com/spf13/cobra"

	"slipway/internal/database"
	"slipway/migrations"
)

func newCheckCommand() *cobra.Command {
	var target target
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Compare the database, the migrations, schema.hcl and the row types",
		Long: `Compare what ought to be alike, and print each difference:

  - the live schema with what the applied migrations add up to,
  - the migrations of each dialect with schema.hcl and with the last snapshot,
  - schema.hcl with the row types in internal/app,
  - the files with atlas.sum, and with the hashes the database has of them.

It changes nothing. What is pending is no difference. Files are run on a scratch
database, in memory for SQLite, and for MySQL on the server of DEV_DATABASE_URL.
Where that is not set, the snapshots stand for the files of MySQL, and what only a
server can compare, such as expressions, is listed. The exit code is 1 when there
is a difference.`,
		Example: `  go run ./local db check
  go run ./local db check --url mysql://root@127.0.0.1:3306/app --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return target.run(cmd, database.ReadOnly, func(
				ctx context.Context, engine *run.Engine,
			) (run.Report, error) {
				declared, err := declaredHere()
				if err != nil {
					return run.FailedReport("check", err), err
				}
				report, err := verify.Check(ctx, engine, declared)
				if !target.json {
					printDrift(cmd.OutOrStdout(), report)
					noteKeys(cmd.OutOrStdout(), declared.Schema)
				}
				return report, err
			}, func(report run.Report) {
				fmt.Fprintf(cmd.OutOrStdout(), "no differences: the database is at %s%s\n", versionName(report.From),
					pendingNote(report))
			})
		},
	}
	target.flags(cmd)
	return cmd
}

func pendingNote(report run.Report) string {
	if len(report.Pending) == 0 {
		return ""
	}
	return fmt.Sprintf(", with %s pending", count(len(report.Pending), "migration"))
}

func printDrift(out io.Writer, report run.Report) {
	between := ""
	for _, d := range report.Drift {
		if d.Between != between {
			between = d.Between
			fmt.Fprintf(out, "%s\n", between)
		}
		fmt.Fprintf(out, "  %s %s\n", d.Object, d.Detail)
	}
	if len(report.NotCompared) > 0 {
		fmt.Fprintln(out, "not compared, for want of a MySQL server to try it on (set DEV_DATABASE_URL):")
	}
	for _, what := range report.NotCompared {
		fmt.Fprintf(out, "  %s\n", what)
	}
}

// keysTable is the block of schema.hcl that Idempotency-Key needs.
var keysTable = regexp.MustCompile(`(?m)^\s*table\s+"idempotency_keys"`)

// noteKeys says so where a schema.hcl lacks that block.
func noteKeys(out io.Writer, schema []byte) {
	if !keysTable.Match(schema) {
		fmt.Fprintln(out, "note: a request with Idempotency-Key fails without the table idempotency_keys: "+
			"copy the block table \"idempotency_keys\" from slipway's own schema.hcl, then run db migrate and db upgrade")
	}
}

// declaredHere is what the project in the current folder declares, or what this
// binary was built with where there is none.
func declaredHere() (verify.Declared, error) {
	declared := verify.Declared{Schema: migrations.Schema()}
	if inProject() {
		var err error
		if declared.Schema, err = os.ReadFile("schema.hcl"); err != nil {
			return declared, err
		}
		if declared.RowTypes, err = rowTypesHere(); err != nil {
			return declared, err
		}
	}
	return declared, nil
}
