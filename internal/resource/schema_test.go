package resource_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	atlasmysql "ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	atlassqlite "ariga.io/atlas/sql/sqlite"
	"github.com/zclconf/go-cty/cty"
	gormmysql "gorm.io/driver/mysql"
	gorm "gorm.io/gorm/schema"

	"slipway/internal/resource"
)

// declared gives the tables of schema.hcl as a dialect sees them.
func declared(t *testing.T, dialect string) map[string]*atlas.Table {
	t.Helper()
	text, err := os.ReadFile("../../schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	eval := map[string]func([]byte, any, map[string]cty.Value) error{
		"mysql": atlasmysql.EvalHCLBytes, "sqlite": atlassqlite.EvalHCLBytes,
	}[dialect]
	var s atlas.Schema
	if err := eval(text, &s, map[string]cty.Value{"dialect": cty.StringVal(dialect), "db": cty.StringVal("main")}); err != nil {
		t.Fatal(err)
	}
	tables := map[string]*atlas.Table{}
	for _, table := range s.Tables {
		tables[table.Name] = table
	}
	return tables
}

// unserved are the tables that are the application's own: schema.hcl has them, and
// nobody reads or writes them by HTTP.
var unserved = []string{"idempotency_keys"}

// TestModelsMatchSchema: GORM's view of every model is what schema.hcl declares,
// on both dialects, without a database.
func TestModelsMatchSchema(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"mysql", "sqlite"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			tables := declared(t, dialect)
			for _, m := range resource.Tables {
				table, ok := tables[m.Name]
				if !ok {
					t.Errorf("%s is a model, and no table of schema.hcl", m.Name)
					continue
				}
				for _, difference := range compare(dialect, table, m) {
					t.Errorf("%s: %s", m.Name, difference)
				}
				delete(tables, m.Name)
			}
			for _, name := range unserved {
				delete(tables, name)
			}
			for name := range tables {
				t.Errorf("%s is a table of schema.hcl, and no model", name)
			}
		})
	}
}

// compare gives the differences between a table of schema.hcl and a model.
func compare(dialect string, table *atlas.Table, m *resource.Table) []string {
	var d []string
	say := func(format string, args ...any) { d = append(d, fmt.Sprintf(format, args...)) }
	g, err := gorm.Parse(m.New(), &sync.Map{}, gorm.NamingStrategy{})
	if err != nil {
		return []string{err.Error()}
	}
	if g.Table != m.Name {
		say("GORM calls the table %s", g.Table)
	}
	columns := map[string]*atlas.Column{}
	for _, c := range table.Columns {
		columns[c.Name] = c
	}
	for _, f := range m.Fields {
		field, column := g.FieldsByDBName[f.Name], columns[f.Name]
		delete(columns, f.Name)
		switch {
		case field == nil:
			say("%s is no column to GORM: the json tag and the field's name differ", f.Name)
			continue
		case column == nil:
			say("%s is not in schema.hcl", f.Name)
			continue
		}
		if want, got := typeOf(dialect, column), gormType(dialect, field); want != got {
			say("%s is %s in schema.hcl, %s in the model", f.Name, want, got)
		}
		if notNull := field.NotNull || field.PrimaryKey; column.Type.Null == notNull || f.Nullable == notNull {
			say("%s: null is %v in schema.hcl, %v in GORM's tag, %v in the struct", f.Name, column.Type.Null, !notNull, f.Nullable)
		}
		if want, got := defaultOf(column), field.TagSettings["DEFAULT"]; want != got && !(want == "" && undefaulted(dialect, column)) {
			say("%s has the default %q in schema.hcl, %q in the model", f.Name, want, got)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		say("%s is not in the model", name)
	}
	both(say, "the unique index", uniques(table), gormUniques(g))
	both(say, "the foreign key", foreignKeys(table), gormForeignKeys(g))
	return d
}

// both compares two sets of descriptions.
func both(say func(string, ...any), what string, schema, model []string) {
	for _, x := range schema {
		if !slices.Contains(model, x) {
			say("%s %s is not in the model", what, x)
		}
	}
	for _, x := range model {
		if !slices.Contains(schema, x) {
			say("%s %s is not in schema.hcl", what, x)
		}
	}
}

// typeOf is a column's type: exactly on MySQL, by its kind on SQLite, which does
// not hold a column to more.
func typeOf(dialect string, c *atlas.Column) string {
	if dialect == "mysql" {
		s, err := atlasmysql.FormatType(c.Type.Type)
		if err != nil {
			return err.Error()
		}
		return s
	}
	switch c.Type.Type.(type) {
	case *atlas.IntegerType:
		return "int"
	case *atlas.FloatType:
		return "float"
	case *atlas.BoolType:
		return "bool"
	case *atlas.StringType:
		return "string"
	case *atlas.TimeType:
		return "time"
	}
	return fmt.Sprintf("%T", c.Type.Type)
}

func gormType(dialect string, f *gorm.Field) string {
	if dialect == "sqlite" {
		return string(f.DataType)
	}
	// GORM shortens a text that has a default to 191 characters, for servers
	// older than any that is supported here.
	plain := *f
	plain.HasDefaultValue = false
	text := gormmysql.New(gormmysql.Config{}).DataTypeOf(&plain)
	for _, attribute := range []string{" AUTO_INCREMENT", " NULL"} {
		text = strings.TrimSuffix(text, attribute)
	}
	typ, err := atlasmysql.ParseType(text)
	if err != nil {
		return err.Error()
	}
	if text, err = atlasmysql.FormatType(typ); err != nil {
		return err.Error()
	}
	return text
}

// defaultOf writes a column's default as a GORM tag does.
func defaultOf(c *atlas.Column) string {
	switch x := c.Default.(type) {
	case *atlas.Literal:
		return x.V
	case *atlas.RawExpr:
		return strings.TrimSuffix(strings.TrimPrefix(x.X, "("), ")")
	}
	return ""
}

// undefaulted are columns that can have no default that every engine takes: the
// application's own stands alone.
func undefaulted(dialect string, c *atlas.Column) bool {
	text, ok := c.Type.Type.(*atlas.StringType)
	return dialect == "mysql" && ok && text.T == "longtext"
}

func uniques(t *atlas.Table) (names []string) {
	for _, index := range t.Indexes {
		if index.Unique {
			var columns []string
			for _, p := range index.Parts {
				columns = append(columns, p.C.Name)
			}
			names = append(names, fmt.Sprintf("%s (%s)", index.Name, strings.Join(columns, ", ")))
		}
	}
	return names
}

func gormUniques(g *gorm.Schema) (names []string) {
	for _, index := range g.ParseIndexes() {
		if index.Class == "UNIQUE" {
			var columns []string
			for _, f := range index.Fields {
				columns = append(columns, f.DBName)
			}
			names = append(names, fmt.Sprintf("%s (%s)", index.Name, strings.Join(columns, ", ")))
		}
	}
	return names
}

func foreignKeys(t *atlas.Table) (names []string) {
	for _, fk := range t.ForeignKeys {
		names = append(names, fmt.Sprintf("%s (%s → %s.%s, on delete %s)",
			fk.Symbol, fk.Columns[0].Name, fk.RefTable.Name, fk.RefColumns[0].Name, strings.ReplaceAll(string(fk.OnDelete), "_", " ")))
	}
	return names
}

func gormForeignKeys(g *gorm.Schema) (names []string) {
	for _, r := range g.Relationships.Relations {
		if c := r.ParseConstraint(); c != nil && c.Schema == g {
			names = append(names, fmt.Sprintf("%s (%s → %s.%s, on delete %s)",
				c.Name, c.ForeignKeys[0].DBName, c.ReferenceSchema.Table, c.References[0].DBName, c.OnDelete))
		}
	}
	return names
}

type (
	// Each of these is a model of notes or posts with one mistake in it.
	lacksContent struct {
		ID        int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
		Title     string    `json:"title" gorm:"size:200;not null"`
		CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
		UpdatedAt time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
	}
	wrongNote struct {
		ID        int64     `json:"id" gorm:"primaryKey"`
		Title     *string   `json:"title" gorm:"size:100;uniqueIndex:notes_title;default:none"`
		Content   int64     `json:"content" gorm:"not null;default:5"`
		Colour    string    `json:"colour" gorm:"not null"`
		CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
		Changed   time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
	}
	wrongPost struct {
		ID        int64          `json:"id" gorm:"primaryKey" rule:"readonly"`
		Title     string         `json:"title" gorm:"size:200;not null"`
		Body      *string        `json:"body"`
		UserID    int64          `json:"user_id" gorm:"not null"`
		CreatedAt time.Time      `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
		UpdatedAt time.Time      `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
		Author    *resource.User `json:"-" gorm:"foreignKey:UserID;constraint:posts_author,OnDelete:RESTRICT"`
	}
)

func (lacksContent) TableName() string { return "notes" }
func (wrongNote) TableName() string    { return "notes" }
func (wrongPost) TableName() string    { return "posts" }

// TestComparisonFails: the comparison has been seen to find each kind of
// difference.
func TestComparisonFails(t *testing.T) {
	t.Parallel()
	tables := declared(t, "mysql")
	for _, c := range []struct {
		model *resource.Table
		want  []string
	}{
		{resource.Of[lacksContent]("notes"), []string{"content is not in the model"}},
		{resource.Of[wrongNote]("notes"), []string{
			"title is varchar(200) in schema.hcl, varchar(100) in the model",
			"title: null is false in schema.hcl, true in GORM's tag, true in the struct",
			`title has the default "" in schema.hcl, "none" in the model`,
			"content is longtext in schema.hcl, bigint in the model",
			"colour is not in schema.hcl",
			"updated_at is no column to GORM: the json tag and the field's name differ",
			"the unique index notes_title (title) is not in schema.hcl",
		}},
		{resource.Of[wrongPost]("posts"), []string{
			"the foreign key posts_user_id (user_id → users.id, on delete CASCADE) is not in the model",
			"the foreign key posts_author (user_id → users.id, on delete RESTRICT) is not in schema.hcl",
		}},
	} {
		got := compare("mysql", tables[c.model.Name], c.model)
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: %q was not found, but %q", c.model.Name, want, got)
			}
		}
	}
}
