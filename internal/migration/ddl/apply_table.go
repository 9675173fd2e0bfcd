package ddl

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

func (x *txn) createTable(p *parser, temp bool) error {
	d, err := p.createTable()
	if err != nil {
		return err
	}
	x.effect.Table = d.name
	key := x.state.key(d.name)
	if temp || d.temporary {
		// It is nobody's but the connection's.
		x.named[key] = temporary
		return nil
	}
	var extra []schema.Clause
	if d.ifNotExists {
		if t := x.find(d.name); t != nil || x.isOther(d.name) == opaque {
			return nil
		}
		extra = append(extra, &schema.IfNotExists{})
	}
	if err := x.taken(d.name); err != nil {
		return err
	}
	var t *table
	switch {
	case d.selects:
		x.effect.Understood = false
		x.named[key] = opaque
		return nil
	case d.like != "":
		t, err = x.like(d)
	case x.state.dialect == SQLite:
		t, err = x.sqliteTable(d)
	default:
		t, err = x.mysqlTable(d)
	}
	if err != nil || t == nil {
		return err
	}
	x.put(t)
	x.named[key] = 0
	b := x.builder()
	made := b.table(t)
	b.link()
	x.change(&schema.AddTable{T: made, Extra: extra})
	return nil
}

// like makes a table like another one: MySQL leaves foreign keys out and gives
// checks new names.
func (x *txn) like(d *tableDef) (*table, error) {
	from := x.find(d.like)
	if from == nil {
		if x.isOther(d.like) != 0 || x.state.vague {
			x.effect.Understood = false
			x.named[x.state.key(d.name)] = opaque
			return nil, nil
		}
		return nil, x.noTable(d.like)
	}
	t := from.copy()
	t.name, t.keys, t.checks, t.autoIncrement = d.name, nil, nil, 0
	for n, c := range from.checks {
		one := *c
		one.name, one.unnamed = generatedName(d.name, "chk", n+1), true
		t.checks = append(t.checks, &one)
	}
	return t, nil
}

func (x *txn) dropTables(p *parser) error {
	ifExists := p.accept("IF", "EXISTS")
	var gone []*table
	for {
		_, name, err := p.qualified("the name of the table")
		if err != nil {
			return err
		}
		if x.effect.Table == "" {
			x.effect.Table = name
		}
		key := x.state.key(name)
		switch t, o := x.find(name), x.isOther(name); {
		case o == temporary || o == opaque:
			x.named[key] = 0
		case t != nil:
			gone = append(gone, t)
			x.changed[key] = nil
		case !ifExists && !x.state.vague:
			return x.noTable(name)
		}
		if x.state.dialect == SQLite || !p.accept(",") {
			break
		}
	}
	p.acceptOne("RESTRICT", "CASCADE")
	if err := p.expectDone(); err != nil {
		return err
	}
	var extra []schema.Clause
	if ifExists {
		extra = append(extra, &schema.IfExists{})
	}
	for _, t := range gone {
		if x.state.dialect == MySQL && !x.state.unchecked {
			if child, key := x.referrer(t.name, ""); child != nil {
				return fmt.Errorf("table %q cannot be dropped: the foreign key %q of table %q refers to it", t.name, key.name, child.name)
			}
		}
	}
	b := newBuilder(x.state.dialect, func(name string) *table { return x.state.tables[x.state.key(name)] })
	for _, t := range gone {
		b.table(t)
	}
	b.link()
	for _, t := range gone {
		x.change(&schema.DropTable{T: b.tables[t], Extra: extra})
	}
	return nil
}

// referrer finds a foreign key that refers to a table, from another table than
// except.
func (x *txn) referrer(name, except string) (child *table, key *foreignKey) {
	x.eachTable(func(t *table) {
		if t.name == except {
			return
		}
		for _, k := range t.keys {
			if k.table == name && (child == nil || t.name < child.name) {
				child, key = t, k
			}
		}
	})
	return child, key
}

func (x *txn) renameTables(p *parser) error {
	for {
		_, from, err := p.qualified("the name of the table")
		if err != nil {
			return err
		}
		if err := p.expect("TO"); err != nil {
			return err
		}
		_, to, err := p.qualified("the new name of the table")
		if err != nil {
			return err
		}
		if x.effect.Table == "" {
			x.effect.Table = from
		}
		if err := x.rename(from, to); err != nil {
			return err
		}
		if !p.accept(",") {
			return p.expectDone()
		}
	}
}

// rename gives a table a new name, and whatever refers to it the same.
func (x *txn) rename(from, to string) error {
	t := x.find(from)
	if t == nil {
		if o := x.isOther(from); o != 0 {
			x.named[x.state.key(from)], x.named[x.state.key(to)] = 0, o
			return nil
		}
		if x.state.vague {
			x.effect.Understood = false
			return nil
		}
		return x.noTable(from)
	}
	if err := x.taken(to); err != nil {
		return err
	}
	before := x.builder()
	was := before.table(t)
	before.link()
	n := t.copy()
	n.name = to
	x.changed[x.state.key(from)] = nil
	x.put(n)
	if x.state.dialect == MySQL {
		n.renameGenerated(t.name)
	} else {
		n.renameAutoIndexes()
	}
	if x.state.dialect == MySQL || !x.state.legacy || !x.state.unreferenced {
		x.redirect(t.name, to)
	}
	after := x.builder()
	is := after.table(x.find(to))
	after.link()
	x.change(&schema.RenameTable{From: was, To: is})
	return nil
}

// redirect makes foreign keys that refer to one table refer to another.
func (x *txn) redirect(from, to string) {
	points := func(k *foreignKey) bool { return k.table == from || x.state.dialect == SQLite && same(k.table, from) }
	var found []*table
	x.eachTable(func(t *table) {
		if slices.ContainsFunc(t.keys, points) {
			found = append(found, t)
		}
	})
	for _, t := range found {
		c := t.copy()
		for n, k := range c.keys {
			if points(k) {
				one := *k
				one.table = to
				c.keys[n] = &one
			}
		}
		x.put(c)
	}
}

// renameGenerated renames what MySQL named after the table.
func (t *table) renameGenerated(old string) {
	for n, k := range t.keys {
		if rest, ok := strings.CutPrefix(k.name, old+"_ibfk_"); ok {
			one := *k
			one.name = t.name + "_ibfk_" + rest
			t.keys[n] = &one
		}
	}
	for n, c := range t.checks {
		if rest, ok := strings.CutPrefix(c.name, old+"_chk_"); ok {
			one := *c
			one.name = t.name + "_chk_" + rest
			t.checks[n] = &one
		}
	}
}

func generatedName(table, kind string, n int) string { return fmt.Sprintf("%s_%s_%d", table, kind, n) }

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

// engineOf is the storage engine of a new table.
func engineOf(o *options) string {
	if o.engine == "" || same(o.engine, mysql.EngineInnoDB) {
		return mysql.EngineInnoDB
	}
	return o.engine
}
