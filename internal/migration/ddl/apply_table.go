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

// engineOf is the storage engine of a new table.
func engineOf(o *options) string {
	if o.engine == "" || same(o.engine, mysql.EngineInnoDB) {
		return mysql.EngineInnoDB
	}
	return o.engine
}
