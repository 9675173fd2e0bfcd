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

func newMigrateCommand() *cobra.Command {
	var opts plan.Options
	var empty bool
	var dialect string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate -m MESSAGE",
		Short: "Write the migration from the last snapshot to schema.hcl",
		Long: `Compare schema.hcl with the last copy in migrations/snapshots, and write what
changed: one SQL file for each dialect that changed, up and down, with its checksum,
a copy of schema.hcl as migrations/snapshots/VERSION.hcl, and the row types in
internal/app. It needs no database.

What schema.hcl cannot say is asked for here. Something that is gone while
something like it is new is a rename or a drop: nothing is written until you say
which. A column that takes no NULL needs a value for the rows that are there: its
default, or the one that --fill gives.

Where code in internal/app no longer compiles with the new row types, each line is
printed, and the exit code is 1: the migration and the row types are written.

With --empty the files have no statements, for SQL that you write by hand, and there
is no copy of schema.hcl.

Run it in the project's folder, and read the files before you commit them. Until
you do, git can take them back: git checkout migrations internal/app && git clean -f migrations`,
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
						return fmt.Errorf("--empty writes no statements, so --%s has nothing to do there: write the SQL by hand, or "+
							"leave out --empty", flag)
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
				return errors.New("--dialect is for --empty: schema.hcl is compared for all dialects at once, so that they stay " +
					"the same")
			}
			authored, err := plan.Generate(cmd.Context(), ".", opts, time.Now())
			if err != nil {
				return oneLine(err)
			}
			return reportAuthored(cmd, authored, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&opts.Message, "message", "m", "", "what changes, in a few words; it names the files (required)")
	flags.StringArrayVar(&opts.Renames, "rename", nil, "what keeps its rows under a new name: users.name:username, or "+
		"posts:articles (repeatable)")
	flags.StringArrayVar(&opts.Drops, "drop", nil, "what is really dropped although it looks renamed: users.name, or "+
		"posts (repeatable)")
	flags.StringArrayVar(&opts.Fills, "fill", nil, "what rows that are there get in a column, as an SQL literal: "+
		"\"users.nickname='none'\" (repeatable)")
	flags.BoolVar(&empty, "empty", false, "write files without statements, for SQL written by hand")
	flags.BoolVar(&asJSON, "json", false, "print what was written as JSON")
	flags.StringVar(&dialect, "dialect", "", "with --empty: only for mysql, or only for sqlite")
	return cmd
}

// needsProject makes sure that the current folder is a project's.
func needsProject() error {
	if _, err := os.Stat("schema.hcl"); errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no schema.hcl here: run this in the project's folder")
	}
	return nil
}

// reportAuthored prints what was written, and what it broke. The error counts that.
func reportAuthored(cmd *cobra.Command, authored plan.Result, asJSON bool) error {
	broken := brokenByHand(cmd.Context(), authored.RowTypes)
	out := cmd.OutOrStdout()
	if asJSON {
		// Lists, not null, for machines.
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
const nothingChanged = "nothing changed: the migrations add up to schema.hcl"

// printAuthored prints what was written; nothing is the line for no migration.
func printAuthored(out io.Writer, authored plan.Result, nothing string) {
	if len(authored.Files) == 0 {
		fmt.Fprintln(out, nothing)
	}
	for _, f := range authored.Files {
		way := fmt.Sprintf("%d down", f.Down)
		if f.Irreversible != "" {
			way = "no way down: " + f.Irreversible
		}
		fmt.Fprintf(out, "wrote %s (%s up, %s)\n", f.Path, count(f.Up, "statement"), way)
	}
	if authored.Snapshot != "" {
		fmt.Fprintf(out, "wrote %s\n", authored.Snapshot)
	}
	printRowTypes(out, authored)
	if len(authored.Files) == 0 {
		return
	}
	// The same on every dialect, or the files would not belong together.
	for _, name := range authored.Files[0].Drops {
		fmt.Fprintf(out, "it drops %s and the data in it\n", name)
	}
	for _, warning := range authored.Warnings {
		fmt.Fprintf(out, "careful: %s\n", warning)
	}
	fmt.Fprintln(out, "read the SQL, then apply it with: go run ./local db upgrade")
}

func printEmpty(out io.Writer, authored plan.Result) {
	for _, f := range authored.Files {
		fmt.Fprintf(out, "wrote %s\n", f.Path)
	}
	fmt.Fprintln(out, "write the SQL there, then accept it with: go run ./local db hash")
}
