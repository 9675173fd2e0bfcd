package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// dump is the rows of a database, by table.
type dump map[string]*table

// table is the rows of one table. A value is its SQL literal: it can be compared,
// shown, and written into a statement.
type table struct {
	columns []string
	rows    [][]string
}

const null = "NULL"

// dump reads all rows of the tables of a schema. Columns that the database
// computes are left out.
func (r *rehearsal) dump(ctx context.Context, s *state) (dump, error) {
	all := dump{}
	for _, t := range s.Tables {
		read, err := r.dumpTable(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("cannot read the rows of table %q: %w", t.Name, err)
		}
		all[t.Name] = read
	}
	return all, nil
}

func (r *rehearsal) dumpTable(ctx context.Context, t *schema.Table) (_ *table, err error) {
	read := &table{}
	var expressions []string
	for _, c := range t.Columns {
		if computed(c) {
			continue
		}
		read.columns = append(read.columns, c.Name)
		expressions = append(expressions, literalOf(r.Dialect, c))
	}
	if len(expressions) == 0 {
		return read, nil
	}
	rows, err := r.DB.QueryContext(ctx, "SELECT "+strings.Join(expressions, ", ")+" FROM "+quoteName(t.Name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row := make([]string, len(expressions))
		targets := make([]any, len(row))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		read.rows = append(read.rows, row)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(read.rows, slices.Compare[[]string])
	return read, nil
}

func computed(c *schema.Column) bool {
	return slices.ContainsFunc(c.Attrs, func(a schema.Attr) bool { return isA[*schema.GeneratedExpr](a) })
}

// literalOf is the expression that gives a column's value as a literal.
func literalOf(dialect string, c *schema.Column) string {
	name := quoteName(c.Name)
	if dialect == plan.SQLite {
		return "quote(" + name + ")"
	}
	expression := "QUOTE(" + name + ")"
	switch c.Type.Type.(type) {
	case *schema.IntegerType, *schema.BoolType, *schema.DecimalType, *schema.FloatType:
		expression = "CAST(" + name + " AS CHAR)"
	case *schema.BinaryType:
		expression = "CONCAT('x''', HEX(" + name + "), '''')"
	case *schema.SpatialType:
		expression = "CONCAT('ST_GeomFromWKB(x''', HEX(ST_AsBinary(" + name + ")), ''')')"
	case *mysql.BitType:
		expression = "CONCAT('b''', BIN(" + name + " + 0), '''')"
	}
	return "IFNULL(" + expression + ", '" + null + "')"
}

// quoteName quotes a name as both dialects read it.
func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// quoteText makes a literal of a text.
func quoteText(dialect, text string) string {
	if dialect == plan.MySQL {
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// value gives a column of a row; ok is false when the table has no such column.
func (t *table) value(row []string, column string) (value string, ok bool) {
	i := slices.Index(t.columns, column)
	if i < 0 {
		return "", false
	}
	return row[i], true
}

// tuple gives several columns of a row, which the table has.
func (t *table) tuple(row, columns []string) []string {
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i], _ = t.value(row, c)
	}
	return values
}
