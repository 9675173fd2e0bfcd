package app_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	atlasmysql "ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	gormmysql "gorm.io/driver/mysql"
	gorm "gorm.io/gorm/schema"

	"slipway/internal/resource"
)

// compare returns the differences between a table of schema.hcl, as a dialect sees
// it, and a row type, as GORM and resource see it. A sentence says what to write.
func compare(dialect string, table *atlas.Table, t *resource.Table) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	g, err := gorm.Parse(t.New(), &sync.Map{}, gorm.NamingStrategy{})
	if err != nil {
		return []string{err.Error()}
	}
	if g.Table != t.Name {
		say("GORM calls the table %s: add func (%s) TableName() string { return %q }", g.Table, g.Name, t.Name)
	}
	columns := map[string]*atlas.Column{}
	for _, c := range table.Columns {
		columns[c.Name] = c
	}
	for _, f := range t.Fields {
		field, column := g.FieldsByDBName[f.Name], columns[f.Name]
		delete(columns, f.Name)
		switch {
		case field == nil:
			say("%s is no column to GORM: add gorm:\"column:%s\"", f.Name, f.Name)
		case column == nil:
			say("%s is not in schema.hcl", f.Name)
		default:
			compareType(say, dialect, column, field, f)
			compareRest(say, dialect, column, field, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		say("%s is not in the row type", name)
	}
	both(say, "the unique index", uniques(table), statedUniques(g))
	both(say, "the foreign key", foreignKeys(table), statedForeignKeys(g, t))
	return found
}

// compareType compares a type: exactly on MySQL, by its kind on SQLite, which does
// not hold a column to more.
func compareType(say func(string, ...any), dialect string, c *atlas.Column, g *gorm.Field, f *resource.Field) {
	if kind := kindOf(c.Type.Type); kind != "" && kind != f.Type {
		say("%s holds a %s in schema.hcl, a %s in the row type", f.Name, kind, f.Type)
		return
	}
	if dialect != "mysql" {
		return
	}
	declared, err := atlasmysql.FormatType(c.Type.Type)
	if err != nil {
		say("%s: %v", f.Name, err)
		return
	}
	if stated := statedType(g); stated != declared {
		say("%s is %s in schema.hcl, %s in the row type: write gorm:\"%s\"", f.Name, declared, stated, tagOf(declared))
		return
	}
	// A type in the tag states a length to GORM, and none to resource.
	if text, ok := c.Type.Type.(*atlas.StringType); ok && strings.Contains(declared, "char(") && text.Size != f.Size {
		say("%s has %d characters in schema.hcl, %d in the row type: write gorm:\"%s\"",
			f.Name, text.Size, f.Size, tagOf(declared))
	}
}

// compareRest compares what is not the type: NULL and the default.
func compareRest(say func(string, ...any), dialect string, c *atlas.Column, g *gorm.Field, f *resource.Field) {
	if notNull := g.NotNull || g.PrimaryKey; c.Type.Null == notNull || f.Nullable == notNull {
		say("%s: null is %v in schema.hcl, %v in GORM's tag, %v in the struct", f.Name, c.Type.Null, !notNull, f.Nullable)
	}
	declared, stated := defaultOf(c), unquoted(g.TagSettings["DEFAULT"])
	if declared != stated && !(declared == "" && undefaulted(dialect, c)) {
		say("%s has the default %q in schema.hcl, %q in the row type", f.Name, declared, stated)
	}
}

// both compares two sets of descriptions.
func both(say func(string, ...any), what string, declared, stated []string) {
	for _, x := range declared {
		if !slices.Contains(stated, x) {
			say("%s %s is not in the row type", what, x)
		}
	}
	for _, x := range stated {
		if !slices.Contains(declared, x) {
			say("%s %s is not in schema.hcl", what, x)
		}
	}
}

// kindOf is the type that a field of a column has; empty where several will do.
func kindOf(t atlas.Type) resource.Type {
	switch t := t.(type) {
	case *atlas.IntegerType:
		return resource.Integer
	case *atlas.FloatType, *atlas.DecimalType:
		return resource.Number
	case *atlas.BoolType:
		return resource.Boolean
	case *atlas.StringType, *atlas.EnumType:
		return resource.Text
	case *atlas.TimeType:
		if t.T == "datetime" || t.T == "timestamp" || t.T == "date" {
			return resource.Time
		}
	}
	return ""
}

// statedType is the type that the tags of a field state for MySQL, as Atlas writes it.
func statedType(f *gorm.Field) string {
	text, given := f.TagSettings["TYPE"]
	if !given {
		if _, given := f.TagSettings["PRECISION"]; f.DataType == gorm.Time && !given {
			return "a time without a precision"
		}
		// GORM shortens a text that has a default to 191 characters, for servers
		// older than any that is supported here.
		plain := *f
		plain.HasDefaultValue = false
		text = gormmysql.New(gormmysql.Config{DisableDatetimePrecision: true}).DataTypeOf(&plain)
		for _, attribute := range []string{" AUTO_INCREMENT", " NULL"} {
			text = strings.TrimSuffix(text, attribute)
		}
	}
	typ, err := atlasmysql.ParseType(text)
	if err == nil {
		text, err = atlasmysql.FormatType(typ)
	}
	if err != nil {
		return err.Error()
	}
	return text
}

// tagOf is the gorm tag that states a type of MySQL.
func tagOf(typ string) string {
	name, rest, _ := strings.Cut(typ, "(")
	number := strings.TrimSuffix(rest, ")")
	switch name {
	case "varchar":
		return "size:" + number
	case "char":
		return "type:" + typ + ";size:" + cmp.Or(number, "1")
	case "datetime":
		return "precision:" + cmp.Or(number, "0")
	}
	return "type:" + typ
}

// defaultOf is a column's default without quotes and brackets, "" for none.
func defaultOf(c *atlas.Column) string {
	switch x := c.Default.(type) {
	case *atlas.Literal:
		return unquoted(x.V)
	case *atlas.RawExpr:
		return unquoted(x.X)
	}
	return ""
}

// unquoted takes the brackets and then the quotes off a text that is enclosed in
// them.
func unquoted(s string) string {
	for _, pair := range []string{"()", "''", `""`} {
		if len(s) >= 2 && s[0] == pair[0] && s[len(s)-1] == pair[1] {
			s = s[1 : len(s)-1]
		}
	}
	return s
}

// undefaulted are columns that can have no default that every MySQL takes: the one
// of the row type stands alone.
func undefaulted(dialect string, c *atlas.Column) bool {
	text, ok := c.Type.Type.(*atlas.StringType)
	return dialect == "mysql" && ok && strings.HasSuffix(text.T, "text")
}

func uniques(t *atlas.Table) (names []string) {
	for _, index := range t.Indexes {
		if !index.Unique {
			continue
		}
		var parts []string
		for _, p := range index.Parts {
			if p.C == nil {
				parts = append(parts, fmt.Sprint(p.X))
				continue
			}
			parts = append(parts, p.C.Name)
		}
		names = append(names, fmt.Sprintf("%s (%s)", index.Name, strings.Join(parts, ", ")))
	}
	return names
}

func statedUniques(g *gorm.Schema) (names []string) {
	for _, index := range g.ParseIndexes() {
		if index.Class != "UNIQUE" {
			continue
		}
		var columns []string
		for _, f := range index.Fields {
			columns = append(columns, f.DBName)
		}
		names = append(names, fmt.Sprintf("%s (%s)", index.Name, strings.Join(columns, ", ")))
	}
	return names
}

func foreignKeys(t *atlas.Table) (names []string) {
	for _, fk := range t.ForeignKeys {
		names = append(names, describeKey(fk.Symbol, fk.Columns[0].Name, fk.RefTable.Name, fk.RefColumns[0].Name,
			strings.ReplaceAll(string(fk.OnDelete), "_", " ")))
	}
	return names
}

// statedForeignKeys takes the names from resource: GORM passes over a name with a
// digit, and over one that nothing follows.
func statedForeignKeys(g *gorm.Schema, t *resource.Table) (names []string) {
	for _, r := range g.Relationships.Relations {
		if c := r.ParseConstraint(); c != nil && c.Schema == g {
			column := c.ForeignKeys[0].DBName
			names = append(names, describeKey(t.Field(column).ForeignKey, column,
				c.ReferenceSchema.Table, c.References[0].DBName, c.OnDelete))
		}
	}
	return names
}

func describeKey(name, column, table, key, onDelete string) string {
	return fmt.Sprintf("%s (%s → %s.%s, on delete %s)", name, column, table, key, cmp.Or(onDelete, "NO ACTION"))
}
