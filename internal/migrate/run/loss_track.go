package run

import (
	"cmp"
	"slices"
	"strings"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
)

// tracker tracks tables and columns through statements. A renamed one is not lost, and
// neither is one that an earlier statement of the same downgrade created.
type tracker struct {
	dialect plan.Dialect
	// live is the schema before the first statement. It is read only if it is needed.
	live *schema.Schema
	// names maps the present table and column ("" for the table itself) to the name before
	// the first statement. "" means that a statement created it.
	names map[[2]string]string
	lost  []Loss
}

var (
	harmless   = lazyregexp.New(`(?is)^\s*(pragma|set|insert|create|select|analyze)\b`)
	deletes    = lazyregexp.New(`(?is)^\s*(delete|truncate)\b`)
	deleteFrom = lazyregexp.New("(?is)^\\s*(?:delete\\s+from|truncate(?:\\s+table)?)\\s+[`\"]?([^`\"\\s;]+)[`\"]?" +
		"\\s*(?:where\\s+(.*?))?;?\\s*$")
)

// follow records the effect of a statement. copies is true if the statement belongs to the
// copy of a table, which keeps the rows.
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
	// A statement that only reads, sets or adds something deletes nothing.
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

// name returns the name of a column (or of the table, for "") before the first statement.
func (t *tracker) name(table, column string) string {
	if old, ok := t.names[[2]string{table, column}]; ok {
		return old
	}
	return cmp.Or(column, table)
}

// loseColumn records a lost column. Its rows are those whose value is neither NULL nor the
// default: adding the column again would not restore them.
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

// list returns the losses, sorted and without duplicates. It omits the losses of a table
// that is lost as a whole.
func (t *tracker) list() []Loss {
	dropped := map[string]bool{}
	for _, l := range t.lost {
		dropped[l.Table] = dropped[l.Table] || l.wholeTable()
	}
	all := slices.DeleteFunc(t.lost, func(l Loss) bool { return dropped[l.Table] && !l.wholeTable() })
	slices.SortFunc(all, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.where, b.where), cmp.Compare(a.Statement, b.Statement))
	})
	return slices.Compact(all)
}

// rounds reports whether MySQL converts the values of a column to another type with loss
// and without an error. It rejects other conversions that lose data. A nil type is unknown.
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
