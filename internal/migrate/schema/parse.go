// Package schema reads schema.hcl, which declares all tables, and translates it to the
// schema of each dialect. The file is plain Atlas HCL in MySQL's terms: [MySQL] returns
// the tables as declared, and [SQLite] returns them translated to SQLite.
//
// The package uses no database, no files and no network. It imports Atlas and its HCL
// libraries, and may not import other packages of slipway.
package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"slipway/internal/migrate/lazyregexp"
)

// MySQL returns the schema of a MySQL database for the text of a schema.hcl. An empty
// text is an empty schema. Each call returns a new schema, because the planners of Atlas
// modify it.
//
// MySQL accepts no literal default of a text, blob or json column. Such a default becomes
// an [ApplicationDefault] of the column.
//
// Errors start with the file, the line and the column: name:12:3: message. MySQL does not
// panic for any text.
func MySQL(name string, text []byte) (*atlas.Schema, error) {
	p, err := parse(name, text)
	return p.schema, err
}

// SQLite returns the schema of an SQLite database for the text of a schema.hcl. MySQL
// enforces the type of a column. On SQLite, a CHECK named table_column_type does.
//
// It returns the errors of [MySQL], and an error for a type or an expression that has no
// equivalent on SQLite.
func SQLite(name string, text []byte) (*atlas.Schema, error) {
	p, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	translated, err := translate(p.schema)
	if err != nil {
		return nil, positioned(name, p.body, err)
	}
	return translated, nil
}

// parse returns the result of a text. name is only for errors.
func parse(name string, text []byte) (parsed, error) {
	if len(text) == 0 {
		return parsed{schema: atlas.New(mysqlName)}, nil
	}
	return cached(string(text), func() (parsed, error) { return read(name, text) })
}

// read is parse without the cache.
func read(name string, text []byte) (_ parsed, err error) {
	parser := hclparse.NewParser()
	file, diags := parser.ParseHCL(text, name)
	if diags.HasErrors() {
		return parsed{}, positioned(name, nil, diags)
	}
	body := file.Body.(*hclsyntax.Body)
	if err := checkWords("", body); err != nil {
		return parsed{}, positioned(name, nil, err)
	}
	// Eval modifies the body, so keep a copy to find positions in.
	written := *body
	written.Blocks = slices.Clone(body.Blocks)
	defer func() {
		// Atlas panics for some texts, such as a block without a label.
		if r := recover(); r != nil {
			err = positioned(name, &written, fmt.Errorf("invalid schema: %v", r))
		}
	}()
	var s atlas.Schema
	if err := mysql.EvalHCL.Eval(parser, &s, nil); err != nil {
		return parsed{}, positioned(name, &written, err)
	}
	s.Name = mysqlName
	for _, t := range s.Tables {
		for _, c := range t.Checks() {
			if enforced, ok := AttrOf[*mysql.Enforced](c.Attrs); ok && !enforced.V {
				err := fmt.Errorf("table %q: check %q: enforced = false is not supported: remove the check", t.Name, c.Name)
				return parsed{}, positioned(name, &written, err)
			}
		}
		for _, c := range t.Columns {
			detachDefault(c)
			escapeMembers(c.Type.Type)
		}
	}
	return parsed{&s, &written}, nil
}

// The names of schemas during planning. They are not part of the SQL.
const (
	mysqlName  = "app"
	sqliteName = "main" // the name of the open file on SQLite
)

// ApplicationDefault is the default V of a column whose type has no literal default on
// MySQL. The application writes it in every INSERT. On SQLite it is the default of the
// column.
type ApplicationDefault struct {
	atlas.Attr
	V string
}

// detachDefault replaces a default that MySQL does not accept by an [ApplicationDefault].
func detachDefault(c *atlas.Column) {
	literal, ok := c.Default.(*atlas.Literal)
	if !ok {
		return
	}
	switch t := c.Type.Type.(type) {
	case *atlas.StringType:
		ok = strings.HasSuffix(t.T, "text")
	case *atlas.BinaryType:
		ok = strings.HasSuffix(t.T, "blob")
	case *atlas.JSONType:
	default:
		ok = false
	}
	if ok {
		c.Default = nil
		c.AddAttrs(&ApplicationDefault{V: literal.V})
	}
}

// positioned adds the prefix file:line:column to an error. Atlas returns a position for
// errors of syntax and of references. For other errors, positioned finds the block that
// the message names in quotes.
func positioned(name string, body *hclsyntax.Body, err error) error {
	var diags hcl.Diagnostics
	var diag *hcl.Diagnostic
	if errors.As(err, &diags) && len(diags) > 0 {
		diag = diags[0]
	}
	if (diag != nil || errors.As(err, &diag)) && diag.Subject != nil {
		// Atlas creates some positions without a file name, so use name.
		text := strings.TrimSuffix(diag.Summary, ".")
		if diag.Detail != "" {
			text += ": " + diag.Detail
		}
		return fmt.Errorf("%s:%d:%d: %s", name, diag.Subject.Start.Line, diag.Subject.Start.Column, text)
	}
	message := err.Error()
	if where, ok := locate(body, message); ok {
		return fmt.Errorf("%s:%d:%d: %s", name, where.Line, where.Column, message)
	}
	return fmt.Errorf("%s: %s", name, message)
}

// At adds the prefix name:line:column to an error that names a table, or a table and its
// column, in quotes. text is the text of the schema.hcl.
func At(name string, text []byte, err error) error {
	file, diags := hclparse.NewParser().ParseHCL(text, name)
	if diags.HasErrors() {
		return fmt.Errorf("%s: %w", name, err)
	}
	return positioned(name, file.Body.(*hclsyntax.Body), err)
}

var inQuotes = lazyregexp.New(`"([^"]+)"`)

// locate returns the position of the innermost block whose labels the message contains in
// quotes, as in: cannot convert table "users": column "bio": ….
func locate(body *hclsyntax.Body, message string) (hcl.Pos, bool) {
	var found hcl.Pos
	ok := false
	names := map[string]bool{}
	for _, m := range inQuotes.FindAllStringSubmatch(message, -1) {
		names[m[1]] = true
		for _, part := range strings.Split(m[1], ".") {
			names[part] = true
		}
	}
	for body != nil {
		i := slices.IndexFunc(body.Blocks, func(b *hclsyntax.Block) bool {
			return len(b.Labels) > 0 && names[b.Labels[0]]
		})
		if i < 0 {
			break
		}
		found, ok = body.Blocks[i].DefRange().Start, true
		body = body.Blocks[i].Body
	}
	return found, ok
}

// escapeMembers doubles the quotes in the members of an enum or a set, because Atlas
// writes them unchanged into SQL. In sql("enum('it”s')") they are already doubled.
func escapeMembers(t atlas.Type) {
	for i, v := range Members(t) {
		Members(t)[i] = strings.ReplaceAll(strings.ReplaceAll(v, "''", "'"), "'", "''")
	}
}

// Members returns the members of an enum or a set, with quotes doubled as in SQL, and nil for other types.
func Members(t atlas.Type) []string {
	switch t := t.(type) {
	case *atlas.EnumType:
		return t.Values
	case *mysql.SetType:
		return t.Values
	}
	return nil
}
