package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/migrate/schema"
)

// TestSQLTypes: a type in sql("…") that Atlas reads differently from MySQL is an error with its position.
func TestSQLTypes(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"decimal(10,2)": "", "int unsigned": "", "enum('A','not null')": "", "double": "", "varchar(20)": "",
		"DECIMAL(10, 2)":                   "write the type in lower case",
		"enum('a', 'b')":                   `write type = enum("a", "b")`,
		"tinyint(1) unsigned":              "tinyint(1) is a boolean and has no sign",
		"varchar(20) character set latin1": "character set is not part of a type",
		"int NOT NULL":                     "NOT NULL is not part of a type",
	} {
		text := fmt.Sprintf("schema \"app\" {\n}\ntable \"t\" {\n  schema = schema.app\n"+
			"  column \"c\" {\n    type = sql(%q)\n  }\n}\n", written)
		_, err := schema.MySQL("schema.hcl", []byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", written, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "schema.hcl:6:")):
			t.Errorf("%s: %v, want %s", written, err, want)
		}
	}
}
