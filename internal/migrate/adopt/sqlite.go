package adopt

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
	declared "slipway/internal/migrate/schema"
)

// refuseSQLite finds what a project cannot describe.
func refuseSQLite(ctx context.Context, conn schema.ExecQuerier) (reasons []string, err error) {
	found, err := query(ctx, conn, "SELECT name FROM sqlite_master WHERE type = 'table' AND instr(name, '''') > 0")
	for _, f := range found {
		reasons = append(reasons, "the name of table "+f[0]+" contains a quote: rename the table")
	}
	return reasons, err
}

// ownTables matches the tables that are no part of a schema, in a query of sqlite_master.
const ownTables = "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name <> '" + plan.RevisionTable +
	"' AND tbl_name IN (SELECT name FROM pragma_table_list WHERE type = 'table')"

func (s *Source) readSQLite(ctx context.Context, conn schema.ExecQuerier) error {
	found, err := query(ctx, conn, "SELECT sql, tbl_name FROM sqlite_master WHERE type IN ('table', 'index')"+
		" AND sql IS NOT NULL AND "+ownTables+" ORDER BY type DESC, rowid")
	if err != nil {
		return err
	}
	s.own = map[string][]string{}
	for _, f := range found {
		statement := strings.TrimRight(strings.TrimSpace(f[0]), ";")
		s.statements = append(s.statements, statement)
		s.own[f[1]] = append(s.own[f[1]], statement) // the table before its indexes
	}
	virtual, err := query(ctx, conn, "SELECT name FROM pragma_table_list WHERE type = 'virtual' ORDER BY name")
	for _, f := range virtual {
		s.Unmanaged = append(s.Unmanaged, plan.Object{Kind: "virtual table", Name: f[0]})
	}
	if err != nil {
		return err
	}
	if s.copy, err = s.Dialect.Inspect(ctx, conn); err != nil {
		return err
	}
	if err := s.readNumbers(ctx, conn); err != nil {
		return err
	}
	return s.readViolations(ctx, conn)
}

// readNumbers gives the type of an integer to the columns that are declared as times, but have
// only integers, such as milliseconds since 1970.
func (s *Source) readNumbers(ctx context.Context, conn schema.ExecQuerier) error {
	for _, t := range s.Tables.Tables {
		for _, c := range t.Columns {
			if _, isTime := c.Type.Type.(*schema.TimeType); !isTime {
				continue
			}
			found, err := query(ctx, conn, fmt.Sprintf("SELECT count(*), count(CASE typeof(%[1]s) WHEN 'integer' THEN 1 END)"+
				" FROM %[2]s WHERE %[1]s IS NOT NULL", plan.Quote(c.Name), plan.Quote(t.Name)))
			if err != nil {
				return err
			}
			if found[0][0] != "0" && found[0][0] == found[0][1] {
				c.Type.Type, c.Default = &schema.IntegerType{T: "integer"}, nil
				s.numbers = append(s.numbers, t.Name+"."+c.Name+": its values are integers, not times: schema.hcl has bigint, "+
					"without a default")
			}
		}
	}
	return nil
}

// readViolations counts the rows that the translated tables do not accept.
func (s *Source) readViolations(ctx context.Context, conn schema.ExecQuerier) error {
	text, _, err := s.Dialect.Declare(s.Tables)
	if err != nil {
		return err
	}
	made, err := declared.SQLite(plan.SchemaFile, text)
	if err != nil {
		return nil // Build explains it
	}
	s.conditions = map[string][]condition{}
	for _, t := range made.Tables {
		live, _ := s.Tables.Table(t.Name)
		for _, c := range conditions(t, live) {
			found, err := query(ctx, conn, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", plan.Quote(t.Name), c.violated))
			if err != nil {
				return err
			}
			c.rows = found[0][0]
			s.conditions[t.Name] = append(s.conditions[t.Name], c)
		}
	}
	return nil
}

// condition is a condition that the translation of a table adds.
type condition struct {
	// name is that of a CHECK, or of a column that becomes NOT NULL.
	name string
	// violated is true for a row that violates the condition, and rows counts them.
	violated, rows string
}

// conditions returns the conditions of a translated table that the live one has not.
func conditions(t, live *schema.Table) (all []condition) {
	had := map[string]bool{}
	for _, c := range live.Checks() {
		had[c.Name] = true
	}
	for _, c := range t.Checks() {
		if !had[c.Name] {
			all = append(all, condition{name: c.Name, violated: "NOT (" + c.Expr + ")"})
		}
	}
	for _, c := range t.Columns {
		if old, ok := live.Column(c.Name); ok && old.Type.Null && !c.Type.Null && !isRowID(t, c) {
			all = append(all, condition{name: c.Name + " NOT NULL", violated: plan.Quote(c.Name) + " IS NULL"})
		}
	}
	return all
}

// isRowID reports whether SQLite itself gives a value to a column.
func isRowID(t *schema.Table, c *schema.Column) bool {
	_, isInteger := c.Type.Type.(*schema.IntegerType)
	return isInteger && t.PrimaryKey != nil && len(t.PrimaryKey.Parts) == 1 && t.PrimaryKey.Parts[0].C == c
}

// ownBaseline returns the migration that creates the tables as the file has them.
func (s Source) ownBaseline() string {
	var b strings.Builder
	for _, statement := range s.statements {
		b.WriteString(statement + ";\n")
	}
	b.WriteString("\n" + plan.DownMarker + "\n")
	for i := len(s.Tables.Tables) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "-- DROP TABLE %s;\n", plan.Quote(s.Tables.Tables[i].Name))
	}
	return b.String()
}

// checksMigration returns the migration from the tables of the file to those that MySQL's
// terms require. It starts with the queries for rows that it does not accept.
func (s Source) checksMigration(ctx context.Context, text []byte) (string, error) {
	to, err := declared.SQLite(plan.SchemaFile, text)
	if err != nil {
		return "", err
	}
	sql, err := s.Dialect.MigrationBetween(ctx, s.copy, to, s.rebuilds)
	if err != nil || sql == "" {
		return "", err
	}
	var b strings.Builder
	for _, t := range s.Tables.Tables {
		var all []string
		for _, c := range s.conditions[t.Name] {
			all = append(all, c.violated)
		}
		if len(all) > 0 {
			fmt.Fprintf(&b, "--   SELECT * FROM %s WHERE %s;\n", plan.Quote(t.Name), strings.Join(all, " OR "))
		}
	}
	if b.Len() > 0 {
		sql = "-- The limits of MySQL's types, as CHECKs. Rows that these queries return violate them:\n" + b.String() + sql
	}
	if makesNotNull(s.Tables, to) {
		sql = "-- atlas:nolint LT101\n\n" + sql // the queries return these rows
	}
	return sql, nil
}

// makesNotNull reports whether a column that allows NULL no longer does, such as an INTEGER PRIMARY KEY.
func makesNotNull(from, to *schema.Schema) bool {
	return slices.ContainsFunc(to.Tables, func(t *schema.Table) bool {
		live, _ := from.Table(t.Name)
		return slices.ContainsFunc(t.Columns, func(c *schema.Column) bool {
			old, ok := live.Column(c.Name)
			return ok && old.Type.Null && !c.Type.Null
		})
	})
}

var tableName = regexp.MustCompile("(?is)^(CREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?)" +
	"(?:\"(?:[^\"]|\"\")+\"|`(?:[^`]|``)+`|\\[[^\\]]+\\]|'(?:[^']|'')+'|[^\\s(]+)")

// rebuilds returns the statements that make the changed tables again as the file has them.
func (s Source) rebuilds(changes []schema.Change) (all []string) {
	for _, c := range changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok {
			continue
		}
		live, _ := s.Tables.Table(m.T.Name)
		var columns []string
		for _, c := range live.Columns {
			if !declared.HasAttr[*schema.GeneratedExpr](c.Attrs) {
				columns = append(columns, plan.Quote(c.Name))
			}
		}
		list, table, interim := strings.Join(columns, ", "), plan.Quote(live.Name), plan.Quote("new_"+live.Name)
		own := s.own[live.Name]
		all = append(all, tableName.ReplaceAllString(own[0], "${1}"+interim),
			fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", interim, list, list, table),
			"DROP TABLE "+table, fmt.Sprintf("ALTER TABLE %s RENAME TO %s", interim, table))
		all = append(all, own[1:]...)
	}
	return all
}

// violationNotes says how many rows the pending migration does not accept.
func (s Source) violationNotes() (notes []string) {
	for _, t := range s.Tables.Tables {
		for _, c := range s.conditions[t.Name] {
			if c.rows != "0" {
				notes = append(notes, fmt.Sprintf("%s: rows that violate %s: %s; change them before db upgrade: SELECT * FROM %s "+
					"WHERE %s", t.Name, c.name, c.rows, plan.Quote(t.Name), c.violated))
			}
		}
	}
	return notes
}
