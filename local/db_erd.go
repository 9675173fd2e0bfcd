package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"slipway/internal/migrate/erd"

	"github.com/spf13/cobra"
)

func newERDCommand() *cobra.Command {
	var format, file string
	cmd := &cobra.Command{
		Use:   "erd",
		Short: "Draw the schema as a Mermaid diagram or an SVG",
		Long: `Draw the tables of schema.hcl with their columns, keys and foreign keys.

The output is a Mermaid erDiagram, which many Markdown viewers show as a picture, or
a standalone SVG. The command needs no database.

Run the command in the project's folder.`,
		Example: `  go run ./local db erd
  go run ./local db erd -o schema.svg
  go run ./local db erd --format svg > schema.svg`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := needsProject(); err != nil {
				return err
			}
			if format == "" {
				format = "mermaid"
				if strings.EqualFold(filepath.Ext(file), ".svg") {
					format = "svg"
				}
			}
			text, err := erd.Diagram(".", format)
			if err != nil {
				return oneLine(err)
			}
			if file == "" {
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
				return err
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s\n", file)
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "mermaid or svg (default: svg if --output ends in .svg, otherwise "+
		"mermaid)")
	cmd.Flags().StringVarP(&file, "output", "o", "", "output file (default: standard output)")
	return cmd
}
