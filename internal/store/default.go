package store

import (
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"slipway/internal/resource"
)

// stamp sets the times of the server's columns, and absent times of the client's columns, with the columns' precision.
func (t *Table) stamp(rows *resource.Rows) {
	now := t.db.Write.NowFunc()
	for _, f := range t.model.Fields {
		onCreate := f.OnCreate && !f.Computed
		if !onCreate && f.Default != any(resource.Now) {
			continue
		}
		for i := range rows.Len() {
			sent, _ := f.Of(rows.Row(i)).(time.Time)
			if onCreate && (f.ReadOnly || sent.IsZero()) || rows.Omitted(i, f) {
				rows.Set(i, f, f.At(now))
			}
		}
	}
}

// defaults are the SQL of defaults that the database evaluates, nil for none.
type defaults map[*resource.Field]string

// defaults returns the defaults of the values that rows omit.
func (t *Table) defaults(db *gorm.DB, rows *resource.Rows) (all defaults, err error) {
	if !rows.Omits() {
		return nil, nil
	}
	all = defaults{}
	for _, f := range t.model.Fields {
		if f.Default == any(resource.ByDatabase) {
			if all[f], err = t.defaultOf(db, f); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// defaultOf returns the SQL of a column's default.
func (t *Table) defaultOf(db *gorm.DB, f *resource.Field) (string, error) {
	if t.db.DefaultQuery == "" {
		return "DEFAULT", nil
	}
	var text *string
	err := db.Raw(t.db.DefaultQuery, t.model.Name, f.Name).Scan(&text).Error
	if err != nil || text == nil {
		return "NULL", err
	}
	return "(" + *text + ")", nil
}

// computeDefaults replaces [resource.ByDatabase] in changes by SQL.
func (t *Table) computeDefaults(db *gorm.DB, changes map[string]any) error {
	for name, value := range changes {
		if value != any(resource.ByDatabase) {
			continue
		}
		text, err := t.defaultOf(db, t.model.Field(name))
		if err != nil {
			return err
		}
		changes[name] = clause.Expr{SQL: text}
	}
	return nil
}

// withDefaults returns the values of an INSERT, with the SQL of the defaults in place of omitted values. id is the
// value of the id in the first row.
func (in insertion) withDefaults(id string, rows *resource.Rows, from, to int, defaults defaults) string {
	all := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		values := make([]string, len(in.fields))
		for k, f := range in.fields {
			if values[k] = "?"; rows.Omitted(i, f) {
				values[k] = defaults[f]
			}
		}
		all = append(all, "("+id+strings.Join(values, ",")+")")
		id = in.id
	}
	return strings.Join(all, ",")
}
