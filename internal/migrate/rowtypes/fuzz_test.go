package rowtypes_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2/hclwrite"
	gorm "gorm.io/gorm/schema"

	"slipway/internal/migrate/rowtypes"
	"slipway/internal/migrate/schema"
)

// FuzzGenerate checks that any names and any default result in Go code that compiles, with a
// correct gorm tag, or in a note or an error.
func FuzzGenerate(f *testing.F) {
	f.Add("users", "name", "x", "users_name")
	f.Add("tables", "rules", "it's; \"a\\\" `b` \\", "a,b;c:d\"e")
	f.Add("2fa_codes", "$", "'", "1")
	f.Add("名", "a;b:c`d`", "\\;", "ß")
	f.Add("table", "func", "\\\\\"", "\\")
	f.Add("x", "json:\"y\"", "\t\n", "")
	f.Fuzz(func(t *testing.T, table, column, value, index string) {
		text := declared(table, column, value, index)
		s, err := schema.MySQL("schema.hcl", []byte(text))
		if err != nil {
			return
		}
		source, err := rowtypes.Generate("app", "schema.hcl", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		c := s.Tables[0].Columns[1] // HCL may have changed its name: it normalizes Unicode
		column = c.Name
		want, ok := schema.DefaultOf(c)
		tags := compiles(t, source.Text)
		if len(tags) == 0 {
			if len(source.Notes) == 0 && table != "idempotency_keys" {
				t.Fatalf("the table is not served, but there is no note\n%s", text)
			}
			return
		}
		tag, served := tags[column]
		if !served {
			if !strings.Contains(strings.Join(source.Notes, "\n"), column+" is not served") {
				t.Fatalf("%q is not served, but there is no note\n%s", column, source.Text)
			}
			return
		}
		if got := gorm.ParseTagSetting(tag, ";"); got["DEFAULT"] != sqlText(want.Literal) || !ok || got["SIZE"] != "99" {
			t.Fatalf("the tag is read as %q, want the default %q", got, want.Literal)
		}
	})
}

// sqlText returns a text as an SQL literal.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// declared returns a schema.hcl with these names.
func declared(table, column, value, index string) string {
	quote := func(s string) string { return string(hclwrite.TokensForValue(schemahcl.StringAttr("", s).V).Bytes()) }
	return `schema "app" {
}
table ` + quote(table) + ` {
  schema = schema.app
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column ` + quote(column) + ` {
    type    = varchar(99)
    default = ` + quote(value) + `
  }
  primary_key {
    columns = [column.id]
  }
  index ` + quote(index) + ` {
    columns = [column[` + quote(column) + `]]
    unique  = true
  }
}
`
}

// stubs has stubs of the packages that row types import.
var stubs = map[string]string{
	"time": "package time\ntype Time struct{}",
	"slipway/internal/resource": `package resource
		type Table struct{}
		func Of[R any](string) *Table { return nil }
		func Link(...*Table) []*Table { return nil }`,
}

// stubbed imports the stubs.
type stubbed struct{ files *token.FileSet }

func (s stubbed) Import(path string) (*types.Package, error) {
	file, err := parser.ParseFile(s.files, path, stubs[path], 0)
	if err != nil {
		return importer.Default().Import(path)
	}
	return new(types.Config).Check(path, s.files, []*ast.File{file}, nil)
}

// compiles returns the gorm tags in Go code by column. The test fails if the code does not
// compile.
func compiles(t *testing.T, text []byte) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "tables.go", text, parser.SkipObjectResolution)
	if err == nil {
		_, err = (&types.Config{Importer: stubbed{files}}).Check("app", files, []*ast.File{file}, nil)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	tags := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			raw, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			tag := reflect.StructTag(raw).Get("gorm")
			tags[gorm.ParseTagSetting(tag, ";")["COLUMN"]] = tag
			if json := reflect.StructTag(raw).Get("json"); json != gorm.ParseTagSetting(tag, ";")["COLUMN"] {
				t.Fatalf("%s has another column in its JSON tag", raw)
			}
		}
		return true
	})
	return tags
}
