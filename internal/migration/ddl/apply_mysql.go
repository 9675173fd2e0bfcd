package ddl

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// mysqlTable makes a table of MySQL of its definition.
func (x *txn) mysqlTable(d *tableDef) (*table, error) {
	t := &table{name: d.name, charset: defaultCharset, collate: defaultCollate, engine: engineOf(&d.options)}
	if err := t.applyOptions(&d.options); err != nil {
		return nil, err
	}
	w := x.work(&table{name: d.name}, t)
	var adds []action
	for _, part := range d.parts {
		adds = append(adds, adding(part))
	}
	for at, one := range adds {
		if one.what == addColumn {
			c, err := w.mysqlColumn(one.column)
			if err != nil {
				return nil, err
			}
			t.columns = append(t.columns, c)
			adds[at].column.column = *c
		}
	}
	if err := w.mysqlAdd(adds); err != nil {
		return nil, err
	}
	return t, w.validate()
}

// mysqlColumn is a column as its definition leaves it: its null, its character
// set and its default.
func (w *work) mysqlColumn(d *columnDef) (*column, error) {
	d.null = !d.notNull && !d.primary
	if d.nullable && (d.primary || d.autoIncrement) {
		return nil, fmt.Errorf("column %q of table %q cannot be NULL: it is in the primary key or counts by itself", d.name, w.t.name)
	}
	if d.nullable {
		w.nullable = append(w.nullable, d.name)
	}
	if err := d.resolveText(w.t); err != nil {
		return nil, err
	}
	if d.standing != nil {
		var err error
		if d.standard, err = mysqlDefault(&d.column, d.standing); err != nil {
			return nil, err
		}
		if d.standing.value.is("NULL") && !d.null {
			return nil, fmt.Errorf("column %q of table %q is NOT NULL and has the default NULL", d.name, w.t.name)
		}
	}
	c := d.column
	return &c, nil
}

// mysql applies the actions of an ALTER TABLE all at once, as the server does:
// what is dropped is dropped first, wherever it stands.
func (w *work) mysql(a *alter) error {
	for at, one := range a.actions {
		var err error
		switch one.what {
		case renameTable:
			w.renamedTo = one.to
		case unknown:
			w.unknown = true
		case convert, setOptions:
			err = w.mysqlOptions(at, one)
		}
		if err != nil {
			return err
		}
	}
	for at, one := range a.actions {
		if err := w.mysqlDrop(at, one); err != nil {
			return err
		}
	}
	if err := w.mysqlColumns(a.actions); err != nil {
		return err
	}
	for at, one := range a.actions {
		if one.what == alterCheck {
			if err := w.alterCheck(at, one); err != nil {
				return err
			}
		}
	}
	if err := w.mysqlAdd(a.actions); err != nil {
		return err
	}
	return w.validate()
}

// mysqlOptions applies options of the table, and CONVERT TO CHARACTER SET.
func (w *work) mysqlOptions(at int, one action) error {
	was := *w.t
	if err := w.t.applyOptions(one.options); err != nil {
		return err
	}
	attr := func(from, to schema.Attr, differ bool) {
		if differ {
			w.note(at, func(_, _ *builder) schema.Change { return &schema.ModifyAttr{From: from, To: to} })
		}
	}
	attr(&schema.Charset{V: was.charset}, &schema.Charset{V: w.t.charset}, was.charset != w.t.charset)
	attr(&schema.Collation{V: was.collate}, &schema.Collation{V: w.t.collate}, was.collate != w.t.collate)
	attr(&schema.Comment{Text: was.comment}, &schema.Comment{Text: w.t.comment}, was.comment != w.t.comment)
	w.noteEngine(at, was, one)
	if one.what == convert {
		for n, c := range w.t.columns {
			if to := c.converted(w.t.charset, w.t.collate); to != c && *to != *c {
				w.t.columns[n] = to
				w.noteModify(at, c, to)
			}
		}
	}
	return nil
}

// mysqlDrop drops keys, checks and indexes, and renames indexes.
func (w *work) mysqlDrop(at int, one action) error {
	t := w.t
	what := one.what
	if what == dropConstraint {
		switch {
		case same(one.name, primaryName):
			what = dropPrimary
		case t.keyAt(one.name) >= 0:
			what = dropKey
		case t.checkAt(one.name) >= 0:
			what = dropCheck
		default:
			if i := t.index(one.name); i == nil || !i.unique {
				return fmt.Errorf("table %q has no constraint %q", t.name, one.name)
			}
			what = dropIndex
		}
	}
	if what == dropIndex && same(one.name, primaryName) {
		what = dropPrimary
	}
	switch what {
	case dropPrimary:
		i := t.primary
		if i == nil {
			return fmt.Errorf("table %q has no primary key", t.name)
		}
		t.primary = nil
		w.note(at, func(before, _ *builder) schema.Change { return &schema.DropPrimaryKey{P: before.indexOf(w.old, i)} })
	case dropKey:
		n := t.keyAt(one.name)
		if n < 0 {
			return fmt.Errorf("table %q has no foreign key %q", t.name, one.name)
		}
		k := t.keys[n]
		t.keys = slices.Delete(t.keys, n, n+1)
		w.note(at, func(before, _ *builder) schema.Change { return &schema.DropForeignKey{F: before.keys[k]} })
	case dropCheck:
		n := t.checkAt(one.name)
		if n < 0 {
			return fmt.Errorf("table %q has no check %q", t.name, one.name)
		}
		c := t.checks[n]
		t.checks = slices.Delete(t.checks, n, n+1)
		w.note(at, func(before, _ *builder) schema.Change { return &schema.DropCheck{C: before.checkOf(c)} })
	case dropIndex:
		n := t.indexAt(one.name)
		if n < 0 {
			if i := w.old.index(one.name); i != nil {
				return nil // named twice
			}
			return w.noIndex(one.name)
		}
		i := t.indexes[n]
		t.indexes = slices.Delete(t.indexes, n, n+1)
		w.note(at, func(before, _ *builder) schema.Change { return &schema.DropIndex{I: before.indexOf(w.old, i)} })
	case renameIndex:
		old := w.old.index(one.name)
		n := slices.Index(t.indexes, old)
		if old == nil || n < 0 {
			return w.noIndex(one.name)
		}
		if o := t.index(one.to); o != nil && o != old || same(one.to, primaryName) {
			return fmt.Errorf("table %q cannot have two indexes %q", t.name, one.to)
		}
		i := *old
		i.name, i.unnamed = one.to, false
		t.indexes[n] = &i
		w.note(at, func(before, after *builder) schema.Change {
			return &schema.RenameIndex{From: before.indexOf(w.old, old), To: after.indexOf(w.t, w.t.index(one.to))}
		})
	}
	return nil
}

func (w *work) noIndex(name string) error {
	return fmt.Errorf("table %q has no index %q", w.t.name, name)
}

func (w *work) alterCheck(at int, one action) error {
	n := w.t.checkAt(one.name)
	if n < 0 {
		return fmt.Errorf("table %q has no check %q", w.t.name, one.name)
	}
	old := w.t.checks[n]
	c := *old
	c.notEnforced = !one.enforced
	w.t.checks[n] = &c
	w.note(at, func(before, after *builder) schema.Change {
		return &schema.ModifyCheck{From: before.checkOf(old), To: after.checkOf(&c), Change: schema.ChangeAttr}
	})
	return nil
}

// mysqlAdd adds indexes, keys and checks, those in the definitions of columns
// among them, in the order of the statement.
func (w *work) mysqlAdd(actions []action) error {
	adder := &adder{work: w}
	for at, one := range actions {
		switch one.what {
		case addColumn, changeColumn:
			d := one.column
			if name := unknownColumn(MySQL, d.generated, w.t); d.generated != "" && name != "" {
				return w.noColumn(name)
			}
			if d.primary {
				adder.index(at, &index{name: primaryName, primary: true, unique: true, kind: "BTREE", parts: []part{{column: d.name}}}, true)
			}
			if d.unique {
				adder.index(at, &index{unique: true, kind: "BTREE", unnamed: true, parts: []part{{column: d.name}}}, true)
			}
			for _, k := range d.keys {
				adder.key(at, k)
			}
			adder.checks(at, d.checks...)
		case addPrimary, addIndex:
			adder.index(at, one.index, true)
		case addKey:
			adder.key(at, one.key)
		case addCheck:
			adder.checks(at, one.check)
		}
	}
	return adder.done()
}
