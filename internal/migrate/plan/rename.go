package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// rename is a rename of a table or, if column is set, of a column. newTable is the table's
// name after the migration.
type rename struct {
	table, newTable   string
	column, newColumn string
}

func (r rename) String() string {
	if r.column == "" {
		return r.table + ":" + r.newTable
	}
	return r.table + "." + r.column + ":" + r.newColumn
}

// parseRenames parses the values of --rename. If the table of a renamed column is renamed too,
// the value may contain its old or its new name. The renames of tables come first.
func parseRenames(texts []string) ([]rename, error) {
	var tables, columns []rename
	for _, text := range texts {
		old, name, ok := strings.Cut(text, ":")
		table, column, isColumn := strings.Cut(old, ".")
		if !ok || table == "" || isColumn && column == "" || name == "" || strings.ContainsAny(name, ".:") ||
			strings.Contains(column, ".") {
			return nil,
				fmt.Errorf("--rename %s: write it as users.name:username for a column, or as posts:articles for a table", text)
		}
		if isColumn {
			columns = append(columns, rename{table: table, newTable: table, column: column, newColumn: name})
		} else {
			tables = append(tables, rename{table: table, newTable: name})
		}
	}
	for i, c := range columns {
		for _, t := range tables {
			if c.table == t.table || c.table == t.newTable {
				columns[i].table, columns[i].newTable = t.table, t.newTable
			}
		}
	}
	return append(tables, columns...), nil
}

// check returns an error unless only the first schema has the old name and only the second
// one has the new name.
func (r rename) check(from, to *schema.Schema) error {
	before, after := namesOfTables(from), namesOfTables(to)
	old, name, where := r.table, r.newTable, ""
	if r.column != "" {
		if !before[r.table] {
			return fmt.Errorf("--rename %v: the last snapshot has no table %s", r, r.table)
		}
		if !after[r.newTable] {
			return fmt.Errorf("--rename %v: %s has no table %s", r, SchemaFile, r.newTable)
		}
		before, after = namesOfColumns(from, r.table), namesOfColumns(to, r.newTable)
		old, name, where = r.column, r.newColumn, " in "+r.table
	}
	switch {
	case !before[old]:
		return fmt.Errorf("--rename %v: the last snapshot has no %s%s: the first name is the current one",
			r, old, where)
	case after[old]:
		return fmt.Errorf("--rename %v: %s%s is still in %s: rename it there too", r, old, where, SchemaFile)
	case !after[name]:
		return fmt.Errorf("--rename %v: there is no %s%s in %s: rename it there too", r, name, where, SchemaFile)
	case before[name]:
		return fmt.Errorf("--rename %v: %s%s is already in the last snapshot: the second name must be new",
			r, name, where)
	}
	return nil
}

// backwards returns the renames for the down statements.
func backwards(renames []rename) (back []rename) {
	for _, r := range renames {
		back = append(back, rename{table: r.newTable, newTable: r.table, column: r.newColumn, newColumn: r.column})
	}
	return back
}

// renameAll plans the renames, tables first, and applies them to the schema, so that a later
// comparison finds only the other changes. Indexes and foreign keys refer to the same table
// and column objects, so they need no change.
func (d Dialect) renameAll(ctx context.Context, s *schema.Schema, renames []rename) (all []*migrate.Change, err error) {
	for _, r := range renames {
		var changes []schema.Change
		if r.column == "" {
			t, _ := s.Table(r.table)
			old := *t
			t.Name = r.newTable
			changes = append(changes, &schema.RenameTable{From: &old, To: t})
		} else if changes, err = d.renameColumn(s, r); err != nil {
			return nil, err
		}
		for _, change := range changes {
			statements, err := planned(ctx, d.planner(), []schema.Change{change})
			if err != nil {
				return nil, fmt.Errorf("rename %v: %w", r, err)
			}
			for i := range statements {
				statements[i].Source = change
			}
			all = append(all, statements...)
		}
	}
	return all, nil
}

// renameColumn renames a column in the schema, and returns the changes for it.
func (d Dialect) renameColumn(s *schema.Schema, r rename) ([]schema.Change, error) {
	t, _ := s.Table(r.newTable)
	c, _ := t.Column(r.column)
	var changes []schema.Change
	if d.Name == SQLite {
		// SQLite renames the column in all expressions by itself.
		d.renameInExpressions(t, r.column, r.newColumn)
	} else {
		// MySQL rejects the rename of a column in a check: the plan drops the check first, and
		// the later comparison adds it again.
		checks, err := detachChecks(t, r.column)
		if err != nil {
			return nil, err
		}
		for _, check := range checks {
			changes = append(changes, &schema.ModifyTable{T: t, Changes: []schema.Change{&schema.DropCheck{C: check}}})
		}
	}
	old := *c
	c.Name = r.newColumn
	return append(changes, &schema.ModifyTable{T: t, Changes: []schema.Change{&schema.RenameColumn{From: &old, To: c}}}),
		nil
}

// detachChecks removes the checks that name a column from a table, and returns them. It
// returns an error if another expression names the column, which MySQL does not rename.
func detachChecks(t *schema.Table, column string) (checks []*schema.Check, err error) {
	names := func(expr string) bool { return RenameInExpression(expr, column, "", false) != expr }
	for _, c := range t.Columns {
		for _, a := range c.Attrs {
			if x, ok := a.(*schema.GeneratedExpr); ok && names(x.Expr) {
				return nil, fmt.Errorf("MySQL cannot rename a column that a generated column uses (column %s of %s uses %s): "+
					"use three migrations: drop the generated column, rename %s, add the generated column again",
					c.Name, t.Name, column, column)
			}
		}
	}
	for _, i := range t.Indexes {
		for _, p := range i.Parts {
			if x, ok := p.X.(*schema.RawExpr); ok && names(x.X) {
				return nil, fmt.Errorf("MySQL cannot rename a column that an index expression uses (index %s of %s uses %s): "+
					"use three migrations: drop the index, rename %s, add the index again",
					i.Name, t.Name, column, column)
			}
		}
	}
	t.Attrs = slices.DeleteFunc(t.Attrs, func(a schema.Attr) bool {
		check, ok := a.(*schema.Check)
		if ok = ok && names(check.Expr); ok {
			checks = append(checks, check)
		}
		return ok
	})
	return checks, nil
}

// namesOfTables returns the set of table names of a schema.
func namesOfTables(s *schema.Schema) map[string]bool {
	names := map[string]bool{}
	for _, t := range s.Tables {
		names[t.Name] = true
	}
	return names
}

// namesOfColumns returns the set of column names of a table; empty if the table is missing.
func namesOfColumns(s *schema.Schema, table string) map[string]bool {
	names := map[string]bool{}
	if t, ok := s.Table(table); ok {
		for _, c := range t.Columns {
			names[c.Name] = true
		}
	}
	return names
}
