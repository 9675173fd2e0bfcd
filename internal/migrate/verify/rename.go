package verify

import (
	"regexp"

	"ariga.io/atlas/sql/schema"
)

// renames has what tables and columns were called before a file, by their names after it.
// Columns are listed by the name of their table after it.
type renames struct {
	tables  map[string]string
	columns map[string]map[string]string
}

const namePattern = "[`\"]?([\\pL\\pN_$]+)[`\"]?"

var (
	// renaming is the ALTER TABLE that renames a column, in either way, or its table.
	renaming = regexp.MustCompile(`(?is)^\s*alter\s+table\s+` + namePattern + `\s+(?:` +
		`rename\s+(?:column\s+)?` + namePattern + `\s+to\s+` + namePattern + `|` +
		`change\s+(?:column\s+)?` + namePattern + `\s+` + namePattern + `|` +
		`rename\s+(?:(?:to|as)\s+)?` + namePattern + `\s*;?\s*$)`)
	renameTables = regexp.MustCompile(`(?is)^\s*rename\s+table\s+(.*)$`)
	fromTo       = regexp.MustCompile(`(?is)` + namePattern + `\s+to\s+` + namePattern)

	// What takes no part in the words of a statement.
	comment    = regexp.MustCompile(`(?s)/\*.*?\*/|--[ \t][^\n]*|--\n|#[^\n]*`)
	quotedText = regexp.MustCompile(`'(?:[^'\\]|''|\\.)*'`)
)

// bare returns a statement without its texts and comments.
func bare(statement string) string {
	return comment.ReplaceAllString(quotedText.ReplaceAllString(statement, "''"), " ")
}

// parseRenames finds the statements that rename a table or a column of a schema, one a
// statement (RENAME TABLE may list several). A table that the statements have made is a
// copy that takes the place of another, as SQLite needs it: it is not renamed. Any text is
// taken.
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

func (n renames) column(table, from, to string) {
	if n.columns[table] == nil {
		n.columns[table] = map[string]string{}
	}
	was := before(n.columns[table], from)
	delete(n.columns[table], from)
	n.columns[table][to] = was
}

// before returns what something was called that has a name now.
func before(names map[string]string, now string) string {
	if was, found := names[now]; found {
		return was
	}
	return now
}

// after returns what something is called that had a name. What has lost it to something
// else has one that nothing has.
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

// follow renames the tables and columns of a schema from before the file to what they are
// called after it.
func (n renames) follow(s *schema.Schema) {
	for _, t := range s.Tables {
		t.Name = after(n.tables, t.Name)
		for _, c := range t.Columns {
			c.Name = after(n.columns[t.Name], c.Name)
		}
	}
}
