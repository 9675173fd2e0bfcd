package plan

import (
	"cmp"
	"fmt"
	"slices"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// refuseForeignKey checks the name of a foreign key, and the size of the index that MySQL
// creates for it if no declared one begins with its columns.
func refuseForeignKey(t *schema.Table, fk *schema.ForeignKey) error {
	if err := refuseName("foreign_key", fk.Symbol, t); err != nil || indexed(t, fk.Columns) {
		return err
	}
	return refuseKey(t, indexFor(fk), fmt.Sprintf("table %q: foreign_key %q: its index", t.Name, fk.Symbol))
}

// refuseIndexesOf checks the indexes and the foreign keys of a column that changes its type.
func refuseIndexesOf(t *schema.Table, column *schema.Column) (err error) {
	for _, i := range append([]*schema.Index{t.PrimaryKey}, t.Indexes...) {
		if i != nil && slices.ContainsFunc(i.Parts, func(p *schema.IndexPart) bool {
			return p.C != nil && p.C.Name == column.Name
		}) {
			err = cmp.Or(err, refuseIndex(t, i))
		}
	}
	for _, fk := range t.ForeignKeys {
		if slices.ContainsFunc(fk.Columns, func(c *schema.Column) bool { return c.Name == column.Name }) {
			err = cmp.Or(err, refuseForeignKey(t, fk))
		}
	}
	return err
}

// refuseShared returns an error if another foreign key of a table needs the index that MySQL
// creates for fk, which is added or dropped: the name of the index then depends on the order
// of the statements.
func refuseShared(t *schema.Table, fk *schema.ForeignKey) error {
	if indexed(t, fk.Columns) {
		return nil
	}
	own := indexFor(fk)
	for _, other := range t.ForeignKeys {
		_, stays := fk.Table.ForeignKey(other.Symbol)
		if stays && other.Symbol != fk.Symbol && covers(own, other.Columns) && !indexed(t, other.Columns) {
			return fmt.Errorf("table %q: the foreign keys %q and %q share the index that MySQL creates for one of them: "+
				"declare an index on their columns", t.Name, fk.Symbol, other.Symbol)
		}
	}
	return nil
}

// refuseParentKey returns an error if a foreign key refers to the columns of a unique key of
// a table that goes.
func refuseParentKey(t *schema.Table, gone *schema.Index) error {
	if t.Schema == nil {
		return nil
	}
	for _, other := range t.Schema.Tables {
		for _, fk := range other.ForeignKeys {
			if fk.RefTable.Name == t.Name && covers(gone, fk.RefColumns) && len(gone.Parts) == len(fk.RefColumns) &&
				!identifies(t, fk.RefColumns) {
				return fmt.Errorf("table %q: the foreign key %q of table %q needs the unique key of its columns: keep it, or "+
					"remove the foreign key", t.Name, fk.Symbol, other.Name)
			}
		}
	}
	return nil
}

// identifies reports whether columns are the primary key or a unique index of a table.
func identifies(t *schema.Table, columns []*schema.Column) bool {
	return slices.ContainsFunc(append([]*schema.Index{t.PrimaryKey}, t.Indexes...), func(i *schema.Index) bool {
		return i != nil && (i == t.PrimaryKey || i.Unique) && len(i.Parts) == len(columns) && covers(i, columns)
	})
}

// covers reports whether an index begins with columns, so that a foreign key can use it.
func covers(i *schema.Index, columns []*schema.Column) bool {
	if len(i.Parts) < len(columns) {
		return false
	}
	for n, c := range columns {
		p := i.Parts[n]
		if p.C == nil || p.C.Name != c.Name || declared.HasAttr[*mysql.SubPart](p.Attrs) {
			return false
		}
	}
	return true
}
