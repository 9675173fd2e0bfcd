package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	declared "slipway/internal/migrate/schema"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// fill sets a value in existing rows, in a column that becomes NOT NULL.
// The planners find it among the actions on a table, before the one that takes
// NULL away: what comes first is add or loosen, then the rows, then that.
type fill struct {
	schema.Change // nil: it is one of ours, never Atlas's
	column        string
	// add is the column as it is added, with NULL allowed; nil for an existing column.
	add *schema.Column
	// loosen changes the column's type while NULL is still allowed; nil when the
	// type stays.
	loosen *schema.ModifyColumn
	// value is SQL.
	value, comment string
}

// statement fills the rows of a table.
func (f *fill) statement(table string) *migrate.Change {
	return &migrate.Change{
		Cmd: fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s IS NULL", Quote(table), Quote(f.column), f.value,
			Quote(f.column)),
		Comment: f.comment,
	}
}

// filler finds values for existing rows.
type filler struct {
	Dialect
	asked asked
	// declare returns the tables that the migration leads to, in MySQL's terms: they say
	// what a column holds on either dialect. Few migrations need it.
	declare func() (*schema.Schema, error)
	// used names the fills that were asked for and used.
	used map[string]bool
	// warn is told what may go wrong with a value.
	warn func(string)
}

// expand adds a fill before each change that requires a value in existing rows. value is
// [filler.valueUp] or [filler.valueDown]. The error names all columns without a value.
func (f filler) expand(changes []schema.Change,
	value func(*schema.Table, *schema.Column) (sql, comment string, err error)) ([]schema.Change, error) {
	var all []schema.Change
	var errs []string
	for _, c := range changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok {
			all = append(all, c)
			continue
		}
		expanded := &schema.ModifyTable{T: m.T}
		for _, action := range m.Changes {
			actions := []schema.Change{action}
			if column, needed := f.needs(m.T, action); needed {
				column, err := f.declaredColumn(m.T, column)
				if err != nil {
					return nil, err
				}
				sql, comment, err := value(m.T, column)
				switch {
				case err != nil:
					errs = append(errs, err.Error())
				case sql != "":
					actions = expandColumn(action, sql, comment)
				}
			}
			expanded.Changes = append(expanded.Changes, actions...)
		}
		all = append(all, expanded)
	}
	if len(errs) > 0 {
		return nil, errors.New(strings.Join(errs, "; "))
	}
	return all, nil
}

// needs says whether an action makes rows need a value, and of which column. A
// column that is new and takes NULL needs none, and gets one when asked for.
// Keys and what the database computes have values of their own.
func (f filler) needs(t *schema.Table, action schema.Change) (*schema.Column, bool) {
	var column *schema.Column
	needed := false
	switch c := action.(type) {
	case *schema.AddColumn:
		column = c.C
		_, asked := f.asked.fills[t.Name+"."+c.C.Name]
		needed = asked || !c.C.Type.Null && c.C.Default == nil
	case *schema.ModifyColumn:
		column = c.To
		needed = c.From.Type.Null && !c.To.Type.Null
	}
	if !needed || inPrimaryKey(t, column) {
		return nil, false
	}
	return column, !declared.HasAttr[*schema.GeneratedExpr](column.Attrs) &&
		!declared.HasAttr[*mysql.AutoIncrement](column.Attrs)
}

// declaredColumn returns a column in MySQL's terms.
func (f filler) declaredColumn(t *schema.Table, c *schema.Column) (*schema.Column, error) {
	tables, err := f.declare()
	if err != nil {
		return nil, err
	}
	if declared, ok := tables.Table(t.Name); ok {
		if column, ok := declared.Column(c.Name); ok {
			return column, nil
		}
	}
	return c, nil
}

func inPrimaryKey(t *schema.Table, column *schema.Column) bool {
	return t.PrimaryKey != nil && slices.ContainsFunc(t.PrimaryKey.Parts, func(p *schema.IndexPart) bool {
		return p.C != nil && p.C.Name == column.Name
	})
}

// expandColumn splits an action into three steps: the column exists and allows NULL, the
// rows get their value, the column becomes NOT NULL.
func expandColumn(action schema.Change, sql, comment string) []schema.Change {
	nullable := func(c *schema.Column) *schema.Column {
		bare := &schema.Column{Name: c.Name, Attrs: c.Attrs}
		kind := *c.Type
		kind.Null = true
		bare.Type = &kind
		return bare
	}
	switch c := action.(type) {
	case *schema.AddColumn:
		first := &fill{column: c.C.Name, add: nullable(c.C), value: sql, comment: comment}
		if c.C.Type.Null && c.C.Default == nil {
			return []schema.Change{first}
		}
		return []schema.Change{first, &schema.ModifyColumn{From: first.add, To: c.C, Change: schema.ChangeNull}}
	case *schema.ModifyColumn:
		first := &fill{column: c.To.Name, value: sql, comment: comment}
		from := c.From
		if c.Change.Is(schema.ChangeType) {
			from = nullable(c.To)
			first.loosen = &schema.ModifyColumn{From: c.From, To: from, Change: schema.ChangeType}
		}
		return []schema.Change{first, &schema.ModifyColumn{From: from, To: c.To, Change: c.Change}}
	}
	return []schema.Change{action}
}

// valueUp returns the value of rows on the way up: the fill that was asked for, or the
// default. The error says how to set one.
func (f filler) valueUp(t *schema.Table, c *schema.Column) (sql, comment string, err error) {
	name := t.Name + "." + c.Name
	comment = fmt.Sprintf("set %q in existing rows", c.Name)
	if l, ok := f.asked.fills[name]; ok {
		f.used[name] = true
		if err := l.fits(c.Type.Type); err != nil {
			return "", "", fmt.Errorf("--fill %s: %w", name, err)
		}
		if uniqueAlone(t, c) {
			f.warn(fmt.Sprintf("%s is unique, and --fill sets the same value in all rows: with more than one row, use three "+
				"migrations: add it with null = true, set a value for each row (db migrate --empty), remove null = true", name))
		}
		return l.Sql(f.Name, c.Type.Type), comment, nil
	}
	if sql, ok := f.defaultSQL(c); ok {
		return sql, comment, nil
	}
	example := "…"
	if zero, ok := zeroOf(c.Type.Type); ok {
		example = zero.String()
	}
	return "", "", fmt.Errorf("%s is NOT NULL without a default, and the table may have rows: add a default or null = "+
		"true in %s, or set a value for existing rows with --fill \"%s=%s\"",
		name, SchemaFile, name, example)
}

// valueDown is what rows get when the way down brings back a column whose values
// are gone, or takes NULL away again: the default, or the simplest value of its
// type. The error says why rows cannot have one.
func (f filler) valueDown(t *schema.Table, c *schema.Column) (sql, comment string, err error) {
	comment = fmt.Sprintf("set %q in rows without a value", c.Name)
	if sql, ok := f.defaultSQL(c); ok {
		return sql, comment, nil
	}
	for _, fk := range t.ForeignKeys {
		if slices.ContainsFunc(fk.Columns, func(other *schema.Column) bool { return other.Name == c.Name }) {
			return "", "", fmt.Errorf("%s.%s was NOT NULL and referred to %s: the rows that it referred to are not known "+
				"any more", t.Name, c.Name, fk.RefTable.Name)
		}
	}
	if sql, ok := f.uniqueValue(t, c); ok {
		return sql, comment, nil
	}
	zero, ok := zeroOf(c.Type.Type)
	if !ok {
		return "", "",
			fmt.Errorf("%s.%s was NOT NULL, and there is no simple value of type %s for its rows", t.Name, c.Name,
				typeName(c.Type.Type))
	}
	return zero.Sql(f.Name, c.Type.Type), comment, nil
}

// defaultSQL returns a column's default as an UPDATE takes it, and whether it has one;
// "" where no UPDATE is needed: SQLite rebuilds the table, and puts the default in
// place of NULL as it copies the rows.
func (f filler) defaultSQL(c *schema.Column) (string, bool) {
	l, literal := LiteralOf(c)
	switch {
	case !literal && c.Default == nil:
		return "", false
	case f.Name == SQLite:
		return "", true
	case literal:
		return l.Sql(f.Name, c.Type.Type), true
	}
	if x, ok := c.Default.(*schema.RawExpr); ok {
		return "(" + x.X + ")", true
	}
	return "", true
}
