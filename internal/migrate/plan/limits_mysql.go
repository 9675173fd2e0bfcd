package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"
)

// The limits of MySQL that a migration can run into (dev.mysql.com/doc/refman/en/
// innodb-limits.html).
const (
	maxName     = 64   // characters
	maxKeyBytes = 3072 // of all columns of an index
)

// refuseLimits returns an error for a change that MySQL refuses whatever rows a table has.
// Errors name the table and its part in quotes, for [declared.At].
func refuseLimits(changes []schema.Change) error {
	for _, c := range changes {
		var err error
		switch c := c.(type) {
		case *schema.AddTable:
			err = cmp.Or(refuseTable(c.T), refuseReferences(c.T))
		case *schema.ModifyTable:
			err = cmp.Or(refuseParts(c), refuseReferences(c.T))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func refuseTable(t *schema.Table) error {
	if err := refuseName("table", t.Name, t); err != nil {
		return err
	}
	for _, c := range t.Columns {
		if err := refuseName("column", c.Name, t); err != nil {
			return err
		}
	}
	for _, i := range append([]*schema.Index{t.PrimaryKey}, t.Indexes...) {
		if err := refuseIndex(t, i); err != nil {
			return err
		}
	}
	for _, fk := range t.ForeignKeys {
		if err := refuseForeignKey(t, fk); err != nil {
			return err
		}
	}
	for _, c := range t.Checks() {
		if err := refuseName("check", c.Name, t); err != nil {
			return err
		}
	}
	return refuseRow(t)
}

func refuseParts(m *schema.ModifyTable) (err error) {
	for _, part := range m.Changes {
		switch c := part.(type) {
		case *schema.AddColumn:
			err = cmp.Or(refuseName("column", c.C.Name, m.T), refuseRow(m.T), refuseRandom(m.T, c.C))
		case *schema.AddIndex:
			err = refuseIndex(m.T, c.I)
		case *schema.ModifyIndex:
			err = refuseIndex(m.T, c.To)
			if c.From.Unique {
				err = cmp.Or(err, refuseParentKey(m.T, c.From))
			}
		case *schema.AddPrimaryKey:
			err = refuseIndex(m.T, c.P)
		case *schema.ModifyPrimaryKey:
			err = cmp.Or(refuseIndex(m.T, c.To), refuseParentKey(m.T, c.From))
		case *schema.DropPrimaryKey:
			err = refuseParentKey(m.T, c.P)
		case *schema.AddForeignKey:
			err = cmp.Or(refuseForeignKey(m.T, c.F), refuseShared(m.T, c.F))
		case *schema.ModifyForeignKey:
			err = refuseForeignKey(m.T, c.To)
		case *schema.DropForeignKey:
			if ownIndex(m.T, c.F) != nil {
				err = refuseShared(m.T, c.F)
			}
		case *schema.AddCheck:
			err = refuseName("check", c.C.Name, m.T)
		case *schema.ModifyColumn:
			if c.Change.Is(schema.ChangeType) {
				err = cmp.Or(refuseIndexesOf(m.T, c.To), refuseRow(m.T))
			}
		case *schema.DropIndex:
			if c.I.Unique {
				err = refuseParentKey(m.T, c.I)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func refuseName(kind, name string, t *schema.Table) error {
	if n := utf8.RuneCountInString(name); n > maxName {
		return fmt.Errorf("table %q: the name of the %s %s has %d characters: MySQL allows %d",
			t.Name, kind, name, n, maxName)
	}
	return nil
}

// random matches the functions that return another value in each row.
var random = lazyregexp.New(`(?i)\b(?:uuid|uuid_short|rand|random_bytes)\s*\(`)

// refuseRandom returns an error for a new column with a random default, which MySQL does not
// add to a table while it writes a binary log: a replica would have other values.
func refuseRandom(t *schema.Table, c *schema.Column) error {
	if x, ok := c.Default.(*schema.RawExpr); ok && random.MatchString(x.X) {
		return fmt.Errorf("table %q: column %q: MySQL adds no column with the random default %s to a table: add the column "+
			"with null = true and without a default, and set the default in a later migration", t.Name, c.Name, x.X)
	}
	return nil
}

// refuseIndex checks the name of an index, that a text in it has a length, and its size.
func refuseIndex(t *schema.Table, i *schema.Index) error {
	if i == nil {
		return nil
	}
	if err := refuseName("index", i.Name, t); err != nil {
		return err
	}
	kind, _ := declared.AttrOf[*mysql.IndexType](i.Attrs)
	if kind != nil && kind.T != mysql.IndexTypeBTree && kind.T != mysql.IndexTypeHash {
		return nil
	}
	what := fmt.Sprintf("table %q: index %q", t.Name, i.Name)
	if i == t.PrimaryKey {
		what = fmt.Sprintf("table %q: primary_key", t.Name)
	}
	return refuseKey(t, i, what)
}

// refuseKey checks the columns of an index. what names the index.
func refuseKey(t *schema.Table, i *schema.Index, what string) error {
	size := 0
	for _, p := range i.Parts {
		if p.C == nil {
			continue
		}
		prefix, hasPrefix := declared.AttrOf[*mysql.SubPart](p.Attrs)
		bytes, open := keyBytes(t, p.C)
		if hasPrefix && !longer(p.C.Type.Type, prefix.Len) {
			return fmt.Errorf("%s: a prefix of %d needs a text or a binary column that is longer: change the prefix of the "+
				"column %q", what, prefix.Len, p.C.Name)
		}
		if hasPrefix {
			bytes, open = prefix.Len*bytesOf(t, p.C), false
		}
		if open {
			return fmt.Errorf("%s: MySQL can index only a prefix of the column %q: write on { column = column.%s, "+
				"prefix = 255 }, or give the column a length", what, p.C.Name, p.C.Name)
		}
		size += bytes
	}
	if size > maxKeyBytes {
		return fmt.Errorf("%s: its columns have up to %d bytes, and MySQL allows %d: shorten a column, or use a prefix",
			what, size, maxKeyBytes)
	}
	return nil
}

// longer reports whether a type has values of at least a number of characters or bytes, of
// which an index can have a prefix.
func longer(t schema.Type, prefix int) bool {
	switch t := t.(type) {
	case *schema.StringType:
		return strings.HasSuffix(t.T, "text") || prefix <= max(t.Size, 1)
	case *schema.BinaryType:
		return strings.HasSuffix(t.T, "blob") || t.Size != nil && prefix <= *t.Size || prefix == 1
	case *schema.SpatialType:
		return true
	}
	return false
}

// keyBytes returns the maximum size of a column in an index. open says that its type has no
// length that MySQL accepts there.
func keyBytes(t *schema.Table, c *schema.Column) (size int, open bool) {
	switch typ := c.Type.Type.(type) {
	case *schema.StringType:
		return typ.Size * bytesOf(t, c), strings.HasSuffix(typ.T, "text")
	case *schema.BinaryType:
		if typ.Size != nil {
			size = *typ.Size
		}
		return size, strings.HasSuffix(typ.T, "blob")
	case *schema.JSONType:
		return 0, true
	}
	return 0, false
}

// bytesOf returns the maximum bytes of a character of a text column, or 1 if the character
// set is not known.
func bytesOf(t *schema.Table, c *schema.Column) int {
	if _, ok := c.Type.Type.(*schema.StringType); !ok {
		return 1
	}
	charset, ok := declared.AttrOf[*schema.Charset](c.Attrs)
	if !ok {
		charset, ok = declared.AttrOf[*schema.Charset](t.Attrs)
	}
	sizes := map[string]int{"utf8mb4": 4, "utf8mb3": 3, "utf8": 3, "ucs2": 2, "utf16": 4, "utf32": 4}
	if !ok || sizes[charset.V] == 0 {
		return 1
	}
	return sizes[charset.V]
}

// addAutoIncrements adds the columns that get or lose AUTO_INCREMENT to the changes between
// two schemas of MySQL: Atlas does not compare it.
func addAutoIncrements(from, to *schema.Schema, changes []schema.Change) []schema.Change {
	modified := map[string]*schema.ModifyTable{}
	for _, c := range changes {
		if m, ok := c.(*schema.ModifyTable); ok {
			modified[m.T.Name] = m
		}
	}
	for _, t := range to.Tables {
		old, ok := from.Table(t.Name)
		if !ok {
			continue
		}
		for _, c := range t.Columns {
			was, ok := old.Column(c.Name)
			if !ok || declared.HasAttr[*mysql.AutoIncrement](was.Attrs) == declared.HasAttr[*mysql.AutoIncrement](c.Attrs) {
				continue
			}
			m := modified[t.Name]
			if m == nil {
				m = &schema.ModifyTable{T: t}
				modified[t.Name] = m
				changes = append(changes, m)
			}
			if !slices.ContainsFunc(m.Changes, func(part schema.Change) bool {
				modify, ok := part.(*schema.ModifyColumn)
				return ok && modify.To.Name == c.Name
			}) {
				m.Changes = append(m.Changes, &schema.ModifyColumn{From: was, To: c, Change: schema.ChangeAttr})
			}
		}
	}
	return changes
}
