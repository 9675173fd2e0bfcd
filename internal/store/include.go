package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/resource"
)

// MaxIncluded is the maximum number of related rows that a row includes. They are the newest.
const MaxIncluded = 100

// Include returns the related rows for all of these rows. It runs one statement, or none if
// no row references another.
func (t *Table) Include(ctx context.Context, rel *resource.Relation, rows *resource.Rows) (*resource.Included, error) {
	of, values := t.of(rel.Table), distinct(rows, rel.From())
	found := rel.Table.NewRows(len(values))
	if len(values) == 0 {
		return resource.NewIncluded(rel, found, nil), nil
	}
	var by *resource.Rows
	var err error
	switch {
	case rel.Through != nil:
		by = rel.Through.Table.NewRows(len(values), rel.To()...)
		err = of.collect(of.newestLinked(ctx, rel, values), found, by)
	case rel.Many && len(rel.Table.Key) == 0:
		err = of.collect(of.newestWithoutKey(ctx, rel, values), found)
	case rel.Many:
		err = of.scan(of.newest(ctx, rel, values), found, rel.Table.Fields)
	default:
		err = of.scan(of.read(ctx).Where(of.in(rel.To(), values)), found, rel.Table.Fields)
	}
	if err != nil {
		return nil, t.error(ctx, err)
	}
	return resource.NewIncluded(rel, found, by), nil
}

// newest returns a query for the newest children of each parent, at most MaxIncluded. A
// subquery ranks them with the index alone; the outer query reads the rows. The aliases of
// these queries differ from all names of columns.
func (t *Table) newest(ctx context.Context, rel *resource.Relation, parents [][]any) *gorm.DB {
	key := columns("", t.model.Key)
	var sql strings.Builder
	for i := range key {
		fmt.Fprintf(&sql, "? AS slipway_key%d, ", i)
	}
	ranked := t.rowsOf(t.read(ctx)).
		Select(sql.String()+"? AS slipway_place", append(key[:len(key):len(key)], t.place("", rel.To()))...).
		Where(t.in(rel.To(), parents))
	sql.Reset()
	for i := range key {
		fmt.Fprintf(&sql, "slipway_key%d = ? AND ", i)
	}
	return t.read(ctx).Joins("JOIN (?) slipway_ranked ON "+sql.String()+"slipway_place <= ?",
		append(append([]any{ranked}, key...), MaxIncluded)...).Order("slipway_place")
}

// newestWithoutKey is newest for children without a key.
func (t *Table) newestWithoutKey(ctx context.Context, rel *resource.Relation, parents [][]any) *gorm.DB {
	all := list(columns("", t.model.Fields))
	return t.read(ctx).Raw("SELECT ? FROM (SELECT ?, ? AS slipway_place FROM ? WHERE ?) slipway_ranked "+
		"WHERE slipway_place <= ? ORDER BY slipway_place",
		all, all, t.place("", rel.To()), clause.Table{Name: t.model.Name}, t.in(rel.To(), parents), MaxIncluded)
}

// newestLinked returns a query for the newest rows that a table links with each of the other rows, at most MaxIncluded.
// The columns with the values of the other rows follow those of the table.
func (t *Table) newestLinked(ctx context.Context, rel *resource.Relation, values [][]any) *gorm.DB {
	link, far := rel.Through.Table.Name, rel.Through.Far
	near := columns(link, rel.To())
	var inner, outer, joined []any
	for i, c := range near {
		inner = append(inner, clause.Expr{SQL: fmt.Sprintf("? AS slipway_near%d", i), Vars: []any{c}})
		outer = append(outer, clause.Expr{SQL: fmt.Sprintf("slipway_near%d", i)})
	}
	refs := columns(t.model.Name, far.Refs)
	for i, c := range columns(link, far.Fields) {
		inner = append(inner, clause.Expr{SQL: fmt.Sprintf("? AS slipway_far%d", i), Vars: []any{c}})
		joined = append(joined, clause.Expr{SQL: fmt.Sprintf("? = slipway_far%d", i), Vars: []any{refs[i]}})
	}
	rows := clause.Table{Name: t.model.Name}
	return t.read(ctx).Raw("SELECT ? FROM (SELECT ?, ? AS slipway_place FROM ? JOIN ? ON ? WHERE ?) slipway_ranked "+
		"JOIN ? ON ? WHERE slipway_place <= ? ORDER BY slipway_place",
		list(append(columns(t.model.Name, t.model.Fields), outer...)),
		list(inner), t.place(link, rel.To()), clause.Table{Name: link}, rows, equalColumns(refs, columns(link, far.Fields)),
		t.inColumns(near, rel.To(), values), rows, and(joined), MaxIncluded)
}

// place returns the place of a row among those with the same values of the fields, which are of the other table if it
// is not empty: 1 for the newest.
func (t *Table) place(other string, of []*resource.Field) clause.Expr {
	own := ""
	if other != "" {
		own = t.model.Name
	}
	var order []any
	if f := t.model.Field("created_at"); f != nil {
		order = columns(own, []*resource.Field{f})
	}
	for _, f := range t.model.Order() {
		order = append(order, t.orderedIn(own, f))
	}
	sql := "ROW_NUMBER() OVER (PARTITION BY ? ORDER BY ? DESC" + strings.Repeat(", ? DESC", len(order)-1) + ")"
	return clause.Expr{SQL: sql, Vars: append([]any{list(columns(other, of))}, order...)}
}

// Linked returns a Table for the rows of a relation with Through: lists and counts have only the rows that are linked
// with the row that has these values of [resource.Relation.From].
func (t *Table) Linked(rel *resource.Relation, values []any) *Table {
	through := rel.Through
	linked := *t
	linked.linked = clause.Expr{SQL: "? IN (SELECT ? FROM ? WHERE ?)", Vars: []any{
		row(columns("", through.Far.Refs)), list(columns("", through.Far.Fields)), clause.Table{Name: through.Table.Name},
		t.equals(through.Near.Fields, values)}}
	return &linked
}

// of returns a Table for another model that reads from the same connection.
func (t *Table) of(m *resource.Table) *Table {
	other := *t
	other.model, other.linked = m, nil
	return &other
}

// distinct returns the values of fields in the rows, each once, without those with NULL.
func distinct(rows *resource.Rows, fields []*resource.Field) (all [][]any) {
	seen := map[string]bool{}
	for i := range rows.Len() {
		if id, ok := rows.Identity(i, fields); ok && !seen[id] {
			seen[id] = true
			values, _ := rows.Values(i, fields)
			all = append(all, values)
		}
	}
	return all
}
