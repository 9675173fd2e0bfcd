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
		Long: `Compare the database with the project, and print each difference:

  - the live schema with the schema that the applied migrations create
  - the migrations of each dialect with schema.hcl and with the last snapshot
  - schema.hcl with the row types in internal/app
  - the migration files with atlas.sum, and with their checksums in the database

The command changes nothing. A pending migration is not a difference.

The migrations run on a scratch database: in memory for SQLite, and for MySQL on the
server of DEV_DATABASE_URL. If DEV_DATABASE_URL is not set, the command uses the
snapshots for MySQL, and lists what only a server can compare, such as expressions.

The exit code is 1 if there is a difference.`,
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
					printUnmanaged(cmd.OutOrStdout(), report.Unmanaged)
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
		fmt.Fprintln(out, "not compared, because this needs a MySQL server (set DEV_DATABASE_URL):")
	}
	for _, what := range report.NotCompared {
		fmt.Fprintf(out, "  %s\n", what)
	}
	if len(report.Collations) > 0 {
		fmt.Fprintln(out, "sorted and compared by their collation, but by code point on SQLite:")
	}
	for _, what := range report.Collations {
		fmt.Fprintf(out, "  %s\n", what)
	}
}

// keysTable matches the block of schema.hcl that Idempotency-Key needs.
var keysTable = regexp.MustCompile(`(?m)^\s*table\s+"idempotency_keys"`)

// noteKeys prints a note if the schema lacks that block.
func noteKeys(out io.Writer, schema []byte) {
	if !keysTable.Match(schema) {
		fmt.Fprintln(out, "note: requests with Idempotency-Key fail without the table idempotency_keys: "+
			"copy the block table \"idempotency_keys\" from slipway's own schema.hcl, then run db migrate and db upgrade")
	}
}

// declaredHere returns the declarations of the project in the current folder. Without
// a project it returns the schema that is embedded in this binary.
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
