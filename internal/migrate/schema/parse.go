// Package schema reads schema.hcl, the one place where tables are declared, and
// translates it to the schema of each dialect. The file is plain Atlas HCL in MySQL's
// terms: [MySQL] returns it as written, [SQLite] what the same tables are there.
//
// It works on text alone: no database, no file, no network. It imports Atlas and its
// HCL libraries, and no other package of slipway.
package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// MySQL reads the text of a schema.hcl as the schema of a MySQL database. An empty
// text is an empty schema. Each call returns a schema of its own: Atlas's planners
// change what they plan from.
//
// A literal default of a text, blob or json column, which MySQL does not take, is not
// the column's: it becomes an [ApplicationDefault].
//
// Errors name the file, the line and the column: name:12:3: what is wrong. MySQL never
// panics, whatever the text is.
func MySQL(name string, text []byte) (*atlas.Schema, error) {
	s, _, err := parse(name, text)
	return s, err
}

// SQLite reads the text of a schema.hcl as the schema of an SQLite database. What MySQL
// enforces by a column's type, SQLite enforces by a CHECK named table_column_type.
//
// Errors are those of [MySQL], and those of what SQLite cannot express: a type or an
// expression without a counterpart.
func SQLite(name string, text []byte) (*atlas.Schema, error) {
	s, body, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	translated, err := translate(s)
	if err != nil {
		return nil, positioned(name, body, err)
	}
	return translated, nil
}

// parse returns the schema, and the body of the text to look positions up in.
func parse(name string, text []byte) (_ *atlas.Schema, _ *hclsyntax.Body, err error) {
	if len(text) == 0 {
		return atlas.New(mysqlName), nil, nil
	}
	parser := hclparse.NewParser()
	file, diags := parser.ParseHCL(text, name)
	if diags.HasErrors() {
		return nil, nil, positioned(name, nil, diags)
	}
	body := file.Body.(*hclsyntax.Body)
	if err := checkWords("", body); err != nil {
		return nil, nil, positioned(name, nil, err)
	}
	// Evaluating rewrites the body; positions are looked up in what was written.
	written := *body
	written.Blocks = slices.Clone(body.Blocks)
	defer func() {
		// Atlas panics on some texts, such as a block without a label.
		if r := recover(); r != nil {
			err = positioned(name, &written, fmt.Errorf("not a schema: %v", r))
		}
	}()
	var s atlas.Schema
	if err := mysql.EvalHCL.Eval(parser, &s, nil); err != nil {
		return nil, nil, positioned(name, &written, err)
	}
	s.Name = mysqlName
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			detachDefault(c)
			escapeMembers(c.Type.Type)
		}
	}
	return &s, &written, nil
}

// The names that schemas have while they are planned. SQL never mentions them.
const (
	mysqlName  = "app"
	sqliteName = "main" // SQLite's own word for the file that is open
)

// ApplicationDefault is the default of a column that MySQL takes no literal for. The
// application writes it in every insert; on SQLite it is the column's default.
type ApplicationDefault struct {
	atlas.Attr
	V string
}

// detachDefault turns a default that MySQL cannot hold into an attribute.
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

// positioned puts file:line:column in front of an error. Atlas gives a position
// with errors of syntax and of references; for the others, the blocks that the
// message names in quotes are looked up in the file.
func positioned(name string, body *hclsyntax.Body, err error) error {
	var diags hcl.Diagnostics
	var diag *hcl.Diagnostic
	if errors.As(err, &diags) && len(diags) > 0 {
		diag = diags[0]
	}
	if (diag != nil || errors.As(err, &diag)) && diag.Subject != nil {
		// Some positions are of Atlas's own making and name no file.
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

// At puts the place in a schema.hcl in front of an error that names a table, or a table and
// its column, in quotes: name:12:3: what is wrong.
func At(name string, text []byte, err error) error {
	file, diags := hclparse.NewParser().ParseHCL(text, name)
	if diags.HasErrors() {
		return fmt.Errorf("%s: %w", name, err)
	}
	return positioned(name, file.Body.(*hclsyntax.Body), err)
}

var inQuotes = regexp.MustCompile(`"([^"]+)"`)

// locate finds the innermost block whose labels the message names in quotes, as
// in: cannot convert table "users": column "bio": ….
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

// escapeMembers doubles the quotes in the members of an enum or a set: Atlas writes them
// into SQL as they are. A file may have them doubled already, in sql("enum('it”s')").
func escapeMembers(t atlas.Type) {
	for i, v := range members(t) {
		members(t)[i] = strings.ReplaceAll(strings.ReplaceAll(v, "''", "'"), "'", "''")
	}
}

func members(t atlas.Type) []string {
	switch t := t.(type) {
	case *atlas.EnumType:
		return t.Values
	case *mysql.SetType:
		return t.Values
	}
	return nil
}
