package ddl

import "strings"

// mentions says whether an expression names a column.
func mentions(dialect, expr, column string) bool {
	found := false
	eachName(dialect, expr, func(t token) {
		found = found || same(t.value, column)
	})
	return found
}

// renameIn puts a new name wherever an expression names a column. An expression
// that cannot be read stays as it is.
func renameIn(dialect, expr, from, to string) string {
	var b strings.Builder
	at := 0
	eachName(dialect, expr, func(t token) {
		if !same(t.value, from) {
			return
		}
		b.WriteString(expr[at:t.from])
		b.WriteString(quoteName(to))
		at = t.to
	})
	if at == 0 {
		return expr
	}
	b.WriteString(expr[at:])
	return b.String()
}

// quoteName is a name in quotes, where it needs them in SQLite.
func quoteName(name string) string {
	plain := name != "" && !digit(name[0])
	for _, r := range name {
		plain = plain && r < 0x80 && nameRune(r) && r != '@' && r != '$'
	}
	if plain && !keywords[strings.ToUpper(name)] {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// keywords are words that may not stand for a column without quotes.
var keywords = set("AND", "OR", "NOT", "NULL", "IS", "IN", "LIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "AS",
	"COLLATE", "ESCAPE", "EXISTS", "DISTINCT", "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "LIMIT", "TABLE", "INDEX", "CHECK",
	"DEFAULT", "PRIMARY", "UNIQUE", "REFERENCES", "FOREIGN", "CONSTRAINT", "CREATE", "ALTER", "DROP", "TO", "ON", "SET", "VALUES",
	"INTO", "UPDATE", "DELETE", "INSERT", "JOIN", "UNION", "HAVING", "ISNULL", "NOTNULL", "IF", "ADD", "ALL", "TRANSACTION", "COMMIT", "RETURNING")

func set(words ...string) map[string]bool {
	s := map[string]bool{}
	for _, w := range words {
		s[w] = true
	}
	return s
}

// eachName calls f with every token of an expression that may name a column.
func eachName(dialect, expr string, f func(token)) {
	all, err := tokens(dialect, expr, len(expr)+1)
	if err != nil {
		return
	}
	for n, t := range all {
		switch {
		case t.kind == quoted, t.kind == word && !(n+1 < len(all) && all[n+1].is("(")) && !keywords[strings.ToUpper(t.value)]:
			if n+1 < len(all) && all[n+1].is(".") {
				continue // the table before its column
			}
			f(t)
		}
	}
}
