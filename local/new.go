package main

import (
	"bytes"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"

	"github.com/spf13/cobra"

	"slipway/internal/migrate/schema"
)

func newNewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "new",
		Short:   "Write something new into the project",
		Example: "  go run ./local new table tags 'name:varchar(40):unique'",
		Args:    unknownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTableCommand())
	return cmd
}

func newTableCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "table NAME [FIELD…]",
		Short: "Declare a table and write its migrations and row type",
		Long: `Declare a table in schema.hcl, and write its migrations and row type. All of it
is written, or nothing; a second time nothing changes.

A field is NAME:TYPE, with a type of MySQL, or NAME:TABLE for a foreign key:

  name:varchar(40)          a column; it takes no NULL
  name:varchar(40):unique   no two rows have the same value
  bio:longtext:null         the column takes NULL
  weight:double=1           the value of rows that are created without one
  user:users                a column user_id that refers to a row of users

Every table has an id, created_at and updated_at. The table is an ordinary block of
schema.hcl: change it there, and run "db migrate".`,
		Example: `  go run ./local new table tags 'name:varchar(40):unique' weight:double=1 user:users
  go run ./local new table comments body:longtext post:posts answers:comments:null`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("missing the table's name: %s --help has examples", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needsProject(); err != nil {
				return err
			}
			name, fields := args[0], args[1:]
			declared := false
			authored, err := plan.Author(cmd.Context(), ".", plan.Authoring{
				Message: "create " + name,
				Edit: func(text []byte) ([]byte, error) {
					edited, err := schema.NewTable("schema.hcl", text, name, fields)
					declared = err == nil && bytes.Equal(edited, text)
					return edited, err
				},
			}, time.Now())
			if err != nil {
				return oneLine(err)
			}
			if declared {
				fmt.Fprintf(cmd.OutOrStdout(), "the table %s is in schema.hcl already\n", name)
			} else {
				fmt.Fprintf(cmd.OutOrStdout(), "wrote the table %s into schema.hcl\n", name)
			}
			return reportAuthored(cmd, authored, false)
		},
	}
}
