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
		Short:   "Add something to the project",
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
		Long: `Declare a table in schema.hcl, and write its migrations and row type. The command
writes all files or none. If the table already exists, nothing changes.

A field is NAME:TYPE with a MySQL type, or NAME:TABLE for a foreign key:

  name:varchar(40)          a NOT NULL column
  name:varchar(40):unique   a column with unique values
  bio:longtext:null         a column that allows NULL
  weight:double=1           a column with a default value
  "size:enum('s','l')=s"    a column with one of these values
  user:users                a column user_id with a foreign key to users

Every table has an id, created_at, and updated_at. To change the table later, edit
its block in schema.hcl and run "db migrate".`,
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
			authored, err := plan.Generate(cmd.Context(), ".", plan.Options{
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
				fmt.Fprintf(cmd.OutOrStdout(), "the table %s is already in schema.hcl\n", name)
			} else {
				fmt.Fprintf(cmd.OutOrStdout(), "wrote the table %s to schema.hcl\n", name)
			}
			return reportAuthored(cmd, authored, false)
		},
	}
}
