package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
	declared "slipway/internal/migrate/schema"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// state is the schema and the rows of a database at one time.
type state struct {
	*schema.Schema
	// programs has the text of the views and triggers, which Atlas does not read. The key is
	// the kind and the name, such as "the view active_users".
	programs map[string]string
	rows     map[*schema.Table][]row
}

// row has the value of each stored column as an SQL literal.
type row map[*schema.Column]string

const null = "NULL"

// programs has the query for the kind, name and text of the views and triggers, by dialect.
var programs = map[string]string{
	plan.SQLite: "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')",
	plan.MySQL: "SELECT 'view', table_name, view_definition FROM information_schema.views" +
		" WHERE table_schema = DATABASE()" +
		" UNION ALL SELECT 'trigger', trigger_name," +
		" CONCAT_WS(' ', action_timing, event_manipulation, event_object_table, action_statement)" +
		" FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
}

// read returns the schema and the rows of the database.
func (r *roundtrip) read(ctx context.Context, conn schema.ExecQuerier) (*state, error) {
	found, err := r.engine.Dialect.Inspect(ctx, conn)
	if err != nil {
		return nil, err
	}
	s := &state{Schema: found, programs: map[string]string{}}
	lines, err := query(ctx, conn, programs[r.Dialect], 3)
	if err != nil {
		return nil, fmt.Errorf("cannot read the views and triggers: %w", err)
	}
	for _, line := range lines {
		s.programs["the "+line[0]+" "+line[1]] = line[2]
	}
	s.rows, err = r.rowsOf(ctx, conn, found)
	return s, err
}

// rowsOf returns all rows of the tables of a schema, sorted by their values.
func (r *roundtrip) rowsOf(
	ctx context.Context, conn schema.ExecQuerier, s *schema.Schema,
) (map[*schema.Table][]row, error) {
	all := map[*schema.Table][]row{}
	for _, t := range s.Tables {
		columns := stored(t)
		var expressions []string
		for _, c := range columns {
			expressions = append(expressions, literalOf(r.Dialect, c))
		}
		if len(columns) == 0 {
			continue
		}
		lines, err := query(ctx, conn, "SELECT "+strings.Join(expressions, ", ")+" FROM "+plan.Quote(t.Name), len(columns))
		if err != nil {
			return nil, fmt.Errorf("cannot read the rows of table %q: %w", t.Name, err)
		}
		slices.SortFunc(lines, slices.Compare[[]string])
		for _, line := range lines {
			values := row{}
			for i, c := range columns {
				values[c] = line[i]
			}
			all[t] = append(all[t], values)
		}
	}
	return all, nil
}

// query returns the rows of a query as texts. columns is the number of columns.
func query(ctx context.Context, conn schema.ExecQuerier, text string, columns int) (lines [][]string, err error) {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		line, targets := make([]string, columns), make([]any, columns)
		for i := range line {
			targets[i] = &line[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, rows.Err()
}

// stored returns the columns of a table that are not generated.
func stored(t *schema.Table) []*schema.Column {
	return slices.DeleteFunc(slices.Clone(t.Columns), isGenerated)
}

func isGenerated(c *schema.Column) bool { return declared.HasAttr[*schema.GeneratedExpr](c.Attrs) }

// keyOf returns the columns of the primary key, or nil if it has none or has expressions.
func keyOf(t *schema.Table) []*schema.Column { return columnsOf(t.PrimaryKey) }

// columnsOf returns the columns of an index, or nil if index is nil or has expressions.
func columnsOf(index *schema.Index) (columns []*schema.Column) {
	if index == nil {
		return nil
	}
	for _, p := range index.Parts {
		if p.C == nil {
			return nil
		}
		columns = append(columns, p.C)
	}
	return columns
}

// literalOf returns an SQL expression for the value of a column as an SQL literal.
func literalOf(dialect string, c *schema.Column) string {
	name := plan.Quote(c.Name)
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

// differences returns the differences between two states of a database. Both are from the
// same server, so it compares them exactly.
func (r *roundtrip) differences(is, was *state, when string) ([]plan.Drift, error) {
	changes, err := r.engine.Dialect.Compare(is.Schema, was.Schema)
	if err != nil {
		return nil, fmt.Errorf("cannot compare the schemas: %w", err)
	}
	all := plan.DescribeDrift(changes, when, "the database", "the previous schema")
	now, before := is.facts(), was.facts()
	names := maps.Clone(now)
	maps.Copy(names, before)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		a, b := cmp.Or(now[name], "missing"), cmp.Or(before[name], "missing")
		if a != b {
			all = append(all, plan.Drift{Between: when, Object: name, Detail: "is " + clip(a) + ", but was " + clip(b)})
		}
	}
	return all, nil
}

// facts returns what Atlas does not compare, by name: views, triggers, and types as
// declared. For Atlas, varchar(80) on SQLite equals varchar.
func (s *state) facts() map[string]string {
	all := maps.Clone(s.programs)
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			all[t.Name+"."+c.Name] = spelled(c)
		}
	}
	return all
}

// spelled returns the declared type of a column in lower case, because SQLite changes the
// case of some types.
func spelled(c *schema.Column) string {
	typ := strings.ToLower(c.Type.Raw)
	if counts(c) {
		typ += " AUTO_INCREMENT"
	}
	return typ
}

// counts reports whether a column has AUTO_INCREMENT.
func counts(c *schema.Column) bool {
	return declared.HasAttr[*sqlite.AutoIncrement](c.Attrs) || declared.HasAttr[*mysql.AutoIncrement](c.Attrs)
}
