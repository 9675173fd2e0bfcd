package schema

import (
	"regexp"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// prefixLength is how much of a text without a length an index of MySQL has.
const prefixLength = 255

func (r *reverse) index(t *atlas.Table, from *atlas.Index, table *atlas.Table) {
	name := from.Name
	if HasAttr[*sqlite.IndexPredicate](from.Attrs) {
		r.leave(t, "index %s is for some rows only", name)
		return
	}
	if made, ok := AttrOf[*sqlite.IndexOrigin](from.Attrs); ok && strings.HasPrefix(made.O, "p") {
		return // of the primary key
	}
	if strings.HasPrefix(name, "sqlite_autoindex") { // of a UNIQUE in the table's definition
		name = t.Name
		for _, p := range from.Parts {
			name += "_" + p.C.Name
		}
	}
	to := atlas.NewIndex(name).SetUnique(from.Unique)
	for _, p := range from.Parts {
		part, ok := reversePart(p, table, from.Unique)
		if !ok {
			r.leave(t, "index %s", name)
			return
		}
		to.AddParts(part.SetDesc(p.Desc))
	}
	table.AddIndexes(to)
}

// uniquePrefix is what the prefix of a unique index is on SQLite.
var uniquePrefix = regexp.MustCompile("^\\(*substr\\(`([^`]+)`, 1, (\\d+)\\)\\)*$")

func reversePart(from *atlas.IndexPart, table *atlas.Table, unique bool) (*atlas.IndexPart, bool) {
	if from.C != nil {
		c, _ := table.Column(from.C.Name)
		part := atlas.NewColumnPart(c)
		if !unique && withoutLength(c.Type.Type) {
			part.AddAttrs(&mysql.SubPart{Len: prefixLength})
		}
		return part, true
	}
	x, ok := from.X.(*atlas.RawExpr)
	if !ok {
		return nil, false
	}
	if m := uniquePrefix.FindStringSubmatch(x.X); m != nil && unique {
		if c, ok := table.Column(m[1]); ok {
			length, err := strconv.Atoi(m[2])
			return atlas.NewColumnPart(c).AddAttrs(&mysql.SubPart{Len: length}), err == nil
		}
	}
	expr, ok := mysqlExpression(table, x.X)
	return atlas.NewExprPart(&atlas.RawExpr{X: "(" + expr + ")"}), ok
}

// withoutLength says that MySQL indexes only a prefix of values of a type.
func withoutLength(t atlas.Type) bool {
	switch t := t.(type) {
	case *atlas.StringType:
		return t.Size == 0
	case *atlas.BinaryType:
		return t.Size == nil || *t.Size == 0
	}
	return false
}

func (r *reverse) foreignKey(from *atlas.ForeignKey, table *atlas.Table) {
	if err := translateForeignKey(from, table, r.to); err != nil {
		r.leave(table, "a foreign key to %s: there is %s", from.RefTable.Name, err)
		return
	}
	to := table.ForeignKeys[len(table.ForeignKeys)-1]
	if _, err := strconv.Atoi(to.Symbol); err == nil || to.Symbol == "" { // Atlas counts those without a name
		to.Symbol = table.Name
		for _, c := range to.Columns {
			to.Symbol += "_" + c.Name
		}
	}
}

// mysqlExpression returns the expression of MySQL that is translated to one of SQLite.
func mysqlExpression(t *atlas.Table, written string) (string, bool) {
	written = strings.TrimSpace(written)
	for _, candidate := range []string{written, reverseExpression(written)} {
		made, err := expression(t, candidate)
		if err == nil && normal(made) == normal(written) {
			return withoutParentheses(candidate), true
		}
	}
	return "", false
}

var (
	blobLength  = regexp.MustCompile(`length\(CAST\(([^()]*) AS blob\)\)`)
	textLength  = regexp.MustCompile(`\blength\(`)
	concatation = regexp.MustCompile(`\(\([^()]*\)(?: \|\| \([^()]*\))+\)`)
	nullSafe    = regexp.MustCompile(` IS ([^N])`)
)

// reverseExpression undoes what [expression] does, as far as a look at the text can.
func reverseExpression(s string) string {
	s = blobLength.ReplaceAllString(s, "octet_length($1)")
	s = textLength.ReplaceAllString(s, "char_length(")
	s = concatation.ReplaceAllStringFunc(s, func(all string) string {
		return "concat(" + strings.ReplaceAll(all[2:len(all)-2], ") || (", ", ") + ")"
	})
	s = nullSafe.ReplaceAllString(s, " <=> $1")
	return strings.NewReplacer("iif(", "if(", " * 1.0 /", " /", "max(", "greatest(", "min(", "least(").Replace(s)
}

// normal is an expression without what means nothing in it: quotes around names, spaces,
// and parentheses around it all.
func normal(s string) string {
	return withoutParentheses(meaningless.Replace(s))
}

func withoutParentheses(s string) string {
	for strings.HasPrefix(s, "(") && matchesEnd(s) {
		s = s[1 : len(s)-1]
	}
	return s
}

var meaningless = strings.NewReplacer("`", "", `"`, "", " ", "", "\n", "", "\t", "")
