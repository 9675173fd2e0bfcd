package plan

import (
	"fmt"
	"regexp"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2/hclwrite"

	declared "slipway/internal/migrate/schema"
)

const declareHeader = `# The tables of this application, as they were found in a live database.
%s
variable "db" {
  type        = string
  default     = "main"
  description = "the database's name, as the server knows it; always main on SQLite"
}

schema "app" {
  name = var.db
}

`

var (
	schemaBlock = regexp.MustCompile(`(?ms)^schema "[^"]*" \{\n.*?^\}\n`)
	schemaName  = regexp.MustCompile(`(?m)^(  schema +=) schema\.\S+$`)
)

// Declare returns the tables of a database as the text of a schema.hcl with MySQL types. It
// returns an error if the text cannot be parsed again.
func (d Dialect) Declare(live *schema.Schema) ([]byte, error) {
	var left []string
	if d.Name == SQLite {
		live, left = declared.FromSQLite(live)
	}
	live.Name = "app"
	// The file does not set options of the database, so each table states its own.
	live.Attrs = nil
	text, err := mysql.MarshalHCL.MarshalSpec(live)
	if err != nil {
		return nil, fmt.Errorf("write the tables as HCL: %w", err)
	}
	notes := ""
	for _, what := range left {
		notes += "# Omitted, because MySQL has no equivalent: " + strings.Join(strings.Fields(what), " ") + "\n"
	}
	body := schemaBlock.ReplaceAllString(string(text), "")
	body = schemaName.ReplaceAllString(body, "$1 schema.app")
	whole := hclwrite.Format([]byte(fmt.Sprintf(declareHeader, notes) + strings.TrimSpace(body) + "\n"))
	// Check that the file can be parsed again.
	if _, err := d.Parse(SchemaFile, whole); err != nil {
		return nil, fmt.Errorf("write the tables as HCL: %w", err)
	}
	return whole, nil
}
