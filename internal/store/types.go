package store

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"gorm.io/gorm/clause"

	"slipway/internal/resource"
)

// ordered returns an expression with the order that the values of a field have in the API.
// For most types it is the column.
func (t *Table) ordered(f *resource.Field) clause.Column { return t.orderedIn("", f) }

// orderedIn is ordered for the column of a table, if its name is not empty.
func (t *Table) orderedIn(table string, f *resource.Field) clause.Column {
	form := ""
	switch {
	case f.Type == resource.Enum:
		form = t.db.EnumOrder
	case f.Type == resource.TimeOfDay:
		form = t.db.ClockOrder
	case f.Type == resource.Boolean && !f.InKey: // other programs store numbers other than 1 for true
		form = "($ <> 0)"
	case t.isDecimalText(f):
		form = strings.ReplaceAll(t.db.DecimalOrder, "#", strconv.Itoa(decimalWidth(f)))
	}
	c := clause.Column{Table: table, Name: f.Name}
	if form == "" {
		return c
	}
	return t.form(c, form)
}

// form returns a column in a form of SQL, in which $ is the column.
func (t *Table) form(c clause.Column, form string) clause.Column {
	return clause.Column{Name: strings.ReplaceAll(form, "$", t.db.Write.Statement.Quote(c)), Raw: true}
}

// operands returns the expressions to compare with these values for equality and for order.
func (t *Table) operands(f *resource.Field, values []any) (equal, ordered clause.Column) {
	for _, v := range values {
		// MySQL compares a year with other numbers in its own way: it takes 26 as 2026, and finds the year 0 greater than
		// 1900. Therefore it compares them as numbers.
		if f.IsNoYear(v) {
			number := t.form(column(f.Name), "($ + 0)")
			return number, number
		}
		c, ok := v.(resource.Clock)
		if ok && t.db.ClockExact != "" && c.Duration()%f.Tick() != 0 {
			exact := t.form(column(f.Name), t.db.ClockExact)
			return exact, exact
		}
	}
	return t.equal(f), t.ordered(f)
}

// equal returns an expression to compare with for equality. Unlike [Table.ordered], the
// column of an enum can use an index.
func (t *Table) equal(f *resource.Field) clause.Column {
	if f.Type == resource.Enum || f.Type == resource.Decimal {
		return column(f.Name)
	}
	return t.ordered(f)
}

// bound returns a value as the operand of a comparison with the expressions of [Table.ordered] and [Table.equal]. A
// request cannot compare decimals by order that the database stores as texts.
func (t *Table) bound(f *resource.Field, value any) any {
	switch v := value.(type) {
	case decimal.Decimal:
		text := f.Stored(v).(string)
		if t.db.ExactDigits > 0 {
			return text
		}
		// A text would make MySQL compare as double.
		_, fraction, _ := strings.Cut(text, ".")
		return clause.Expr{SQL: fmt.Sprintf("CAST(? AS DECIMAL(65,%d))", len(fraction)), Vars: []any{text}}
	case uint64:
		if v > math.MaxInt64 && t.db.ExactDigits > 0 { // SQLite has no larger integers, but compares exactly
			return float64(v)
		}
	case resource.Clock:
		if t.db.ClockOrder != "" {
			return int64(v)
		}
		// MySQL compares a text wrongly with some negative times.
		return clause.Expr{SQL: "CAST(? AS TIME(6))", Vars: []any{v.String()}}
	}
	return f.Compared(value)
}

// among returns the condition that a field has one of these values.
func (t *Table) among(f *resource.Field, values []any) clause.Expression {
	bound := make([]any, len(values))
	for i, v := range values {
		bound[i] = t.bound(f, v)
	}
	equal, _ := t.operands(f, values)
	return clause.IN{Column: equal, Values: bound}
}

// compared returns a value as the operand of an equality with the column itself.
func (t *Table) compared(f *resource.Field, value any) any {
	if _, ok := value.(resource.Clock); ok && t.db.ClockOrder != "" {
		return f.Stored(value)
	}
	return t.bound(f, value)
}

// zeroDates is less than all dates but MySQL's zero dates, which the API returns as null. In
// strict mode, MySQL does not compare with a zero date.
const zeroDates = "0001-01-01"

// isZeroDate returns the condition that a column has a zero date.
func isZeroDate(f *resource.Field) clause.Expression {
	return clause.Lt{Column: column(f.Name), Value: zeroDates}
}

// isNull returns the condition that the API returns null for a field, or that it does not.
func isNull(f *resource.Field, is bool) clause.Expression {
	c := column(f.Name)
	dated := f.Type == resource.Time || f.Type == resource.Day
	switch {
	case dated && is:
		return clause.Or(clause.Eq{Column: c}, clause.Lt{Column: c, Value: zeroDates})
	case dated:
		return clause.Gte{Column: c, Value: zeroDates}
	case is:
		return clause.Eq{Column: c}
	}
	return clause.Neq{Column: c}
}

// has returns the condition that a set has a member.
func has(c clause.Column, member any) clause.Expression {
	return clause.Expr{SQL: "INSTR(CONCAT(',', ?, ','), CONCAT(',', ?, ',')) > 0", Vars: []any{c, member}}
}

// holds returns the condition that a column still has the value that was read from it.
func (t *Table) holds(f *resource.Field, value any) clause.Expression {
	c := column(f.Name)
	switch v := value.(type) {
	case nil:
		return isNull(f, true)
	case string:
		return clause.Expr{SQL: t.db.SameText, Vars: []any{c, v}}
	case resource.JSON:
		return clause.Expr{SQL: t.db.SameJSON, Vars: []any{c, string(v)}}
	case resource.Set:
		return clause.Expr{SQL: t.db.SameText, Vars: []any{c, string(v)}}
	case time.Time:
		if t.isText(f) {
			return isTime(c, v)
		}
	}
	return clause.Eq{Column: t.equal(f), Value: t.bound(f, value)}
}

// stored returns changes as SQL writes them.
func (t *Table) stored(changes map[string]any) map[string]any {
	m := make(map[string]any, len(changes))
	for name, value := range changes {
		if _, ok := value.(clause.Expr); ok { // the default of the database
			m[name] = value
		} else {
			m[name] = t.model.Field(name).Stored(value)
		}
	}
	return m
}
