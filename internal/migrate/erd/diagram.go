package erd

import (
	"fmt"
	"os"
	"path/filepath"

	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/schema"
)

// schemaFile is the file that declares the tables.
const schemaFile = "schema.hcl"

// Diagram returns a diagram of the tables in root/schema.hcl, with MySQL's types. format is
// "mermaid" or "svg".
//
// It returns an error if the format is unknown, or if schema.hcl is missing or invalid.
func Diagram(root, format string) (string, error) {
	draw, known := map[string]func(*atlas.Schema) string{"mermaid": Mermaid, "svg": SVG}[format]
	if !known {
		return "", fmt.Errorf("unknown format %q: use mermaid or svg", format)
	}
	text, err := os.ReadFile(filepath.Join(root, schemaFile))
	if err != nil {
		return "", fmt.Errorf("cannot read the tables: %w", err)
	}
	tables, err := schema.MySQL(schemaFile, text)
	if err != nil {
		return "", err
	}
	return draw(tables), nil
}
