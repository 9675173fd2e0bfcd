package migration

import (
	"fmt"
	"os"
	"path/filepath"

	"slipway/internal/migration/erd"
)

// Diagram draws the tables that root/schema.hcl declares, as "mermaid" or "svg".
// The types are those of MySQL, which say more. No database and no network is
// needed.
//
// Errors are for the developer to read: schema.hcl missing, or wrong at a line; a
// format that is neither.
func Diagram(root, format string) (string, error) {
	draw := erd.Mermaid
	switch format {
	case "mermaid":
	case "svg":
		draw = erd.SVG
	default:
		return "", fmt.Errorf("no format %q: use mermaid or svg", format)
	}
	text, err := os.ReadFile(filepath.Join(root, schemaFile))
	if err != nil {
		return "", fmt.Errorf("the tables are declared in %s: %w", schemaFile, err)
	}
	d, err := dialectByName(MySQL)
	if err != nil {
		return "", err
	}
	s, err := d.parse(schemaFile, text)
	if err != nil {
		return "", err
	}
	return draw(s), nil
}
