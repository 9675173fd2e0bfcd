package main

import (
	"errors"
	"fmt"
	"io/fs"
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
		Long: `Draw the tables of schema.hcl, their columns, keys and foreign keys: as the text
of a Mermaid erDiagram, which many places show as a picture where Markdown is
read, or as an SVG that stands for itself. It needs no database.

Run it in the project's folder.`,
		Example: `  go run ./local db erd
  go run ./local db erd -o schema.svg
  go run ./local db erd --format svg > schema.svg`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := os.Stat("schema.hcl"); errors.Is(err, fs.ErrNotExist) {
				return errors.New("there is no schema.hcl here: run this in the project's folder")
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
	cmd.Flags().StringVar(&format, "format", "", "mermaid or svg (default: svg for a file whose name ends in .svg, else "+
		"mermaid)")
	cmd.Flags().StringVarP(&file, "output", "o", "", "the file to write (default: standard output)")
	return cmd
}
