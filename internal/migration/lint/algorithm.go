package lint

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// How MySQL 8.0.29 and later, 9 included, run an ALTER TABLE on InnoDB. The rules
// follow the tables "Online DDL Operations" of its manual, and where the server
// differs from them, the server: a test runs every kind of action on a real one
// and compares.

// method is how the server runs a statement, the gentlest way it can. A higher
// one is worse.
type method int

const (
	instant     method = iota // only the definition changes
	inPlace                   // work in place, reads and writes go on
	inPlaceNew                // the table is built anew, reads and writes go on
	inPlaceLock               // work in place, writers wait (LOCK=SHARED)
	copied                    // all rows are copied, writers wait
)

// clause is how a statement asks for the method.
func (m method) clause() string {
	return [...]string{"ALGORITHM=INSTANT", "ALGORITHM=INPLACE, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=NONE",
		"ALGORITHM=INPLACE, LOCK=SHARED", "ALGORITHM=COPY"}[m]
}

// way is a method and the action that makes it necessary.
type way struct {
	method
	// what is the action in words; rebuilds says that a table that is not changed
	// instantly is built anew because of it.
	what     string
	rebuilds bool
	// virtual marks that a computed column comes or goes, which goes together with
	// little else.
	virtual bool
}

// alter is one ALTER TABLE to find the method of.
type alter struct {
	// before and after are the table; schema is the schema before.
	before, after *schema.Table
	schema        *schema.Schema
	// unchecked is true while foreign_key_checks is 0.
	unchecked bool
	actions   []schema.Change
}

// method is how the server runs the whole statement: as its worst action, with
// what the actions do to one another. what names the action that is at fault.
func (a alter) method() (m method, what string) {
	var ways []way
	for _, action := range a.actions {
		ways = append(ways, a.action(action))
	}
	rebuilds, virtual := false, false
	for _, w := range ways {
		if w.method > m || what == "" {
			m, what = max(m, w.method), w.what
		}
		rebuilds, virtual = rebuilds || w.rebuilds, virtual || w.virtual
	}
	if a.replacesKey() {
		m, what = inPlaceNew, "changing the primary key"
	}
	if virtual && m > instant && slices.ContainsFunc(a.actions, spoilsVirtual) {
		return copied, "adding or dropping a computed column together with other actions"
	}
	if m == inPlace && rebuilds {
		m = inPlaceNew
	}
	if m == instant && rebuilds && rowFormat(a.before) == "compressed" {
		m = inPlaceNew
	}
	builds := m == inPlaceNew || m == inPlaceLock && rebuilds || m == instant && rebuilds
	if builds && a.keeps("FULLTEXT") {
		return copied, what + ", on a table with a FULLTEXT index,"
	}
	if m == inPlaceNew && (a.keeps("SPATIAL") || a.convertsText()) {
		return inPlaceLock, what
	}
	return m, what
}

// action is how the server runs one action.
func (a alter) action(c schema.Change) way {
	switch c := c.(type) {
	case *schema.AddColumn:
		return a.addColumn(c.C)
	case *schema.DropColumn:
		return a.dropColumn(c.C)
	case *schema.RenameColumn:
		if a.moved(c.From.Name, c.To.Name) {
			return way{method: inPlaceNew, what: "moving a column", rebuilds: true}
		}
		if a.referenced(c.From.Name) {
			return way{method: inPlace, what: "renaming a column that a foreign key refers to"}
		}
		return way{method: instant, what: "renaming a column"}
	case *schema.ModifyColumn:
		return a.modifyColumn(c.From, c.To)
	case *schema.AddIndex:
		return a.addIndex(c.I)
	case *schema.DropIndex, *schema.RenameIndex, *schema.ModifyIndex:
		return way{method: inPlace, what: "dropping or renaming an index"}
	case *schema.AddPrimaryKey, *schema.ModifyPrimaryKey:
		return way{method: inPlaceNew, what: "changing the primary key", rebuilds: true}
	case *schema.DropPrimaryKey:
		return way{method: copied, what: "dropping the primary key"}
	case *schema.AddForeignKey:
		if a.unchecked {
			return way{method: inPlace, what: "adding a foreign key without checking it"}
		}
		return way{method: copied, what: "adding a foreign key"}
	case *schema.DropForeignKey:
		return way{method: inPlace, what: "dropping a foreign key"}
	case *schema.AddCheck:
		if enforced(c.C) {
			return way{method: copied, what: "adding a check"}
		}
		return way{method: instant, what: "adding a check that is not enforced"}
	case *schema.ModifyCheck:
		if enforced(c.To) {
			return way{method: copied, what: "enforcing a check"}
		}
		return way{method: instant, what: "changing a check"}
	case *schema.DropCheck:
		return way{method: instant, what: "dropping a check"}
	case *schema.AddAttr:
		return attribute(c.A)
	case *schema.ModifyAttr:
		return attribute(c.To)
	case *schema.DropAttr:
		return attribute(c.A)
	}
	return way{method: instant, what: "renaming the table"}
}

// attribute is how the server changes an option of a table.
func attribute(a schema.Attr) way {
	switch a.(type) {
	case *mysql.Engine, *mysql.CreateOptions:
		return way{method: inPlaceNew, what: "changing how the table is stored", rebuilds: true}
	}
	return way{method: inPlace, what: "changing an option of the table"}
}

func (a alter) addColumn(c *schema.Column) way {
	last := len(a.after.Columns) > 0 && a.after.Columns[len(a.after.Columns)-1].Name == c.Name
	switch {
	case generated(c) == "STORED":
		return way{method: copied, what: "adding a computed column that is stored"}
	case generated(c) == "VIRTUAL" && !last && !a.addsBehind(c.Name):
		return way{method: copied, what: "adding a computed column between others"}
	case generated(c) == "VIRTUAL":
		return way{method: instant, what: "adding a computed column", virtual: true}
	case automatic(c):
		return way{method: inPlaceLock, what: "adding an AUTO_INCREMENT column", rebuilds: true}
	case computedDefault(c):
		return way{method: copied, what: "adding a column whose default is an expression"}
	}
	return way{method: instant, what: "adding a column", rebuilds: true}
}

// addsBehind says whether all columns behind one are new as well.
func (a alter) addsBehind(column string) bool {
	i := slices.IndexFunc(a.after.Columns, func(c *schema.Column) bool { return c.Name == column })
	return i >= 0 && !slices.ContainsFunc(a.after.Columns[i:], func(c *schema.Column) bool {
		return schema.Changes(a.actions).IndexAddColumn(c.Name) < 0
	})
}

// computedDefault says whether a default is an expression other than the current
// time.
func computedDefault(c *schema.Column) bool {
	raw, ok := c.Default.(*schema.RawExpr)
	if !ok {
		return false
	}
	x := strings.ToLower(strings.Trim(raw.X, "() 0123456789"))
	switch x {
	case "current_timestamp", "now", "localtime", "localtimestamp", "null", "true", "false":
		// In parentheses they are expressions like any other.
		return strings.HasPrefix(strings.TrimSpace(raw.X), "(")
	}
	return strings.HasPrefix(strings.TrimSpace(raw.X), "(") || strings.ContainsAny(raw.X, "(")
}

func (a alter) dropColumn(c *schema.Column) way {
	w := way{method: instant, what: "dropping a column", rebuilds: generated(c) != "VIRTUAL", virtual: generated(c) == "VIRTUAL"}
	if indexed(a.before, c.Name) {
		w.method, w.what = inPlace, "dropping a column that is in an index"
	}
	return w
}

func (a alter) addIndex(i *schema.Index) way {
	_, columnsOnly := columnNames(i)
	computed := slices.ContainsFunc(i.Parts, func(p *schema.IndexPart) bool {
		if p.C == nil || generated(p.C) != "VIRTUAL" {
			return false
		}
		return schema.Changes(a.actions).IndexAddColumn(p.C.Name) >= 0
	})
	switch {
	case indexType(i) == "FULLTEXT":
		return way{method: inPlaceLock, what: "adding a FULLTEXT index"}
	case indexType(i) == "SPATIAL":
		return way{method: inPlaceLock, what: "adding a SPATIAL index"}
	case !columnsOnly && i.Unique:
		return way{method: copied, what: "adding a unique index on an expression"}
	case !columnsOnly || computed:
		return way{method: inPlaceLock, what: "adding an index on an expression"}
	case a.becomesKey(i):
		return way{method: inPlaceNew, what: "adding a unique index to a table without a primary key", rebuilds: true}
	}
	return way{method: inPlace, what: "adding an index"}
}

// becomesKey says whether InnoDB will store the table in the order of an index:
// the first unique one on NOT NULL columns where there is no primary key.
func (a alter) becomesKey(i *schema.Index) bool {
	key := func(i *schema.Index) bool {
		return i.Unique && !slices.ContainsFunc(i.Parts, func(p *schema.IndexPart) bool { return p.C == nil || p.C.Type.Null })
	}
	return a.before != nil && a.before.PrimaryKey == nil && key(i) && !slices.ContainsFunc(a.before.Indexes, key)
}

// replacesKey says whether the primary key goes and a new one comes in the same
// statement, and no other action is worse.
func (a alter) replacesKey() bool {
	added, dropped := false, false
	for _, c := range a.actions {
		switch c.(type) {
		case *schema.AddPrimaryKey:
			added = true
		case *schema.DropPrimaryKey:
			dropped = true
		default:
			if a.action(c).method > inPlaceNew {
				return false
			}
		}
	}
	return added && dropped
}

// spoilsVirtual says whether an action cannot go in place together with adding
// or dropping a computed column.
func spoilsVirtual(c schema.Change) bool {
	switch c := c.(type) {
	case *schema.AddIndex, *schema.DropIndex:
		return false
	case *schema.AddColumn:
		return generated(c.C) != "VIRTUAL"
	case *schema.DropColumn:
		return generated(c.C) != "VIRTUAL"
	}
	return true
}

// keeps says whether the table has an index of a type before and after.
func (a alter) keeps(kind string) bool {
	if a.before == nil {
		return false
	}
	return slices.ContainsFunc(a.before.Indexes, func(i *schema.Index) bool {
		_, kept := a.after.Index(i.Name)
		return kept && indexType(i) == kind
	}) || kind == "SPATIAL" && slices.ContainsFunc(a.after.Indexes, func(i *schema.Index) bool { return indexType(i) == kind })
}

// referenced says whether a foreign key refers to a column of the table.
func (a alter) referenced(column string) bool {
	if a.schema == nil || a.before == nil {
		return false
	}
	for _, t := range a.schema.Tables {
		for _, f := range t.ForeignKeys {
			if f.RefTable == nil || f.RefTable.Name != a.before.Name {
				continue
			}
			if _, ok := f.RefColumn(column); ok {
				return true
			}
		}
	}
	return false
}
