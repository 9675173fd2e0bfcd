package schema

import (
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/lazyregexp"
)

// prefixLength is the number of characters that MySQL indexes of a text without a length.
const prefixLength = 255

func (r *reverse) index(t *atlas.Table, from *atlas.Index, table *atlas.Table) {
	name := from.Name
	if HasAttr[*sqlite.IndexPredicate](from.Attrs) {
		r.leave(t, "index %s for some rows only", name)
		return
	}
	if made, ok := AttrOf[*sqlite.IndexOrigin](from.Attrs); ok && strings.HasPrefix(made.O, "p") {
		return // the index of the primary key
	}
	if unnamed(from) {
		name = nameOfUnique(t, from)
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

// unnamed reports whether SQLite named an index itself, for a UNIQUE in the CREATE TABLE.
func unnamed(i *atlas.Index) bool { return strings.HasPrefix(i.Name, "sqlite_autoindex") }

// nameOfUnique returns the name that such an index gets.
func nameOfUnique(t *atlas.Table, i *atlas.Index) string {
	name := t.Name
	for _, p := range i.Parts {
		name += "_" + p.C.Name
	}
	for slices.ContainsFunc(t.Indexes, func(other *atlas.Index) bool { return other != i && other.Name == name }) {
		name += "_key"
	}
	return name
}

// NameUniques gives the indexes of the UNIQUE constraints in live SQLite tables the names that
// they have in MySQL's terms. SQLite numbers them, so that their names say nothing.
func NameUniques(live *atlas.Schema) {
	for _, t := range live.Tables {
		for _, i := range t.Indexes {
			if unnamed(i) {
				i.Name = nameOfUnique(t, i)
			}
		}
	}
}

// uniquePrefix matches the SQLite form of a prefix in a unique index.
var uniquePrefix = lazyregexp.New("^\\(*substr\\(`([^`]+)`, 1, (\\d+)\\)\\)*$")

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

// withoutLength reports whether MySQL can index only a prefix of the values of a type.
func withoutLength(t atlas.Type) bool {
	switch t := t.(type) {
	case *atlas.StringType:
		return t.Size == 0
	case *atlas.BinaryType:
		return t.Size == nil || *t.Size == 0
	}
	return false
}

// mysqlExpression returns the MySQL expression that translates to an SQLite expression. It
// returns false if there is none.
func mysqlExpression(t *atlas.Table, written string) (string, bool) {
	written = strings.TrimSpace(written)
	for _, candidate := range []string{written, reverseExpression(written)} {
		made, err := expression(t, candidate)
		if err == nil && strings.EqualFold(normal(made), normal(written)) {
			return withoutParentheses(candidate), true
		}
	}
	return "", false
}

var (
	blobLength  = lazyregexp.New(`length\(CAST\(([^()]*) AS blob\)\)`)
	textLength  = lazyregexp.New(`\blength\(`)
	concatation = lazyregexp.New(`\(\([^()]*\)(?: \|\| \([^()]*\))+\)`)
	nullSafe    = lazyregexp.New(` IS ([^N])`)
)

// reverseExpression reverts the translation of [expression] by text patterns. The result
// can be wrong, so the caller translates it again and compares.
func reverseExpression(s string) string {
	s = blobLength.ReplaceAllString(s, "octet_length($1)")
	s = textLength.ReplaceAllString(s, "char_length(")
	s = concatation.ReplaceAllStringFunc(s, func(all string) string {
		return "concat(" + strings.ReplaceAll(all[2:len(all)-2], ") || (", ", ") + ")"
	})
	s = nullSafe.ReplaceAllString(s, " <=> $1")
	return strings.NewReplacer("iif(", "if(", " * 1.0 /", " /", "max(", "greatest(", "min(", "least(").Replace(s)
}

// normal returns an expression without quotes, white space and outer parentheses, to
// compare it.
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
