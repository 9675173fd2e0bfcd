package resource

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Relation is a way from the rows of one table to those of another.
type Relation struct {
	// Name is the member in JSON, and what include names: the author of a post,
	// the posts of a user. Of a relation that is many it is also the path below
	// the row: /users/7/posts.
	Name string
	// Many says who holds the id of whom. True: any number of rows of Table refer
	// to one row here (users → posts). False: a row here refers to one of Table's,
	// or to none (posts → author).
	Many bool
	// Field is the foreign key, a field of the table that refers: posts.user_id
	// both ways.
	Field *Field
	// Table is the one whose rows the relation gives.
	Table *Table

	prefix   string // ,"name":
	parentID int    // where the id stands in a row that this is a relation of
}

// Relation returns the relation of that name, nil where there is none.
func (t *Table) Relation(name string) *Relation {
	for _, r := range t.Relations {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// link is what the tags of a struct say of a relation.
type link struct {
	field         *Field
	name, inverse string // "-" and "" for what the tags do not name
}

// linkOf reads the tags of a struct's field that stands for another row.
func linkOf(sf reflect.StructField, byGoName map[string]*Field) (link, error) {
	tags := settings(sf.Tag.Get("gorm"))
	l := link{field: byGoName[tags["foreignkey"]], inverse: sf.Tag.Get("inverse")}
	l.name, _, _ = strings.Cut(sf.Tag.Get("json"), ",")
	switch {
	case l.field == nil:
		return l, errors.New("its foreignKey names no field")
	case l.field.Type != Integer:
		return l, fmt.Errorf("its foreignKey %s is no int64", l.field.Name)
	case l.field.parent != nil:
		return l, fmt.Errorf("another relation has the foreignKey %s", l.field.Name)
	case l.name == "":
		return l, errors.New("needs a json tag with the relation's name, or -")
	}
	l.field.ForeignKey, _, _ = strings.Cut(tags["constraint"], ",")
	l.field.parent = sf.Type.Elem()
	return l, nil
}

// Link makes the relations between tables, in both directions, and gives the
// tables. It panics where their names do not fit together: that is a mistake in
// the program, met at its first start.
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
				panic(fmt.Sprintf("resource: %s.%s refers to %s, which is the row of no table",
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
		panic(fmt.Sprintf("resource: %s: %s is the name of two things: give one a name of its own with RelationNames",
			t.Name, r.Name))
	}
	r.prefix, r.parentID = prefix(r.Name), t.byName["id"].index
	t.Relations = append(t.Relations, r)
}
