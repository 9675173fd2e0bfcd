package lint

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// How MySQL 8.0.29 and later run an ALTER TABLE on InnoDB, by the tables "Online DDL
// Operations" of its manual, as far as one action of the common kinds goes. It is for
// when no server is at hand: db test asks one.

// method is how the server runs a statement, the gentlest way it can. A higher
// one is worse.
type method int

const (
	instant     method = iota // only the definition changes
	inPlace                   // work in place, reads and writes go on
	inPlaceNew                // the table is built again, reads and writes go on
	inPlaceLock               // work in place, writers wait (LOCK=SHARED)
	copied                    // all rows are copied, writers wait
)

// clause is how a statement asks for the method.
func (m method) clause() string {
	return [...]string{"ALGORITHM=INSTANT", "ALGORITHM=INPLACE, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=NONE",
		"ALGORITHM=INPLACE, LOCK=SHARED", "ALGORITHM=COPY"}[m]
}

// methodOf says how the server runs a statement about one table that exists: as its
// worst action. what names that action.
func (p *pass) methodOf(s *step) (table string, worst method, what string, ok bool) {
	for _, c := range s.changes {
		m, modifies := c.(*schema.ModifyTable)
		if !modifies {
			return "", 0, "", false
		}
		table = m.T.Name
		for _, action := range m.Changes {
			if method, name := methodOfAction(s, s.oldTable(table), m.T, action); what == "" || method > worst {
				worst, what = method, name
			}
		}
		switch {
		case changesKey(m):
			worst, what = inPlaceNew, "changing the primary key"
		case worst == inPlace && slices.ContainsFunc(m.Changes, storesRows):
			// What is instant alone is not in company.
			worst = inPlaceNew
		}
	}
	if s.verb != "ALTER TABLE" || s.Problem != "" || s.Unknown || s.oldTable(s.head.table) == nil {
		return table, worst, what, what != ""
	}
	places := topLevel(s.tokens, 3, "FIRST", "AFTER") < len(s.tokens)
	if places && topLevel(s.tokens, 3, "MODIFY", "CHANGE") < len(s.tokens) && worst < inPlaceNew {
		return s.head.table, inPlaceNew, "moving a column", true
	}
	if what == "" {
		// It changes how the table is stored, or what no schema shows.
		stored := slices.ContainsFunc([]string{"ENGINE", "ROW_FORMAT", "KEY_BLOCK_SIZE", "FORCE"}, func(word string) bool {
			return topLevel(s.tokens, 3, word) < len(s.tokens)
		})
		if stored {
			return s.head.table, inPlaceNew, "changing how the table is stored", true
		}
		return s.head.table, inPlace, "changing an option of the table", true
	}
	return table, worst, what, what != ""
}

// storesRows says that an action changes how rows are stored, which builds the table
// again where it is not done instantly.
func storesRows(action schema.Change) bool {
	switch c := action.(type) {
	case *schema.AddColumn:
		return generated(c.C) != "VIRTUAL"
	case *schema.DropColumn:
		return generated(c.C) != "VIRTUAL"
	}
	return false
}

// changesKey says that the primary key goes and another one comes.
func changesKey(m *schema.ModifyTable) bool {
	added, dropped := false, false
	for _, c := range m.Changes {
		switch c.(type) {
		case *schema.AddPrimaryKey:
			added = true
		case *schema.DropPrimaryKey:
			dropped = true
		case *schema.ModifyPrimaryKey:
			return true
		}
	}
	return added && dropped
}

func methodOfAction(s *step, old, table *schema.Table, action schema.Change) (method, string) {
	switch c := action.(type) {
	case *schema.AddColumn:
		switch {
		case generated(c.C) == "STORED":
			return copied, "adding a computed column that is stored"
		case automatic(c.C):
			return inPlaceLock, "adding an AUTO_INCREMENT column"
		case computedDefault(c.C):
			return copied, "adding a column whose default is an expression"
		}
		return instant, "adding a column"
	case *schema.DropColumn:
		if indexed(old, c.C.Name) {
			return inPlace, "dropping a column that is in an index"
		}
		return instant, "dropping a column"
	case *schema.RenameColumn:
		return instant, "renaming a column"
	case *schema.ModifyColumn:
		return methodOfColumn(old, table, c.From, c.To)
	case *schema.AddIndex:
		_, columnsOnly := columnNames(c.I)
		switch {
		case indexType(c.I) == "FULLTEXT", indexType(c.I) == "SPATIAL":
			return inPlaceLock, "adding a " + indexType(c.I) + " index"
		case !columnsOnly && c.I.Unique:
			return copied, "adding a unique index on an expression"
		case !columnsOnly:
			return inPlaceLock, "adding an index on an expression"
		}
		return inPlace, "adding an index"
	case *schema.DropIndex, *schema.RenameIndex, *schema.ModifyIndex:
		return inPlace, "dropping or renaming an index"
	case *schema.AddPrimaryKey, *schema.ModifyPrimaryKey:
		return inPlaceNew, "changing the primary key"
	case *schema.DropPrimaryKey:
		return copied, "dropping the primary key"
	case *schema.AddForeignKey, *schema.ModifyForeignKey:
		if s.unchecked {
			return inPlace, "adding a foreign key without checking it"
		}
		return copied, "adding a foreign key"
	case *schema.DropForeignKey:
		return inPlace, "dropping a foreign key"
	case *schema.AddCheck:
		if enforced(c.C) {
			return copied, "adding a check"
		}
		return instant, "adding a check that is not enforced"
	case *schema.ModifyCheck:
		if enforced(c.To) {
			return copied, "enforcing a check"
		}
		return instant, "changing a check"
	case *schema.DropCheck:
		return instant, "dropping a check"
	}
	return inPlace, "changing an option of the table"
}

func methodOfColumn(old, table *schema.Table, from, to *schema.Column) (method, string) {
	setA, collationA := charset(from, old)
	setB, collationB := charset(to, table)
	text := isText(from) && isText(to)
	switch {
	case generated(from) != generated(to), automatic(from) != automatic(to):
		return copied, "changing what a column is filled with"
	case text && setA != setB && !(setA == "utf8mb3" && setB == "utf8mb4"):
		return copied, "changing the charset of a column"
	case text && collationA != collationB && (indexed(old, from.Name) || indexed(table, to.Name)):
		return copied, "changing the collation of a column that is in an index"
	}
	if longer, same := growth(from, to); same {
		// A length is stored in one byte up to 255 bytes, in two from there on.
		_, bytesA, _ := capacity(from, old)
		_, bytesB, _ := capacity(to, table)
		switch {
		case !longer:
			return copied, "changing the type of a column"
		case (bytesA <= 255) != (bytesB <= 255):
			return copied, "making a column longer across the line of 255 bytes"
		case from.Type.Null == to.Type.Null && bytesA != bytesB:
			return inPlace, "making a column longer"
		}
	} else if !sameType(from, to) && !appended(from, to) {
		return copied, "changing the type of a column"
	}
	switch {
	case from.Type.Null != to.Type.Null:
		return inPlaceNew, "changing whether a column takes NULL"
	case text && collationA != collationB:
		return inPlace, "changing the collation of a column"
	}
	return instant, "changing the definition of a column"
}

// computedDefault says whether a default is an expression other than the current time.
func computedDefault(c *schema.Column) bool {
	raw, ok := c.Default.(*schema.RawExpr)
	if !ok {
		return false
	}
	x := strings.ToLower(raw.X)
	name, _, _ := strings.Cut(x, "(")
	return strings.HasPrefix(x, "(") || strings.Contains(x, "(") &&
		!slices.Contains([]string{"current_timestamp", "now", "localtime", "localtimestamp"}, name)
}

// growth says whether the type of a column stays varchar, or varbinary, and does not
// become shorter. same is false for other types.
func growth(from, to *schema.Column) (longer, same bool) {
	switch a := from.Type.Type.(type) {
	case *schema.StringType:
		b, ok := to.Type.Type.(*schema.StringType)
		return ok && b.Size >= a.Size, ok && a.T == mysql.TypeVarchar && b.T == mysql.TypeVarchar
	case *schema.BinaryType:
		b, ok := to.Type.Type.(*schema.BinaryType)
		same = ok && a.T == mysql.TypeVarBinary && b.T == mysql.TypeVarBinary && a.Size != nil && b.Size != nil
		return same && *b.Size >= *a.Size, same
	}
	return false, false
}

// appended says whether an enum or set got values at its end only.
func appended(from, to *schema.Column) bool {
	listedA, a := values(from)
	listedB, b := values(to)
	return listedA && listedB && isSet(from) == isSet(to) && len(b) >= len(a) && slices.Equal(a, b[:len(a)]) &&
		(len(a)+7)/8 == (len(b)+7)/8
}

// sameType compares types as the server stores them: without display widths.
func sameType(from, to *schema.Column) bool {
	if family(from) == "integer" && family(to) == "integer" {
		lowA, highA := integerRange(from)
		lowB, highB := integerRange(to)
		return lowA == lowB && highA == highB
	}
	x, errX := mysql.FormatType(from.Type.Type)
	y, errY := mysql.FormatType(to.Type.Type)
	return errX == nil && errY == nil && strings.EqualFold(x, y)
}
