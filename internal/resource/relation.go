package resource

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// ForeignKey is a foreign key of one table to another.
type ForeignKey struct {
	// Name is the name of the constraint in the database.
	Name string
	// Fields are the columns. Refs are the columns of Table that they reference, in the same order.
	Fields, Refs []*Field
	// Table is the referenced table.
	Table *Table
}

// Nullable reports whether a row may reference no other row.
func (k *ForeignKey) Nullable() bool {
	return slices.ContainsFunc(k.Fields, func(f *Field) bool { return f.Nullable })
}

// toKey reports whether the foreign key references the key of the table.
func (k *ForeignKey) toKey() bool { return slices.Equal(k.Refs, k.Table.Key) }

// Relation leads from the rows of one table to related rows of another.
type Relation struct {
	// Name is the member in JSON and the value for include, such as author or posts. If
	// Many is true, it is also a path segment: /users/7/posts.
	Name string
	// Many is true if a row has many related rows: users → posts, or films → actors.
	Many bool
	// Key is the foreign key. It is that of posts to users in both directions. It is nil for a
	// relation with Through.
	Key *ForeignKey
	// Through is the table between the two tables of a many-to-many relation, or nil.
	Through *Through
	// Table is the table of the related rows.
	Table *Table

	prefix string // ,"name":
}

// Through is a table whose rows link rows of two tables. Its key consists of two foreign keys.
type Through struct {
	Table *Table
	// Near references the rows that have the relation, Far the related rows.
	Near, Far *ForeignKey
}

// From returns the fields by which a row with the relation is related to others: user_id of posts
// for their author, id of users for their posts.
func (r *Relation) From() []*Field {
	switch {
	case r.Through != nil:
		return r.Through.Near.Refs
	case r.Many:
		return r.Key.Refs
	}
	return r.Key.Fields
}

// To returns the fields with the values of From on the other side: of the related rows, or of the
// rows of Through.
func (r *Relation) To() []*Field {
	switch {
	case r.Through != nil:
		return r.Through.Near.Fields
	case r.Many:
		return r.Key.Fields
	}
	return r.Key.Refs
}

// Relation returns the relation with that name, or nil.
func (t *Table) Relation(name string) *Relation {
	for _, r := range t.Relations {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// link is a relation as declared in the tags of a struct.
type link struct {
	key           *ForeignKey
	parent        reflect.Type
	references    []string // names of Go fields; empty for the key
	name, inverse string   // "-" for no name, "" for the default inverse
	renamed       bool     // a rule set the inverse
}

// linkOf returns the link for the field of a struct that is a relation.
func linkOf(sf reflect.StructField, byGoName map[string]*Field) (link, error) {
	tags := settings(sf.Tag.Get("gorm"))
	l := link{key: &ForeignKey{}, parent: sf.Type.Elem(), inverse: sf.Tag.Get("inverse")}
	l.name, _, _ = strings.Cut(sf.Tag.Get("json"), ",")
	l.key.Name, _, _ = strings.Cut(tags["constraint"], ",")
	if tags["references"] != "" {
		l.references = strings.Split(tags["references"], ",")
	}
	for name := range strings.SplitSeq(tags["foreignkey"], ",") {
		f := byGoName[strings.TrimSpace(name)]
		if f == nil {
			return l, errors.New("its foreignKey is not a field of the struct")
		}
		l.key.Fields = append(l.key.Fields, f)
	}
	if l.name == "" {
		return l, errors.New("requires a json tag with the name of the relation, or -")
	}
	return l, nil
}

// complete sets the referenced table of the link and its columns.
func (l *link) complete(child, parent *Table) {
	l.key.Table, l.key.Refs = parent, parent.Key
	if l.references != nil {
		l.key.Refs = nil
		for _, name := range l.references {
			sf, _ := parent.row.FieldByName(strings.TrimSpace(name))
			i := slices.IndexFunc(parent.Fields, func(f *Field) bool { return len(sf.Index) > 0 && f.index == sf.Index[0] })
			if i < 0 {
				panic(fmt.Sprintf("resource: %s: the foreign key %s references %s.%s, which is not a column",
					child.Name, l.key.Name, parent.Name, name))
			}
			l.key.Refs = append(l.key.Refs, parent.Fields[i])
		}
	}
	if len(l.key.Refs) != len(l.key.Fields) {
		panic(fmt.Sprintf("resource: %s: the foreign key %s has %d columns, but references %d columns of %s",
			child.Name, l.key.Name, len(l.key.Fields), len(l.key.Refs), parent.Name))
	}
	for i, f := range l.key.Fields {
		if ref := l.key.Refs[i]; f.Type != ref.Type {
			panic(fmt.Sprintf("resource: %s.%s and %s.%s have different types: %s and %s",
				child.Name, f.Name, parent.Name, ref.Name, f.Type, ref.Type))
		}
		if f.References == nil && l.key.Name != "" {
			f.References = l.key.Refs[i]
		}
	}
}

// Link adds the relations between tables, in both directions, and returns the tables. If a
// rule gave the name of an inverse to another one, the inverse is called TABLE_by_NAME. Link
// panics if other names clash or a table is missing, so that the program fails when it starts.
func Link(tables ...*Table) []*Table {
	byRow, byName := map[reflect.Type]*Table{}, map[string]*Table{}
	for _, t := range tables {
		if byRow[t.row] != nil || byName[t.Name] != nil {
			panic(fmt.Sprintf("resource: %s: another table has its name or its struct", t.Name))
		}
		byRow[t.row], byName[t.Name] = t, t
	}
	type inverseOf struct {
		parent *Table
		name   string
	}
	renamed := map[inverseOf]bool{}
	for _, child := range tables {
		for _, l := range child.links {
			if l.renamed {
				renamed[inverseOf{byRow[l.parent], l.inverse}] = true
			}
		}
	}
	for _, child := range tables {
		for i := range child.links {
			l := &child.links[i]
			parent := byRow[l.parent]
			if parent == nil {
				panic(fmt.Sprintf("resource: %s.%s references %s, which is not the row of a table",
					child.Name, l.key.Fields[0].Name, l.parent.Name()))
			}
			l.complete(child, parent)
			if l.name != "-" {
				child.relate(&Relation{Name: l.name, Key: l.key, Table: parent})
			}
			inverse := l.inverse
			if inverse == "" {
				inverse = relationName(child)
			}
			if !l.renamed && l.name != "-" && renamed[inverseOf{parent, inverse}] {
				inverse += "_by_" + l.name
			}
			parent.relate(&Relation{Name: inverse, Many: true, Key: l.key, Table: child})
		}
	}
	for _, t := range tables {
		t.linkBoth()
	}
	return tables
}

// relationName returns the name of a relation to the rows of a table. It is a parameter and a
// part of a path, and has no blanks.
func relationName(t *Table) string { return strings.ReplaceAll(t.Name, " ", "_") }

// linkBoth adds the many-to-many relations of a table whose rows link two tables: its key is two
// foreign keys, and a row needs no other values. If the name of the other table is taken, the
// relation has the name of this table as well.
func (t *Table) linkBoth() {
	for _, f := range t.Fields {
		if !f.InKey && f.Required() {
			return
		}
	}
	var pair []*ForeignKey
	for _, k := range t.ForeignKeys {
		if !slices.ContainsFunc(k.Fields, func(f *Field) bool { return !f.InKey }) && k.toKey() {
			pair = append(pair, k)
		}
	}
	if len(pair) != 2 || len(pair[0].Fields)+len(pair[1].Fields) != len(t.Key) ||
		slices.ContainsFunc(pair[0].Fields, func(f *Field) bool { return slices.Contains(pair[1].Fields, f) }) {
		return
	}
	for i, near := range pair {
		far := pair[1-i]
		name := relationName(far.Table)
		if !near.Table.isFree(name) {
			name += "_by_" + relationName(t)
		}
		if near.Table.isFree(name) {
			near.Table.relate(&Relation{Name: name, Many: true, Through: &Through{t, near, far}, Table: far.Table})
		}
	}
}

// isFree reports whether no field and no relation has a name.
func (t *Table) isFree(name string) bool { return t.Field(name) == nil && t.Relation(name) == nil }

// relate adds a relation to the table.
func (t *Table) relate(r *Relation) {
	if !t.isFree(r.Name) {
		panic(fmt.Sprintf("resource: %s: the name %s is not unique: rename one relation with RelationNames",
			t.Name, r.Name))
	}
	r.prefix = prefix(r.Name)
	t.Relations = append(t.Relations, r)
}
