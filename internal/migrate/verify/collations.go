package verify

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// byCodePoint are the collations of MySQL that sort and compare in the same way as SQLite.
const byCodePoint = " utf8mb4_0900_bin binary "

// collations lists the text columns of a MySQL database that sort and compare in another way
// than on SQLite, by table and collation: "posts: title, body (utf8mb4_general_ci)".
func collations(live *schema.Schema) (all []string) {
	for _, t := range live.Tables {
		names, order := map[string][]string{}, []string(nil)
		for _, c := range t.Columns {
			switch c.Type.Type.(type) {
			case *schema.StringType, *schema.EnumType:
			default:
				continue
			}
			collation := collationOf(c.Attrs, collationOf(t.Attrs, collationOf(live.Attrs, "")))
			if collation == "" || strings.Contains(byCodePoint, " "+collation+" ") {
				continue
			}
			if names[collation] == nil {
				order = append(order, collation)
			}
			names[collation] = append(names[collation], c.Name)
		}
		for _, collation := range order {
			all = append(all, fmt.Sprintf("%s: %s (%s)", t.Name, strings.Join(names[collation], ", "), collation))
		}
	}
	return all
}

// collationOf returns the collation in attrs, or else the given one.
func collationOf(attrs []schema.Attr, inherited string) string {
	for _, a := range attrs {
		if c, ok := a.(*schema.Collation); ok {
			return c.V
		}
	}
	return inherited
}
