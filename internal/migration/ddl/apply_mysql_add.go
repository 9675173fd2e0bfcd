package ddl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// adder adds what an ALTER TABLE or a CREATE TABLE of MySQL adds besides
// columns. Names are given at the end, when all is known.
type adder struct {
	*work
	indexes []*index // the primary key among them
	keys    []*foreignKey
	checked []*check
}

func (a *adder) index(at int, i *index, stated bool) {
	a.indexes = append(a.indexes, i)
	if !stated {
		return
	}
	a.note(at, func(_, after *builder) schema.Change {
		if i.primary {
			return &schema.AddPrimaryKey{P: after.indexOf(a.t, i)}
		}
		return &schema.AddIndex{I: after.indexOf(a.t, i)}
	})
}

// key adds a foreign key, and the index that MySQL makes for it, which is taken
// out again where another one serves.
func (a *adder) key(at int, k *foreignKey) {
	i := &index{name: k.name, kind: "BTREE", implied: true, unnamed: true}
	if i.name == "" {
		i.name = k.index
	}
	for _, c := range k.columns {
		i.parts = append(i.parts, part{column: c})
	}
	a.index(at, i, false)
	a.keys = append(a.keys, k)
	a.note(at, func(_, after *builder) schema.Change { return &schema.AddForeignKey{F: after.keys[k]} })
}

func (a *adder) checks(at int, checks ...*check) {
	for _, c := range checks {
		a.checked = append(a.checked, c)
		a.noteCheck(at, c)
	}
}

func (a *adder) done() error {
	if err := a.addIndexes(); err != nil {
		return err
	}
	if err := a.addKeys(); err != nil {
		return err
	}
	return a.addChecks()
}

// addIndexes takes out the implied indexes that are not needed, and gives the
// rest their names.
func (a *adder) addIndexes() error {
	t := a.t
	for _, i := range a.indexes {
		for n := range i.parts {
			p := &i.parts[n]
			if p.column == "" {
				continue
			}
			c := t.column(p.column)
			if c == nil {
				return a.noColumn(p.column)
			}
			if slices.ContainsFunc(i.parts[:n], func(o part) bool { return same(o.column, p.column) }) {
				return fmt.Errorf("an index of table %q has the column %q twice", t.name, p.column)
			}
			if s, ok := c.typ.(*schema.StringType); ok && p.length == s.Size {
				p.length = 0 // all of it
			}
		}
	}
	existing := len(t.all())
	keys := slices.Concat(t.all(), a.indexes)
	redundant := redundantIndexes(keys)
	t.indexes = slices.DeleteFunc(t.indexes, func(i *index) bool { return redundant[i] })
	for _, i := range keys[existing:] {
		switch {
		case redundant[i]:
		case i.primary:
			if t.primary != nil {
				return fmt.Errorf("table %q has a primary key already", t.name)
			}
			t.primary = i
		default:
			if err := t.nameIndex(i); err != nil {
				return err
			}
			t.indexes = append(t.indexes, i)
		}
	}
	return nil
}

// redundantIndexes are those that MySQL made for foreign keys and that another
// index serves as well. Of two alike the later one stays.
func redundantIndexes(keys []*index) map[*index]bool {
	redundant := map[*index]bool{}
	for n, i := range keys {
		for _, earlier := range keys[:n] {
			if redundant[earlier] || !i.implied && !earlier.implied || !oneServes(i, earlier) {
				continue
			}
			if !earlier.implied || i.implied && len(i.parts) < len(earlier.parts) {
				redundant[i] = true
			} else {
				redundant[earlier] = true
			}
			break
		}
	}
	return redundant
}

// oneServes says whether the implied one of two indexes is the beginning of the
// other.
func oneServes(a, b *index) bool {
	if !a.implied || b.implied && len(a.parts) > len(b.parts) {
		a, b = b, a
	}
	columns := make([]string, len(a.parts))
	for n, p := range a.parts {
		columns[n] = p.column
	}
	return b.leads(columns)
}

// nameIndex gives an index its name if it has none: that of its first column, or
// the next free one.
func (t *table) nameIndex(i *index) error {
	if same(i.name, primaryName) {
		return fmt.Errorf("table %q cannot have an index %q", t.name, i.name)
	}
	if i.name != "" {
		if t.index(i.name) != nil {
			return fmt.Errorf("table %q already has an index %q", t.name, i.name)
		}
		return nil
	}
	base := i.parts[0].column
	if base == "" {
		base = "functional_index"
	} else {
		base = t.column(base).name
	}
	i.name = base
	for n := 2; t.index(i.name) != nil || same(i.name, primaryName); n++ {
		i.name = base + "_" + strconv.Itoa(n)
	}
	return nil
}

func (a *adder) addKeys() error {
	next := highest(a.old.name, "ibfk", func(yield func(string)) {
		for _, k := range a.old.keys {
			yield(k.name)
		}
	})
	for _, k := range a.keys {
		if k.name == "" {
			next++
			k.name = generatedName(a.t.name, "ibfk", next)
		}
		taken := a.t.keyAt(k.name) >= 0
		a.eachTable(func(t *table) { taken = taken || t.name != a.t.name && t.keyAt(k.name) >= 0 })
		if taken {
			return fmt.Errorf("there is already a foreign key %q", k.name)
		}
		a.t.keys = append(a.t.keys, k)
	}
	return nil
}

func (a *adder) addChecks() error {
	next := highest(a.old.name, "chk", func(yield func(string)) {
		for _, c := range a.t.checks {
			yield(c.name)
		}
	})
	for _, c := range a.checked {
		if c.name == "" {
			next++
			c.name = generatedName(a.t.name, "chk", next)
		}
		taken := a.t.checkAt(c.name) >= 0
		a.eachTable(func(t *table) { taken = taken || t.name != a.t.name && t.checkAt(c.name) >= 0 })
		if taken {
			return fmt.Errorf("there is already a check %q", c.name)
		}
		if name := unknownColumn(MySQL, c.expr, a.t); name != "" {
			return a.noColumn(name)
		}
		for _, column := range a.t.columns {
			if c.column != "" && !same(column.name, c.column) && mentions(MySQL, c.expr, column.name) {
				return fmt.Errorf("the check of column %q names column %q: a check of several columns stands outside of them", c.column, column.name)
			}
		}
		a.t.checks = append(a.t.checks, c)
	}
	return nil
}

// highest is the highest number in names that MySQL gave: table_kind_number.
func highest(table, kind string, each func(yield func(string))) int {
	most := 0
	each(func(name string) {
		if rest, ok := strings.CutPrefix(name, table+"_"+kind+"_"); ok {
			if n, err := strconv.Atoi(rest); err == nil && n < 1<<30 {
				most = max(most, n)
			}
		}
	})
	return most
}

// noteEngine keeps the change of the engine and of the counter.
func (w *work) noteEngine(at int, was table, one action) {
	if was.engine != w.t.engine {
		w.note(at, func(_, _ *builder) schema.Change {
			return &schema.ModifyAttr{From: &mysql.Engine{V: was.engine}, To: &mysql.Engine{V: w.t.engine}}
		})
	}
	if one.options.autoIncrement != nil {
		w.note(at, func(_, _ *builder) schema.Change {
			return &schema.ModifyAttr{From: &mysql.AutoIncrement{V: was.autoIncrement}, To: &mysql.AutoIncrement{V: w.t.autoIncrement}}
		})
	}
}
