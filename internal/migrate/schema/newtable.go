package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"slipway/internal/migrate/lazyregexp"
)

// NewTable appends a table to the text of a schema.hcl, and returns the new text. The
// table has the columns id, created_at and updated_at, and a column for each field:
//
//	name:varchar(40)         a NOT NULL column
//	name:varchar(40):unique  a column with a unique index
//	bio:text:null            a nullable column
//	weight:double=1          a column with a default
//	size:enum('s','l')=s     a column with one of these values
//	user:users               user_id, a foreign key to users
//
// If the text already has an equal table, NewTable returns the text unchanged. It returns
// an error for a different table of this name, and the errors of [MySQL]. For a field with
// a duplicate or invalid name, an unknown type or table, or an invalid default, the error
// starts with the field.
func NewTable(file string, text []byte, name string, fields []string) ([]byte, error) {
	s, err := MySQL(file, text)
	if err != nil {
		return nil, err
	}
	if !validName.MatchString(name) {
		return nil, fmt.Errorf("invalid table name %q: %s", name, nameRule)
	}
	t, err := newTable(s, name, fields)
	if err != nil {
		return nil, err
	}
	old, there := s.Table(name)
	if !there {
		return withTable(file, text, t)
	}
	for _, c := range t.Columns {
		detachDefault(c)
	}
	changes, err := mysql.DefaultDiff.TableDiff(old, t, atlas.DiffNormalized())
	if err == nil && len(changes) > 0 {
		err = fmt.Errorf("table %s already exists in %s with other columns: change it there, then run db migrate",
			name, file)
	}
	return text, err
}

const nameRule = "use a letter, then letters, digits and _, at most 64 characters"

var (
	validName     = lazyregexp.New(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
	validType     = lazyregexp.New(`^[a-z]+(\([0-9]+(, ?[0-9]+)?\))?( unsigned)?$`)
	memberType    = lazyregexp.New(`^(?i)(enum|set)\(('[^']+'(, ?'[^']+')*)\)$`)
	decimalNumber = lazyregexp.New(`^-?[0-9]+(\.[0-9]+)?$`)
)

// newTable returns the table without adding it to the schema.
func newTable(s *atlas.Schema, name string, fields []string) (*atlas.Table, error) {
	t := atlas.NewTable(name).SetCharset("utf8mb4").SetCollation("utf8mb4_0900_bin").SetSchema(s)
	digits := 6
	moment := &atlas.TimeType{T: mysql.TypeDateTime, Precision: &digits}
	id := atlas.NewColumn("id").SetType(&atlas.IntegerType{T: mysql.TypeBigInt}).AddAttrs(&mysql.AutoIncrement{})
	created, updated := atlas.NewColumn("created_at").SetType(moment), atlas.NewColumn("updated_at").SetType(moment)
	t.SetPrimaryKey(atlas.NewPrimaryKey(id)).AddColumns(created, updated)
	for _, f := range fields {
		if err := addField(s, t, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
	}
	t.Columns = slices.Concat(t.Columns[:1], t.Columns[3:], t.Columns[1:3]) // created_at and updated_at come last
	return t.AddIndexes(atlas.NewIndex(name+"_created_at").AddColumns(created, id)), nil
}

// addField adds the column of a field to a table, with its index and foreign key.
func addField(s *atlas.Schema, t *atlas.Table, field string) error {
	words, value, hasDefault := strings.Cut(field, "=")
	parts := strings.Split(words, ":")
	if len(parts) < 2 || !validName.MatchString(parts[0]) {
		return fmt.Errorf("a field must be NAME:TYPE or NAME:TABLE; for NAME, %s", nameRule)
	}
	c, unique := atlas.NewColumn(parts[0]), false
	for _, flag := range parts[2:] {
		switch flag {
		case "unique":
			unique = true
		case "null":
			c.SetNull(true)
		default:
			return fmt.Errorf("unknown option %q: use unique or null", flag)
		}
	}
	typ, err := parseType(parts[1])
	var parent *atlas.Table
	if err != nil {
		if parent, err = referred(s, t, parts[1]); err != nil {
			return err
		}
		c.Name += "_id"
		typ = parent.PrimaryKey.Parts[0].C.Type.Type
	}
	c.SetType(typ)
	if slices.ContainsFunc(t.Columns, func(other *atlas.Column) bool { return strings.EqualFold(other.Name, c.Name) }) {
		return fmt.Errorf("duplicate column %s", c.Name)
	}
	if hasDefault {
		if c.Default, err = defaultOf(typ, value); err != nil {
			return err
		}
	}
	t.AddColumns(c)
	name := t.Name + "_" + c.Name
	if unique || parent != nil {
		t.AddIndexes(atlas.NewIndex(name).SetUnique(unique).AddColumns(c))
	}
	if parent != nil {
		t.AddForeignKeys(atlas.NewForeignKey(name).AddColumns(c).SetRefTable(parent).
			AddRefColumns(parent.PrimaryKey.Parts[0].C).SetOnUpdate(atlas.NoAction).SetOnDelete(atlas.NoAction))
	}
	return nil
}

// parseType returns the MySQL type of that name.
func parseType(typ string) (atlas.Type, error) {
	if m := memberType.FindStringSubmatch(typ); m != nil {
		return mysql.ParseType(strings.ToLower(m[1]) + "(" + m[2] + ")")
	}
	typ = strings.ToLower(typ)
	if !validType.MatchString(typ) {
		return nil, errors.New("unknown type")
	}
	t, err := mysql.ParseType(typ)
	if _, unsupported := t.(*atlas.UnsupportedType); err == nil && unsupported {
		err = errors.New("unknown type")
	}
	return t, err
}

// referred returns the table of that name, which a field refers to. It must have a
// primary key of one column.
func referred(s *atlas.Schema, t *atlas.Table, name string) (*atlas.Table, error) {
	if name == t.Name {
		return t, nil
	}
	parent, ok := s.Table(name)
	if !ok {
		return nil, fmt.Errorf("%s is neither a MySQL type nor a table in schema.hcl", name)
	}
	if parent.PrimaryKey == nil || len(parent.PrimaryKey.Parts) != 1 || parent.PrimaryKey.Parts[0].C == nil {
		return nil, fmt.Errorf("table %s has no primary key of one column, which a foreign key requires", name)
	}
	return parent, nil
}

// defaultOf returns value as a default of a type, or an error if it is invalid.
func defaultOf(t atlas.Type, value string) (atlas.Expr, error) {
	switch t := t.(type) {
	case *atlas.EnumType:
		if !slices.Contains(t.Values, value) {
			return nil, fmt.Errorf("the default must be one of %s, not %q", strings.Join(t.Values, ", "), value)
		}
		return &atlas.Literal{V: hclText(value)}, nil
	case *mysql.SetType:
		for member := range strings.SplitSeq(value, ",") {
			if value != "" && !slices.Contains(t.Values, member) {
				return nil, fmt.Errorf("the default must have only members of %s, not %q", strings.Join(t.Values, ", "), member)
			}
		}
		return &atlas.Literal{V: hclText(value)}, nil
	case *atlas.JSONType:
		if !json.Valid([]byte(value)) {
			return nil, fmt.Errorf("the default must be JSON, not %q", value)
		}
		return &atlas.Literal{V: hclText(value)}, nil
	case *mysql.BitType:
		if n, err := strconv.ParseUint(value, 10, 63); err == nil {
			return &atlas.RawExpr{X: "b'" + strconv.FormatUint(n, 2) + "'"}, nil
		}
		return nil, fmt.Errorf("the default must be an integer, not %q", value)
	case *atlas.TimeType:
		return timeDefault(t, value)
	case *atlas.BoolType:
		if value != "true" && value != "false" {
			return nil, fmt.Errorf("the default must be true or false, not %q", value)
		}
	case *atlas.IntegerType:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return nil, fmt.Errorf("the default must be an integer, not %q", value)
		}
	case *atlas.FloatType, *atlas.DecimalType:
		if !decimalNumber.MatchString(value) {
			return nil, fmt.Errorf("the default must be a number, not %q", value)
		}
	default:
		return &atlas.Literal{V: hclText(value)}, nil
	}
	return &atlas.Literal{V: value}, nil
}

// timeDefault returns value as a default of a time type, or an error if it is invalid.
func timeDefault(t *atlas.TimeType, value string) (atlas.Expr, error) {
	layout := map[string]string{mysql.TypeDate: time.DateOnly, mysql.TypeTime: time.TimeOnly,
		mysql.TypeDateTime: time.DateTime, mysql.TypeTimestamp: time.DateTime}[t.T]
	if _, err := strconv.ParseUint(value, 10, 16); t.T == mysql.TypeYear && err == nil {
		return &atlas.Literal{V: value}, nil
	}
	if _, err := time.Parse(layout, value); layout != "" && err != nil {
		return nil, fmt.Errorf("the default must have the form %s, not %q", layout, value)
	}
	return &atlas.Literal{V: hclText(value)}, nil
}

// withTable appends the block of a table to a text, and a schema block if it is missing.
func withTable(file string, text []byte, t *atlas.Table) ([]byte, error) {
	parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, positioned(file, nil, diags)
	}
	blocks := parsed.Body.(*hclsyntax.Body).Blocks
	label := mysqlName
	if i := slices.IndexFunc(blocks, func(b *hclsyntax.Block) bool { return b.Type == "schema" }); i >= 0 {
		label = blocks[i].Labels[0]
	} else {
		text = append(slices.Clone(text), "schema \""+label+"\" {}\n"...)
	}
	made, err := mysql.MarshalHCL.MarshalSpec(&atlas.Schema{Name: label, Tables: []*atlas.Table{t}})
	if err != nil {
		return nil, fmt.Errorf("write the table %s: %w", t.Name, err)
	}
	block, _, _ := bytes.Cut(made, []byte("schema \""))
	whole := slices.Concat(bytes.TrimRight(text, "\n"), []byte("\n\n"), block)
	_, err = MySQL(file, whole)
	return whole, err
}
