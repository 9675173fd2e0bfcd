package lint

import (
	"reflect"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// mysqlTerms marks a column of SQLite whose type is in MySQL's terms: the one that its
// CHECK stands for.
type mysqlTerms struct{ schema.Attr }

// inMySQLTerms returns a copy of a column of SQLite with the type that its CHECK stands
// for; ok is false where there is no such CHECK.
func inMySQLTerms(t *schema.Table, name string) (column *schema.Column, ok bool) {
	if t == nil {
		return nil, false
	}
	c, ok := t.Column(name)
	if !ok {
		return nil, false
	}
	typ, ok := typeOf(t, c)
	if !ok {
		return nil, false
	}
	column = &schema.Column{Name: c.Name, Type: &schema.ColumnType{Type: typ, Null: c.Type.Null}, Default: c.Default}
	column.Attrs = append(slices.Clone(c.Attrs), &mysqlTerms{})
	return column, true
}

// typeOf is [declared.TypeOf] for a column that was renamed as well: its CHECK keeps the
// name that it had.
func typeOf(t *schema.Table, c *schema.Column) (schema.Type, bool) {
	for _, check := range t.Checks() {
		if typ, ok := declared.TypeOfCheck(c, check); ok && strings.HasSuffix(check.Name, "_type") {
			return typ, true
		}
	}
	return nil, false
}

// typed reports whether the type of a column says what it holds. On SQLite, a type is a
// name, and the column takes any value.
func (p *pass) typed(c *schema.Column) bool {
	return p.dialect == mySQL || slices.ContainsFunc(c.Attrs, func(a schema.Attr) bool {
		_, ok := a.(*mysqlTerms)
		return ok
	})
}

// readTypes puts the types that CHECKs stand for into the changes of SQLite's tables. The
// change of such a CHECK is then that of a column.
func (p *pass) readTypes() {
	for _, s := range p.steps {
		for i, c := range s.changes {
			if m, ok := c.(*schema.ModifyTable); ok {
				s.changes[i] = &schema.ModifyTable{T: m.T, Changes: typeChanges(s.oldTable(m.T.Name), m.T, m.Changes)}
			}
		}
	}
}

func typeChanges(old, table *schema.Table, changes []schema.Change) (all []schema.Change) {
	modified := map[string]*schema.ModifyColumn{}
	modify := func(column string, kind schema.ChangeKind) bool {
		from, known := inMySQLTerms(old, column)
		to, alsoKnown := inMySQLTerms(table, column)
		switch {
		case !known || !alsoKnown:
			return false
		case modified[column] == nil:
			modified[column] = &schema.ModifyColumn{From: from, To: to}
			all = append(all, modified[column])
		}
		modified[column].Change |= kind
		return true
	}
	for _, change := range changes {
		switch c := change.(type) {
		case *schema.ModifyColumn:
			if modify(c.To.Name, c.Change) {
				continue
			}
		case *schema.ModifyCheck:
			if modify(columnOf(table, c.To), schema.ChangeType) {
				continue
			}
		case *schema.AddCheck:
			// The CHECK of a column that was renamed.
			from, known := inMySQLTerms(old, columnOf(table, c.C))
			to, alsoKnown := inMySQLTerms(table, columnOf(table, c.C))
			if known && alsoKnown && (reflect.DeepEqual(from.Type.Type, to.Type.Type) || modify(to.Name, schema.ChangeType)) {
				continue
			}
		case *schema.AddColumn:
			if to, ok := inMySQLTerms(table, c.C.Name); ok {
				change = &schema.AddColumn{C: to}
			}
		case *schema.DropColumn:
			if from, ok := inMySQLTerms(old, c.C.Name); ok {
				change = &schema.DropColumn{C: from}
			}
		}
		all = append(all, change)
	}
	return all
}

// columnOf returns the name of the column whose type a CHECK stands for; "" is none.
func columnOf(t *schema.Table, check *schema.Check) string {
	for _, c := range t.Columns {
		if check.Name == declared.TypeCheckName(t.Name, c.Name) {
			return c.Name
		}
	}
	return ""
}
