package run

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"
)

// Views and triggers are not part of the schema that migrations create, but migrations can
// break them. SQLite rebuilds a table to change it, and drops its triggers with it: they are
// set aside before a file, and put back after it. MySQL keeps a view or a trigger whose column
// is gone, and fails when it is used: such a file is refused before it runs.

var dropsTable = lazyregexp.New(`(?i)^` + plan.Space + `DROP\s+TABLE\b`)

// refuseBroken returns an error if the statements of a file drop or rename something that a
// view, a trigger, a routine or an event of a MySQL database names.
func (w work) refuseBroken(ctx context.Context, next *step) error {
	if w.perFile() || next.ran > 0 || !slices.ContainsFunc(next.statements, changesNames.MatchString) {
		return nil
	}
	objects, err := w.Dialect.Objects(ctx, w)
	if err != nil {
		return err
	}
	if statement, o, ok := Breaks(next.statements, objects); ok {
		return fmt.Errorf("%s would break the %s, which slipway does not manage: drop it before the migration, and "+
			"create it again after it", plan.Headline(statement), o)
	}
	return nil
}

// drops reports whether a statement drops or replaces an object itself.
func drops(statement string, o plan.Object) bool {
	own := regexp.MustCompile(`(?i)^` + plan.Space + `(?:DROP|CREATE|ALTER)\b[^(;]*\b` + o.Kind + `\s+[^(;]*?\b` +
		regexp.QuoteMeta(o.Name) + `\b`)
	return own.MatchString(statement)
}

// keptObject is a view or a trigger that is set aside. valid says that SQLite could compile it.
type keptObject struct {
	plan.Object
	valid bool
}

// setAside drops the views and triggers of an SQLite database before a file that drops a
// table, and returns those to put back: all that the file itself does not drop or create.
func (w work) setAside(ctx context.Context, next *step) (kept []keptObject, err error) {
	if !w.perFile() || !slices.ContainsFunc(next.statements, dropsTable.MatchString) {
		return nil, nil
	}
	objects, err := w.Dialect.Objects(ctx, w) // views come before triggers
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		own := slices.ContainsFunc(next.statements, func(s string) bool { return drops(s, o) })
		if !own {
			kept = append(kept, keptObject{o, w.compiles(ctx, o) == nil})
		}
	}
	for _, o := range slices.Backward(kept) {
		if err := execute(ctx, w, "set aside the "+o.String(), "DROP "+o.Kind+" "+plan.Quote(o.Name)); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// putBack creates views and triggers again. The error names the first one that no longer fits
// the tables.
func (w work) putBack(ctx context.Context, kept []keptObject) error {
	for _, o := range kept {
		if _, err := w.ExecContext(ctx, o.SQL); err != nil {
			return broken(o.Object, err)
		}
	}
	for _, o := range kept {
		if !o.valid {
			continue // it was broken before
		}
		if err := w.compiles(ctx, o.Object); err != nil {
			return broken(o.Object, err)
		}
	}
	return nil
}

func broken(o plan.Object, err error) error {
	return fmt.Errorf("the migration would break the %s, which slipway does not manage: drop it before the migration, "+
		"and create it again after it: %w", o, err)
}

// compiles makes SQLite compile a view, or the triggers of a table.
func (w work) compiles(ctx context.Context, o plan.Object) error {
	if o.Kind == "view" {
		return explain(ctx, w, "SELECT * FROM "+plan.Quote(o.Name))
	}
	var columns []string
	isTable := false
	table := "('" + strings.ReplaceAll(o.Table, "'", "''") + "')"
	err := eachRow(ctx, w, "SELECT i.name, l.type = 'table' FROM pragma_table_info"+table+" AS i, pragma_table_list"+table+
		" AS l", func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name, &isTable)
		columns = append(columns, plan.Quote(name)+" = "+plan.Quote(name))
		return err
	})
	if err != nil || !isTable {
		return err
	}
	for _, statement := range []string{"INSERT INTO " + plan.Quote(o.Table) + " DEFAULT VALUES",
		"UPDATE " + plan.Quote(o.Table) + " SET " + strings.Join(columns, ", "), "DELETE FROM " + plan.Quote(o.Table)} {
		if err := explain(ctx, w, statement); err != nil {
			return err
		}
	}
	return nil
}

func explain(ctx context.Context, conn querier, statement string) error {
	return eachRow(ctx, conn, "EXPLAIN "+statement, func(*sql.Rows) error { return nil })
}
