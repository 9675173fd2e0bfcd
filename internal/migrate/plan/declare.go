package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"slipway/internal/migrate/lazyregexp"
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
	schemaBlock = lazyregexp.New(`(?ms)^schema "[^"]*" \{\n.*?^\}\n`)
	schemaName  = lazyregexp.New(`(?m)^(  schema +=) schema\.\S+$`)
)

// Declare returns the tables of a database as the text of a schema.hcl with MySQL types. It
// returns an error if the text cannot be parsed again.
func (d Dialect) Declare(live *schema.Schema) (text []byte, left []string, err error) {
	if d.Name == SQLite {
		live, left = declared.FromSQLite(live)
	}
	live.Name = "app"
	// The file does not set options of the database, so each table states its own.
	live.Attrs = nil
	for _, t := range live.Tables {
		// The next number is about rows.
		t.Attrs = slices.DeleteFunc(t.Attrs, func(a schema.Attr) bool {
			_, counter := a.(*mysql.AutoIncrement)
			return counter
		})
	}
	rawDefaults(live)
	eachMember(live, func(m string) string { return strings.ReplaceAll(m, "''", "'") })
	text, err = mysql.MarshalHCL.MarshalSpec(live)
	eachMember(live, func(m string) string { return strings.ReplaceAll(m, "'", "''") })
	if err != nil {
		return nil, nil, fmt.Errorf("write the tables as HCL: %w", err)
	}
	notes := ""
	for _, what := range left {
		notes += "# " + strings.Join(strings.Fields(what), " ") + "\n"
	}
	body := schemaBlock.ReplaceAllString(string(text), "")
	body = schemaName.ReplaceAllString(body, "$1 schema.app")
	whole := hclwrite.Format([]byte(fmt.Sprintf(declareHeader, notes) + strings.TrimSpace(body) + "\n"))
	// Check that the file can be parsed again.
	if _, err := d.Parse(SchemaFile, whole); err != nil {
		return nil, nil, fmt.Errorf("write the tables as HCL: %w", err)
	}
	return whole, left, nil
}

// eachMember changes the members of all enums and sets.
func eachMember(s *schema.Schema, change func(string) string) {
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			for i, m := range declared.Members(c.Type.Type) {
				declared.Members(c.Type.Type)[i] = change(m)
			}
		}
	}
}

// rawDefaults writes defaults that begin and end with a quote as SQL: in a text of HCL, Atlas
// takes them for quoted.
func rawDefaults(s *schema.Schema) {
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			literal, ok := c.Default.(*schema.Literal)
			if !ok {
				continue
			}
			text, err := strconv.Unquote(literal.V)
			if n := len(text); err == nil && n > 1 && text[0] == text[n-1] && strings.ContainsAny(text[:1], `"'`) {
				c.Default = &schema.RawExpr{X: "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(text) + "'"}
			}
		}
	}
}
