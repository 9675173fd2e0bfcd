package ddl

import (
	"slices"
	"strconv"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// builder makes Atlas's objects out of the model's, in the form in which Atlas
// inspects a database. Each object is made once; what refers to another is
// linked to it.
type builder struct {
	dialect string
	schema  *schema.Schema
	find    func(name string) *table
	tables  map[*table]*schema.Table
	columns map[*column]*schema.Column
	indexes map[*index]*schema.Index
	keys    map[*foreignKey]*schema.ForeignKey
	checks  map[*check]*schema.Check
	// pending are the keys whose table referred to is not linked yet.
	pending []*foreignKey
}

// newBuilder makes a builder that finds tables referred to by find.
func newBuilder(dialect string, find func(string) *table) *builder {
	name := ""
	if dialect == SQLite {
		name = "main"
	}
	return &builder{
		dialect: dialect, schema: schema.New(name), find: find, tables: map[*table]*schema.Table{}, columns: map[*column]*schema.Column{},
		indexes: map[*index]*schema.Index{}, keys: map[*foreignKey]*schema.ForeignKey{}, checks: map[*check]*schema.Check{},
	}
}

// table makes a table with all it has and adds it to the schema. Its foreign
// keys refer nowhere before link is called.
func (b *builder) table(t *table) *schema.Table {
	if made, ok := b.tables[t]; ok {
		return made
	}
	made := b.bare(t)
	b.schema.Tables = append(b.schema.Tables, made)
	b.tables[t] = made
	if t.primary != nil {
		made.PrimaryKey = b.index(made, t.primary)
	}
	for _, i := range t.indexes {
		made.Indexes = append(made.Indexes, b.index(made, i))
	}
	for _, k := range t.keys {
		made.ForeignKeys = append(made.ForeignKeys, b.key(made, k))
	}
	if b.dialect == SQLite { // numbered from the last to the first
		for n, k := range t.keys {
			if k.name == "" {
				made.ForeignKeys[n].Symbol = strconv.Itoa(len(t.keys) - 1 - n)
			}
		}
	}
	for _, c := range t.checks {
		made.Attrs = append(made.Attrs, b.check(c))
	}
	return made
}

// bare makes a table with its columns and options.
func (b *builder) bare(t *table) *schema.Table {
	made := &schema.Table{Name: t.name, Schema: b.schema}
	for _, c := range t.columns {
		made.Columns = append(made.Columns, b.column(c))
	}
	add := func(a schema.Attr) { made.Attrs = append(made.Attrs, a) }
	if t.charset != "" {
		add(&schema.Charset{V: t.charset})
	}
	if t.collate != "" {
		add(&schema.Collation{V: t.collate})
	}
	if t.comment != "" {
		add(&schema.Comment{Text: t.comment})
	}
	if t.options != "" {
		add(&mysql.CreateOptions{V: t.options})
	}
	if b.dialect == MySQL {
		add(&mysql.Engine{V: t.engine, Default: same(t.engine, mysql.EngineInnoDB)})
	}
	if t.autoIncrement > 0 {
		add(&mysql.AutoIncrement{V: t.autoIncrement})
	}
	if t.withoutRowID {
		add(&sqlite.WithoutRowID{})
	}
	if t.strict {
		add(&sqlite.Strict{})
	}
	return made
}

func (b *builder) column(c *column) *schema.Column {
	if made, ok := b.columns[c]; ok {
		return made
	}
	made := &schema.Column{Name: c.name, Type: &schema.ColumnType{Raw: c.raw, Type: copyType(c.typ), Null: c.null}, Default: copyExpr(c.standard)}
	b.columns[c] = made
	switch {
	case !c.autoIncrement:
	case b.dialect == MySQL:
		made.Attrs = append(made.Attrs, &mysql.AutoIncrement{})
	default:
		made.Attrs = append(made.Attrs, &sqlite.AutoIncrement{})
	}
	if c.onUpdate != "" {
		made.Attrs = append(made.Attrs, &mysql.OnUpdate{A: c.onUpdate})
	}
	if c.generated != "" {
		how := "VIRTUAL"
		if c.stored {
			how = "STORED"
		}
		made.SetGeneratedExpr(&schema.GeneratedExpr{Expr: "(" + c.generated + ")", Type: how})
	}
	if c.comment != "" {
		made.SetComment(c.comment)
	}
	if c.charset != "" {
		made.SetCharset(c.charset)
	}
	if c.collate != "" {
		made.SetCollation(c.collate)
	}
	return made
}

func (b *builder) index(t *schema.Table, i *index) *schema.Index {
	made := &schema.Index{Name: i.name, Unique: i.unique, Table: t}
	b.indexes[i] = made
	switch {
	case b.dialect == MySQL:
		made.Attrs = append(made.Attrs, &mysql.IndexType{T: i.kind})
		if i.primary { // as Atlas inspects it
			made.Name, made.Unique = "PRI", false
		}
	case i.constraint && !i.primary:
		made.Attrs = append(made.Attrs, &sqlite.IndexOrigin{O: "u"})
	case !i.primary:
		made.Attrs = append(made.Attrs, &sqlite.IndexOrigin{O: "c"})
	}
	if i.comment != "" {
		made.SetComment(i.comment)
	}
	if i.parser != "" {
		made.Attrs = append(made.Attrs, &mysql.IndexParser{P: i.parser})
	}
	if i.where != "" {
		made.Attrs = append(made.Attrs, &sqlite.IndexPredicate{P: i.where})
	}
	if i.unnamed && !i.primary {
		made.Attrs = append(made.Attrs, &Unnamed{})
	}
	for n, p := range i.parts {
		one := &schema.IndexPart{SeqNo: n + 1, Desc: p.desc}
		if c, ok := column0(t, p.column); ok && p.column != "" {
			one.C = c
			c.Indexes = append(c.Indexes, made)
		} else {
			one.X = &schema.RawExpr{X: p.expr}
		}
		if p.length > 0 {
			one.Attrs = append(one.Attrs, &mysql.SubPart{Len: p.length})
		}
		made.Parts = append(made.Parts, one)
	}
	return made
}

// column0 finds a column of Atlas's by its name in any capitals.
func column0(t *schema.Table, name string) (*schema.Column, bool) {
	for _, c := range t.Columns {
		if same(c.Name, name) {
			return c, true
		}
	}
	return nil, false
}

func (b *builder) key(t *schema.Table, k *foreignKey) *schema.ForeignKey {
	made := &schema.ForeignKey{Symbol: k.name, Table: t, OnUpdate: k.onUpdate, OnDelete: k.onDelete}
	b.keys[k] = made
	b.pending = append(b.pending, k)
	for _, name := range k.columns {
		if c, ok := column0(t, name); ok {
			made.Columns = append(made.Columns, c)
			c.ForeignKeys = append(c.ForeignKeys, made)
		}
	}
	if k.unnamed {
		made.Attrs = append(made.Attrs, &Unnamed{})
	}
	return made
}

// link points foreign keys at the tables they refer to. A table that is not
// there is a name with columns; one that is not in the schema has its columns
// and its primary key but no more.
func (b *builder) link() {
	for len(b.pending) > 0 {
		k := b.pending[0]
		b.pending = b.pending[1:]
		made := b.keys[k]
		ref := b.reference(made.Table, k.table)
		made.RefTable = ref
		names := k.refColumns
		if len(names) == 0 && ref.PrimaryKey != nil {
			for _, p := range ref.PrimaryKey.Parts {
				if p.C != nil {
					names = append(names, p.C.Name)
				}
			}
		}
		for _, name := range names {
			c, ok := column0(ref, name)
			if !ok {
				c = &schema.Column{Name: name}
			}
			made.RefColumns = append(made.RefColumns, c)
		}
	}
}

func (b *builder) reference(from *schema.Table, name string) *schema.Table {
	if from.Name == name || b.dialect == SQLite && same(from.Name, name) {
		return from
	}
	t := b.find(name)
	if t == nil {
		return &schema.Table{Name: name, Schema: b.schema}
	}
	if made, ok := b.tables[t]; ok {
		return made
	}
	made := b.bare(t)
	b.tables[t] = made
	if t.primary != nil {
		made.PrimaryKey = b.index(made, t.primary)
	}
	return made
}

func (b *builder) check(c *check) *schema.Check {
	made := &schema.Check{Name: c.name, Expr: "(" + c.expr + ")"}
	b.checks[c] = made
	if c.notEnforced {
		made.Attrs = append(made.Attrs, &mysql.Enforced{V: false})
	}
	if c.unnamed {
		made.Attrs = append(made.Attrs, &Unnamed{})
	}
	return made
}

// checkOf is a check of the table, or one that is gone from it by now.
func (b *builder) checkOf(c *check) *schema.Check {
	if made, ok := b.checks[c]; ok {
		return made
	}
	return b.check(c)
}

// indexOf is an index of the table, or one that is not in it.
func (b *builder) indexOf(t *table, i *index) *schema.Index {
	if made, ok := b.indexes[i]; ok {
		return made
	}
	return b.index(b.table(t), i)
}

// copyType copies a type: Atlas's differ writes into what it compares.
func copyType(t schema.Type) schema.Type {
	switch t := t.(type) {
	case *schema.IntegerType:
		c := *t
		c.Attrs = slices.Clone(t.Attrs)
		return &c
	case *schema.StringType:
		c := *t
		return &c
	case *schema.BoolType:
		c := *t
		return &c
	case *schema.TimeType:
		c := *t
		c.Precision = copyInt(t.Precision)
		return &c
	case *schema.BinaryType:
		c := *t
		c.Size = copyInt(t.Size)
		return &c
	case *schema.DecimalType:
		c := *t
		return &c
	case *schema.FloatType:
		c := *t
		return &c
	case *schema.EnumType:
		c := *t
		c.Values = slices.Clone(t.Values)
		return &c
	case *mysql.SetType:
		c := *t
		c.Values = slices.Clone(t.Values)
		return &c
	}
	return t // the others are never written to
}

func copyInt(n *int) *int {
	if n == nil {
		return nil
	}
	c := *n
	return &c
}

func copyExpr(x schema.Expr) schema.Expr {
	switch x := x.(type) {
	case *schema.Literal:
		return &schema.Literal{V: x.V}
	case *schema.RawExpr:
		return &schema.RawExpr{X: x.X}
	}
	return x
}
