package schema

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// NewTable returns the text of a schema.hcl with one more table, behind what is there.
// The table gets an id, created_at and updated_at, and a column for each field:
//
//	name:varchar(40)         a column, NOT NULL
//	name:varchar(40):unique  with a unique index
//	bio:text:null            that may be NULL
//	weight:double=1          with a default
//	user:users               user_id, the key of a row of users
//
// A table that is there already and is the same leaves the text as it is. Errors say
// which field is wrong and why: a name that is taken or not valid, a type that MySQL
// does not have, a default that is no value of the type, a table that is not declared;
// a table that is there and is another; and those of [MySQL].
func NewTable(file string, text []byte, name string, fields []string) ([]byte, error) {
	s, err := MySQL(file, text)
	if err != nil {
		return nil, err
	}
	if !validName.MatchString(name) {
		return nil, fmt.Errorf("%q is no name for a table: %s", name, nameRule)
	}
	t := newTable{name: name, schema: s}
	for _, f := range fields {
		if err := t.add(f); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
	}
	old, there := s.Table(name)
	rest := text
	if there {
		if rest, err = withoutTable(file, text, name); err != nil {
			return nil, err
		}
	}
	label, rest, err := withSchema(file, rest)
	if err != nil {
		return nil, err
	}
	wanted := append(bytes.TrimRight(slices.Clone(rest), "\n"), ("\n\n" + t.block(label))...)
	made, err := MySQL(file, wanted)
	if err != nil {
		return nil, err
	}
	if !there {
		return wanted, nil
	}
	table, _ := made.Table(name)
	changes, err := mysql.DefaultDiff.TableDiff(old, table, atlas.DiffNormalized())
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		return nil, fmt.Errorf("the table %s is in %s already, with other columns: change it there, then run db migrate",
			name, file)
	}
	return text, nil
}

const nameRule = "use letters, digits and _, with a letter first, at most 64 characters"

var (
	validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
	validType = regexp.MustCompile(`^([a-z]+)(\([0-9]+(?:, ?[0-9]+)?\))?( unsigned)?$`)
)

// newTable collects the lines of a table's block.
type newTable struct {
	name    string
	schema  *atlas.Schema
	columns []string // names
	body    strings.Builder
	keys    strings.Builder
}

// add reads one field.
func (t *newTable) add(field string) error {
	words, value, hasDefault := strings.Cut(field, "=")
	parts := strings.Split(words, ":")
	if len(parts) < 2 || !validName.MatchString(parts[0]) {
		return fmt.Errorf("a field is NAME:TYPE or NAME:TABLE; for a name, %s", nameRule)
	}
	c := newColumn{name: parts[0], typ: strings.ToLower(parts[1])}
	for _, flag := range parts[2:] {
		switch flag {
		case "unique":
			c.unique = true
		case "null":
			c.null = true
		default:
			return fmt.Errorf("%q is not known after a type: use unique or null", flag)
		}
	}
	typ, err := parseType(c.typ)
	if err != nil {
		if typ, err = t.reference(&c, parts[1]); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(append([]string{"id", "created_at", "updated_at"}, t.columns...), func(s string) bool {
		return strings.EqualFold(s, c.name)
	}) {
		return fmt.Errorf("the table has a column %s already", c.name)
	}
	if hasDefault {
		if c.defaultValue, err = defaultOf(typ, value); err != nil {
			return err
		}
	}
	t.columns = append(t.columns, c.name)
	c.write(&t.body)
	switch {
	case c.unique:
		t.index(c, "\n    unique  = true")
	case c.references != "":
		t.index(c, "")
	}
	if c.references != "" {
		fmt.Fprintf(&t.keys, "  foreign_key \"%s_%s\" {\n    columns     = [column.%s]\n    ref_columns = [%s]\n"+
			"    on_update   = NO_ACTION\n    on_delete   = NO_ACTION\n  }\n", t.name, c.name, c.name, c.references)
	}
	return nil
}

// index adds the index of a column, and what follows its columns.
func (t *newTable) index(c newColumn, rest string) {
	fmt.Fprintf(&t.keys, "  index \"%s_%s\" {\n    columns = [column.%s]%s\n  }\n", t.name, c.name, c.name, rest)
}

// parseType returns the type that MySQL calls so.
func parseType(typ string) (atlas.Type, error) {
	if !validType.MatchString(typ) {
		return nil, errors.New("not a type")
	}
	t, err := mysql.ParseType(typ)
	if _, unsupported := t.(*atlas.UnsupportedType); err == nil && unsupported {
		err = errors.New("not a type")
	}
	return t, err
}

// reference makes a column the key of a row of a table.
func (t *newTable) reference(c *newColumn, name string) (atlas.Type, error) {
	c.name += "_id"
	if name == t.name {
		c.typ, c.references = "bigint", "column.id"
		return parseType(c.typ)
	}
	parent, ok := t.schema.Table(name)
	if !ok {
		return nil, fmt.Errorf("%s is neither a type of MySQL nor a table of schema.hcl", name)
	}
	if parent.PrimaryKey == nil || len(parent.PrimaryKey.Parts) != 1 || parent.PrimaryKey.Parts[0].C == nil {
		return nil, fmt.Errorf("the table %s has no primary key of one column to refer to", name)
	}
	key := parent.PrimaryKey.Parts[0].C
	typ, err := mysql.FormatType(key.Type.Type)
	if err != nil {
		return nil, err
	}
	c.typ, c.references = typ, fmt.Sprintf("table.%s.column.%s", name, key.Name)
	return key.Type.Type, nil
}

// block is the table as schema.hcl has it.
func (t *newTable) block(schema string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `table %q {
  schema  = schema.%s
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"

  column "id" {
    type           = bigint
    null           = false
    auto_increment = true
  }
`, t.name, schema)
	b.WriteString(t.body.String())
	for _, name := range []string{"created_at", "updated_at"} {
		newColumn{name: name, typ: "datetime(6)"}.write(&b)
	}
	b.WriteString("\n  primary_key {\n    columns = [column.id]\n  }\n")
	b.WriteString(t.keys.String())
	fmt.Fprintf(&b, "  index \"%s_created_at\" {\n    columns = [column.created_at, column.id]\n  }\n}\n", t.name)
	return b.String()
}

// withoutTable takes the block of a table out of the text.
func withoutTable(file string, text []byte, name string) ([]byte, error) {
	body, err := blocks(file, text)
	if err != nil {
		return nil, err
	}
	for _, b := range body.Blocks {
		if b.Type == "table" && len(b.Labels) == 1 && b.Labels[0] == name {
			return slices.Concat(text[:b.Range().Start.Byte], text[b.CloseBraceRange.End.Byte:]), nil
		}
	}
	return nil, fmt.Errorf("%s: the block of the table %s was not found", file, name)
}

// withSchema returns the label of the schema block, which is added to a text without.
func withSchema(file string, text []byte) (label string, whole []byte, err error) {
	body, err := blocks(file, text)
	if err != nil {
		return "", nil, err
	}
	for _, b := range body.Blocks {
		if b.Type == "schema" && len(b.Labels) == 1 {
			return b.Labels[0], text, nil
		}
	}
	return mysqlName, append(slices.Clone(text), "schema \""+mysqlName+"\" {}\n"...), nil
}

func blocks(file string, text []byte) (*hclsyntax.Body, error) {
	parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, positioned(file, nil, diags)
	}
	return parsed.Body.(*hclsyntax.Body), nil
}
