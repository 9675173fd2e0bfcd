package ddl

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	atlasmysql "ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	atlassqlite "ariga.io/atlas/sql/sqlite"
	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite"

	"slipway/internal/dbtest"
)

// database is a real database beside the model.
type database struct {
	t       testing.TB
	dialect string
	db      *sql.DB
}

// newDatabase opens an empty database of the dialect, with one connection and,
// on SQLite, with foreign keys off, as migrations run.
func newDatabase(t testing.TB, dialect string) *database {
	t.Helper()
	var db *sql.DB
	var err error
	if dialect == MySQL {
		u, err := url.Parse(dbtest.New(t, dialect))
		if err != nil {
			t.Fatal("not a URL")
		}
		config := mysql.NewConfig()
		config.Net, config.Addr, config.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
		config.User = u.User.Username()
		config.Passwd, _ = u.User.Password()
		config.Logger = &mysql.NopLogger{}
		connector, err := mysql.NewConnector(config)
		if err != nil {
			t.Fatal(err)
		}
		db = sql.OpenDB(connector)
	} else if db, err = sql.Open("sqlite", "file::memory:"); err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &database{t: t, dialect: dialect, db: db}
}

func (d *database) exec(statement string) error {
	_, err := d.db.ExecContext(context.Background(), statement)
	return err
}

// inspect is the schema as Atlas reads it off the database.
func (d *database) inspect() *schema.Schema {
	d.t.Helper()
	var driver migrate.Driver
	var err error
	name := ""
	if d.dialect == MySQL {
		driver, err = atlasmysql.Open(d.db)
	} else {
		driver, err = atlassqlite.Open(d.db)
		name = "main"
	}
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := driver.InspectSchema(context.Background(), name, nil)
	if err != nil {
		d.t.Fatalf("inspect: %v", err)
	}
	return s
}

// newState is the model of an empty database.
func newState(t testing.TB, dialect string) *State {
	t.Helper()
	s, err := New(dialect)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// applied is the model after statements that must apply.
func applied(t testing.TB, dialect string, statements ...string) *State {
	t.Helper()
	s := newState(t, dialect)
	for _, statement := range statements {
		if _, err := s.Apply(statement); err != nil {
			t.Fatalf("%s\n%v", statement, err)
		}
	}
	return s
}

// differences are what Diff finds, both ways, one line each.
func differences(t testing.TB, dialect string, a, b *schema.Schema) string {
	t.Helper()
	var lines []string
	for _, way := range []struct {
		name     string
		from, to *schema.Schema
	}{{"there", a, b}, {"back", b, a}} {
		changes, err := Diff(dialect, way.from, way.to)
		if err != nil {
			t.Fatalf("%s: %v", way.name, err)
		}
		for _, line := range describe(changes) {
			lines = append(lines, way.name+": "+line)
		}
	}
	return strings.Join(lines, "\n")
}

// describe writes changes down for a reader.
func describe(changes []schema.Change) []string {
	var lines []string
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			lines = append(lines, "add table "+c.T.Name)
		case *schema.DropTable:
			lines = append(lines, "drop table "+c.T.Name)
		case *schema.RenameTable:
			lines = append(lines, "rename table "+c.From.Name+" to "+c.To.Name)
		case *schema.ModifyTable:
			for _, line := range describe(c.Changes) {
				lines = append(lines, c.T.Name+": "+line)
			}
		case *schema.AddColumn:
			lines = append(lines, "add column "+c.C.Name)
		case *schema.DropColumn:
			lines = append(lines, "drop column "+c.C.Name)
		case *schema.RenameColumn:
			lines = append(lines, "rename column "+c.From.Name+" to "+c.To.Name)
		case *schema.ModifyColumn:
			lines = append(lines, fmt.Sprintf("modify column %s (%s): %s to %s", c.From.Name, kinds(c.Change), columnText(c.From), columnText(c.To)))
		case *schema.AddIndex:
			lines = append(lines, "add index "+c.I.Name+partsText(c.I))
		case *schema.DropIndex:
			lines = append(lines, "drop index "+c.I.Name+partsText(c.I))
		case *schema.RenameIndex:
			lines = append(lines, "rename index "+c.From.Name+" to "+c.To.Name)
		case *schema.ModifyIndex:
			lines = append(lines, "modify index "+c.From.Name+partsText(c.From)+" to "+partsText(c.To))
		case *schema.AddPrimaryKey:
			lines = append(lines, "add primary key"+partsText(c.P))
		case *schema.DropPrimaryKey:
			lines = append(lines, "drop primary key"+partsText(c.P))
		case *schema.ModifyPrimaryKey:
			lines = append(lines, "modify primary key"+partsText(c.From)+" to"+partsText(c.To))
		case *schema.AddForeignKey:
			lines = append(lines, "add foreign key "+c.F.Symbol+" to "+c.F.RefTable.Name)
		case *schema.DropForeignKey:
			lines = append(lines, "drop foreign key "+c.F.Symbol+" to "+c.F.RefTable.Name)
		case *schema.ModifyForeignKey:
			lines = append(lines, "modify foreign key "+c.From.Symbol)
		case *schema.AddCheck:
			lines = append(lines, "add check "+c.C.Name+" "+c.C.Expr)
		case *schema.DropCheck:
			lines = append(lines, "drop check "+c.C.Name+" "+c.C.Expr)
		case *schema.ModifyCheck:
			lines = append(lines, "modify check "+c.From.Name+" "+c.From.Expr+" to "+c.To.Expr)
		case *schema.AddAttr:
			lines = append(lines, fmt.Sprintf("add %T", c.A))
		case *schema.DropAttr:
			lines = append(lines, fmt.Sprintf("drop %T", c.A))
		case *schema.ModifyAttr:
			lines = append(lines, fmt.Sprintf("modify %T", c.To))
		default:
			lines = append(lines, fmt.Sprintf("%T", c))
		}
	}
	return lines
}

func kinds(k schema.ChangeKind) string {
	var all []string
	for _, one := range []struct {
		kind schema.ChangeKind
		name string
	}{
		{schema.ChangeType, "type"}, {schema.ChangeNull, "null"}, {schema.ChangeDefault, "default"}, {schema.ChangeCharset, "charset"},
		{schema.ChangeCollate, "collate"}, {schema.ChangeComment, "comment"}, {schema.ChangeGenerated, "generated"}, {schema.ChangeAttr, "attr"},
	} {
		if k.Is(one.kind) {
			all = append(all, one.name)
		}
	}
	return strings.Join(all, " ")
}

func columnText(c *schema.Column) string {
	s := c.Type.Raw
	if !c.Type.Null {
		s += " not null"
	}
	switch x := c.Default.(type) {
	case *schema.Literal:
		s += " default " + x.V
	case *schema.RawExpr:
		s += " default (" + x.X + ")"
	}
	for _, a := range c.Attrs {
		if g, ok := a.(*schema.GeneratedExpr); ok {
			s += " as " + g.Expr
		}
	}
	return s
}

func partsText(i *schema.Index) string {
	s := "("
	for n, p := range i.Parts {
		if n > 0 {
			s += ", "
		}
		if p.C != nil {
			s += p.C.Name
		} else if x, ok := p.X.(*schema.RawExpr); ok {
			s += x.X
		}
		if p.Desc {
			s += " desc"
		}
	}
	return s + ")"
}

// dump writes all of a schema down, to compare it with itself later.
func dump(s *schema.Schema) string {
	var b strings.Builder
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "table %s", t.Name)
		for _, a := range t.Attrs {
			if _, ok := a.(*schema.Check); !ok {
				fmt.Fprintf(&b, " %T%+v", a, a)
			}
		}
		b.WriteString("\n")
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "  %s %s %T %d %d", c.Name, columnText(c), c.Type.Type, len(c.Indexes), len(c.ForeignKeys))
			for _, a := range c.Attrs {
				fmt.Fprintf(&b, " %T%+v", a, a)
			}
			b.WriteString("\n")
		}
		for _, i := range append([]*schema.Index{t.PrimaryKey}, t.Indexes...) {
			if i != nil {
				fmt.Fprintf(&b, "  index %s %v %s %d\n", i.Name, i.Unique, partsText(i), len(i.Attrs))
			}
		}
		for _, k := range t.ForeignKeys {
			fmt.Fprintf(&b, "  key %s to %s %s %s", k.Symbol, k.RefTable.Name, k.OnDelete, k.OnUpdate)
			for n := range k.Columns {
				fmt.Fprintf(&b, " %s", k.Columns[n].Name)
			}
			for n := range k.RefColumns {
				fmt.Fprintf(&b, " %s", k.RefColumns[n].Name)
			}
			b.WriteString("\n")
		}
		for _, c := range t.Checks() {
			fmt.Fprintf(&b, "  check %s %s\n", c.Name, c.Expr)
		}
	}
	return b.String()
}
