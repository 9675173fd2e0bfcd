package ddl

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// createIndex applies CREATE INDEX, behind that word.
func (x *txn) createIndex(p *parser, i *index) error {
	ifNotExists := x.state.dialect == SQLite && p.accept("IF", "NOT", "EXISTS")
	var err error
	if _, i.name, err = p.qualified("the name of the index"); err != nil {
		return err
	}
	if x.state.dialect == MySQL {
		p.indexType(i)
	}
	if err := p.expect("ON"); err != nil {
		return err
	}
	_, table, err := p.qualified("the name of the table")
	if err != nil {
		return err
	}
	x.effect.Table = table
	if err := p.parts(i); err != nil {
		return err
	}
	a := &alter{table: table, actions: []action{{what: addIndex, name: i.name, index: i}}}
	if x.state.dialect == SQLite {
		if p.accept("WHERE") {
			from := p.peek(0).from
			for !p.done() {
				p.take()
			}
			if i.where = strings.TrimRight(p.raw(from), "; \t\r\n"); i.where == "" {
				return p.unexpected("a condition")
			}
		}
		if err := p.expectDone(); err != nil {
			return err
		}
		if on, _ := x.indexAnywhere(i.name); on != nil {
			if ifNotExists {
				return nil
			}
			return fmt.Errorf("there is already an index %q, on table %q", i.name, on.name)
		}
		if t := x.find(i.name); t != nil {
			return fmt.Errorf("there is already a table %q: an index cannot have its name", i.name)
		}
		return x.alter(a)
	}
	for !p.done() {
		switch {
		case p.oneOf("ALGORITHM", "LOCK"):
			err = p.algorithm(&a.algorithm, &a.lock)
		default:
			at := p.at
			if err = p.indexOptions(i); err == nil && p.at == at {
				return p.unexpected("the end of the statement")
			}
		}
		if err != nil {
			return err
		}
	}
	return x.alter(a)
}

// dropIndexStatement applies DROP INDEX, behind that word.
func (x *txn) dropIndexStatement(p *parser) error {
	ifExists := x.state.dialect == SQLite && p.accept("IF", "EXISTS")
	_, name, err := p.qualified("the name of the index")
	if err != nil {
		return err
	}
	a := &alter{actions: []action{{what: dropIndex, name: name}}}
	if x.state.dialect == SQLite {
		if err := p.expectDone(); err != nil {
			return err
		}
		on, _ := x.indexAnywhere(name)
		if on == nil {
			if ifExists || x.state.vague {
				return nil
			}
			return fmt.Errorf("there is no index %q", name)
		}
		a.table = on.name
		return x.alter(a)
	}
	if err := p.expect("ON"); err != nil {
		return err
	}
	if _, a.table, err = p.qualified("the name of the table"); err != nil {
		return err
	}
	if same(name, primaryName) {
		a.actions[0].what = dropPrimary
	}
	for p.oneOf("ALGORITHM", "LOCK") {
		if err := p.algorithm(&a.algorithm, &a.lock); err != nil {
			return err
		}
	}
	if err := p.expectDone(); err != nil {
		return err
	}
	return x.alter(a)
}

func (x *txn) alterTable(p *parser) error {
	a, err := p.alterTable()
	if err != nil {
		return err
	}
	return x.alter(a)
}

// alter applies an ALTER TABLE, or what is the same by another name.
func (x *txn) alter(a *alter) error {
	x.effect.Table, x.effect.Algorithm, x.effect.Lock = a.table, a.algorithm, a.lock
	t := x.find(a.table)
	if t == nil {
		switch o := x.isOther(a.table); {
		case o == temporary, o == opaque, o == 0 && x.state.vague:
			x.effect.Understood = o == temporary
			return nil
		}
		return x.noTable(a.table)
	}
	x.effect.Table = t.name
	w := x.work(t, t.copy())
	if x.state.dialect == SQLite {
		if err := w.sqlite(a); err != nil {
			return err
		}
	} else if err := w.mysql(a); err != nil {
		return err
	}
	if w.unknown {
		x.effect.Understood = false
	}
	w.finish()
	if w.renamedTo != "" && w.renamedTo != t.name {
		return x.rename(t.name, w.renamedTo)
	}
	return nil
}

// work is an ALTER TABLE at work: the table before, and the copy it changes.
type work struct {
	*txn
	old, t  *table
	changes []func(before, after *builder) schema.Change
	// order is where in the statement each of the changes stands.
	order     []int
	renamedTo string
	unknown   bool
	// nullable are columns that the statement says are NULL.
	nullable []string
	// latest is what became of a column after it was noted.
	latest map[*column]*column
}

func (x *txn) work(old, t *table) *work {
	return &work{txn: x, old: old, t: t, latest: map[*column]*column{}}
}

// is makes a column as it is in the end.
func (w *work) is(b *builder, c *column) *schema.Column {
	if l, ok := w.latest[c]; ok {
		c = l
	}
	return b.column(c)
}

// note keeps a change for the effect. It is made when the table is done.
func (w *work) note(at int, make func(before, after *builder) schema.Change) {
	w.changes = append(w.changes, make)
	w.order = append(w.order, at)
}

// finish puts the changed table into the statement's effect.
func (w *work) finish() {
	before := w.builder()
	before.table(w.old)
	before.link()
	w.put(w.t)
	if len(w.changes) == 0 {
		return
	}
	after := w.builder()
	t := after.table(w.t)
	after.link()
	m := &schema.ModifyTable{T: t}
	places := make([]int, len(w.changes))
	for n := range places {
		places[n] = n
	}
	slices.SortStableFunc(places, func(a, b int) int { return w.order[a] - w.order[b] })
	for _, n := range places {
		m.Changes = append(m.Changes, w.changes[n](before, after))
	}
	after.link()
	w.change(m)
}
