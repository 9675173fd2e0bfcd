package ddl

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/schema"
)

func (w *work) sqliteAddColumn(at int, d *columnDef) error {
	switch {
	case w.t.column(d.name) != nil:
		return fmt.Errorf("table %q already has a column %q", w.t.name, d.name)
	case d.primary:
		return fmt.Errorf("SQLite cannot add column %q as a primary key: it takes a new table", d.name)
	case d.unique:
		return fmt.Errorf("SQLite cannot add column %q with UNIQUE: add it without, and then CREATE UNIQUE INDEX", d.name)
	}
	if err := w.t.sqliteColumn(d); err != nil {
		return err
	}
	c := w.t.columns[len(w.t.columns)-1]
	w.note(at, func(_, after *builder) schema.Change { return &schema.AddColumn{C: w.is(after, c)} })
	if err := w.t.sqliteInline(d); err != nil {
		return err
	}
	for _, k := range d.keys {
		w.note(at, func(_, after *builder) schema.Change { return &schema.AddForeignKey{F: after.keys[k]} })
	}
	for _, c := range d.checks {
		w.noteCheck(at, c)
	}
	return nil
}

// sqliteDropColumn drops a column that nothing but its own definition names.
func (w *work) sqliteDropColumn(at int, name string) error {
	n := w.t.columnAt(name)
	if n < 0 {
		return w.noColumn(name)
	}
	c := w.t.columns[n]
	refuse := func(why string, args ...any) error {
		return fmt.Errorf("column %q of table %q cannot be dropped: %s", c.name, w.t.name, fmt.Sprintf(why, args...))
	}
	named := func(p part) bool { return same(p.column, name) || p.expr != "" && mentions(SQLite, p.expr, name) }
	if w.t.primary != nil && slices.ContainsFunc(w.t.primary.parts, named) {
		return refuse("it is in the primary key")
	}
	for _, i := range w.t.indexes {
		if slices.ContainsFunc(i.parts, named) || i.where != "" && mentions(SQLite, i.where, name) {
			if i.constraint {
				return refuse("it is UNIQUE")
			}
			return refuse("the index %q is on it; drop that first", i.name)
		}
	}
	for _, k := range w.t.keys {
		if has(k.columns, name) && !k.inline {
			return refuse("a foreign key to %q is on it", k.table)
		}
	}
	for _, k := range w.t.checks {
		if !same(k.column, name) && mentions(SQLite, k.expr, name) {
			return refuse("the check (%s) is on it", k.expr)
		}
	}
	for _, o := range w.t.columns {
		if o != c && o.generated != "" && mentions(SQLite, o.generated, name) {
			return refuse("column %q is generated from it", o.name)
		}
	}
	if len(w.t.columns) == 1 {
		return refuse("it is the only one")
	}
	w.t.columns = slices.Delete(w.t.columns, n, n+1)
	w.t.keys = slices.DeleteFunc(w.t.keys, func(k *foreignKey) bool { return k.inline && has(k.columns, name) })
	w.t.checks = slices.DeleteFunc(w.t.checks, func(k *check) bool { return same(k.column, name) })
	w.note(at, func(before, _ *builder) schema.Change { return &schema.DropColumn{C: before.column(c)} })
	return nil
}

// sqliteRenameColumn renames a column wherever it is named.
func (w *work) sqliteRenameColumn(at int, from, to string) error {
	n := w.t.columnAt(from)
	if n < 0 {
		return w.noColumn(from)
	}
	if o := w.t.columnAt(to); o >= 0 && o != n {
		return fmt.Errorf("table %q already has a column %q", w.t.name, to)
	}
	old := w.t.columns[n]
	c := *old
	c.name = to
	w.t.columns[n] = &c
	w.t.renameColumns(map[string]string{fold(from): to})
	change := func(expr string) string { return renameIn(SQLite, expr, from, to) }
	for n, o := range w.t.columns {
		if expr := change(o.generated); expr != o.generated {
			one := *o
			one.generated = expr
			w.t.columns[n] = &one
		}
	}
	for n, k := range w.t.checks {
		if expr := change(k.expr); expr != k.expr {
			one := *k
			one.expr = expr
			w.t.checks[n] = &one
		}
	}
	for n, i := range w.t.indexes {
		one := *i
		one.parts = slices.Clone(i.parts)
		for p := range one.parts {
			one.parts[p].expr = change(one.parts[p].expr)
		}
		one.where = change(one.where)
		w.t.indexes[n] = &one
	}
	w.renameReferred(w.t.name, from, to)
	renamed := w.t.columns[n]
	w.note(at, func(before, after *builder) schema.Change {
		return &schema.RenameColumn{From: before.column(old), To: w.is(after, renamed)}
	})
	return nil
}

// renameReferred follows a column's new name in the foreign keys that refer to
// it, those of the table itself among them.
func (w *work) renameReferred(name, from, to string) {
	points := func(k *foreignKey) bool {
		return (k.table == name || w.state.dialect == SQLite && same(k.table, name)) && has(k.refColumns, from)
	}
	follow := func(t *table) {
		for n, k := range t.keys {
			if points(k) {
				one := *k
				one.refColumns = renamed(k.refColumns, from, to)
				t.keys[n] = &one
			}
		}
	}
	follow(w.t)
	var others []*table
	w.eachTable(func(t *table) {
		if t != w.old && slices.ContainsFunc(t.keys, points) {
			others = append(others, t)
		}
	})
	for _, t := range others {
		c := t.copy()
		follow(c)
		w.put(c)
	}
}

func (w *work) sqliteDropConstraint(at int, name string) error {
	n := w.t.checkAt(name)
	if n < 0 || w.t.checks[n].name == "" {
		return fmt.Errorf("table %q has no check %q; SQLite can drop no other constraint", w.t.name, name)
	}
	c := w.t.checks[n]
	w.t.checks = slices.Delete(w.t.checks, n, n+1)
	w.note(at, func(before, _ *builder) schema.Change { return &schema.DropCheck{C: before.checkOf(c)} })
	return nil
}

func (w *work) sqliteNull(at int, one action) error {
	n := w.t.columnAt(one.name)
	if n < 0 {
		return w.noColumn(one.name)
	}
	old := w.t.columns[n]
	c := *old
	c.null = one.what == setNull
	w.t.columns[n] = &c
	w.noteModify(at, old, &c)
	return nil
}

// noColumn is the error for a column that is not there.
func (w *work) noColumn(name string) error {
	return fmt.Errorf("table %q has no column %q", w.t.name, name)
}

// noteModify keeps the change of a column, and what of it changed.
func (w *work) noteModify(at int, old, c *column) {
	w.note(at, func(before, after *builder) schema.Change {
		now := c
		if l, ok := w.latest[c]; ok {
			now = l
		}
		return &schema.ModifyColumn{From: before.column(old), To: after.column(now), Change: changed(old, now)}
	})
}

// changed says in Atlas's terms what differs between two columns.
func changed(old, c *column) (kind schema.ChangeKind) {
	if old.raw != c.raw {
		kind |= schema.ChangeType
	}
	if old.null != c.null {
		kind |= schema.ChangeNull
	}
	if defaultText(old.standard) != defaultText(c.standard) {
		kind |= schema.ChangeDefault
	}
	if old.generated != c.generated || old.stored != c.stored {
		kind |= schema.ChangeGenerated
	}
	if old.charset != c.charset {
		kind |= schema.ChangeCharset
	}
	if old.collate != c.collate {
		kind |= schema.ChangeCollate
	}
	if old.comment != c.comment {
		kind |= schema.ChangeComment
	}
	if old.autoIncrement != c.autoIncrement || old.onUpdate != c.onUpdate {
		kind |= schema.ChangeAttr
	}
	return kind
}

// defaultText is a default as text, with a mark of which kind it is.
func defaultText(x schema.Expr) string {
	switch x := x.(type) {
	case *schema.Literal:
		return "=" + x.V
	case *schema.RawExpr:
		return "(" + x.X
	}
	return ""
}
