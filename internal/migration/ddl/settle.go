package ddl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// settle spells a copy in the one way in which schemas are compared. The other
// side's character set stands in where a schema states none.
func (c *comparison) settle(s, from, other *schema.Schema) {
	set, collate := textOf(from.Attrs)
	if set == "" {
		set, collate = textOf(other.Attrs)
	}
	if set == "" {
		set, collate = defaultCharset, defaultCollate
	}
	for _, t := range s.Tables {
		if c.dialect == MySQL {
			c.settleMySQL(t, set, collate)
		} else {
			c.settleSQLite(t)
		}
		for n, a := range t.Attrs {
			if k, ok := a.(*schema.Check); ok {
				k.Expr = canonical(c.dialect, k.Expr)
				t.Attrs[n] = k
			}
		}
		for _, column := range t.Columns {
			c.defaults[column] = c.canonicalDefault(column)
			column.Default = nil
			for n, a := range column.Attrs {
				if g, ok := a.(*schema.GeneratedExpr); ok {
					column.Attrs[n] = &schema.GeneratedExpr{Expr: canonical(c.dialect, g.Expr), Type: strings.ToUpper(g.Type)}
				}
			}
		}
		for _, i := range t.Indexes {
			for _, p := range i.Parts {
				if x, ok := p.X.(*schema.RawExpr); ok && x.X != unread {
					p.X = &schema.RawExpr{X: canonical(c.dialect, x.X)}
				}
			}
		}
	}
}

// textOf is the character set and the collation among attributes, made whole.
func textOf(attrs []schema.Attr) (set, collate string) {
	for _, a := range attrs {
		switch a := a.(type) {
		case *schema.Charset:
			set = a.V
		case *schema.Collation:
			collate = a.V
		}
	}
	s, k, err := complete(set, collate)
	if err != nil { // of a newer server: as it stands
		return set, collate
	}
	return s, k
}

// withText puts a character set and a collation among attributes, in the place
// of what was there; none takes them out.
func withText(attrs []schema.Attr, set, collate string) []schema.Attr {
	attrs = slices.DeleteFunc(attrs, func(a schema.Attr) bool {
		switch a.(type) {
		case *schema.Charset, *schema.Collation:
			return true
		}
		return false
	})
	if set == "" {
		return attrs
	}
	return append(attrs, &schema.Charset{V: set}, &schema.Collation{V: collate})
}

func (c *comparison) settleMySQL(t *schema.Table, set, collate string) {
	if s, k := textOf(t.Attrs); s != "" {
		set, collate = s, k
	}
	t.Attrs = withText(t.Attrs, set, collate)
	t.Attrs = slices.DeleteFunc(t.Attrs, func(a schema.Attr) bool {
		_, counter := a.(*mysql.AutoIncrement)
		return counter
	})
	for _, column := range t.Columns {
		settleType(column)
		s, k := "", ""
		if isText(column.Type.Type) {
			if s, k = textOf(column.Attrs); s == "" {
				s, k = set, collate
			}
		}
		column.Attrs = withText(column.Attrs, s, k)
	}
	if t.PrimaryKey != nil {
		t.PrimaryKey.Name = ""
	}
	for _, i := range t.Indexes {
		for _, p := range i.Parts {
			if p.C == nil {
				continue
			}
			if typ, ok := p.C.Type.Type.(*schema.StringType); ok {
				p.Attrs = slices.DeleteFunc(p.Attrs, func(a schema.Attr) bool {
					s, ok := a.(*mysql.SubPart)
					return ok && s.Len == typ.Size
				})
			}
		}
	}
	// What a schema.hcl leaves to the server.
	for _, k := range t.ForeignKeys {
		if len(k.Columns) > 0 && !slices.ContainsFunc(append([]*schema.Index{t.PrimaryKey}, t.Indexes...), func(i *schema.Index) bool { return i != nil && serves(i, k) }) {
			t.Indexes = append(t.Indexes, impliedIndex(t, k))
		}
	}
}

// serves says whether an index begins with the columns of a foreign key.
func serves(i *schema.Index, k *schema.ForeignKey) bool {
	if len(i.Parts) < len(k.Columns) {
		return false
	}
	for n, column := range k.Columns {
		if p := i.Parts[n]; p.C == nil || p.C.Name != column.Name || slices.ContainsFunc(p.Attrs, isPrefix) {
			return false
		}
	}
	return !slices.ContainsFunc(i.Attrs, func(a schema.Attr) bool {
		t, ok := a.(*mysql.IndexType)
		return ok && (same(t.T, "FULLTEXT") || same(t.T, "SPATIAL"))
	})
}

func isPrefix(a schema.Attr) bool {
	_, ok := a.(*mysql.SubPart)
	return ok
}

// impliedIndex is the index that MySQL makes for a foreign key.
func impliedIndex(t *schema.Table, k *schema.ForeignKey) *schema.Index {
	i := &schema.Index{Name: k.Symbol, Table: t}
	if i.Name == "" || strings.HasPrefix(i.Name, t.Name+"_ibfk_") {
		i.Name = k.Columns[0].Name
	}
	for n, column := range k.Columns {
		i.Parts = append(i.Parts, &schema.IndexPart{SeqNo: n + 1, C: column})
	}
	return i
}

// settleType spells a type of MySQL in one way.
func settleType(column *schema.Column) {
	switch t := column.Type.Type.(type) {
	case *schema.EnumType:
		t.Values = plainValues(t.Values)
	case *mysql.SetType:
		t.Values = plainValues(t.Values)
	case *schema.UnsupportedType:
		// Atlas does not compare these at all; as a name it does.
		column.Type.Type = &schema.SpatialType{T: cmp.Or(column.Type.Raw, t.T)}
	default:
		if f, err := mysql.FormatType(t); err == nil {
			if p, err := mysql.ParseType(f); err == nil {
				column.Type.Type = p
			}
		}
	}
}

// plainValues are the values of an enum without quotes in them doubled.
func plainValues(values []string) []string {
	plain := make([]string, len(values))
	for n, v := range values {
		plain[n] = strings.ReplaceAll(strings.Trim(v, "'"), "''", "'")
	}
	return plain
}

// unread is what Atlas puts in the place of an expression it cannot find.
const unread = "<unsupported>"

func (c *comparison) settleSQLite(t *schema.Table) {
	at := func(column *schema.Column) int { return slices.Index(t.Columns, column) }
	if t.PrimaryKey != nil {
		// Atlas reads its columns in the order of the table.
		slices.SortFunc(t.PrimaryKey.Parts, func(a, b *schema.IndexPart) int { return at(a.C) - at(b.C) })
		for n, p := range t.PrimaryKey.Parts {
			p.SeqNo, p.Desc = n+1, false
		}
		t.PrimaryKey.Name, t.PrimaryKey.Attrs = "", nil
	}
	for _, i := range t.Indexes {
		if strings.HasPrefix(i.Name, "sqlite_autoindex") {
			names := []string{t.Name}
			for _, p := range i.Parts {
				if p.C != nil {
					names = append(names, p.C.Name)
				}
			}
			i.Name = strings.Join(names, "_")
			for n := 2; slices.ContainsFunc(t.Indexes, func(o *schema.Index) bool { return o != i && o.Name == i.Name }); n++ {
				i.Name = fmt.Sprintf("%s_%d", strings.Join(names, "_"), n)
			}
		}
		for n, a := range i.Attrs {
			if p, ok := a.(*sqlite.IndexPredicate); ok {
				i.Attrs[n] = &sqlite.IndexPredicate{P: canonical(SQLite, p.P)}
			}
		}
	}
	for _, column := range t.Columns {
		if column.Type.Type == nil {
			column.Type.Type = &schema.BinaryType{T: "blob"}
		}
		if u, ok := column.Type.Type.(*sqlite.UserDefinedType); ok {
			column.Type.Type = &sqlite.UserDefinedType{T: strings.ToUpper(strings.Join(strings.Fields(u.T), " "))}
		}
	}
}

// pair takes out of both sides what only one of them can tell.
func (c *comparison) pair(a, b *schema.Schema) {
	for _, t := range a.Tables {
		other, ok := b.Table(t.Name)
		if !ok {
			continue
		}
		for _, i := range t.Indexes {
			o, ok := other.Index(i.Name)
			if !ok || len(o.Parts) != len(i.Parts) {
				continue
			}
			for n, p := range i.Parts {
				x, isX := p.X.(*schema.RawExpr)
				y, isY := o.Parts[n].X.(*schema.RawExpr)
				if isX && isY && (x.X == unread || y.X == unread) {
					x.X, y.X = unread, unread
				}
			}
		}
	}
}
