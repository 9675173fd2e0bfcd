package verify

import (
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
)

// renames maps the names of tables and columns after a file to their names before it. The
// outer key of columns is the name of the table after the file.
type renames struct {
	tables  map[string]string
	columns map[string]map[string]string
}

const namePattern = "[`\"]?([\\pL\\pN_$]+)[`\"]?"

var (
	// renaming matches an ALTER TABLE that renames a column or the table.
	renaming = lazyregexp.New(`(?is)^\s*alter\s+table\s+` + namePattern + `\s+(?:` +
		`rename\s+(?:column\s+)?` + namePattern + `\s+to\s+` + namePattern + `|` +
		`change\s+(?:column\s+)?` + namePattern + `\s+` + namePattern + `|` +
		`rename\s+(?:(?:to|as)\s+)?` + namePattern + `\s*;?\s*$)`)
	renameTables = lazyregexp.New(`(?is)^\s*rename\s+table\s+(.*)$`)
	fromTo       = lazyregexp.New(`(?is)` + namePattern + `\s+to\s+` + namePattern)

	// Comments and texts, which bare removes from a statement.
	comment    = lazyregexp.New(`(?s)/\*.*?\*/|--[ \t][^\n]*|--\n|#[^\n]*`)
	quotedText = lazyregexp.New(`'(?:[^'\\]|''|\\.)*'`)
)

// bare returns a statement without comments and the content of its texts.
func bare(statement string) string {
	return comment.ReplaceAllString(quotedText.ReplaceAllString(statement, "''"), " ")
}

// parseRenames returns the renames of tables and columns of the schema old. It ignores a
// rename of a table that the statements created, because that is the copy of a rebuild on
// SQLite. It accepts any text.
func parseRenames(statements []string, old *schema.Schema) renames {
	n := renames{map[string]string{}, map[string]map[string]string{}}
	for _, s := range statements {
		s = bare(s)
		if m := renaming.FindStringSubmatch(s); m != nil && m[6] != "" {
			n.table(m[1], m[6], old)
		} else if m != nil {
			n.column(m[1], m[2]+m[4], m[3]+m[5])
		} else if m := renameTables.FindStringSubmatch(s); m != nil {
			for _, pair := range fromTo.FindAllStringSubmatch(m[1], -1) {
				n.table(pair[1], pair[2], old)
			}
		}
	}
	return n
}

// table adds the rename of a table.
func (n renames) table(from, to string, old *schema.Schema) {
	was := before(n.tables, from)
	if _, found := old.Table(was); !found {
		return
	}
	delete(n.tables, from)
	n.tables[to] = was
	if columns, found := n.columns[from]; found {
		delete(n.columns, from)
		n.columns[to] = columns
	}
}

// column adds the rename of a column.
func (n renames) column(table, from, to string) {
	if n.columns[table] == nil {
		n.columns[table] = map[string]string{}
	}
	was := before(n.columns[table], from)
	delete(n.columns[table], from)
	n.columns[table][to] = was
}

// before returns the name before the file for a name after it.
func before(names map[string]string, now string) string {
	if was, found := names[now]; found {
		return was
	}
	return now
}

// after returns the name after the file for a name before it. If another object has taken
// that name, it returns a name that no object has.
func after(names map[string]string, was string) string {
	for now, old := range names {
		if old == was {
			return now
		}
	}
	if _, taken := names[was]; taken {
		return "\x00" + was
	}
	return was
}

// follow changes the names of a schema from before the file to those after it.
func (n renames) follow(s *schema.Schema) {
	for _, t := range s.Tables {
		t.Name = after(n.tables, t.Name)
		for _, c := range t.Columns {
			c.Name = after(n.columns[t.Name], c.Name)
		}
	}
}
