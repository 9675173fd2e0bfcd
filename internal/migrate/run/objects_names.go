package run

import (
	"slices"
	"strings"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"
)

const namePattern = "(`(?:[^`]|``)+`|[\\pL\\pN_$]+)"

var (
	changesNames = lazyregexp.New(`(?is)^` + plan.Space + `(?:DROP\s+TABLE\b|RENAME\s+TABLE\b|` +
		`ALTER\s+TABLE\b.*\b(?:DROP|RENAME|CHANGE)\b)`)
	losesTable    = lazyregexp.New(`(?i)^` + plan.Space + `DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?` + namePattern)
	renamesTable  = lazyregexp.New(`(?i)^` + plan.Space + `RENAME\s+TABLE\s+` + namePattern + `\s+TO\s+` + namePattern)
	altersTable   = lazyregexp.New(`(?i)^` + plan.Space + `ALTER\s+TABLE\s+` + namePattern)
	renamesItself = lazyregexp.New(`(?i)^\s+RENAME\s+(?:TO\s+|AS\s+)` + namePattern)
	losesColumn   = lazyregexp.New(`(?i)\b(?:DROP\s+(?:COLUMN\s+)?|RENAME\s+COLUMN\s+|CHANGE\s+(?:COLUMN\s+)?)` +
		namePattern)
	notAColumn = lazyregexp.New(`(?i)^(?:COLUMN|INDEX|KEY|PRIMARY|FOREIGN|CHECK|CONSTRAINT|PARTITION)$`)
	// objectToken matches a text, a comment, a name or a symbol.
	objectToken = lazyregexp.New(`(?s)'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|/\*.*?\*/|--\s[^\n]*|#[^\n]*|` +
		namePattern + `|\S`)
)

// Breaks returns the first statement of a file that drops or renames something that one of
// the objects of a MySQL database names, unless the file drops or replaces the object first.
func Breaks(statements []string, objects []plan.Object) (statement string, o plan.Object, ok bool) {
	for _, o := range objects {
		names := namesOf(o)
		renamed := map[string]string{} // the present names of tables, and those before the file
		for _, statement := range statements {
			if drops(statement, o) {
				break
			}
			if o.SQL != "" && names.lost(statement, renamed) {
				return statement, o, true
			}
		}
	}
	return "", plan.Object{}, false
}

// objectNames are the words and symbols of an object, in lower case and without quotes,
// texts and comments.
type objectNames struct {
	plan.Object
	tokens []string
}

func namesOf(o plan.Object) objectNames {
	names := objectNames{Object: o}
	for _, m := range objectToken.FindAllString(o.SQL, -1) {
		switch {
		case strings.HasPrefix(m, "'"), strings.HasPrefix(m, `"`), strings.HasPrefix(m, "/*"), strings.HasPrefix(m, "--"),
			strings.HasPrefix(m, "#"):
		default:
			names.tokens = append(names.tokens, bare(m))
		}
	}
	return names
}

// bare returns a name without quotes, in lower case.
func bare(name string) string { return strings.ToLower(strings.Trim(name, "`")) }

// lost reports whether a statement drops or renames a table or a column that the object
// names. A trigger goes with its table, and follows it to another name.
func (n objectNames) lost(statement string, renamed map[string]string) bool {
	original := func(name string) string {
		if old, ok := renamed[bare(name)]; ok {
			return old
		}
		return bare(name)
	}
	if m := losesTable.FindStringSubmatch(statement); m != nil {
		return slices.Contains(n.tokens, original(m[1])) || strings.EqualFold(n.Table, original(m[1]))
	}
	m := altersTable.FindStringSubmatch(statement)
	to := renamesTable.FindStringSubmatch(statement)
	if m != nil {
		if itself := renamesItself.FindStringSubmatch(statement[len(m[0]):]); itself != nil {
			to = []string{"", m[1], itself[1]}
		}
	}
	switch {
	case to != nil:
		renamed[bare(to[2])] = original(to[1])
		return slices.Contains(n.tokens, original(to[1]))
	case m == nil:
		return false
	}
	return slices.ContainsFunc(losesColumn.FindAllStringSubmatch(statement[len(m[0]):], -1), func(column []string) bool {
		return !notAColumn.MatchString(column[1]) && n.column(original(m[1]), bare(column[1]))
	})
}

// column reports whether the object names a column of a table. A view has the table or its
// alias before each column, because the server writes it so.
func (n objectNames) column(table, column string) bool {
	qualifiers, named := []string{table}, false
	if strings.EqualFold(n.Table, table) {
		qualifiers = append(qualifiers, "new", "old")
	}
	for i, token := range n.tokens {
		if token != table {
			continue
		}
		named = true
		if next := i + 1; next < len(n.tokens) {
			if n.tokens[next] == "as" {
				next++
			}
			qualifiers = append(qualifiers, n.tokens[min(next, len(n.tokens)-1)])
		}
	}
	for i, token := range n.tokens {
		switch {
		case token != column:
		case i > 1 && n.tokens[i-1] == ".":
			if slices.Contains(qualifiers, n.tokens[i-2]) {
				return true
			}
		case named && n.Kind != "view":
			return true
		}
	}
	return false
}
