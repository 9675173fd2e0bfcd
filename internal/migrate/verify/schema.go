package verify

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// The tables that record migrations are no part of the schema.
const (
	revisionTable = "atlas_schema_revisions"
	journalTable  = "slipway_migration_journal"
)

// state is the schema of a database.
type state struct {
	*schema.Schema
	// programs are the views and triggers, which Atlas does not read: their text by
	// what they are, as in: view "active_users".
	programs map[string]string
}

// The views and triggers of a database: what, name, text.
var programs = map[string]string{
	plan.SQLite: "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')",
	plan.MySQL: "SELECT 'view', table_name, view_definition FROM information_schema.views WHERE table_schema = DATABASE()" +
		" UNION ALL SELECT 'trigger', trigger_name, CONCAT_WS(' ', action_timing, event_manipulation, event_object_table, action_statement)" +
		" FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
}

// inspect reads the schema.
func (r *rehearsal) inspect(ctx context.Context) (_ *state, err error) {
	s, err := r.driver.InspectSchema(ctx, "", &schema.InspectOptions{Exclude: []string{revisionTable, journalTable}})
	if err != nil {
		return nil, fmt.Errorf("cannot read the schema: %w", err)
	}
	for _, t := range s.Tables {
		// Where the next id comes from is no matter of the schema.
		t.Attrs = slices.DeleteFunc(t.Attrs, func(a schema.Attr) bool { return isA[*mysql.AutoIncrement](a) || isA[*mysql.CreateStmt](a) })
		for _, c := range t.Columns {
			for _, a := range c.Attrs {
				if counter, ok := a.(*sqlite.AutoIncrement); ok {
					counter.Seq = 0
				}
			}
		}
	}
	made := &state{Schema: s, programs: map[string]string{}}
	rows, err := r.DB.QueryContext(ctx, programs[r.Dialect])
	if err != nil {
		return nil, fmt.Errorf("cannot read the schema: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var what, name, text string
		if err := rows.Scan(&what, &name, &text); err != nil {
			return nil, fmt.Errorf("cannot read the schema: %w", err)
		}
		made.programs[fmt.Sprintf("%s %q", what, name)] = text
	}
	return made, rows.Err()
}

func isA[T schema.Attr](a schema.Attr) bool { _, ok := a.(T); return ok }

// touched chooses the tables that two schemas do not have in common.
func touched(old, now *state) func(*schema.Table) bool {
	return func(t *schema.Table) bool {
		before, found := old.Table(t.Name)
		// What Atlas's diff would say, and cheaper: a table that is read the same is
		// the same.
		return !found || describe(before) != describe(t)
	}
}

// describe is a text that tells tables apart.
func describe(t *schema.Table) string {
	text := ""
	for _, c := range t.Columns {
		text += fmt.Sprintf("%s %s %t %v\n", c.Name, c.Type.Raw, c.Type.Null, c.Default)
	}
	for _, i := range t.Indexes {
		text += fmt.Sprintf("%s %t %d\n", i.Name, i.Unique, len(i.Parts))
	}
	for _, c := range t.Checks() {
		text += c.Expr + "\n"
	}
	return text + fmt.Sprint(len(t.ForeignKeys))
}

// difference says the first thing in which a schema is not what it should be; ""
// when it is.
func (r *rehearsal) difference(is, should *state) (string, error) {
	// Both were read from the same server: they are compared to the letter.
	changes, err := r.driver.SchemaDiff(is.Schema, should.Schema, schema.DiffNormalized())
	if err != nil {
		return "", fmt.Errorf("cannot compare the schemas: %w", err)
	}
	for _, c := range changes {
		if text := differs(c); text != "" {
			return text, nil
		}
	}
	for _, t := range should.Tables {
		if got, found := is.Table(t.Name); found {
			if text := columnsDiffer(got, t); text != "" {
				return text, nil
			}
		}
	}
	for name, text := range should.programs {
		switch got, found := is.programs[name]; {
		case !found:
			return "the " + name + " is missing", nil
		case got != text:
			return "the " + name + " is not what it was", nil
		}
	}
	for name := range is.programs {
		if _, found := should.programs[name]; !found {
			return "there still is the " + name, nil
		}
	}
	return "", nil
}

// columnsDiffer sees what Atlas's diff leaves out on SQLite, where a varchar(80)
// is a varchar to it.
func columnsDiffer(is, should *schema.Table) string {
	for _, want := range should.Columns {
		got, found := is.Column(want.Name)
		switch {
		case !found:
		case !sameType(got, want):
			return fmt.Sprintf("table %q: column %q is %s and was %s", is.Name, want.Name, got.Type.Raw, want.Type.Raw)
		case counts(got) != counts(want):
			return fmt.Sprintf("table %q: column %q: auto increment is %t and was %t", is.Name, want.Name, counts(got), counts(want))
		}
	}
	return ""
}

// sameType compares types as they are written, in any case: SQLite rewrites some.
func sameType(a, b *schema.Column) bool { return strings.EqualFold(a.Type.Raw, b.Type.Raw) }

// counts says whether the database gives the column's values by counting.
func counts(c *schema.Column) bool {
	return slices.ContainsFunc(c.Attrs, func(a schema.Attr) bool { return isA[*sqlite.AutoIncrement](a) || isA[*mysql.AutoIncrement](a) })
}

// differs describes a change that would have to be made to a schema for it to be
// what it should be.
func differs(change schema.Change) string {
	switch c := change.(type) {
	case *schema.AddTable:
		return fmt.Sprintf("table %q is missing", c.T.Name)
	case *schema.DropTable:
		return fmt.Sprintf("there still is the table %q", c.T.Name)
	case *schema.RenameTable:
		return fmt.Sprintf("table %q still has the name %q", c.To.Name, c.From.Name)
	case *schema.ModifyTable:
		for _, part := range c.Changes {
			return fmt.Sprintf("table %q: %s", c.T.Name, partDiffers(part))
		}
		return ""
	default:
		return "the schema is not what it was (" + reflect.TypeOf(change).Elem().Name() + ")"
	}
}

func partDiffers(change schema.Change) string {
	missing := func(what, name string) string { return fmt.Sprintf("%s %q is missing", what, name) }
	left := func(what, name string) string { return fmt.Sprintf("there still is the %s %q", what, name) }
	other := func(what, name string) string { return fmt.Sprintf("%s %q is not what it was", what, name) }
	switch c := change.(type) {
	case *schema.AddColumn:
		return missing("column", c.C.Name)
	case *schema.DropColumn:
		return left("column", c.C.Name)
	case *schema.ModifyColumn:
		return columnDiffers(c)
	case *schema.AddIndex:
		return missing("index", c.I.Name)
	case *schema.DropIndex:
		return left("index", c.I.Name)
	case *schema.ModifyIndex:
		return other("index", c.To.Name)
	case *schema.AddForeignKey:
		return missing("foreign key", c.F.Symbol)
	case *schema.DropForeignKey:
		return left("foreign key", c.F.Symbol)
	case *schema.ModifyForeignKey:
		return other("foreign key", c.To.Symbol)
	case *schema.AddCheck:
		return missing("check", c.C.Name+" ("+c.C.Expr+")")
	case *schema.DropCheck:
		return left("check", c.C.Name+" ("+c.C.Expr+")")
	case *schema.ModifyCheck:
		return other("check", c.To.Name)
	case *schema.AddPrimaryKey:
		return "the primary key is missing"
	case *schema.DropPrimaryKey:
		return "there still is a primary key"
	case *schema.ModifyPrimaryKey:
		return "the primary key is not what it was"
	case *schema.AddAttr:
		return "it lacks " + attribute(c.A)
	case *schema.DropAttr:
		return "it still has " + attribute(c.A)
	case *schema.ModifyAttr:
		return fmt.Sprintf("it has %s and had %s", attribute(c.From), attribute(c.To))
	default:
		return "it is not what it was (" + reflect.TypeOf(change).Elem().Name() + ")"
	}
}

// columnDiffers says how a column is, and how it was.
func columnDiffers(c *schema.ModifyColumn) string {
	say := func(c *schema.Column) string {
		text := c.Type.Raw
		if !c.Type.Null {
			text += " NOT NULL"
		}
		switch d := c.Default.(type) {
		case *schema.Literal:
			text += " DEFAULT " + d.V
		case *schema.RawExpr:
			text += " DEFAULT " + d.X
		}
		return text
	}
	is, was := say(c.From), say(c.To)
	if is == was {
		return fmt.Sprintf("column %q is not what it was", c.To.Name)
	}
	return fmt.Sprintf("column %q is %s and was %s", c.To.Name, is, was)
}

func attribute(a schema.Attr) string {
	switch a := a.(type) {
	case *schema.Collation:
		return "collation " + a.V
	case *schema.Charset:
		return "character set " + a.V
	case *schema.Comment:
		return fmt.Sprintf("comment %q", a.Text)
	case *schema.Check:
		return "check " + a.Name
	default:
		return reflect.TypeOf(a).Elem().Name()
	}
}
