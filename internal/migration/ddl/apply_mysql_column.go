package ddl

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// slot is a column while an ALTER TABLE of MySQL is at work: what it was and
// what it becomes; nil when it goes.
type slot struct {
	old, now *column
	touched  bool
	moves    bool // it has FIRST or AFTER
}

// mysqlColumns drops, changes, renames and adds columns. Names are those from
// before the statement, save behind AFTER.
func (w *work) mysqlColumns(actions []action) error {
	slots := make([]*slot, len(w.t.columns))
	for n, c := range w.t.columns {
		slots[n] = &slot{old: c, now: c}
	}
	var placed []action
	names := map[string]string{}
	var drops []string
	for at, one := range actions {
		var s *slot
		switch one.what {
		case dropColumn, changeColumn, renameColumn, setDefault:
			n := slices.IndexFunc(slots, func(s *slot) bool { return same(s.old.name, one.name) && !s.touched })
			if n < 0 {
				return w.noColumn(one.name)
			}
			s = slots[n]
			s.touched = true
		case addColumn:
			c, err := w.mysqlColumn(one.column)
			if err != nil {
				return err
			}
			one.column.column = *c
			placed = append(placed, action{what: addColumn, column: one.column, to: ""})
			slots = append(slots, &slot{old: &column{}, now: c, touched: true, moves: true})
			w.note(at, func(_, after *builder) schema.Change { return &schema.AddColumn{C: w.is(after, c)} })
			continue
		default:
			continue
		}
		if err := w.mysqlChange(at, one, s); err != nil {
			return err
		}
		switch {
		case s.now == nil:
			drops = append(drops, s.old.name)
		case s.now.name != s.old.name:
			names[fold(s.old.name)] = s.now.name
		}
		if one.what == changeColumn && (one.column.first || one.column.after != "") {
			s.moves = true
			placed = append(placed, action{what: changeColumn, column: one.column})
		}
	}
	if len(drops) == 0 && len(names) == 0 && len(placed) == 0 && !slices.ContainsFunc(slots, func(s *slot) bool { return s.touched }) {
		return nil
	}
	if err := w.place(slots, placed); err != nil {
		return err
	}
	for _, name := range drops {
		if err := w.forget(name, drops); err != nil {
			return err
		}
	}
	return w.follow(names)
}

// mysqlChange settles what one action makes of one column.
func (w *work) mysqlChange(at int, one action, s *slot) error {
	old := s.old
	switch one.what {
	case dropColumn:
		s.now = nil
		w.note(at, func(before, _ *builder) schema.Change { return &schema.DropColumn{C: before.column(old)} })
		return nil
	case renameColumn:
		c := *old
		c.name = one.to
		s.now = &c
		w.note(at, func(before, after *builder) schema.Change {
			return &schema.RenameColumn{From: before.column(old), To: w.is(after, &c)}
		})
		return nil
	case setDefault:
		c := *old
		c.standard = nil
		if d := one.standard; d != nil {
			if literal, ok := d.onlyLiteral(); ok {
				d = literal
			}
			var err error
			if c.standard, err = mysqlDefault(&c, d); err != nil {
				return err
			}
		}
		s.now = &c
		w.noteModify(at, old, &c)
		return nil
	}
	c, err := w.mysqlColumn(one.column)
	if err != nil {
		return err
	}
	one.column.column = *c
	s.now = c
	if c.name != old.name {
		w.note(at, func(before, after *builder) schema.Change {
			return &schema.RenameColumn{From: before.column(old), To: w.is(after, c)}
		})
		if same := *c; func() bool { same.name = old.name; return changed(old, &same) == schema.NoChange }() {
			return nil
		}
	}
	w.noteModify(at, old, c)
	return nil
}

// onlyLiteral unwraps (5): behind SET DEFAULT it is the same as 5.
func (d *defaultDef) onlyLiteral() (*defaultDef, bool) {
	if d.expr == "" {
		return nil, false
	}
	p, err := newParser(MySQL, d.expr)
	if err != nil || p.next("(") {
		return nil, false
	}
	if _, ok := p.now(); ok {
		return nil, false
	}
	p.at = 0
	literal, err := p.standard("")
	return literal, err == nil && p.done()
}

// place puts the columns in their order.
func (w *work) place(slots []*slot, placed []action) error {
	var order []*column
	moving := map[string]*column{}
	for _, s := range slots {
		switch {
		case s.now == nil:
		case s.moves:
			if moving[fold(s.now.name)] != nil {
				return fmt.Errorf("table %q cannot have two columns %q", w.t.name, s.now.name)
			}
			moving[fold(s.now.name)] = s.now
		default:
			order = append(order, s.now)
		}
	}
	for _, one := range placed {
		to := len(order)
		switch {
		case one.column.first:
			to = 0
		case one.column.after != "":
			n := slices.IndexFunc(order, func(c *column) bool { return same(c.name, one.column.after) })
			if n < 0 {
				return w.noColumn(one.column.after)
			}
			to = n + 1
		}
		order = slices.Insert(order, to, moving[fold(one.column.name)])
	}
	seen := map[string]bool{}
	for _, c := range order {
		if seen[fold(c.name)] {
			return fmt.Errorf("table %q already has a column %q", w.t.name, c.name)
		}
		seen[fold(c.name)] = true
	}
	if len(order) == 0 {
		return fmt.Errorf("table %q would have no columns left: use DROP TABLE", w.t.name)
	}
	w.t.columns = order
	return nil
}

// forget takes a dropped column out of indexes and checks, or says why it cannot
// be dropped.
func (w *work) forget(name string, drops []string) error {
	refuse := func(why string, args ...any) error {
		return fmt.Errorf("column %q of table %q cannot be dropped: %s", name, w.t.name, fmt.Sprintf(why, args...))
	}
	for _, k := range w.t.keys {
		if has(k.columns, name) {
			return refuse("the foreign key %q is on it; drop that first", k.name)
		}
	}
	for _, c := range w.t.columns {
		if c.generated != "" && mentions(MySQL, c.generated, name) {
			return refuse("column %q is generated from it", c.name)
		}
	}
	for n, c := range slices.Backward(w.t.checks) {
		if !mentions(MySQL, c.expr, name) {
			continue
		}
		for _, o := range w.old.columns {
			if !same(o.name, name) && mentions(MySQL, c.expr, o.name) {
				return refuse("the check %q is on it; drop that first", c.name)
			}
		}
		w.t.checks = slices.Delete(w.t.checks, n, n+1)
	}
	shrink := func(i *index) (*index, error) {
		one := *i
		one.parts = nil
		for _, p := range i.parts {
			if p.expr != "" && mentions(MySQL, p.expr, name) {
				return nil, refuse("the index %q has it in an expression; drop that first", i.name)
			}
			if !same(p.column, name) {
				one.parts = append(one.parts, p)
			}
		}
		if len(one.parts) == len(i.parts) {
			return i, nil
		}
		if len(one.parts) == 0 {
			return nil, nil
		}
		return &one, nil
	}
	var err error
	if w.t.primary != nil {
		if w.t.primary, err = shrink(w.t.primary); err != nil {
			return err
		}
	}
	var left []*index
	for _, i := range w.t.indexes {
		i, err := shrink(i)
		if err != nil {
			return err
		}
		if i != nil {
			left = append(left, i)
		}
	}
	w.t.indexes = left
	return nil
}

// follow puts the new names of columns wherever they are named, or says why a
// column cannot be renamed.
func (w *work) follow(names map[string]string) error {
	if len(names) == 0 {
		return nil
	}
	for from, to := range names {
		refuse := func(why string, args ...any) error {
			return fmt.Errorf("column %q of table %q cannot be renamed: %s", from, w.t.name, fmt.Sprintf(why, args...))
		}
		for _, c := range w.t.checks {
			if mentions(MySQL, c.expr, from) {
				return refuse("the check %q is on it; drop that first", c.name)
			}
		}
		for _, c := range w.t.columns {
			if c.generated != "" && mentions(MySQL, c.generated, from) {
				return refuse("column %q is generated from it", c.name)
			}
		}
		for _, i := range w.t.indexes {
			for _, p := range i.parts {
				if p.expr != "" && mentions(MySQL, p.expr, from) {
					return refuse("the index %q has it in an expression; drop that first", i.name)
				}
			}
		}
		w.renameReferred(w.t.name, from, to)
	}
	w.t.renameColumns(names)
	return nil
}
