package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// refuseTargets returns an error for a new foreign key that does not refer to a key. MySQL 8.0
// allows that, so a migration that restores an adopted foreign key may contain one.
func refuseTargets(changes []schema.Change) error {
	for _, change := range changes {
		var added []*schema.ForeignKey
		switch c := change.(type) {
		case *schema.AddTable:
			added = c.T.ForeignKeys
		case *schema.ModifyTable:
			for _, part := range c.Changes {
				switch part := part.(type) {
				case *schema.AddForeignKey:
					added = append(added, part.F)
				case *schema.ModifyForeignKey:
					added = append(added, part.To)
				}
			}
		}
		for _, fk := range added {
			if identifies(fk.RefTable, fk.RefColumns) {
				continue
			}
			columns := make([]string, len(fk.RefColumns))
			for i, c := range fk.RefColumns {
				columns[i] = c.Name
			}
			return fmt.Errorf("table %q: foreign_key %q: %s (%s) is neither the primary key nor a unique index: add a unique "+
				"index to %s", fk.Table.Name, fk.Symbol, fk.RefTable.Name, strings.Join(columns, ", "), fk.RefTable.Name)
		}
	}
	return nil
}

// refuseReferences checks the foreign keys of a table against its columns, and those that
// refer to it against theirs.
func refuseReferences(t *schema.Table) error {
	if t.Schema == nil {
		return nil
	}
	for _, other := range t.Schema.Tables {
		for _, fk := range other.ForeignKeys {
			if other.Name != t.Name && fk.RefTable.Name != t.Name {
				continue
			}
			if err := refuseReference(other, fk); err != nil {
				return fmt.Errorf("table %q: foreign_key %q: %w", other.Name, fk.Symbol, err)
			}
		}
	}
	return nil
}

// refuseReference returns an error for a foreign key that MySQL refuses (dev.mysql.com/doc/
// refman/en/create-table-foreign-keys.html).
func refuseReference(t *schema.Table, fk *schema.ForeignKey) error {
	setsNull := fk.OnDelete == schema.SetNull || fk.OnUpdate == schema.SetNull
	changes := setsNull || fk.OnUpdate == schema.Cascade // the values of its columns
	if fk.OnDelete == schema.SetDefault || fk.OnUpdate == schema.SetDefault {
		return errors.New("MySQL has no SET DEFAULT: use another action")
	}
	for i, c := range fk.Columns {
		generated, isGenerated := declared.AttrOf[*schema.GeneratedExpr](c.Attrs)
		ref := fk.RefColumns[i]
		switch {
		case isGenerated && !strings.EqualFold(generated.Type, "STORED"):
			return fmt.Errorf("the column %q is generated: make it STORED", c.Name)
		case isGenerated && changes:
			return fmt.Errorf("the column %q is generated, so an action cannot change it: remove SET NULL and ON "+
				"UPDATE", c.Name)
		case setsNull && !c.Type.Null:
			return fmt.Errorf("SET NULL needs a column that can be NULL: set null = true for the column %q, or use another "+
				"action", c.Name)
		case !sameKind(t, c, fk.RefTable, ref):
			return fmt.Errorf("the column %q (%s) refers to %s.%s (%s): MySQL needs the same type, sign and collation: change "+
				"both", c.Name, typeText(c.Type.Type), fk.RefTable.Name, ref.Name, typeText(ref.Type.Type))
		}
		for _, check := range t.Checks() {
			if changes && names(check.Expr, c.Name) {
				return fmt.Errorf("MySQL allows no CHECK on a column that an action can change: remove the check %q, or SET "+
					"NULL and ON UPDATE", check.Name)
			}
		}
		if by := storedFrom(t, c); by != "" && (changes || fk.OnDelete == schema.Cascade) {
			return fmt.Errorf("MySQL allows no action on a column of which the stored column %q is generated: make that "+
				"VIRTUAL, or use RESTRICT", by)
		}
	}
	return nil
}

// sameKind reports whether MySQL accepts a column that refers to another one by their types.
// It does not compare lengths, and charsets only if both are declared.
func sameKind(t *schema.Table, c *schema.Column, parent *schema.Table, ref *schema.Column) bool {
	if referred(c.Type.Type) != referred(ref.Type.Type) {
		return false
	}
	if _, text := c.Type.Type.(*schema.StringType); !text {
		return true
	}
	charset, collation := collated(t, c)
	otherCharset, otherCollation := collated(parent, ref)
	same := func(a, b string) bool { return a == "" || b == "" || strings.EqualFold(a, b) }
	return same(charset, otherCharset) && same(collation, otherCollation)
}

// referred returns what must be equal in the types on both sides of a foreign key.
func referred(t schema.Type) string {
	switch t := t.(type) {
	case *schema.BoolType:
		return "tinyint"
	case *schema.IntegerType:
		if t.Unsigned {
			return t.T + " unsigned"
		}
		return t.T
	case *schema.TimeType:
		return strings.Replace(t.T, mysql.TypeTimestamp, mysql.TypeDateTime, 1)
	case *schema.FloatType:
		return t.T
	}
	return fmt.Sprint(familyOf(t))
}

// collated returns the charset and the collation of a column, or "" where none is declared.
func collated(t *schema.Table, c *schema.Column) (charset, collation string) {
	for _, attrs := range [][]schema.Attr{t.Attrs, c.Attrs} {
		set, hasCharset := declared.AttrOf[*schema.Charset](attrs)
		by, hasCollation := declared.AttrOf[*schema.Collation](attrs)
		if hasCharset {
			charset, collation = set.V, ""
		}
		if hasCollation {
			collation = by.V
		}
	}
	return charset, collation
}

// names reports whether an expression of MySQL names a column.
func names(expr, column string) bool { return RenameInExpression(expr, column, "\x00", false) != expr }

// storedFrom returns the name of a stored column that is generated from another one.
func storedFrom(t *schema.Table, c *schema.Column) string {
	i := slices.IndexFunc(t.Columns, func(other *schema.Column) bool {
		x, ok := declared.AttrOf[*schema.GeneratedExpr](other.Attrs)
		return ok && strings.EqualFold(x.Type, "STORED") && names(x.Expr, c.Name)
	})
	if i < 0 {
		return ""
	}
	return t.Columns[i].Name
}
