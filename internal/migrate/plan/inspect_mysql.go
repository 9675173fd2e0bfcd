package plan

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"
)

// mysqlReader makes queries of Atlas faster.
type mysqlReader struct{ schema.ExecQuerier }

var faster = strings.NewReplacer(
	// A view with the same columns, which the server does not materialize: a quarter of the time of an inspection.
	"INFORMATION_SCHEMA.COLLATIONS AS", "INFORMATION_SCHEMA.COLLATION_CHARACTER_SET_APPLICABILITY AS",
	// Without these conditions, the server reads the foreign keys of all its databases.
	"BINARY t1.TABLE_SCHEMA =", "t1.TABLE_SCHEMA = DATABASE() AND BINARY t1.TABLE_SCHEMA =",
	"BINARY t2.CONSTRAINT_SCHEMA =", "t2.CONSTRAINT_SCHEMA = DATABASE() AND BINARY t2.CONSTRAINT_SCHEMA =",
)

// QueryContext implements [schema.ExecQuerier].
func (r mysqlReader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.ExecQuerier.QueryContext(ctx, faster.Replace(query), args...)
}

// ShowCreate returns the statement that creates a table, as a MySQL server writes it.
func ShowCreate(ctx context.Context, conn schema.ExecQuerier, table string) (statement string, err error) {
	rows, err := conn.QueryContext(ctx, "SHOW CREATE TABLE "+Quote(table))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(new(string), &statement); err != nil {
			return "", err
		}
	}
	return statement, rows.Err()
}

// restoreDefaults reads defaults again that Atlas or the server does not show as they are.
// Atlas takes a text that begins and ends with a quote for quoted. information_schema has
// texts in utf8mb3, and shows an emoji as a question mark: SHOW CREATE TABLE has its bytes.
func restoreDefaults(ctx context.Context, conn schema.ExecQuerier, s *schema.Schema) error {
	if !slices.ContainsFunc(s.Tables, hasTextDefault) {
		return nil
	}
	rows, err := conn.QueryContext(ctx, "SELECT table_name, column_name, column_default FROM information_schema.columns"+
		" WHERE table_schema = DATABASE() AND column_default REGEXP '^[\"''].*[\"'']$|[?]'"+
		" AND extra NOT LIKE '%DEFAULT_GENERATED%'")
	if err != nil {
		return fmt.Errorf("read the defaults: %w", err)
	}
	defer rows.Close()
	var all [][3]string
	for rows.Next() {
		var d [3]string
		if err := rows.Scan(&d[0], &d[1], &d[2]); err != nil {
			return err
		}
		all = append(all, d)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, d := range all {
		if t, ok := s.Table(d[0]); ok {
			if err := restoreDefault(ctx, conn, t, d[1], d[2]); err != nil {
				return err
			}
		}
	}
	return nil
}

func hasTextDefault(t *schema.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c *schema.Column) bool {
		literal, ok := c.Default.(*schema.Literal)
		return ok && strings.ContainsAny(literal.V, `"'?`)
	})
}

func restoreDefault(ctx context.Context, conn schema.ExecQuerier, t *schema.Table, column, text string) error {
	c, _ := t.Column(column)
	if c == nil {
		return nil
	}
	literal, ok := c.Default.(*schema.Literal)
	if !ok {
		return nil
	}
	literal.V = strconv.Quote(text)
	if !strings.Contains(text, "?") {
		return nil
	}
	statement, err := ShowCreate(ctx, conn, t.Name)
	if err != nil {
		return fmt.Errorf("read the table %q: %w", t.Name, err)
	}
	line := regexp.MustCompile("(?m)^ *" + regexp.QuoteMeta(Quote(column)) + " .* DEFAULT 0x([0-9A-F]+)\\b")
	if m := line.FindStringSubmatch(statement); m != nil {
		if bytes, err := hex.DecodeString(m[1]); err == nil {
			literal.V = strconv.Quote(string(bytes))
		}
	}
	return nil
}

var quotedMember = lazyregexp.New(`'((?:[^']|'')*)'`)

// restoreMembers reads the members of enums and sets from their types, quotes doubled as in
// SQL: Atlas drops a quote at an end.
func restoreMembers(s *schema.Schema) {
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			members := declared.Members(c.Type.Type)
			found := quotedMember.FindAllStringSubmatch(c.Type.Raw, -1)
			for i := range members {
				if len(found) == len(members) {
					members[i] = found[i][1]
				}
			}
		}
	}
}

var (
	withParser = lazyregexp.New("(?m)^ *FULLTEXT KEY `((?:[^`]|``)+)` .*/\\*!50100 WITH PARSER `([^`]+)` \\*/")
	fullText   = mysql.IndexType{T: mysql.IndexTypeFullText}
)

// restoreParsers reads the parsers of FULLTEXT indexes with several columns, which Atlas does
// not find.
func restoreParsers(ctx context.Context, conn schema.ExecQuerier, s *schema.Schema) error {
	for _, t := range s.Tables {
		if !slices.ContainsFunc(t.Indexes, func(i *schema.Index) bool {
			kind, ok := declared.AttrOf[*mysql.IndexType](i.Attrs)
			return ok && *kind == fullText && len(i.Parts) > 1
		}) {
			continue
		}
		statement, err := ShowCreate(ctx, conn, t.Name)
		if err != nil {
			return fmt.Errorf("read the table %q: %w", t.Name, err)
		}
		for _, m := range withParser.FindAllStringSubmatch(statement, -1) {
			i, ok := t.Index(strings.ReplaceAll(m[1], "``", "`"))
			if ok && !declared.HasAttr[*mysql.IndexParser](i.Attrs) {
				i.AddAttrs(&mysql.IndexParser{P: m[2]})
			}
		}
	}
	return nil
}
