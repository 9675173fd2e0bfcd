package verify

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// preparation changes the generated rows of a table, before a file changes was to next. renamed are the columns that
// the file renames.
type preparation struct {
	values
	db        *sql.DB
	was, next *schema.Table
	renamed   map[string]string
}

// run runs a statement. It reports whether the database accepted it and it changed a row.
func (p preparation) run(ctx context.Context, format string, args ...any) bool {
	result, err := p.db.ExecContext(ctx, fmt.Sprintf(format, args...))
	if err != nil {
		return false
	}
	n, err := result.RowsAffected()
	return err == nil && n > 0
}

// any reports whether a query returns a number above 0.
func (p preparation) any(ctx context.Context, format string, args ...any) bool {
	count, err := query(ctx, p.db, fmt.Sprintf(format, args...), 1)
	if err != nil || len(count) == 0 {
		return false
	}
	n, err := strconv.Atoi(count[0][0])
	return err == nil && n > 0
}

// set changes a column of the rows of a condition to the first value that the database accepts.
func (p preparation) set(ctx context.Context, where string, column *schema.Column, choices ...string) bool {
	return slices.ContainsFunc(choices, func(value string) bool {
		return p.run(ctx, "UPDATE %s SET %s = %s WHERE %s", plan.Quote(p.was.Name), plan.Quote(column.Name), value, where)
	})
}

// fitTypes replaces the values of columns that get another type by values of both types.
func (p preparation) fitTypes(ctx context.Context, rows []row) {
	for _, c := range stored(p.next) {
		old, found := p.was.Column(before(p.renamed, c.Name))
		if !found || isGenerated(old) || refers(p.was, old) {
			continue
		}
		from, to := p.typeOf(p.was, old), p.typeOf(p.next, c)
		if widens(from, to) {
			continue
		}
		for i, values := range rows {
			if values[old] != null {
				p.set(ctx, identity(p.was, values), old, p.both(from, to, i), p.both(from, to, 0))
			}
		}
	}
}

// refers reports whether a column is part of a foreign key.
func refers(t *schema.Table, c *schema.Column) bool {
	return slices.ContainsFunc(t.ForeignKeys, func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, c) })
}

// identity returns a condition for a row: its key, or all its values.
func identity(t *schema.Table, values row) string {
	columns := keyOf(t)
	if columns == nil {
		columns = stored(t)
	}
	var all []string
	for _, c := range columns {
		if values[c] == null {
			all = append(all, plan.Quote(c.Name)+" IS NULL")
		} else {
			all = append(all, plan.Quote(c.Name)+" = "+values[c])
		}
	}
	return strings.Join(all, " AND ")
}

// widens reports whether a type certainly has all values of another one.
func widens(from, to schema.Type) bool {
	switch a := from.(type) {
	case *schema.IntegerType:
		if b, ok := to.(*schema.IntegerType); ok {
			least, greatest := declared.IntegerRange(a)
			low, high := declared.IntegerRange(b)
			return low <= least && greatest <= high && (a.Unsigned == b.Unsigned || a.T != "bigint")
		}
	case *schema.StringType:
		if b, ok := to.(*schema.StringType); ok {
			return a.T == b.T && (b.Size == 0 || a.Size > 0 && a.Size <= b.Size) || b.T == "longtext"
		}
	case *schema.EnumType:
		if b, ok := to.(*schema.EnumType); ok {
			return !slices.ContainsFunc(a.Values, func(v string) bool { return !slices.Contains(b.Values, v) })
		}
	case *schema.DecimalType:
		if b, ok := to.(*schema.DecimalType); ok {
			return a.Scale <= b.Scale && a.Precision-a.Scale <= b.Precision-b.Scale && a.Unsigned == b.Unsigned
		}
	case *schema.TimeType:
		if b, ok := to.(*schema.TimeType); ok && a.T == b.T {
			return true
		}
	}
	a, err := mysql.FormatType(from)
	b, otherErr := mysql.FormatType(to)
	return err != nil || otherErr != nil || a == b
}

// both returns a literal of a type whose value can be converted to another type.
func (p preparation) both(from, to schema.Type, n int) string {
	if text, ok := from.(*schema.StringType); ok {
		return p.textFor(text, to)
	}
	switch t := to.(type) {
	case *schema.EnumType:
		if enum, ok := from.(*schema.EnumType); ok {
			for _, v := range enum.Values {
				if slices.Contains(t.Values, v) {
					return p.members([]string{v})
				}
			}
		}
	case *schema.StringType, *schema.BinaryType, *mysql.SetType:
		literal, _ := p.of(from, "", low)
		if _, isTime := from.(*schema.TimeType); isTime {
			literal, _ = p.of(from, "", odd)
		}
		return literal
	case *schema.TimeType:
		if t.T != mysql.TypeYear {
			literal, _ := p.of(from, "", odd)
			return literal
		}
		n = 2000 + n%100
	case *schema.BoolType:
		n %= 2
	}
	if typ, ok := from.(*schema.DecimalType); ok && p.dialect == plan.SQLite {
		return declared.SQLiteDecimal(typ, strconv.Itoa(n))
	}
	return strconv.Itoa(n)
}

// textFor returns a text that can be converted to a type.
func (p preparation) textFor(from *schema.StringType, to schema.Type) string {
	switch t := to.(type) {
	case *schema.StringType:
		size := from.Size
		if size == 0 || t.Size > 0 && t.Size < size {
			size = t.Size
		}
		if size == 0 {
			size = 8
		}
		return p.quote(p.token(min(size, 8)))
	case *schema.BinaryType:
		if t.Size != nil {
			return p.quote(p.token(*t.Size))
		}
		return p.quote(p.token(1))
	}
	literal, _ := p.of(to, "", plain)
	if strings.HasPrefix(literal, "'") {
		return literal
	}
	return p.quote(literal)
}

// written returns an expression of the next table with the column names of the present one.
func (p preparation) written(expr string) string {
	for now, old := range p.renamed {
		expr = plan.RenameInExpression(expr, now, old, p.dialect == plan.SQLite)
	}
	return expr
}

// fitChecks changes the rows that a new CHECK does not accept.
func (p preparation) fitChecks(ctx context.Context) {
	f := filler{values: p.values}
	for _, check := range p.next.Checks() {
		isType := func(c *schema.Column) bool { return check.Name == declared.TypeCheckName(p.next.Name, c.Name) }
		if slices.ContainsFunc(p.next.Columns, isType) {
			continue // its column has values of the type
		}
		expr := p.written(check.Expr)
		wrong := "NOT (" + expr + ")"
		if !p.any(ctx, "SELECT COUNT(*) FROM %s WHERE %s", plan.Quote(p.was.Name), wrong) {
			continue
		}
		for _, c := range stored(p.was) {
			if !mentions(expr, c.Name) {
				continue
			}
			for _, hint := range f.hintsIn(expr, c) {
				p.run(ctx, "UPDATE %s SET %s = %s WHERE %s", plan.Quote(p.was.Name), plan.Quote(c.Name), hint, wrong)
			}
		}
		p.run(ctx, "DELETE FROM %s WHERE %s", plan.Quote(p.was.Name), wrong)
	}
}

// fitKeys changes the rows with equal values in a unique key of the next table.
func (p preparation) fitKeys(ctx context.Context, rows []row) {
	for _, index := range append([]*schema.Index{p.next.PrimaryKey}, p.next.Indexes...) {
		if index == nil || index != p.next.PrimaryKey && !index.Unique {
			continue
		}
		parts, fresh, ok := p.parts(index)
		if !ok || !p.any(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM %s GROUP BY %s HAVING COUNT(*) > 1) AS d",
			plan.Quote(p.was.Name), parts) {
			continue
		}
		same := fmt.Sprintf("SELECT COUNT(*) - 1 FROM %[1]s WHERE (%[2]s) = (SELECT %[2]s FROM %[1]s WHERE ",
			plan.Quote(p.was.Name), parts)
		for _, values := range rows {
			where := identity(p.was, values)
			if !p.any(ctx, "%s", same+where+" LIMIT 1)") {
				continue
			}
			if fresh == nil || !p.set(ctx, where, fresh, p.another(fresh)) || p.any(ctx, "%s", same+where+" LIMIT 1)") {
				p.run(ctx, "DELETE FROM %s WHERE %s", plan.Quote(p.was.Name), where)
			}
		}
	}
}

// another returns a random value for a column, which is valid in both tables.
func (p preparation) another(column *schema.Column) string {
	from := p.typeOf(p.was, column)
	for _, c := range p.next.Columns {
		if before(p.renamed, c.Name) == column.Name && !widens(from, p.typeOf(p.next, c)) {
			return p.both(from, p.typeOf(p.next, c), p.random.IntN(100))
		}
	}
	literal, _ := p.of(from, "", plain)
	return literal
}

// parts returns the parts of an index as SQL, and a column that can get another value, or nil. ok is false if the
// present table has no such columns.
func (p preparation) parts(index *schema.Index) (text string, fresh *schema.Column, ok bool) {
	var all []string
	for _, part := range index.Parts {
		if part.C == nil {
			x, _ := part.X.(*schema.RawExpr)
			if x == nil {
				return "", nil, false
			}
			all = append(all, p.written(x.X))
			continue
		}
		old, found := p.was.Column(before(p.renamed, part.C.Name))
		if !found {
			return "", nil, false
		}
		name := plan.Quote(old.Name)
		if prefix, ok := declared.AttrOf[*mysql.SubPart](part.Attrs); ok {
			name = fmt.Sprintf("LEFT(%s, %d)", name, prefix.Len)
		}
		all = append(all, name)
		_, few := p.typeOf(p.was, old).(*schema.EnumType)
		if !isGenerated(old) && !refers(p.was, old) && (fresh == nil || !few) {
			fresh = old
		}
	}
	return strings.Join(all, ", "), fresh, true
}

// mentions reports whether an expression names a column.
func mentions(expr, column string) bool {
	return plan.RenameInExpression(expr, column, "\x00", false) != expr ||
		plan.RenameInExpression(expr, column, "\x00", true) != expr
}
