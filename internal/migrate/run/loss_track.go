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
	// live is the schema before the first statement, where the words of one are read.
	live *schema.Schema
	// names are those before the first statement of what was renamed, by the table and
	// column that it is now; the column of a table is "". "" was made since.
	names map[[2]string]string
	lost  []Loss
}

var (
	harmless   = regexp.MustCompile(`(?is)^\s*(pragma|set|insert|create|select|analyze)\b`)
	deletes    = regexp.MustCompile(`(?is)^\s*(delete|truncate)\b`)
	deleteFrom = regexp.MustCompile("(?is)^\\s*(?:delete\\s+from|truncate(?:\\s+table)?)\\s+[`\"]?([^`\"\\s;]+)[`\"]?" +
		"\\s*(?:where\\s+(.*?))?;?\\s*$")
)

// follow notes what a statement does; copies says that it is part of the copy of a table,
// which keeps its rows.
func (t *tracker) follow(statement string, changes []schema.Change, unknown, copies bool) {
	if deletes.MatchString(statement) {
		if m := deleteFrom.FindStringSubmatch(statement); m != nil {
			t.lose(m[1], "", m[2])
			return
		}
		unknown = true
	} else if unknown {
		changes, unknown = t.read(statement)
	}
	// What only reads, sets or adds something loses nothing.
	if unknown && !harmless.MatchString(statement) {
		t.lost = append(t.lost, Loss{Rows: -1, Statement: statement})
	}
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			t.names[[2]string{c.T.Name}] = ""
		case *schema.DropTable:
			if !copies {
				t.lose(c.T.Name, "", "")
			}
		case *schema.RenameTable:
			t.names[[2]string{c.To.Name}] = t.name(c.From.Name, "")
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
		t.names[[2]string{table, c.C.Name}] = ""
	case *schema.RenameColumn:
		t.names[[2]string{table, c.To.Name}] = t.name(table, c.From.Name)
	case *schema.DropColumn:
		t.loseColumn(table, c.C)
	case *schema.ModifyColumn:
		if rounds(c.From.Type.Type, c.To.Type.Type) {
			t.loseColumn(table, c.From)
		}
	}
}

// name returns the name that a column, or with "" the table, had before the first statement.
func (t *tracker) name(table, column string) string {
	if old, ok := t.names[[2]string{table, column}]; ok {
		return old
	}
	return cmp.Or(column, table)
}

// loseColumn notes a column that is lost; its rows are those with something in it that adding
// the column again would not bring back.
func (t *tracker) loseColumn(table string, c *schema.Column) {
	name := t.name(table, c.Name)
	if name == "" {
		return
	}
	where := plan.Quote(name) + " IS NOT NULL"
	if l, ok := plan.LiteralOf(c); ok {
		where += " AND " + plan.Quote(name) + " <> " + l.Sql(t.dialect.Name, c.Type.Type)
	}
	t.lose(table, name, where)
}

func (t *tracker) lose(table, column, where string) {
	if name := t.name(table, ""); name != "" {
		t.lost = append(t.lost, Loss{Table: name, Column: column, where: where})
	}
}

// list returns what is lost, each once, sorted: what goes with its table is not listed.
func (t *tracker) list() []Loss {
	gone := map[string]bool{}
	for _, l := range t.lost {
		gone[l.Table] = gone[l.Table] || l.wholeTable()
	}
	all := slices.DeleteFunc(t.lost, func(l Loss) bool { return gone[l.Table] && !l.wholeTable() })
	slices.SortFunc(all, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.where, b.where), cmp.Compare(a.Statement, b.Statement))
	})
	return slices.Compact(all)
}

// rounds says whether MySQL would convert the values of a column without a word
// although not all of each fits: other narrowing it refuses. A nil type is one that is
// not known.
func rounds(from, to schema.Type) bool {
	if _, text := to.(*schema.StringType); text {
		return false
	}
	switch from := from.(type) {
	case *schema.FloatType:
		to, same := to.(*schema.FloatType)
		return !same || strings.EqualFold(from.T, "double") && strings.EqualFold(to.T, "float")
	case *schema.DecimalType:
		to, same := to.(*schema.DecimalType)
		return !same || to.Scale < from.Scale
	case *schema.TimeType:
		to, same := to.(*schema.TimeType)
		return !same || precision(to) < precision(from) || to.T != from.T && (to.T == "date" || to.T == "time")
	}
	return false
}

func precision(t *schema.TimeType) int {
	if t.Precision == nil {
		return 0
	}
	return *t.Precision
}
