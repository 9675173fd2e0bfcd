package resource

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Relation leads from the rows of one table to related rows of another.
type Relation struct {
	// Name is the member in JSON and the value for include, such as author or posts. If
	// Many is true, it is also a path segment: /users/7/posts.
	Name string
	// Many is true if the rows of Table have the foreign key (users → posts), and false if
	// the rows with the relation have it (posts → author).
	Many bool
	// Field is the foreign key. It is posts.user_id in both directions.
	Field *Field
	// Table is the table of the related rows.
	Table *Table

	prefix   string // ,"name":
	parentID int    // index of the id in the struct of the rows with the relation
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
	field         *Field
	name, inverse string // "-" for no name, "" for the default inverse
}

// linkOf returns the link for the field of a struct that is a relation.
func linkOf(sf reflect.StructField, byGoName map[string]*Field) (link, error) {
	tags := settings(sf.Tag.Get("gorm"))
	l := link{field: byGoName[tags["foreignkey"]], inverse: sf.Tag.Get("inverse")}
	l.name, _, _ = strings.Cut(sf.Tag.Get("json"), ",")
	switch {
	case l.field == nil:
		return l, errors.New("its foreignKey is not a field of the struct")
	case l.field.Type != Integer:
		return l, fmt.Errorf("its foreignKey %s is not an int64", l.field.Name)
	case l.field.parent != nil:
		return l, fmt.Errorf("another relation has the foreignKey %s", l.field.Name)
	case l.name == "":
		return l, errors.New("requires a json tag with the name of the relation, or -")
	}
	l.field.ForeignKey, _, _ = strings.Cut(tags["constraint"], ",")
	l.field.parent = sf.Type.Elem()
	return l, nil
}

// Link adds the relations between tables, in both directions, and returns the tables. It
// panics if names clash or a table is missing, so that the program fails when it starts.
func Link(tables ...*Table) []*Table {
	byRow, byName := map[reflect.Type]*Table{}, map[string]*Table{}
	for _, t := range tables {
		if byRow[t.row] != nil || byName[t.Name] != nil {
			panic(fmt.Sprintf("resource: %s: another table has its name or its struct", t.Name))
		}
		byRow[t.row], byName[t.Name] = t, t
	}
	for _, child := range tables {
		for _, l := range child.links {
			parent := byRow[l.field.parent]
			if parent == nil {
				panic(fmt.Sprintf("resource: %s.%s references %s, which is not the row of a table",
					child.Name, l.field.Name, l.field.parent.Name()))
			}
			if l.name != "-" {
				child.relate(&Relation{Name: l.name, Field: l.field, Table: parent})
			}
			inverse := l.inverse
			if inverse == "" {
				inverse = child.Name
			}
			parent.relate(&Relation{Name: inverse, Many: true, Field: l.field, Table: child})
		}
	}
	return tables
}

// relate adds a relation to the table.
func (t *Table) relate(r *Relation) {
	if t.Field(r.Name) != nil || t.Relation(r.Name) != nil {
		panic(fmt.Sprintf("resource: %s: the name %s is not unique: rename one relation with RelationNames",
			t.Name, r.Name))
	}
	r.prefix, r.parentID = prefix(r.Name), t.byName["id"].index
	t.Relations = append(t.Relations, r)
}
