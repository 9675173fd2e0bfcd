package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/lazyregexp"
)

// translate returns the SQLite schema of a schema in MySQL's terms. Errors contain the
// table and its part in quotes, as [locate] requires.
func translate(from *atlas.Schema) (*atlas.Schema, error) {
	to := atlas.New(sqliteName)
	for _, t := range from.Tables {
		table, err := translateTable(t)
		if err != nil {
			return nil, fmt.Errorf("table %q: %w", t.Name, err)
		}
		to.AddTables(table)
	}
	// Foreign keys can refer to tables that come later.
	for i, t := range from.Tables {
		for _, fk := range t.ForeignKeys {
			if err := translateForeignKey(fk, to.Tables[i], to); err != nil {
				return nil, fmt.Errorf("table %q: foreign_key %q: %w", t.Name, fk.Symbol, err)
			}
		}
	}
	separateNames(to)
	return to, nil
}

// separateNames renames the indexes that have the name of a table or of an earlier index,
// because SQLite has one set of names for both, and ignores their case.
func separateNames(s *atlas.Schema) {
	used := map[string]bool{}
	for _, t := range s.Tables {
		used[strings.ToLower(t.Name)] = true
	}
	for _, t := range s.Tables {
		for _, i := range t.Indexes {
			for used[strings.ToLower(i.Name)] {
				i.Name += "_index"
			}
			used[strings.ToLower(i.Name)] = true
		}
	}
}

func translateTable(from *atlas.Table) (*atlas.Table, error) {
	to := atlas.NewTable(from.Name)
	for _, c := range from.Columns {
		column, check, err := translateColumn(from, c)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		to.AddColumns(column)
		if check != "" {
			to.AddChecks(&atlas.Check{Name: TypeCheckName(from.Name, c.Name), Expr: check})
		}
	}
	if err := translateKey(from, to); err != nil {
		return nil, err
	}
	for _, i := range from.Indexes {
		index, err := translateIndex(from, i, to)
		if leave(&to.Attrs, "the index "+i.Name, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("index %q: %w", i.Name, err)
		}
		if index == nil {
			to.AddAttrs(&leftOut{what: "the index " + i.Name, why: "it has no FULLTEXT and no SPATIAL indexes"})
			continue
		}
		to.AddIndexes(index)
	}
	for _, c := range from.Checks() {
		expr, err := expression(from, c.Expr)
		if leave(&to.Attrs, "the check "+c.Name, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("check %q: %w", c.Name, err)
		}
		if slices.ContainsFunc(to.Checks(), func(other *atlas.Check) bool { return other.Name == c.Name }) {
			return nil, fmt.Errorf("check %q: SQLite uses this name for the CHECK of a column type: choose another name", c.Name)
		}
		to.AddChecks(&atlas.Check{Name: c.Name, Expr: closed(expr)})
	}
	return to, nil
}

// translateColumn returns a column of SQLite, and the condition that enforces its type.
func translateColumn(t *atlas.Table, from *atlas.Column) (to *atlas.Column, check string, err error) {
	to = atlas.NewColumn(from.Name).SetNull(from.Type.Null)
	if to.Type.Type, check, err = sqliteType(from); err != nil {
		return nil, "", err
	}
	if to.Default, err = translateDefault(from); err != nil {
		to.Default = nil
		to.AddAttrs(&leftOut{what: "the default " + defaultText(from.Default), why: err.Error()})
	}
	if HasAttr[*mysql.AutoIncrement](from.Attrs) {
		to.AddAttrs(&sqlite.AutoIncrement{})
	}
	if x, ok := AttrOf[*atlas.GeneratedExpr](from.Attrs); ok {
		expr, err := expression(t, x.Expr)
		switch {
		case leave(&to.Attrs, "the expression, so that the column is NULL,", err):
			to.SetNull(true)
		case err != nil:
			return nil, "", fmt.Errorf("as: %w", err)
		default:
			to.AddAttrs(&atlas.GeneratedExpr{Expr: expr, Type: cmp.Or(x.Type, "VIRTUAL")})
		}
	}
	return to, check, nil
}

// translateKey sets the primary key. Its parts are in the order of the columns of the
// table, as Atlas reads them from a live SQLite database. SQLite generates values only for a
// primary key of one column, so an auto_increment column is the primary key there, and the
// columns of another primary key are unique.
func translateKey(from, to *atlas.Table) error {
	var columns []*atlas.Column
	if from.PrimaryKey != nil {
		for _, p := range from.PrimaryKey.Parts {
			if p.C == nil {
				return fmt.Errorf("primary_key: only columns are supported")
			}
			c, _ := to.Column(p.C.Name)
			columns = append(columns, c)
		}
	}
	isAuto := func(c *atlas.Column) bool { return HasAttr[*sqlite.AutoIncrement](c.Attrs) }
	if i := slices.IndexFunc(to.Columns, isAuto); i >= 0 && (len(columns) != 1 || columns[0] != to.Columns[i]) {
		if len(columns) > 0 {
			to.AddIndexes(atlas.NewUniqueIndex(from.Name + "_primary").AddColumns(columns...))
		}
		columns = to.Columns[i : i+1]
	}
	if len(columns) == 0 {
		return nil
	}
	columns = slices.Clone(columns)
	slices.SortFunc(columns, func(a, b *atlas.Column) int {
		return cmp.Compare(slices.Index(to.Columns, a), slices.Index(to.Columns, b))
	})
	to.SetPrimaryKey(atlas.NewPrimaryKey(columns...))
	return nil
}

// translateIndex returns nil for a FULLTEXT or SPATIAL index, which SQLite does not have.
// On SQLite, names of indexes are unique in the database, so they start with the table.
func translateIndex(t *atlas.Table, from *atlas.Index, table *atlas.Table) (*atlas.Index, error) {
	kind, _ := AttrOf[*mysql.IndexType](from.Attrs)
	if kind != nil && (kind.T == mysql.IndexTypeFullText || kind.T == mysql.IndexTypeSpatial) {
		return nil, nil
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
			return nil, fmt.Errorf("an index part must be a column or an expression")
		}
		expr, err := expression(t, raw.X)
		if err != nil {
			return nil, err
		}
		return atlas.NewExprPart(&atlas.RawExpr{X: "(" + expr + ")"}).SetDesc(from.Desc), nil
	}
	// The prefix of a unique index defines which rows are duplicates. Other prefixes only
	// make an index smaller.
	if prefix, ok := AttrOf[*mysql.SubPart](from.Attrs); ok && index.Unique {
		expr := fmt.Sprintf("(substr(%s, 1, %d))", quoted(from.C.Name), prefix.Len)
		return atlas.NewExprPart(&atlas.RawExpr{X: expr}).SetDesc(from.Desc), nil
	}
	c, _ := table.Column(from.C.Name)
	return atlas.NewColumnPart(c).SetDesc(from.Desc), nil
}

// translateForeignKey adds the same foreign key to a table of another schema.
func translateForeignKey(from *atlas.ForeignKey, t *atlas.Table, s *atlas.Schema) error {
	parent, ok := s.Table(from.RefTable.Name)
	if !ok {
		return fmt.Errorf("table %q is missing", from.RefTable.Name)
	}
	to := atlas.NewForeignKey(from.Symbol).SetRefTable(parent).SetOnUpdate(from.OnUpdate).SetOnDelete(from.OnDelete)
	for _, c := range from.Columns {
		column, _ := t.Column(c.Name)
		to.AddColumns(column)
	}
	for _, c := range from.RefColumns {
		column, ok := parent.Column(c.Name)
		if !ok {
			return fmt.Errorf("column %q of table %q is missing", c.Name, parent.Name)
		}
		to.AddRefColumns(column)
	}
	t.AddForeignKeys(to)
	return nil
}

// closed adds parentheses around a condition such as (a) OR (b). Without them, Atlas
// takes the first and the last parenthesis for a pair, and removes them.
func closed(expr string) string {
	if t := strings.TrimSpace(expr); strings.HasPrefix(t, "(") && strings.HasSuffix(t, ")") && !matchesEnd(t) {
		return "(" + t + ")"
	}
	return expr
}

// matchesEnd reports whether the last byte of an expression closes the parenthesis at its
// start.
func matchesEnd(s string) bool {
	depth := 0
	bare := inAnyQuotes.ReplaceAllString(s, "x")
	for i, c := range bare {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return i == len(bare)-1
		}
	}
	return false
}

var inAnyQuotes = lazyregexp.New("'[^']*'|\"[^\"]*\"|`[^`]*`")

// quoted quotes a name in the way that Atlas does on SQLite.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
