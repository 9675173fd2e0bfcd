package erd

import (
	"fmt"
	"os"
	"path/filepath"

	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/schema"
)

// schemaFile is the file in which tables are declared.
const schemaFile = "schema.hcl"

// Diagram draws the tables that root/schema.hcl declares, as "mermaid" or "svg".
// The types are those of MySQL, which say more. No database and no network is
// needed.
//
// Errors are for the developer to read: schema.hcl missing, or wrong at a line; a
// format that is neither.
func Diagram(root, format string) (string, error) {
	draw, known := map[string]func(*atlas.Schema) string{"mermaid": Mermaid, "svg": SVG}[format]
	if !known {
		return "", fmt.Errorf("no format %q: use mermaid or svg", format)
	}
	text, err := os.ReadFile(filepath.Join(root, schemaFile))
	if err != nil {
		return "", fmt.Errorf("the tables are declared in %s: %w", schemaFile, err)
	}
	tables, err := schema.MySQL(schemaFile, text)
	if err != nil {
		return "", err
	}
	return draw(tables), nil
}
