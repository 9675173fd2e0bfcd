package main

import (
	"errors"
	"fmt"
	"io"

	"slipway/internal/migrate/plan"

	"github.com/spf13/cobra"

	"slipway/internal/database"
)

func newHashCommand() *cobra.Command {
	var target target
	cmd := &cobra.Command{
		Use:   "hash",
		Short: "Write atlas.sum again after you edit a pending migration",
		Long: `Write the atlas.sum files again after you edit, add or remove a migration that no
database has applied, and print the changed files.

The command needs no database. With --url, it checks that database first. If the
database has applied a file that you edited or removed, the command changes nothing:
restore the file, or see "db repair".

A checksum covers all earlier files, too. So if you edit several files of a dialect,
the command prints only the first one.`,
		Example: `  go run ./local db migrate --empty -m "backfill scores"
  go run ./local db hash
  go run ./local db hash --url mysql://root@127.0.0.1:3306/app`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := needsProject(); err != nil {
				return err
			}
			if target.url != "" {
				engine, db, err := target.open(database.ReadOnly)
				if err == nil {
					err = errors.Join(engine.CheckApplied(cmd.Context()), db.Close())
				}
				if err != nil {
					return oneLine(err)
				}
			}
			rehashed, err := plan.Rehash(cmd.Context(), ".", false)
			if err != nil {
				return oneLine(err)
			}
			if target.json {
				return encodeJSON(cmd.OutOrStdout(), rehashed)
			}
			printRehashed(cmd.OutOrStdout(), rehashed)
			return nil
		},
	}
	cmd.Flags().StringVar(&target.url, "url", "",
		"database that must not have applied the changed files (default: none)")
	cmd.Flags().BoolVar(&target.json, "json", false, "print the report as JSON")
	return cmd
}

func printRehashed(out io.Writer, rehashed plan.Rehashed) {
	for _, f := range rehashed.Files {
		fmt.Fprintf(out, "%s was %s\n", f.Path, f.Change)
	}
	for _, path := range rehashed.Written {
		fmt.Fprintf(out, "wrote %s\n", path)
	}
	if len(rehashed.Written) == 0 {
		fmt.Fprintln(out, "nothing changed: the files match atlas.sum")
	}
}
