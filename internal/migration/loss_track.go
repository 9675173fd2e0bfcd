package migration

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// tracker follows each column of a schema through statements, so that one that
// is renamed, or copied into a table that takes the old one's place, counts as kept.
type tracker struct {
	state *ddl.State
	// at has, for each table as it is now, where its columns come from.
	at map[string]map[string]origin
	// gone has the tables that were dropped, until another takes their name.
	gone map[string]map[string]origin
	// filled are the tables that rows were copied into.
	filled map[string]bool
	sizes  map[string]int
	checks map[origin]string
	lost   []Loss
}

// origin is a column by its name before the first statement.
type origin struct{ table, column string }

func newTracker(state *ddl.State) *tracker {
	t := &tracker{
		state: state, at: map[string]map[string]origin{}, gone: map[string]map[string]origin{},
		filled: map[string]bool{}, sizes: map[string]int{}, checks: map[origin]string{},
	}
	if state == nil {
		return t
	}
	for _, table := range state.Schema().Tables {
		columns := map[string]origin{}
		for _, c := range table.Columns {
			o := origin{table.Name, c.Name}
			columns[c.Name], t.checks[o] = o, hasValue(c)
		}
		t.at[table.Name], t.sizes[table.Name] = columns, len(columns)
	}
	return t
}

// hasValue is the condition for a row to have something in a column that adding
// the column again would not bring back.
func hasValue(c *schema.Column) string {
	where := quote(c.Name) + " IS NOT NULL"
	if l, ok := c.Default.(*schema.Literal); ok && !strings.EqualFold(l.V, "null") {
		where += " AND " + quote(c.Name) + " <> " + l.V
	}
	return where
}

func (t *tracker) unknown(statement string) {
	// What only reads or sets something loses nothing.
	if harmless.MatchString(statement) {
		return
	}
	t.lost = append(t.lost, Loss{Rows: -1, Statement: statement})
}

var (
	harmless   = regexp.MustCompile(`(?is)^\s*(pragma|set|insert|create\s+(unique\s+)?index|select|analyze)\b`)
	deleteFrom = regexp.MustCompile("(?is)^\\s*delete\\s+from\\s+[`\"]?([^`\"\\s;]+)[`\"]?\\s*(?:where\\s+(.*?))?;?\\s*$")
)

func (t *tracker) follow(effect ddl.Effect, statement string) {
	switch effect.Verb {
	case "INSERT", "REPLACE":
		t.filled[effect.Table] = true
	case "TRUNCATE":
		t.loseRows(effect.Table, "")
	case "DELETE":
		if m := deleteFrom.FindStringSubmatch(statement); m != nil {
			t.loseRows(m[1], m[2])
		} else {
			t.unknown(statement)
		}
	}
	for _, c := range effect.Changes {
		switch c := c.(type) {
		case *schema.AddTable:
			t.at[c.T.Name] = map[string]origin{}
		case *schema.DropTable:
			t.gone[c.T.Name] = t.at[c.T.Name]
			delete(t.at, c.T.Name)
		case *schema.RenameTable:
			t.rename(c.From.Name, c.To)
		case *schema.ModifyTable:
			for _, part := range c.Changes {
				t.followPart(t.at[c.T.Name], part)
			}
		}
	}
}

func (t *tracker) followPart(columns map[string]origin, c schema.Change) {
	switch c := c.(type) {
	case *schema.RenameColumn:
		if o, ok := columns[c.From.Name]; ok {
			delete(columns, c.From.Name)
			columns[c.To.Name] = o
		}
	case *schema.DropColumn:
		t.loseColumn(columns[c.C.Name])
		delete(columns, c.C.Name)
	case *schema.ModifyColumn:
		if rounds(c.From.Type.Type, c.To.Type.Type) {
			t.loseColumn(columns[c.From.Name])
		}
		if o, ok := columns[c.From.Name]; ok && c.From.Name != c.To.Name {
			delete(columns, c.From.Name)
			columns[c.To.Name] = o
		}
	}
}

// rename gives a table another name. One that was filled and takes the place of
// a table that was dropped has that one's rows, in the columns of the same name.
func (t *tracker) rename(from string, to *schema.Table) {
	columns := t.at[from]
	delete(t.at, from)
	if old, ok := t.gone[to.Name]; ok && t.filled[from] {
		delete(t.gone, to.Name)
		for _, c := range to.Columns {
			if o, ok := old[c.Name]; ok {
				columns[c.Name] = o
				delete(old, c.Name)
			}
		}
		for _, o := range old {
			t.loseColumn(o)
		}
	}
	t.at[to.Name] = columns
}

func (t *tracker) loseColumn(o origin) {
	if o != (origin{}) {
		t.lost = append(t.lost, Loss{Table: o.table, Column: o.column, where: t.checks[o]})
	}
}

func (t *tracker) loseRows(table, where string) {
	for _, o := range t.at[table] {
		t.lost = append(t.lost, Loss{Table: o.table, where: where})
		return
	}
}

// list gives what is lost, a table that is gone as one entry.
func (t *tracker) list() []Loss {
	whole := map[string]bool{}
	for _, columns := range t.gone {
		for _, o := range columns {
			whole[o.table] = true
		}
	}
	var all []Loss
	seen := map[string]bool{}
	add := func(l Loss) {
		key := l.Table + "\x00" + l.Column + "\x00" + l.where + l.Statement
		if !seen[key] && (l.Column == "" || !whole[l.Table]) {
			seen[key] = true
			all = append(all, l)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(whole)) {
		add(Loss{Table: table})
	}
	for _, l := range t.lost {
		add(l)
	}
	return all
}

// rounds says whether MySQL would convert the values of a column without a word
// although not all of each fits: other narrowing it refuses.
func rounds(from, to schema.Type) bool {
	switch from := from.(type) {
	case *schema.FloatType:
		switch to := to.(type) {
		case *schema.IntegerType, *schema.DecimalType:
			return true
		case *schema.FloatType:
			return strings.EqualFold(from.T, "double") && strings.EqualFold(to.T, "float")
		}
	case *schema.DecimalType:
		switch to := to.(type) {
		case *schema.DecimalType:
			return to.Scale < from.Scale
		case *schema.IntegerType:
			return from.Scale > 0
		case *schema.FloatType:
			return true
		}
	case *schema.TimeType:
		to, ok := to.(*schema.TimeType)
		if !ok {
			return false
		}
		digits := func(p *int) int {
			if p == nil {
				return 0
			}
			return *p
		}
		return digits(to.Precision) < digits(from.Precision) || to.T == "date" && from.T != "date" || to.T == "time" && from.T != "time"
	}
	return false
}
