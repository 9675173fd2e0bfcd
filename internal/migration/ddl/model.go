package ddl

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// The model is kept in types of its own, by name and not by pointer: a table is
// never changed once the state holds it, a statement changes a copy. So a
// statement that fails leaves nothing behind, and a Clone costs a map.

// table is one table. What its slices point at is shared between copies and is
// replaced rather than changed.
type table struct {
	name    string
	columns []*column
	primary *index
	indexes []*index
	keys    []*foreignKey
	checks  []*check

	charset, collate, engine, comment string // MySQL
	options                           string // MySQL: ROW_FORMAT and its like, as stated
	autoIncrement                     int64  // MySQL: AUTO_INCREMENT=…, as stated
	strict, withoutRowID              bool   // SQLite
}

type column struct {
	name string
	// raw is the type as the database spells it, typ what Atlas makes of it.
	raw           string
	typ           schema.Type
	null          bool
	standard      schema.Expr // DEFAULT; nil for none
	generated     string      // the expression, without parentheses around it
	stored        bool
	onUpdate      string // MySQL: CURRENT_TIMESTAMP(…)
	autoIncrement bool
	charset       string // MySQL, on text only: the table's, where none is stated
	collate       string // the same; on SQLite as stated
	comment       string
}

// index is an index, a primary key or a unique constraint.
type index struct {
	name    string
	primary bool
	unique  bool
	kind    string // MySQL: BTREE, FULLTEXT, SPATIAL, HASH
	parser  string // MySQL, FULLTEXT: WITH PARSER …
	comment string
	parts   []part
	where   string // SQLite: the predicate of a partial index
	unnamed bool
	// constraint is true for SQLite's UNIQUE and PRIMARY KEY in a CREATE TABLE.
	constraint bool
	// autoIncrement is SQLite's PRIMARY KEY (id AUTOINCREMENT).
	autoIncrement bool
	// implied is true for the index MySQL makes for a foreign key by itself. It
	// goes when another one serves.
	implied bool
}

// part is one column of an index, or an expression.
type part struct {
	column string
	expr   string
	length int // MySQL: of the prefix, 0 for the whole
	desc   bool
}

type foreignKey struct {
	name               string
	unnamed            bool
	columns            []string
	table              string
	refColumns         []string // none on SQLite: those of the primary key
	onUpdate, onDelete schema.ReferenceOption
	index              string // MySQL: FOREIGN KEY name (…), which names the index
	inline             bool   // it stands in a column's definition
}

type check struct {
	name        string
	unnamed     bool
	expr        string // without parentheses around it
	notEnforced bool
	column      string // of a check that stands in a column's definition
}

// fold makes two spellings of one name equal: columns, indexes and constraints
// are the same in capitals and small letters.
func fold(name string) string { return strings.ToLower(name) }

func same(a, b string) bool { return a == b || strings.EqualFold(a, b) }

func has(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return same(n, name) })
}

// copy is a table that can be changed without the other noticing.
func (t *table) copy() *table {
	c := *t
	c.columns = slices.Clone(t.columns)
	c.indexes = slices.Clone(t.indexes)
	c.keys = slices.Clone(t.keys)
	c.checks = slices.Clone(t.checks)
	return &c
}

func (t *table) column(name string) *column {
	if i := t.columnAt(name); i >= 0 {
		return t.columns[i]
	}
	return nil
}

func (t *table) columnAt(name string) int {
	return slices.IndexFunc(t.columns, func(c *column) bool { return same(c.name, name) })
}

func (t *table) index(name string) *index {
	if i := t.indexAt(name); i >= 0 {
		return t.indexes[i]
	}
	return nil
}

func (t *table) indexAt(name string) int {
	return slices.IndexFunc(t.indexes, func(i *index) bool { return same(i.name, name) })
}

func (t *table) keyAt(name string) int {
	return slices.IndexFunc(t.keys, func(k *foreignKey) bool { return same(k.name, name) })
}

func (t *table) checkAt(name string) int {
	return slices.IndexFunc(t.checks, func(c *check) bool { return same(c.name, name) })
}

// all are the primary key, if there is one, and the indexes.
func (t *table) all() []*index {
	if t.primary == nil {
		return t.indexes
	}
	return append([]*index{t.primary}, t.indexes...)
}

// renameColumns puts new names wherever the table's own keys and indexes name a
// column, all at once. Expressions are not looked at.
func (t *table) renameColumns(names map[string]string) {
	to := func(name string) string {
		if n, ok := names[fold(name)]; ok {
			return n
		}
		return name
	}
	all := func(columns []string) []string {
		c := slices.Clone(columns)
		for n := range c {
			c[n] = to(c[n])
		}
		return c
	}
	rename := func(i *index) *index {
		c := *i
		c.parts = slices.Clone(i.parts)
		for n := range c.parts {
			c.parts[n].column = to(c.parts[n].column)
		}
		return &c
	}
	if t.primary != nil {
		t.primary = rename(t.primary)
	}
	for n, i := range t.indexes {
		t.indexes[n] = rename(i)
	}
	for n, k := range t.keys {
		c := *k
		c.columns = all(k.columns)
		t.keys[n] = &c
	}
	for n, k := range t.checks {
		c := *k
		c.column = to(k.column)
		t.checks[n] = &c
	}
}

func renamed(names []string, from, to string) []string {
	names = slices.Clone(names)
	for i := range names {
		if same(names[i], from) {
			names[i] = to
		}
	}
	return names
}

// leads says whether an index begins with these columns, whole and in order, so
// that a foreign key can use it.
func (i *index) leads(columns []string) bool {
	if len(i.parts) < len(columns) || i.kind == "FULLTEXT" || i.kind == "SPATIAL" {
		return false
	}
	for n, c := range columns {
		if !same(i.parts[n].column, c) || i.parts[n].length > 0 {
			return false
		}
	}
	return true
}
