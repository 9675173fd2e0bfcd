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
		Short: "Write atlas.sum again after a pending migration was edited by hand",
		Long: `Write the atlas.sum of both dialects again after a migration that is not applied
anywhere was edited, added or removed by hand, and say which.

It needs no database. With --url it asks that one first, and refuses where a file
that is applied there was edited or removed: restore it, or see "db repair".

A checksum covers all files before its own: of the files from an edited one on, only
that one is named.`,
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
		"a database that must not have the edited files applied (default: none is asked)")
	cmd.Flags().BoolVar(&target.json, "json", false, "print what was written as JSON")
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
