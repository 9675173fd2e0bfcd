package verify

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// file is one migration file, as far as it matters here.
type file struct {
	name, version, description string
	// irreversible is why the file cannot be undone; "" when it can.
	irreversible string
	// writes is what its statements do to rows, on the way up and down.
	writes writes
	// renames is what the way up renames.
	renames renames
}

// writes says by table which columns statements change the rows of; a nil list is
// any. deletes are the tables that lose rows, and so may others that refer to them.
type writes struct {
	columns map[string][]string
	deletes []string
}

// read lists the files. The engine checks them, and knows their statements.
func (r *rehearsal) read(ctx context.Context) error {
	report, err := r.engine.Plan(ctx, "")
	if err := r.refused(report, err); err != nil {
		return err
	}
	if report.From != "" {
		return fmt.Errorf("the scratch database has migration %s already: an empty one is needed", report.From)
	}
	names, err := fs.Glob(r.Folder, "*.sql")
	if err != nil {
		return err
	}
	for _, m := range report.Pending {
		f := file{version: m.Version, description: m.Description}
		i := slices.IndexFunc(names, func(name string) bool {
			version, _, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
			return version == m.Version
		})
		if i < 0 {
			return fmt.Errorf("there is no file of version %s", m.Version)
		}
		f.name = names[i]
		text, err := fs.ReadFile(r.Folder, f.name)
		if err != nil {
			return err
		}
		f.renames = parseRenames(m.SQL)
		var down string
		if down, f.irreversible = wayDown(string(text)); f.irreversible == "" {
			m.SQL = append(m.SQL, strings.Split(down, ";")...)
		}
		f.writes = parseWrites(m.SQL)
		r.files = append(r.files, f)
	}
	return nil
}

// wayDown gives the SQL of the way down as it stands in a file's comments, and
// why there is none. That it is written well is the engine's to say.
func wayDown(text string) (sql, irreversible string) {
	const marker = "-- slipway:down"
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		rest, found := strings.CutPrefix(lines[i], marker)
		if !found || rest != "" && rest[0] != ' ' {
			continue
		}
		if why, found := strings.CutPrefix(strings.TrimSpace(rest), "irreversible:"); found {
			return "", strings.TrimSpace(why)
		}
		for _, line := range lines[i+1:] {
			sql += strings.TrimPrefix(line, "--") + "\n"
		}
		return sql, ""
	}
	return "", ""
}

var (
	// What takes no part in the words of a statement.
	comment    = regexp.MustCompile(`(?s)/\*.*?\*/|--[ \t][^\n]*|--\n|#[^\n]*`)
	quotedText = regexp.MustCompile(`'(?:[^'\\]|''|\\.)*'`)

	namePattern = "[`\"]?([\\pL\\pN_$]+)[`\"]?"
	insertInto  = regexp.MustCompile(`(?is)^\s*(?:with\b.*?\)\s*)?(insert|replace)\b[a-z\s]*?\binto\s+` + namePattern)
	deleteFrom  = regexp.MustCompile(`(?is)^\s*(?:with\b.*?\)\s*)?(?:delete\b.*?\bfrom|truncate(?:\s+table)?)\s+` + namePattern)
	update      = regexp.MustCompile(`(?is)^\s*(?:with\b.*?\)\s*)?update\s+(?:or\s+[a-z]+\s+|ignore\s+)*` + namePattern + `(.*?)\bset\b(.*)$`)
	firstName   = regexp.MustCompile(`^\s*(?:` + namePattern + `\s*\.\s*)?` + namePattern + `\s*=`)
	clause      = regexp.MustCompile(`(?i)\b(where|from|order\s+by|limit|returning)\b`)
	rebuilt     = regexp.MustCompile(`(?is)^\s*alter\s+table\s+[` + "`" + `"]?new_([\pL\pN_$]+)[` + "`" + `"]?\s+rename\s+to\s+` + namePattern)
)

// parseWrites finds the statements that change rows. It knows those that begin
// with INSERT, REPLACE, UPDATE, DELETE or TRUNCATE, behind a WITH too. SQLite's
// rebuild of a table, which copies it to new_TABLE, is none. Any text is taken.
func parseWrites(statements []string) writes {
	w := writes{columns: map[string][]string{}}
	copied := copiesOf(statements)
	whole := func(table string) {
		if !copied[table] {
			w.columns[table] = nil
		}
	}
	for _, s := range statements {
		s = bare(s)
		if m := insertInto.FindStringSubmatch(s); m != nil {
			whole(m[2])
			if strings.EqualFold(m[1], "replace") || strings.Contains(strings.ToLower(m[0]), "replace") {
				w.deletes = append(w.deletes, m[2])
			}
		} else if m := deleteFrom.FindStringSubmatch(s); m != nil {
			whole(m[1])
			w.deletes = append(w.deletes, m[1])
		} else if m := update.FindStringSubmatch(s); m != nil {
			set, ok := assigned(m[3])
			if known, found := w.columns[m[1]]; !ok || strings.TrimSpace(m[2]) != "" || found && known == nil {
				whole(m[1]) // an alias or a join: whatever it sets
				continue
			}
			w.columns[m[1]] = append(w.columns[m[1]], set...)
		}
	}
	return w
}

// bare is a statement without its texts and comments.
func bare(statement string) string {
	return comment.ReplaceAllString(quotedText.ReplaceAllString(statement, "''"), " ")
}

// copiesOf lists the tables that SQLite's rebuilds copy rows to: new_users, which
// is renamed to users.
func copiesOf(statements []string) map[string]bool {
	copied := map[string]bool{}
	for _, s := range statements {
		if m := rebuilt.FindStringSubmatch(bare(s)); m != nil && m[1] == m[2] {
			copied["new_"+m[1]] = true
		}
	}
	return copied
}

// assigned lists the columns of SET a = …, b = … WHERE ….
func assigned(set string) (columns []string, ok bool) {
	depth, start := 0, 0
	var parts []string
	for i, c := range set {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, set[start:i])
			start = i + 1
		}
	}
	for _, part := range append(parts, set[start:]) {
		m := firstName.FindStringSubmatch(part)
		if m == nil {
			// What follows WHERE may hold commas too.
			return columns, len(columns) > 0 && clause.MatchString(set)
		}
		columns = append(columns, m[2])
	}
	return columns, true
}
