package ddl

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// sqliteTable makes a table of SQLite of its definition.
func (x *txn) sqliteTable(d *tableDef) (*table, error) {
	t := &table{name: d.name, strict: d.options.strict, withoutRowID: d.options.withoutRowID}
	for _, part := range d.parts {
		if c, ok := part.(*columnDef); ok {
			if t.column(c.name) != nil {
				return nil, fmt.Errorf("table %q has two columns %q", t.name, c.name)
			}
			if err := t.sqliteColumn(c); err != nil {
				return nil, err
			}
		}
	}
	if !slices.ContainsFunc(t.columns, func(c *column) bool { return c.generated == "" }) {
		return nil, fmt.Errorf("table %q needs a column that is not generated", t.name)
	}
	for _, part := range d.parts {
		var err error
		switch part := part.(type) {
		case *columnDef:
			err = t.sqliteInline(part)
		case *index:
			if part.primary {
				err = t.sqlitePrimary(part)
			} else {
				err = t.sqliteUnique(part)
			}
		case *foreignKey:
			err = t.sqliteKey(part)
		case *check:
			t.checks = append(t.checks, part)
		}
		if err != nil {
			return nil, err
		}
	}
	if t.withoutRowID && t.primary == nil {
		return nil, fmt.Errorf("table %q is WITHOUT ROWID and needs a primary key", t.name)
	}
	if t.primary != nil && (t.withoutRowID || t.strict && !t.rowid()) {
		for _, p := range t.primary.parts {
			t.column(p.column).null = false // still nobody else's
		}
	}
	t.renameAutoIndexes()
	return t, t.sqliteExpressions()
}

// sqliteExpressions is an error when an expression of the table names a column
// that is not there.
func (t *table) sqliteExpressions() error {
	unknown := func(expr string) error {
		if name := unknownColumn(SQLite, expr, t); expr != "" && name != "" {
			return fmt.Errorf("table %q has no column %q", t.name, name)
		}
		return nil
	}
	var all []string
	for _, c := range t.columns {
		all = append(all, c.generated)
	}
	for _, c := range t.checks {
		all = append(all, c.expr)
	}
	for _, i := range t.indexes {
		all = append(all, i.where)
		for _, p := range i.parts {
			all = append(all, p.expr)
		}
	}
	for _, expr := range all {
		if err := unknown(expr); err != nil {
			return err
		}
	}
	return nil
}

// strictTypes are the types of a STRICT table.
var strictTypes = []string{"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"}

// sqliteColumn adds a column, without the constraints of its definition.
func (t *table) sqliteColumn(d *columnDef) error {
	if t.strict && !slices.Contains(strictTypes, strings.ToUpper(d.raw)) {
		return fmt.Errorf("table %q is STRICT: the type of column %q is one of %s", t.name, d.name, strings.Join(strictTypes, ", "))
	}
	d.null = !d.notNull
	if d.standing != nil {
		d.standard = sqliteDefault(d.standing)
	}
	c := d.column
	t.columns = append(t.columns, &c)
	return nil
}

// sqliteInline adds the constraints that stand in a column's definition.
func (t *table) sqliteInline(d *columnDef) error {
	if d.primary {
		i := &index{name: primaryName, primary: true, unique: true, constraint: true, autoIncrement: d.autoIncrement, parts: []part{{column: d.name, desc: d.desc}}}
		if err := t.sqlitePrimary(i); err != nil {
			return err
		}
	}
	if d.unique {
		if err := t.sqliteUnique(&index{unique: true, constraint: true, unnamed: true, parts: []part{{column: d.name}}}); err != nil {
			return err
		}
	}
	for _, k := range d.keys {
		if err := t.sqliteKey(k); err != nil {
			return err
		}
	}
	t.checks = append(t.checks, d.checks...)
	return nil
}

// rowid says whether the primary key is the number of the row: one column of the
// type INTEGER, not descending in its own definition.
func (t *table) rowid() bool {
	if t.primary == nil || len(t.primary.parts) != 1 || t.withoutRowID {
		return false
	}
	c := t.column(t.primary.parts[0].column)
	return c != nil && strings.EqualFold(c.raw, "INTEGER") && !t.primary.parts[0].desc
}

func (t *table) sqlitePrimary(i *index) error {
	if t.primary != nil {
		return fmt.Errorf("table %q has two primary keys", t.name)
	}
	if err := t.haveColumns(i); err != nil {
		return err
	}
	t.primary = i
	if i.autoIncrement {
		if !t.rowid() {
			return fmt.Errorf("table %q: AUTOINCREMENT is for a primary key of one column of the type INTEGER", t.name)
		}
		t.column(i.parts[0].column).autoIncrement = true
	}
	return nil
}

// sqliteUnique adds a unique constraint, unless the same columns have one.
func (t *table) sqliteUnique(i *index) error {
	if err := t.haveColumns(i); err != nil {
		return err
	}
	equal := func(o *index) bool {
		return o != nil && o.constraint && slices.EqualFunc(o.parts, i.parts, func(a, b part) bool { return same(a.column, b.column) })
	}
	if equal(t.primary) && !t.rowid() || slices.ContainsFunc(t.indexes, equal) {
		return nil
	}
	// The names of such indexes are SQLite's own.
	i.name = "?"
	t.indexes = append(t.indexes, i)
	return nil
}

// renameAutoIndexes gives the indexes of unique constraints the names SQLite
// gives them: they are numbered, the primary key's among them.
func (t *table) renameAutoIndexes() {
	n := 0
	if t.primary != nil && !t.rowid() && !t.withoutRowID {
		n = 1
	}
	for at, i := range t.indexes {
		if i.constraint {
			n++
			one := *i
			one.name = fmt.Sprintf("sqlite_autoindex_%s_%d", t.name, n)
			t.indexes[at] = &one
		}
	}
}

func (t *table) sqliteKey(k *foreignKey) error {
	for _, c := range k.columns {
		if t.column(c) == nil {
			return fmt.Errorf("table %q has no column %q for the foreign key to %q", t.name, c, k.table)
		}
	}
	if len(k.refColumns) > 0 && len(k.refColumns) != len(k.columns) {
		return fmt.Errorf("the foreign key of table %q to %q has %d columns on one side and %d on the other", t.name, k.table, len(k.columns), len(k.refColumns))
	}
	t.keys = append(t.keys, k)
	return nil
}

// haveColumns is an error when an index names a column that is not there.
func (t *table) haveColumns(i *index) error {
	for n := range i.parts {
		if name := i.parts[n].column; name != "" {
			c := t.column(name)
			if c == nil {
				return fmt.Errorf("table %q has no column %q", t.name, name)
			}
		}
	}
	return nil
}

// sqlite applies the one action of an ALTER TABLE.
func (w *work) sqlite(a *alter) error {
	for at, one := range a.actions {
		var err error
		switch one.what {
		case renameTable:
			if same(one.to, w.t.name) {
				return fmt.Errorf("there is already a table %q", w.t.name)
			}
			w.renamedTo = one.to
		case renameColumn:
			err = w.sqliteRenameColumn(at, one.name, one.to)
		case addColumn:
			err = w.sqliteAddColumn(at, one.column)
		case dropColumn:
			err = w.sqliteDropColumn(at, one.name)
		case addCheck:
			w.t.checks = append(w.t.checks, one.check)
			w.noteCheck(at, one.check)
		case dropConstraint:
			err = w.sqliteDropConstraint(at, one.name)
		case setNull, setNotNull:
			err = w.sqliteNull(at, one)
		case addIndex:
			if one.index.constraint {
				return fmt.Errorf("SQLite cannot add a unique constraint to a table: CREATE UNIQUE INDEX does the same")
			}
			err = w.sqliteAddIndex(at, one.index)
		case dropIndex:
			err = w.sqliteDropIndex(at, one.name)
		default:
			return fmt.Errorf("SQLite cannot do that with a table: it has RENAME, ADD COLUMN and DROP COLUMN; the rest takes a new table")
		}
		if err == nil && (one.what == addColumn || one.what == addCheck || one.what == addIndex) {
			err = w.t.sqliteExpressions()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) noteCheck(at int, c *check) {
	w.note(at, func(_, after *builder) schema.Change { return &schema.AddCheck{C: after.checkOf(c)} })
}

func (w *work) sqliteAddIndex(at int, i *index) error {
	if err := w.t.haveColumns(i); err != nil {
		return err
	}
	if strings.HasPrefix(fold(i.name), "sqlite_") {
		return fmt.Errorf("the name %q is one that SQLite keeps to itself", i.name)
	}
	w.t.indexes = append(w.t.indexes, i)
	w.note(at, func(_, after *builder) schema.Change { return &schema.AddIndex{I: after.indexes[i]} })
	return nil
}

func (w *work) sqliteDropIndex(at int, name string) error {
	n := w.t.indexAt(name)
	i := w.t.indexes[n]
	if i.constraint {
		return fmt.Errorf("the index %q belongs to a constraint of table %q and cannot be dropped", i.name, w.t.name)
	}
	w.t.indexes = slices.Delete(w.t.indexes, n, n+1)
	w.note(at, func(before, _ *builder) schema.Change { return &schema.DropIndex{I: before.indexes[i]} })
	return nil
}
