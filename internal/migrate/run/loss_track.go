package run

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

// tracker follows tables and columns through statements, so that one that is renamed
// counts as kept, and one that is made on the way counts for nothing.
type tracker struct {
	dialect plan.Dialect
	// tables and columns have the names before the first statement of those that were
	// renamed, by the names they have now; "" for those that were made since.
	tables  map[string]string
	columns map[[2]string]string
	lost    []Loss
}

func newTracker(d plan.Dialect) *tracker {
	return &tracker{dialect: d, tables: map[string]string{}, columns: map[[2]string]string{}}
}

func (t *tracker) unknown(statement string) {
	// What only reads or sets something loses nothing.
	if !harmless.MatchString(statement) {
		t.lost = append(t.lost, Loss{Rows: -1, Statement: statement})
	}
}

var (
	harmless   = regexp.MustCompile(`(?is)^\s*(pragma|set|insert|create\s+(unique\s+)?index|select|analyze)\b`)
	deleteFrom = regexp.MustCompile("(?is)^\\s*(?:delete\\s+from|truncate(?:\\s+table)?)\\s+[`\"]?([^`\"\\s;]+)[`\"]?" +
		"\\s*(?:where\\s+(.*?))?;?\\s*$")
	deletes = regexp.MustCompile(`(?is)^\s*(delete|truncate)\b`)
)

func (t *tracker) follow(e plan.Effect) {
	if deletes.MatchString(e.Statement) {
		if m := deleteFrom.FindStringSubmatch(e.Statement); m != nil {
			t.lose(m[1], "", m[2])
		} else {
			t.unknown(e.Statement)
		}
	}
	for _, c := range e.Changes {
		switch c := c.(type) {
		case *schema.AddTable:
			t.tables[c.T.Name] = ""
		case *schema.DropTable:
			if !e.Copies {
				t.lose(c.T.Name, "", "")
			}
		case *schema.RenameTable:
			t.tables[c.To.Name] = t.table(c.From.Name)
		case *schema.ModifyTable:
			for _, part := range c.Changes {
				t.followPart(c.T.Name, part)
			}
		}
	}
}

func (t *tracker) followPart(table string, part schema.Change) {
	switch c := part.(type) {
	case *schema.AddColumn:
		t.columns[[2]string{table, c.C.Name}] = ""
	case *schema.RenameColumn:
		t.columns[[2]string{table, c.To.Name}] = t.column(table, c.From.Name)
	case *schema.DropColumn:
		t.loseColumn(table, c.C)
	case *schema.ModifyColumn:
		if rounds(c.From.Type.Type, c.To.Type.Type) {
			t.loseColumn(table, c.From)
		}
	}
}

// table returns the name that a table had before the first statement.
func (t *tracker) table(name string) string {
	if old, ok := t.tables[name]; ok {
		return old
	}
	return name
}

func (t *tracker) column(table, name string) string {
	if old, ok := t.columns[[2]string{table, name}]; ok {
		return old
	}
	return name
}

func (t *tracker) loseColumn(table string, c *schema.Column) {
	if name := t.column(table, c.Name); name != "" {
		t.lose(table, name, t.hasValue(name, c))
	}
}

// hasValue is the condition for a row to have something in a column that adding
// the column again would not bring back.
func (t *tracker) hasValue(name string, c *schema.Column) string {
	where := plan.Quote(name) + " IS NOT NULL"
	if l, ok := plan.LiteralOf(c); ok {
		where += " AND " + plan.Quote(name) + " <> " + l.Sql(t.dialect.Name, c.Type.Type)
	}
	return where
}

func (t *tracker) lose(table, column, where string) {
	if name := t.table(table); name != "" {
		t.lost = append(t.lost, Loss{Table: name, Column: column, where: where})
	}
}

// list returns what is lost, each once, whole tables first: what goes with its table is
// not listed.
func (t *tracker) list() []Loss {
	whole := func(l Loss) bool { return l.Table != "" && l.Column == "" && l.where == "" }
	var tables, parts []Loss
	for _, l := range t.lost {
		if whole(l) && !slices.Contains(tables, l) {
			tables = append(tables, l)
		}
	}
	for _, l := range t.lost {
		gone := slices.ContainsFunc(tables, func(table Loss) bool { return table.Table == l.Table })
		if !gone && !slices.Contains(parts, l) {
			parts = append(parts, l)
		}
	}
	slices.SortFunc(tables, func(a, b Loss) int { return cmp.Compare(a.Table, b.Table) })
	return append(tables, parts...)
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
