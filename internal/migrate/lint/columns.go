package lint

import (
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// generated is "STORED" or "VIRTUAL" for a column that the database computes, ""
// for any other.
func generated(c *schema.Column) string {
	for _, a := range c.Attrs {
		if g, ok := a.(*schema.GeneratedExpr); ok {
			if strings.EqualFold(g.Type, "STORED") || strings.EqualFold(g.Type, "PERSISTENT") {
				return "STORED"
			}
			return "VIRTUAL"
		}
	}
	return ""
}

// automatic says whether the database numbers the column by itself.
func automatic(c *schema.Column) bool {
	for _, a := range c.Attrs {
		switch a.(type) {
		case *mysql.AutoIncrement, *sqlite.AutoIncrement:
			return true
		}
	}
	return false
}

// typeName is the type as SQL writes it.
func (p *pass) typeName(c *schema.Column) string {
	if c.Type == nil || c.Type.Type == nil {
		return "?"
	}
	format := mysql.FormatType
	if !p.typed(c) {
		format = sqlite.FormatType
	}
	if name, err := format(c.Type.Type); err == nil {
		return name
	}
	return c.Type.Raw
}

// charset and collation of a column, from its table where it says none itself.
func charset(c *schema.Column, t *schema.Table) (charset, collation string) {
	for _, attrs := range [][]schema.Attr{tableAttrs(t), c.Attrs} {
		for _, a := range attrs {
			switch a := a.(type) {
			case *schema.Charset:
				charset = strings.ToLower(a.V)
			case *schema.Collation:
				collation = strings.ToLower(a.V)
			}
		}
	}
	if charset == "" {
		charset, _, _ = strings.Cut(collation, "_")
	}
	if charset == "" {
		charset = "utf8mb4"
	}
	if charset == "utf8" {
		charset = "utf8mb3"
	}
	return charset, collation
}

func tableAttrs(t *schema.Table) []schema.Attr {
	if t == nil {
		return nil
	}
	return t.Attrs
}

// bytesPerCharacter is the most bytes a character takes in a charset.
func bytesPerCharacter(charset string) int {
	switch charset {
	case "utf8mb4", "utf16", "utf16le", "utf32", "gb18030":
		return 4
	case "utf8mb3", "ujis", "eucjpms":
		return 3
	case "ucs2", "gbk", "gb2312", "big5", "sjis", "cp932", "euckr":
		return 2
	}
	return 1
}

// isText says whether a column holds characters.
func isText(c *schema.Column) bool {
	switch c.Type.Type.(type) {
	case *schema.StringType, *schema.EnumType, *mysql.SetType:
		return true
	}
	return false
}

// texts has the bytes that MySQL's types of text and of bytes hold.
var texts = map[string]int{
	"tinytext": 255, "text": 65535, "mediumtext": 16777215, "longtext": 4294967295,
	"tinyblob": 255, "blob": 65535, "mediumblob": 16777215, "longblob": 4294967295,
}

// capacity is how much a column of text or bytes holds: characters where its
// type counts them (exact), and bytes. ok is false for other types.
func capacity(c *schema.Column, t *schema.Table) (characters, bytes int, ok bool) {
	size := func(name string, n int, width int) (int, int, bool) {
		if limit, found := texts[strings.ToLower(name)]; found {
			return 0, limit, true
		}
		n = max(n, 1)
		return n, n * width, true
	}
	switch ct := c.Type.Type.(type) {
	case *schema.StringType:
		set, _ := charset(c, t)
		return size(ct.T, ct.Size, bytesPerCharacter(set))
	case *schema.BinaryType:
		n := 0
		if ct.Size != nil {
			n = *ct.Size
		}
		return size(ct.T, n, 1)
	}
	return 0, 0, false
}

// indexed says whether a column is part of an index or the primary key.
func indexed(t *schema.Table, column string) bool {
	if t == nil {
		return false
	}
	keys := t.Indexes
	if t.PrimaryKey != nil {
		keys = append([]*schema.Index{t.PrimaryKey}, keys...)
	}
	for _, i := range keys {
		names, _ := columnNames(i)
		for _, n := range names {
			if n == column {
				return true
			}
		}
	}
	return false
}

// indexType is FULLTEXT, SPATIAL or another type of an index in capitals.
func indexType(i *schema.Index) string {
	for _, a := range i.Attrs {
		if t, ok := a.(*mysql.IndexType); ok {
			return strings.ToUpper(t.T)
		}
	}
	return ""
}

// enforced says whether a check is, which it is unless it says otherwise.
func enforced(c *schema.Check) bool {
	for _, a := range c.Attrs {
		if e, ok := a.(*mysql.Enforced); ok {
			return e.V
		}
	}
	return true
}
