package lint

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// This file predicts how MySQL 8.0.29 and later run an ALTER TABLE on InnoDB, by the tables
// "Online DDL Operations" of the MySQL manual. It covers one action of the common kinds, for
// use without a server; db test measures on a server.

// method is the least disruptive method with which the server can run a statement. A higher
// value is more disruptive.
type method int

const (
	instant        method = iota // only the definition changes
	inPlace                      // runs in place, reads and writes continue
	inPlaceRebuild               // the table is rebuilt, reads and writes continue
	inPlaceLock                  // runs in place, writes are blocked (LOCK=SHARED)
	copied                       // all rows are copied, writes are blocked
)

// methodOf returns the method of a statement about an existing table: the method of its most
// disruptive action, and a description of this action. what is "" for other statements.
func (p *pass) methodOf(s *step) (table string, worst method, what string) {
	changes := p.changesOf(s)
	for _, c := range changes {
		method, name := c.method()
		if name == "" {
			return "", 0, ""
		}
		if what == "" || method > worst {
			table, worst, what = c.table.Name, method, name
		}
	}
	if worst == inPlace && slices.ContainsFunc(changes, change.storesRows) {
		worst = inPlaceRebuild // instant only if it is the only action
	}
	if s.verb != "ALTER TABLE" || s.Problem != nil || s.Unknown || s.fresh[s.about] || s.oldTable(s.about) == nil {
		return table, worst, what
	}
	switch {
	case worst < inPlaceRebuild && s.has("FIRST", "AFTER") && s.has("MODIFY", "CHANGE"):
		return s.about, inPlaceRebuild, "moving a column"
	case what != "":
		return table, worst, what
	case s.has("ENGINE", "ROW_FORMAT", "KEY_BLOCK_SIZE", "FORCE"):
		return s.about, inPlaceRebuild, "changing how the table is stored"
	}
	return s.about, inPlace, "changing an option of the table"
}

// storesRows reports whether an action changes how rows are stored. If it is not instant, it
// rebuilds the table.
func (c change) storesRows() bool {
	switch a := c.action.(type) {
	case *schema.AddColumn:
		return generated(a.C) != "VIRTUAL"
	case *schema.DropColumn:
		return generated(a.C) != "VIRTUAL"
	}
	return false
}

// changesKey reports whether the primary key is replaced.
func changesKey(actions []schema.Change) bool {
	_, added := find[*schema.AddPrimaryKey](actions)
	_, dropped := find[*schema.DropPrimaryKey](actions)
	_, modified := find[*schema.ModifyPrimaryKey](actions)
	return added && dropped || modified
}

// method returns the method of an action and a description of the action; "" if the action
// does not change an existing table.
func (c change) method() (method, string) {
	if changesKey(c.all) {
		return inPlaceRebuild, "changing the primary key"
	}
	switch a := c.action.(type) {
	case *schema.AddTable, *schema.DropTable, *schema.RenameTable:
		return 0, ""
	case *schema.AddColumn:
		return methodOfNew(a.C)
	case *schema.DropColumn:
		if indexed(c.old, a.C.Name) {
			return inPlace, "dropping a column that is in an index"
		}
		return instant, "dropping a column"
	case *schema.RenameColumn:
		return instant, "renaming a column"
	case *schema.ModifyColumn:
		return c.methodOfColumn(a.From, a.To)
	case *schema.AddIndex:
		return methodOfIndex(a.I)
	case *schema.DropIndex, *schema.RenameIndex, *schema.ModifyIndex:
		return inPlace, "dropping or renaming an index"
	case *schema.AddPrimaryKey:
		return inPlaceRebuild, "changing the primary key"
	case *schema.DropPrimaryKey:
		return copied, "dropping the primary key"
	case *schema.AddForeignKey, *schema.ModifyForeignKey:
		if c.unchecked {
			return inPlace, "adding a foreign key without checking it"
		}
		return copied, "adding a foreign key"
	case *schema.DropForeignKey:
		return inPlace, "dropping a foreign key"
	case *schema.AddCheck:
		if enforced(a.C) {
			return copied, "adding a check"
		}
		return instant, "adding a check that is not enforced"
	case *schema.ModifyCheck:
		if enforced(a.To) {
			return copied, "enforcing a check"
		}
		return instant, "changing a check"
	case *schema.DropCheck:
		return instant, "dropping a check"
	}
	return inPlace, "changing an option of the table"
}

func methodOfNew(c *schema.Column) (method, string) {
	switch {
	case generated(c) == "STORED":
		return copied, "adding a computed column that is stored"
	case automatic(c):
		return inPlaceLock, "adding an AUTO_INCREMENT column"
	case computedDefault(c):
		return copied, "adding a column whose default is an expression"
	}
	return instant, "adding a column"
}

func methodOfIndex(i *schema.Index) (method, string) {
	_, columnsOnly := columnNames(i)
	kind, _ := find[*mysql.IndexType](i.Attrs)
	switch {
	case kind != nil && (kind.T == mysql.IndexTypeFullText || kind.T == mysql.IndexTypeSpatial):
		return inPlaceLock, "adding a " + kind.T + " index"
	case !columnsOnly && i.Unique:
		return copied, "adding a unique index on an expression"
	case !columnsOnly:
		return inPlaceLock, "adding an index on an expression"
	}
	return inPlace, "adding an index"
}

func (c change) methodOfColumn(from, to *schema.Column) (method, string) {
	a, b := c.holds(from, c.old), c.holds(to, c.table)
	nullChanges := from.Type.Null != to.Type.Null
	text := a.family == "text" && b.family == "text"
	recollated := text && a.collation != b.collation
	// A varchar or varbinary grows in place, unless its length needs a second byte (from 256
	// bytes).
	grows := a.name == b.name && strings.HasPrefix(a.name, "var") && b.chars >= a.chars
	switch {
	case generated(from) != generated(to), automatic(from) != automatic(to):
		return copied, "changing how the value of a column is generated"
	case text && a.charset != b.charset && (a.charset != "utf8mb3" || b.charset != "utf8mb4"):
		return copied, "changing the charset of a column"
	case recollated && (indexed(c.old, from.Name) || indexed(c.table, to.Name)):
		return copied, "changing the collation of a column that is in an index"
	case grows && (a.bytes <= 255) != (b.bytes <= 255):
		return copied, "making a column longer than 255 bytes"
	case grows && a.bytes != b.bytes && !nullChanges:
		return inPlace, "making a column longer"
	case !grows && !c.storedAlike(a, b, from, to):
		return copied, "changing the type of a column"
	case nullChanges:
		return inPlaceRebuild, "changing whether a column accepts NULL"
	case recollated:
		return inPlace, "changing the collation of a column"
	}
	return instant, "changing the definition of a column"
}

// storedAlike reports whether the server stores the values of two types in the same format.
// It ignores display widths, and members appended to an enum or set.
func (p *pass) storedAlike(a, b holding, from, to *schema.Column) bool {
	n := len(a.members)
	switch {
	case a.family == "integer" && b.family == "integer":
		return a.low == b.low && a.high == b.high
	case n > 0 && len(b.members) >= n:
		return a.set == b.set && slices.Equal(a.members, b.members[:n]) && (n+7)/8 == (len(b.members)+7)/8
	}
	return strings.EqualFold(p.typeName(from), p.typeName(to))
}

// computedDefault reports whether a default is an expression other than the current time.
func computedDefault(c *schema.Column) bool {
	raw, ok := c.Default.(*schema.RawExpr)
	if !ok {
		return false
	}
	name, _, call := strings.Cut(strings.ToLower(raw.X), "(")
	return call && !slices.Contains([]string{"current_timestamp", "now", "localtime", "localtimestamp"}, name)
}

// enforced reports whether the server enforces a check, as it does by default.
func enforced(c *schema.Check) bool {
	e, stated := find[*mysql.Enforced](c.Attrs)
	return !stated || e.V
}
