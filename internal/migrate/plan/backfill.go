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

// fill sets a value in existing rows of a column that becomes NOT NULL. It is one of the
// actions on a table, before the action that makes the column NOT NULL. The planners run add
// or loosen first, then the UPDATE.
type fill struct {
	schema.Change // always nil: it makes fill a schema.Change
	column        string
	// add is the new column, nullable; nil for an existing column.
	add *schema.Column
	// loosen changes the column's type while the column is nullable; nil if the type does
	// not change.
	loosen *schema.ModifyColumn
	// value is SQL.
	value, comment string
}

// statement returns the UPDATE that fills the rows of a table.
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
	// declare returns the tables after the migration with their MySQL types, which are the
	// same for all dialects. It is called only if a column needs a value.
	declare func() (*schema.Schema, error)
	// used contains the columns whose --fill was used.
	used map[string]bool
	// warn is called with each warning about a value.
	warn func(string)
}

// expand adds a fill before each change that requires a value in existing rows. value is
// [filler.valueUp] or [filler.valueDown]. It returns an error that names all columns without
// a value.
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

// needs reports whether existing rows need a value for an action, and returns the column. A
// new nullable column needs a value only if --fill names it. Keys and generated columns need
// none.
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

// declaredColumn returns a column with its MySQL type.
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

// expandColumn splits an action into three steps: create the column or make it nullable, set
// the value in all rows, make the column NOT NULL.
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

// valueUp returns the value that an up statement sets: that of --fill, or the default. It
// returns an error that says how to set one if there is neither.
func (f filler) valueUp(t *schema.Table, c *schema.Column) (sql, comment string, err error) {
	name := t.Name + "." + c.Name
	comment = fmt.Sprintf("set %q in existing rows", c.Name)
	if l, ok := f.asked.fills[name]; ok {
		f.used[name] = true
		if err := l.fits(c.Type.Type); err != nil {
			return "", "", fmt.Errorf("--fill %s: %w", name, err)
		}
		if uniqueAlone(t, c) {
			f.warn(fmt.Sprintf("%s is unique, but --fill sets the same value in all rows: if the table has more than one row, "+
				"use three migrations: add it with null = true, set a value for each row (db migrate --empty), remove "+
				"null = true", name))
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
	return "", "", fmt.Errorf("%s is NOT NULL and has no default, but the table may have rows: add a default or null = "+
		"true in %s, or set a value for existing rows with --fill \"%s=%s\"",
		name, SchemaFile, name, example)
}

// valueDown returns the value that a down statement sets in a column that it adds again or
// makes NOT NULL: the default, or the zero value of the type. It returns an error if there is
// no valid value.
func (f filler) valueDown(t *schema.Table, c *schema.Column) (sql, comment string, err error) {
	comment = fmt.Sprintf("set %q in rows without a value", c.Name)
	if sql, ok := f.defaultSQL(c); ok {
		return sql, comment, nil
	}
	for _, fk := range t.ForeignKeys {
		if slices.ContainsFunc(fk.Columns, func(other *schema.Column) bool { return other.Name == c.Name }) {
			return "", "", fmt.Errorf("%s.%s was NOT NULL and referred to %s: its old values cannot be restored",
				t.Name, c.Name, fk.RefTable.Name)
		}
	}
	if sql, ok := f.uniqueValue(t, c); ok {
		return sql, comment, nil
	}
	zero, ok := zeroOf(c.Type.Type)
	if !ok {
		return "", "",
			fmt.Errorf("%s.%s was NOT NULL, and type %s has no default value for its rows", t.Name, c.Name,
				typeName(c.Type.Type))
	}
	return zero.Sql(f.Name, c.Type.Type), comment, nil
}

// defaultSQL returns a column's default as SQL for an UPDATE, and whether it has one. It
// returns "" if no UPDATE is needed: SQLite rebuilds the table and replaces NULL by the
// default when it copies the rows.
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
