package adopt

import (
	_ "embed"
	"fmt"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
	declared "slipway/internal/migrate/schema"
)

// keysTable is the table of slipway itself.
const keysTable = "idempotency_keys"

//go:embed keys.hcl
var keysBlock []byte

// hasKeys reports whether a database has slipway's own table already. It returns a [Refusal]
// for another table of this name.
func hasKeys(d plan.Dialect, tables *schema.Schema) (bool, error) {
	live, ok := tables.Table(keysTable)
	if !ok {
		return false, nil
	}
	wanted, err := declared.MySQL(plan.SchemaFile, append([]byte("schema \"app\" {\n}\n"), keysBlock...))
	if err != nil {
		return false, err
	}
	own := wanted.Tables[0]
	for _, c := range own.Columns {
		other, ok := live.Column(c.Name)
		if !ok || len(live.Columns) != len(own.Columns) || other.Type.Null != c.Type.Null {
			return false, &Refusal{[]string{fmt.Sprintf("table %s has other columns than the table of this name in which "+
				"slipway keeps the responses to requests with an Idempotency-Key: rename your table", keysTable)}}
		}
	}
	return true, nil
}
