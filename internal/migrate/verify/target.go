package verify

import (
	"regexp"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// target is a table that gets rows.
type target struct {
	*schema.Table
	// was is the table in the schema that its rows must fit too; nil for none.
	was *schema.Table
	// unique are the sets of columns that no two rows have alike.
	unique [][]*schema.Column
	// hints are values that a check mentions, by column.
	hints map[*schema.Column][]string
}

// target looks at a table that gets rows, and at the table in the old schema; nil for none.
func (f *filler) target(table *schema.Table, old *schema.Schema) *target {
	t := &target{Table: table, hints: map[*schema.Column][]string{}}
	sides := []*schema.Table{table}
	if old != nil {
		if was, found := old.Table(table.Name); found {
			t.was, sides = was, append(sides, was)
		}
	}
	for _, side := range sides {
		for _, index := range append([]*schema.Index{side.PrimaryKey}, side.Indexes...) {
			if index == nil || index != side.PrimaryKey && !index.Unique {
				continue
			}
			var key []*schema.Column
			for _, column := range columnsOf(index) {
				if c, found := table.Column(column.Name); found {
					key = append(key, c)
				}
			}
			// Expressions are left to the database.
			if len(key) == len(index.Parts) {
				t.unique = append(t.unique, key)
			}
		}
	}
	for _, c := range table.Columns {
		t.hints[c] = f.hintsFor(table, c)
	}
	return t
}

// inOld returns a column as it is in the schema that rows must fit too; nil for none.
func (t *target) inOld(c *schema.Column) *schema.Column {
	if t.was == nil {
		return nil
	}
	was, _ := t.was.Column(c.Name)
	return was
}

func (t *target) mayBeNull(c *schema.Column) bool {
	was := t.inOld(c)
	return mayBeNull(t.Table, c) && (was == nil || mayBeNull(t.was, was))
}

var (
	quotedIn = regexp.MustCompile(`'((?:[^'\\]|''|\\.)*)'`)
	numberIn = regexp.MustCompile(`(?:^|[^\pL\d_.'])(-?\d+(?:\.\d+)?)`)
)

// hintsFor reads from the checks that mention a column which values it may have: the texts
// and numbers in them, what is next to a number, texts of such a length, and the default.
func (f *filler) hintsFor(t *schema.Table, c *schema.Column) (hints []string) {
	_, isText := c.Type.Type.(*schema.StringType)
	_, typed := declared.TypeOf(t, c)
	mentioned := regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + regexp.QuoteMeta(c.Name) + `($|[^\pL\pN_])`)
	for _, check := range t.Checks() {
		if typed && check.Name == declared.TypeCheckName(t.Name, c.Name) || !mentioned.MatchString(check.Expr) {
			continue // what a type takes is known without a hint
		}
		expression := strings.ReplaceAll(check.Expr, `\'`, `'`) // as MySQL writes it
		for _, m := range quotedIn.FindAllStringSubmatch(expression, -1) {
			hints = append(hints, f.quote(strings.ReplaceAll(m[1], "''", "'")))
		}
		for _, m := range numberIn.FindAllStringSubmatch(quotedIn.ReplaceAllString(expression, ""), -1) {
			n, err := strconv.ParseFloat(m[1], 64)
			for near := n - 1; err == nil && near <= n+1; near++ {
				switch {
				case !isText:
					hints = append(hints, strconv.FormatFloat(near, 'f', -1, 64))
				case near >= 0 && near <= 1000:
					hints = append(hints, f.quote(f.token(int(near))))
				}
			}
		}
		if isText {
			hints = append(hints, "'{}'")
		}
		if d, ok := c.Default.(*schema.Literal); ok {
			hints = append(hints, d.V)
		}
	}
	return hints
}
