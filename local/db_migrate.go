package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"slipway/internal/migrate/plan"

	"github.com/spf13/cobra"
)

const migrateHelp = `Compare schema.hcl with the last snapshot in migrations/snapshots, and write:

  - an SQL file for each dialect that changed, with up and down statements
  - atlas.sum, and a copy of schema.hcl as migrations/snapshots/VERSION.hcl
  - the row types in internal/app

The command needs no database.

If a table or column is missing and a similar one is new, it can be a rename or a
drop. The command writes nothing until you choose with --rename or --drop. A new
NOT NULL column needs a value for existing rows: its default, or the one of --fill.

If code in internal/app does not compile with the new row types, the command prints
each line and exits with 1. The migration and the row types are written nevertheless.

With --empty, the files contain no statements, for SQL that you write by hand. There
is no snapshot.

Run the command in the project's folder, and read the files before you commit them.
To discard them: git checkout migrations internal/app && git clean -f migrations`

func newMigrateCommand() *cobra.Command {
	var opts plan.Options
	var empty bool
	var dialect string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate -m MESSAGE",
		Short: "Write a migration for the changes in schema.hcl",
		Long:  migrateHelp,
		Example: `  go run ./local db migrate -m "add bio to users"
  go run ./local db migrate -m "users have a username" --rename users.name:username
  go run ./local db migrate -m "posts are articles" --rename posts:articles --rename posts.body:text
  go run ./local db migrate -m "drop name, add username" --drop users.name
  go run ./local db migrate -m "nickname is required" --fill "users.nickname='none'"
  go run ./local db migrate --empty -m "backfill scores"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := needsProject(); err != nil {
				return err
			}
			if empty {
				for _, flag := range []string{"rename", "drop", "fill"} {
					if cmd.Flags().Changed(flag) {
						return fmt.Errorf("--%s cannot be used with --empty, which writes no statements: write the SQL by hand, or "+
							"remove --empty", flag)
					}
				}
				authored, err := plan.GenerateEmpty(cmd.Context(), ".", opts.Message, dialect, time.Now())
				if err != nil {
					return oneLine(err)
				}
				printEmpty(cmd.OutOrStdout(), authored)
				return nil
			}
			if dialect != "" {
				return errors.New("--dialect requires --empty: without --empty, db migrate compares schema.hcl for all dialects")
			}
			authored, err := plan.Generate(cmd.Context(), ".", opts, time.Now())
			if err != nil {
				return oneLine(err)
			}
			return reportAuthored(cmd, authored, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&opts.Message, "message", "m", "", "short description, used in the file names (required)")
	flags.StringArrayVar(&opts.Renames, "rename", nil, "column or table to rename with its data: users.name:username, or "+
		"posts:articles (repeatable)")
	flags.StringArrayVar(&opts.Drops, "drop", nil, "column or table to drop, if it looks renamed: users.name, or "+
		"posts (repeatable)")
	flags.StringArrayVar(&opts.Fills, "fill", nil, "value of a column in existing rows, as an SQL literal: "+
		"\"users.nickname='none'\" (repeatable)")
	flags.BoolVar(&empty, "empty", false, "write files without statements, for SQL that you write by hand")
	flags.BoolVar(&asJSON, "json", false, "print the report as JSON")
	flags.StringVar(&dialect, "dialect", "", "with --empty: write only the file for mysql or sqlite")
	return cmd
}

// needsProject returns an error if the current folder has no schema.hcl.
func needsProject() error {
	if _, err := os.Stat("schema.hcl"); errors.Is(err, fs.ErrNotExist) {
		return errors.New("schema.hcl is missing: run this command in the project's folder")
	}
	return nil
}

// reportAuthored prints the files that were written, and the lines of code that no
// longer compile. The error counts these lines.
func reportAuthored(cmd *cobra.Command, authored plan.Result, asJSON bool) error {
	broken := brokenByHand(cmd.Context(), authored.RowTypes)
	out := cmd.OutOrStdout()
	if asJSON {
		// JSON must have empty lists, not null.
		authored.Files = append([]plan.ResultFile{}, authored.Files...)
		authored.Warnings = append([]string{}, authored.Warnings...)
		authored.RowTypes.Notes = append([]string{}, authored.RowTypes.Notes...)
		broken = append([]string{}, broken...)
		err := encodeJSON(out, struct {
			plan.Result
			Broken []string `json:"broken"`
		}{authored, broken})
		return errors.Join(err, errBroken(broken))
	}
	printAuthored(out, authored, nothingChanged)
	schema, err := os.ReadFile("schema.hcl")
	if err != nil {
		return err
	}
	noteKeys(out, schema)
	return printBroken(out, broken)
}

// nothingChanged is what db migrate prints when it writes no migration.
const nothingChanged = "nothing changed: the migrations match schema.hcl"

// printAuthored prints the files that were written, or the line nothing if there is no
// migration.
func printAuthored(out io.Writer, authored plan.Result, nothing string) {
	if len(authored.Files) == 0 {
		fmt.Fprintln(out, nothing)
	}
	for _, f := range authored.Files {
		down := fmt.Sprintf("%d down", f.Down)
		if f.Irreversible != "" {
			down = "irreversible: " + f.Irreversible
		}
		fmt.Fprintf(out, "wrote %s (%s up, %s)\n", f.Path, count(f.Up, "statement"), down)
	}
	if authored.Snapshot != "" {
		fmt.Fprintf(out, "wrote %s\n", authored.Snapshot)
	}
	printRowTypes(out, authored)
	if len(authored.Files) == 0 {
		return
	}
	// All dialects drop the same tables and columns.
	for _, name := range authored.Files[0].Drops {
		fmt.Fprintf(out, "this migration drops %s and its data\n", name)
	}
	for _, warning := range authored.Warnings {
		fmt.Fprintf(out, "warning: %s\n", warning)
	}
	fmt.Fprintln(out, "read the SQL, then apply it with: go run ./local db upgrade")
}

func printEmpty(out io.Writer, authored plan.Result) {
	for _, f := range authored.Files {
		fmt.Fprintf(out, "wrote %s\n", f.Path)
	}
	fmt.Fprintln(out, "write the SQL into the files, then run: go run ./local db hash")
}
