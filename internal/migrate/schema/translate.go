package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// translate returns the SQLite schema of tables in MySQL's terms. Errors name the table
// and its part in quotes.
func translate(from *atlas.Schema) (*atlas.Schema, error) {
	to := atlas.New(sqliteName)
	for _, t := range from.Tables {
		table, err := translateTable(t)
		if err != nil {
			return nil, fmt.Errorf("table %q: %w", t.Name, err)
		}
		to.AddTables(table)
	}
	// Foreign keys need all tables.
	for i, t := range from.Tables {
		for _, fk := range t.ForeignKeys {
			if err := translateForeignKey(fk, to.Tables[i], to); err != nil {
				return nil, fmt.Errorf("table %q: foreign_key %q: %w", t.Name, fk.Symbol, err)
			}
		}
	}
	return to, nil
}

func translateTable(from *atlas.Table) (*atlas.Table, error) {
	to := atlas.NewTable(from.Name)
	for _, c := range from.Columns {
		column, err := translateColumn(from, c)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		to.AddColumns(column)
		check, err := typeCheck(c)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		if check != "" {
			to.AddChecks(&atlas.Check{Name: TypeCheckName(from.Name, c.Name), Expr: check})
		}
	}
	if err := translateKey(from, to); err != nil {
		return nil, err
	}
	for _, i := range from.Indexes {
		index, err := translateIndex(from, i, to)
		if err != nil {
			return nil, fmt.Errorf("index %q: %w", i.Name, err)
		}
		if index != nil {
			to.AddIndexes(index)
		}
	}
	for _, a := range from.Attrs {
		c, ok := a.(*atlas.Check)
		if !ok {
			continue
		}
		expr, err := expression(from, c.Expr)
		if err != nil {
			return nil, fmt.Errorf("check %q: %w", c.Name, err)
		}
		if slices.ContainsFunc(to.Attrs, func(a atlas.Attr) bool { return a.(*atlas.Check).Name == c.Name }) {
			return nil, fmt.Errorf("check %q: SQLite's CHECK of a column's type has this name: choose another", c.Name)
		}
		to.AddChecks(&atlas.Check{Name: c.Name, Expr: closed(expr)})
	}
	return to, nil
}

func translateColumn(t *atlas.Table, from *atlas.Column) (*atlas.Column, error) {
	typ, err := columnType(from.Type.Type)
	if err != nil {
		return nil, err
	}
	to := atlas.NewColumn(from.Name).SetNull(from.Type.Null)
	to.Type.Type = typ
	if to.Default, err = translateDefault(from); err != nil {
		return nil, fmt.Errorf("default: %w", err)
	}
	for _, a := range from.Attrs {
		switch a := a.(type) {
		case *mysql.AutoIncrement:
			to.AddAttrs(&sqlite.AutoIncrement{})
		case *ApplicationDefault:
			to.SetDefault(literalDefault(from, a.V))
		case *atlas.GeneratedExpr:
			expr, err := expression(t, a.Expr)
			if err != nil {
				return nil, fmt.Errorf("as: %w", err)
			}
			to.AddAttrs(&atlas.GeneratedExpr{Expr: expr, Type: cmp.Or(a.Type, "VIRTUAL")})
		}
	}
	return to, nil
}

// translateKey sets the primary key. Its parts are in the order of the columns, which
// is how Atlas reads them from a live SQLite database.
func translateKey(from, to *atlas.Table) error {
	if from.PrimaryKey == nil {
		return nil
	}
	var columns []*atlas.Column
	for _, p := range from.PrimaryKey.Parts {
		if p.C == nil {
			return fmt.Errorf("primary_key: it must name columns")
		}
		c, _ := to.Column(p.C.Name)
		columns = append(columns, c)
	}
	if len(columns) > 1 {
		if i := slices.IndexFunc(columns, autoIncrement); i >= 0 {
			return fmt.Errorf("column %q: SQLite has auto_increment for a primary key of one column only", columns[i].Name)
		}
	}
	slices.SortFunc(columns, func(a, b *atlas.Column) int {
		return cmp.Compare(slices.Index(to.Columns, a), slices.Index(to.Columns, b))
	})
	to.SetPrimaryKey(atlas.NewPrimaryKey(columns...))
	return nil
}

func autoIncrement(c *atlas.Column) bool {
	return slices.ContainsFunc(c.Attrs, func(a atlas.Attr) bool {
		_, ok := a.(*sqlite.AutoIncrement)
		return ok
	})
}

// translateIndex returns nil for an index that SQLite has no counterpart of: FULLTEXT
// and SPATIAL. On SQLite the name of an index is one for all tables: it begins with the
// table's.
func translateIndex(t *atlas.Table, from *atlas.Index, table *atlas.Table) (*atlas.Index, error) {
	for _, a := range from.Attrs {
		if x, ok := a.(*mysql.IndexType); ok && (x.T == mysql.IndexTypeFullText || x.T == mysql.IndexTypeSpatial) {
			return nil, nil
		}
	}
	name := from.Name
	if !strings.HasPrefix(name, t.Name+"_") {
		name = t.Name + "_" + name
	}
	to := atlas.NewIndex(name).SetUnique(from.Unique)
	for _, p := range from.Parts {
		part, err := translatePart(t, from, p, table)
		if err != nil {
			return nil, err
		}
		to.AddParts(part)
	}
	return to, nil
}

func translatePart(
	t *atlas.Table, index *atlas.Index, from *atlas.IndexPart, table *atlas.Table,
) (*atlas.IndexPart, error) {
	if from.C == nil {
		raw, ok := from.X.(*atlas.RawExpr)
		if !ok {
			return nil, fmt.Errorf("a part is neither a column nor an expression")
		}
		expr, err := expression(t, raw.X)
		if err != nil {
			return nil, err
		}
		return atlas.NewExprPart(&atlas.RawExpr{X: "(" + expr + ")"}).SetDesc(from.Desc), nil
	}
	for _, a := range from.Attrs {
		// A prefix only makes an index shorter, unless it says what is unique.
		if prefix, ok := a.(*mysql.SubPart); ok && index.Unique {
			expr := fmt.Sprintf("(substr(%s, 1, %d))", quoted(from.C.Name), prefix.Len)
			return atlas.NewExprPart(&atlas.RawExpr{X: expr}).SetDesc(from.Desc), nil
		}
	}
	c, _ := table.Column(from.C.Name)
	return atlas.NewColumnPart(c).SetDesc(from.Desc), nil
}

func translateForeignKey(from *atlas.ForeignKey, t *atlas.Table, s *atlas.Schema) error {
	parent, ok := s.Table(from.RefTable.Name)
	if !ok {
		return fmt.Errorf("no table %q", from.RefTable.Name)
	}
	to := atlas.NewForeignKey(from.Symbol).SetRefTable(parent).SetOnUpdate(from.OnUpdate).SetOnDelete(from.OnDelete)
	for _, c := range from.Columns {
		column, _ := t.Column(c.Name)
		to.AddColumns(column)
	}
	for _, c := range from.RefColumns {
		column, ok := parent.Column(c.Name)
		if !ok {
			return fmt.Errorf("no column %q in table %q", c.Name, parent.Name)
		}
		to.AddRefColumns(column)
	}
	t.AddForeignKeys(to)
	return nil
}

// closed puts a condition such as (a) OR (b) in parentheses: Atlas takes the first and
// the last of it for a pair, and leaves them out.
func closed(expr string) string {
	if t := strings.TrimSpace(expr); strings.HasPrefix(t, "(") && strings.HasSuffix(t, ")") && !matchesEnd(t) {
		return "(" + t + ")"
	}
	return expr
}

// matchesEnd reports whether the parenthesis that an expression begins with is closed by
// its last byte.
func matchesEnd(s string) bool {
	depth := 0
	var quote byte
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if depth == 0 {
			return i == len(s)-1
		}
	}
	return false
}

// quoted is a name as Atlas quotes it on SQLite.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
