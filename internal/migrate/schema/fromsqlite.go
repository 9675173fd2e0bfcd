package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// FromSQLite translates the tables that Atlas inspected in a live SQLite database to
// MySQL's terms. For tables that slipway created, it is the inverse of [SQLite]: types are
// those of [TypeOf], without their CHECKs. Other columns get the nearest type. left
// describes what has no form in MySQL's terms and is omitted, and what gets a length.
func FromSQLite(live *atlas.Schema) (s *atlas.Schema, left []string) {
	s = atlas.New(mysqlName)
	r := reverse{to: s}
	for _, t := range live.Tables {
		s.AddTables(r.table(t))
	}
	for i, t := range live.Tables {
		for _, fk := range t.ForeignKeys {
			r.foreignKey(fk, s.Tables[i])
		}
	}
	return s, r.left
}

// reverse is the state of a translation from SQLite to MySQL.
type reverse struct {
	to   *atlas.Schema
	left []string
}

// leave adds an omitted part of t to left.
func (r *reverse) leave(t *atlas.Table, format string, args ...any) {
	r.left = append(r.left, t.Name+": "+fmt.Sprintf(format, args...)+" is omitted, because MySQL has no equivalent")
}

func (r *reverse) table(from *atlas.Table) *atlas.Table {
	to := atlas.NewTable(from.Name).SetCharset("utf8mb4").SetCollation("utf8mb4_0900_bin")
	for _, c := range from.Columns {
		to.AddColumns(r.column(from, c))
	}
	if err := translateKey(from, to); err != nil {
		r.leave(from, "%v", err)
	}
	for _, c := range from.Columns {
		r.generated(from, c, to)
	}
	for _, i := range from.Indexes {
		r.index(from, i, to)
	}
	for _, c := range from.Checks() {
		if isTypeCheck(from, c) {
			continue
		}
		if expr, ok := mysqlExpression(to, c.Expr); ok {
			unnamed := fmt.Sprintf("%s_chk_%d", to.Name, len(to.Attrs)-1) // the name that MySQL generates
			to.AddChecks(&atlas.Check{Name: cmp.Or(c.Name, unnamed), Expr: expr})
		} else {
			r.leave(from, "check %s", strings.TrimSpace(c.Name+" "+c.Expr))
		}
	}
	return to
}

// isTypeCheck reports whether a CHECK only enforces the type of a column.
func isTypeCheck(t *atlas.Table, check *atlas.Check) bool {
	return slices.ContainsFunc(t.Columns, func(c *atlas.Column) bool {
		if check.Name != TypeCheckName(t.Name, c.Name) {
			return false
		}
		_, ok := TypeOfCheck(c, check)
		return ok
	})
}

func (r *reverse) column(t *atlas.Table, from *atlas.Column) *atlas.Column {
	to := atlas.NewColumn(from.Name).SetNull(from.Type.Null)
	typ, known := TypeOf(t, from)
	if !known {
		typ = NearestType(t, from)
		if c, ok := from.Type.Type.(*atlas.StringType); ok && c.Size == 0 && isIndexed(t, from) {
			r.left = append(r.left, fmt.Sprintf("%s.%s: MySQL needs a length for a text in an index or a foreign key: "+
				"schema.hcl has varchar(%d)", t.Name, from.Name, typ.(*atlas.StringType).Size))
		}
	}
	to.SetType(typ)
	isKey := func(p *atlas.IndexPart) bool { return p.C == from }
	if key := t.PrimaryKey; key != nil && slices.ContainsFunc(key.Parts, isKey) {
		to.SetNull(false) // SQLite allows NULL in most keys
		// SQLite generates the values of an integer primary key without a CHECK.
		if _, ok := typ.(*atlas.IntegerType); ok && !known && len(key.Parts) == 1 {
			to.AddAttrs(&mysql.AutoIncrement{})
		}
	}
	if from.Default == nil {
		return to
	}
	if to.Default = mysqlDefault(from, typ); to.Default == nil {
		r.leave(t, "the default of %s", from.Name)
	}
	return to
}

// NearestType returns the MySQL type that is nearest to the type of an SQLite column. An
// indexed text gets a length, which MySQL requires.
func NearestType(t *atlas.Table, c *atlas.Column) atlas.Type {
	name := "longtext"
	switch typ := c.Type.Type.(type) {
	case *atlas.BoolType:
		name = "bool"
	case *atlas.IntegerType:
		if name = "bigint"; strings.EqualFold(c.Type.Raw, "tinyint(1)") {
			name = "bool"
		}
	case *atlas.FloatType:
		name = "double"
	case *atlas.DecimalType:
		if name = "decimal(15,6)"; typ.Precision > 0 {
			name = fmt.Sprintf("decimal(%d,%d)", typ.Precision, typ.Scale)
		} else if isTruth(exprText(c.Default)) {
			name = "bool" // GORM declares a bool as numeric
		}
	case *atlas.TimeType:
		if name = "datetime(6)"; isNow(c.Default) && typ.T != "date" && typ.T != "time" {
			name = "datetime" // MySQL requires the same digits in the default
		} else if typ.T == "date" {
			name = "date"
		} else if typ.T == "time" {
			name = "time(6)"
		}
	case *atlas.UUIDType:
		name = "char(36)"
	case *sqlite.UserDefinedType:
		name = byAffinity(typ.T)
	case *atlas.JSONType:
		name = "json"
	case *atlas.BinaryType:
		if c.Type.Raw != "" {
			name = "longblob"
		}
	case *atlas.StringType:
		if strings.HasSuffix(typ.T, "char") {
			name = fmt.Sprintf("varchar(%d)", cmp.Or(typ.Size, 255))
		} else if isIndexed(t, c) {
			name = "varchar(255)"
		}
	}
	typ, _ := mysql.ParseType(name) // all these names are valid
	return typ
}

// byAffinity returns the MySQL type for a name of a type that only SQLite accepts
// (sqlite.org/datatype3.html).
func byAffinity(name string) string {
	name = strings.ToLower(name)
	for _, a := range [][2]string{{"datetime", "datetime(6)"}, {"timestamp", "datetime(6)"}, {"int", "bigint"},
		{"char", "longtext"}, {"clob", "longtext"}, {"text", "longtext"}, {"blob", "longblob"}, {"real", "double"},
		{"floa", "double"}, {"doub", "double"}, {"date", "date"}} {
		if strings.Contains(name, a[0]) {
			return a[1]
		}
	}
	return "decimal(15,6)"
}

// isIndexed reports whether MySQL has an index with a column: it has one for each foreign key.
func isIndexed(t *atlas.Table, c *atlas.Column) bool {
	references := func(fk *atlas.ForeignKey) bool {
		return slices.ContainsFunc(fk.Columns, func(own *atlas.Column) bool { return own.Name == c.Name })
	}
	if slices.ContainsFunc(t.ForeignKeys, references) {
		return true
	}
	is := func(p *atlas.IndexPart) bool { return p.C != nil && p.C.Name == c.Name }
	has := func(i *atlas.Index) bool { return i != nil && slices.ContainsFunc(i.Parts, is) }
	return has(t.PrimaryKey) || slices.ContainsFunc(t.Indexes, has)
}

// mysqlDefault returns the MySQL default that translates to the default of an SQLite
// column. typ is the MySQL type of the column. It returns nil if there is none.
func mysqlDefault(from *atlas.Column, typ atlas.Type) atlas.Expr {
	var candidates []atlas.Expr
	written := exprText(from.Default)
	if nowOfSQLite.MatchString(written) {
		written = "CURRENT_TIMESTAMP"
	}
	if strings.HasPrefix(written, `"`) { // SQLite takes a text in the quotes of a name
		written = text(strings.ReplaceAll(strings.Trim(written, `"`), `""`, `"`))
	}
	if number, ok := numberOf(typ, written); ok {
		return &atlas.Literal{V: number}
	}
	if text, rest, err := unquoteSQL(strings.Trim(written, "()")); err == nil && rest == "" {
		candidates = append(candidates, &atlas.Literal{V: text}, &atlas.Literal{V: hclText(text)})
	}
	if bytes, ok := blobText(written); ok {
		short := strings.TrimRight(bytes, "\x00") // without the padding of binary(n)
		candidates = append(candidates, &atlas.Literal{V: hclText(short)}, &atlas.Literal{V: hclText(bytes)})
	}
	if _, ok := from.Default.(*atlas.Literal); ok {
		candidates = append(candidates, from.Default)
	}
	if _, isTime := typ.(*atlas.TimeType); isTime {
		for _, x := range []string{"CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP(6)", "(curdate())", "(curtime())",
			"(curtime(6))"} {
			candidates = append(candidates, &atlas.RawExpr{X: x})
		}
	} else {
		candidates = append(candidates, &atlas.RawExpr{X: "(CURRENT_TIMESTAMP)"})
	}
	for _, d := range candidates {
		c := atlas.NewColumn(from.Name).SetType(typ)
		c.Default = d
		if made, err := translateDefault(c); err == nil && strings.EqualFold(normal(exprText(made)), normal(written)) {
			return d
		}
	}
	return nil
}

func exprText(x atlas.Expr) string {
	switch x := x.(type) {
	case *atlas.Literal:
		return x.V
	case *atlas.RawExpr:
		return x.X
	}
	return ""
}

// hclText quotes a text in the way that Atlas stores quoted texts of schema.hcl.
func hclText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func (r *reverse) generated(t *atlas.Table, from *atlas.Column, table *atlas.Table) {
	x, ok := AttrOf[*atlas.GeneratedExpr](from.Attrs)
	if !ok {
		return
	}
	to, _ := table.Column(from.Name)
	if expr, ok := mysqlExpression(table, x.Expr); ok {
		to.SetGeneratedExpr(&atlas.GeneratedExpr{Expr: expr, Type: cmp.Or(x.Type, "VIRTUAL")})
	} else {
		r.leave(t, "the expression of the generated column %s: %s", from.Name, x.Expr)
	}
}
