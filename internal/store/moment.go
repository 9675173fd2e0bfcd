package store

import (
	"time"

	"gorm.io/gorm/clause"

	"slipway/internal/query"
	"slipway/internal/resource"
)

// SQLite stores a time as a text. The texts of one time differ by the program that wrote it:
// 2026-01-31 12:00:00, with zeros in a fraction, and with +00:00. They are adjacent in the
// order of texts: least is the first of them, most the last.
const (
	leastText = "2006-01-02 15:04:05.999999"
	mostText  = "2006-01-02 15:04:05.000000+00:00"
)

// isText reports whether the database stores the times of a field as texts.
func (t *Table) isText(f *resource.Field) bool { return f.Type == resource.Time && t.db.TimeTexts }

// texts returns the first and the last text of a time.
func texts(at any) (least, most string) {
	utc := at.(time.Time).UTC()
	return utc.Format(leastText), utc.Format(mostText)
}

// isTime returns the condition that a column has a time, as any of its texts.
func isTime(c clause.Column, at any) clause.Expression {
	least, most := texts(at)
	return clause.And(clause.Gte{Column: c, Value: least}, clause.Lte{Column: c, Value: most})
}

// comparesTime returns the condition of a filter by a time that is stored as text.
func comparesTime(f query.Filter) clause.Expression {
	c := column(f.Field)
	if f.Op == query.In || f.Op == query.NotIn {
		all := make([]clause.Expression, len(f.Values))
		for i, at := range f.Values {
			all[i] = isTime(c, at)
		}
		if f.Op == query.NotIn {
			return clause.Not(clause.Or(all...))
		}
		if len(all) == 1 { // GORM combines an Or of one condition with the other filters by OR
			return all[0]
		}
		return clause.Or(all...)
	}
	least, most := texts(f.Values[0])
	switch f.Op {
	case query.Ne:
		return clause.Or(clause.Lt{Column: c, Value: least}, clause.Gt{Column: c, Value: most})
	case query.Gt:
		return clause.Gt{Column: c, Value: most}
	case query.Gte:
		return clause.Gte{Column: c, Value: least}
	case query.Lt:
		return clause.Lt{Column: c, Value: least}
	case query.Lte:
		return clause.Lte{Column: c, Value: most}
	}
	return isTime(c, f.Values[0])
}

// storedTime returns the text that the row with that key has for a time. If the row has
// another time now, it is the text that the application writes.
func (t *Table) storedTime(f *resource.Field, at any, row resource.Key) any {
	if f.InKey || len(row) == 0 {
		return at
	}
	c := column(f.Name)
	return clause.Expr{SQL: "COALESCE((SELECT ? FROM ? WHERE ? AND ?), ?)",
		Vars: []any{c, clause.Table{Name: t.model.Name}, t.is(row), isTime(c, at), at}}
}
