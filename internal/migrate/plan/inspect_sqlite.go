package plan

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
)

// Atlas reads constraints of SQLite from the text of CREATE TABLE, with patterns that fit
// the text that it writes itself. sqliteReader shows it the text of any table in this form,
// and completes what SQLite leaves open.
type sqliteReader struct{ schema.ExecQuerier }

// The queries of Atlas that are changed, by a part of each.
const (
	ofTables      = "JOIN pragma_table_list(sqlite_master.name)"
	ofForeignKeys = "FROM pragma_foreign_key_list("
	ofColumns     = "FROM pragma_table_xinfo("
)

// QueryContext implements [schema.ExecQuerier].
func (r sqliteReader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	switch {
	case strings.Contains(query, ofTables):
		return r.tables(ctx, query, args)
	case strings.Contains(query, ofForeignKeys):
		// REFERENCES parent means the primary key of the parent. A migration may drop the parent before it renames
		// the new table: the names of its columns do not matter then.
		query = strings.Replace(query, "`to`", "COALESCE(`to`, (SELECT name FROM pragma_table_info(`table`) AS parent"+
			" WHERE parent.pk = seq + 1), `from`) AS `to`", 1)
	case strings.Contains(query, ofColumns):
		// DEFAULT NULL is no default.
		query = strings.Replace(query, "`dflt_value`", "CASE upper(trim(`dflt_value`, '( )')) WHEN 'NULL' THEN NULL"+
			" ELSE `dflt_value` END", 1)
	}
	return r.ExecQuerier.QueryContext(ctx, query, args...)
}

// tables returns the rows of a query for names and texts of tables, without virtual tables
// and the tables that belong to them.
func (r sqliteReader) tables(ctx context.Context, query string, args []any) (all *sql.Rows, err error) {
	query = strings.Replace(query, "sqlite_master.type = 'table'",
		"sqlite_master.type = 'table' AND pragma_table_list.type = 'table'", 1)
	rows, err := r.ExecQuerier.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var values []any
	for rows.Next() {
		var name, text string
		var withoutRowID, strict any
		if err := rows.Scan(&name, &text, &withoutRowID, &strict); err != nil {
			return nil, err
		}
		values = append(values, name, plainCreate(text), withoutRowID, strict)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return r.ExecQuerier.QueryContext(ctx, "SELECT NULL, NULL, NULL, NULL WHERE false")
	}
	list := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?), ", len(values)/4), ", ")
	return r.ExecQuerier.QueryContext(ctx, "SELECT * FROM (VALUES "+list+")", values...)
}

// sqlToken is a token of SQL: a comment, a quoted text or name, a word or number, or another
// character.
var sqlToken = lazyregexp.New("--[^\n]*|(?s:/\\*.*?\\*/)|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|" +
	`\[[^\]]*\]|[\pL\pN_$.]+|\|\||[<>=!]=|<>|<<|>>|->>|->|[^\s]`)

// ofAtlas matches a text that Atlas wrote, also after its table was renamed.
var ofAtlas = lazyregexp.New("^CREATE TABLE [`\"][^`\"]+[`\"] \\(\n  `")

// plainCreate returns a CREATE TABLE without comments, with names in backticks, without the
// sizes of types, and with at most one space between two tokens.
func plainCreate(text string) string {
	if ofAtlas.MatchString(text) && !strings.Contains(text, "--") && !strings.Contains(text, "/*") {
		return text
	}
	var b strings.Builder
	c := creating{}
	end := 0
	for _, at := range sqlToken.FindAllStringIndex(text, -1) {
		token := text[at[0]:at[1]]
		if strings.HasPrefix(token, "--") || strings.HasPrefix(token, "/*") {
			continue
		}
		out := c.next(token)
		afterName := strings.HasSuffix(b.String(), "`") && !strings.ContainsAny(token[:1], "(),.")
		if out != "" && end > 0 && (at[0] > end || afterName) && !strings.HasSuffix(b.String(), "(") && out != ")" {
			b.WriteByte(' ')
		}
		b.WriteString(out)
		end = at[1]
	}
	return b.String()
}

// creating is the state of a scan of CREATE TABLE.
type creating struct {
	depth int
	last  string // the last token that is not a parenthesis, in upper case
	// names says that the list in the current parentheses has names: a key, not an expression.
	names bool
	// inType says that a definition of a column has had only its name and words of its type,
	// and size that a size of it is being left out.
	inType, size bool
}

// typeEnds are the words after the type of a column.
var typeEnds = lazyregexp.New(`(?i)^(?:CONSTRAINT|PRIMARY|NOT|NULL|UNIQUE|CHECK|DEFAULT|COLLATE|` +
	`REFERENCES|GENERATED|AS|FOREIGN)$`)

func (c *creating) next(token string) string {
	if c.size {
		c.size = token != ")"
		return ""
	}
	startsDefinition := c.depth == 1 && (c.last == "(" || c.last == ",")
	upper := strings.ToUpper(token)
	defer func() { c.last = upper }()
	switch {
	case token == "(" && c.depth == 1 && c.inType:
		c.size = true
		return ""
	case token == "(":
		c.depth++
		c.names = c.depth == 2 && (c.last == "KEY" || c.last == "UNIQUE" || c.names)
		return token
	case token == ")":
		c.depth--
		return token
	case token == ",":
		if c.depth == 1 {
			c.inType = false
		}
		return token
	}
	name := startsDefinition || c.depth == 2 && c.names || c.last == "TABLE" || c.last == "EXISTS" ||
		c.last == "CONSTRAINT" || c.last == "REFERENCES"
	if startsDefinition {
		c.inType = !typeEnds.MatchString(token)
	} else if c.inType && typeEnds.MatchString(token) {
		c.inType = false
	}
	// The columns of a parent follow its name.
	c.names = c.depth == 2 && c.names || c.last == "REFERENCES"
	if q := token[0]; q == '[' || q == '"' || q == '`' || q == '\'' && name {
		inner := token[1 : len(token)-1]
		if q != '[' {
			inner = strings.ReplaceAll(inner, string(q)+string(q), string(q))
		}
		upper = "name"
		return Quote(inner)
	}
	return token
}
