package verify

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"
)

// target is a table that gets rows. If the old schema has the table, the rows must be valid
// in both.
type target struct {
	*schema.Table
	// was is the table in the old schema, or nil.
	was *schema.Table
	// limits has the limits of the values of each column.
	limits map[*schema.Column]*limits
	// unique has the columns of each unique key.
	unique [][]*schema.Column
}

// limits are the limits of the values of a column.
type limits struct {
	// isOld means that the old schema has the column. Then typ and charset are the old ones.
	isOld   bool
	typ     schema.Type
	charset string // "" for none
	notNull bool
	// hints are values that a CHECK contains.
	hints []string
}

// target returns the target for a table. old is the old schema, or nil.
func (f *filler) target(table *schema.Table, old *schema.Schema) *target {
	t := &target{Table: table, limits: map[*schema.Column]*limits{}}
	for _, c := range table.Columns {
		t.limits[c] = &limits{}
	}
	t.add(f, table)
	if old != nil {
		if was, found := old.Table(table.Name); found {
			t.was = was
			t.add(f, was)
		}
	}
	return t
}

// add adds the limits of side, which is the table or the table in the old schema.
func (t *target) add(f *filler, side *schema.Table) {
	for _, c := range side.Columns {
		now, found := t.Column(c.Name)
		if !found {
			continue
		}
		l := t.limits[now]
		l.isOld, l.typ = side == t.was, f.typeOf(side, c)
		l.notNull = l.notNull || !mayBeNull(side, c)
		l.hints = append(l.hints, f.hintsFor(side, c)...)
		if set, ok := declared.AttrOf[*schema.Charset](c.Attrs); ok {
			l.charset = set.V
		}
	}
	for _, index := range append([]*schema.Index{side.PrimaryKey}, side.Indexes...) {
		if index == nil || index != side.PrimaryKey && !index.Unique {
			continue
		}
		var key []*schema.Column
		for _, column := range columnsOf(index) {
			if c, found := t.Column(column.Name); found {
				key = append(key, c)
			}
		}
		// Ignore an index with expressions: the database rejects a duplicate.
		if len(key) == len(index.Parts) {
			t.unique = append(t.unique, key)
		}
	}
}

// literalIn matches the texts and the numbers in an expression.
var literalIn = lazyregexp.New(`'((?:[^'\\]|''|\\.)*)'|(?:^|[^\pL\d_.])(-?\d+(?:\.\d+)?)`)

// textIn matches the texts in an expression.
var textIn = lazyregexp.New(`'(?:[^'\\]|''|\\.)*'`)

// hintsFor returns values that the CHECKs with a column probably accept: their texts and
// numbers, neighbors of these numbers, texts with these lengths, and the default.
func (f *filler) hintsFor(t *schema.Table, c *schema.Column) (hints []string) {
	_, typed := declared.TypeOf(t, c)
	for _, check := range t.Checks() {
		if typed && check.Name == declared.TypeCheckName(t.Name, c.Name) {
			continue // the type itself defines these values
		}
		if !hasWord(check.Expr, c.Name) || !hasWord(textIn.ReplaceAllString(check.Expr, "''"), c.Name) {
			continue
		}
		hints = append(hints, f.hintsIn(check.Expr, c)...)
		if d, ok := c.Default.(*schema.Literal); ok {
			hints = append(hints, d.V)
		}
	}
	return hints
}

// hasWord reports whether a text contains a name as a word, ignoring case.
func hasWord(text, name string) bool {
	text, name = strings.ToLower(text), strings.ToLower(name)
	inWord := func(r rune, _ int) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }
	for end := 0; ; {
		i := strings.Index(text[end:], name)
		if i < 0 {
			return false
		}
		before := text[:end+i]
		end += i + len(name)
		if !inWord(utf8.DecodeLastRuneInString(before)) && !inWord(utf8.DecodeRuneInString(text[end:])) {
			return true
		}
	}
}

// hintsIn is hintsFor for one expression, without the default.
func (f *filler) hintsIn(expression string, c *schema.Column) (hints []string) {
	_, isText := c.Type.Type.(*schema.StringType)
	expression = strings.ReplaceAll(expression, `\'`, `'`) // as MySQL writes it
	for _, m := range literalIn.FindAllStringSubmatch(expression, -1) {
		n, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			hints = append(hints, f.quote(strings.ReplaceAll(m[1], "''", "'")))
			continue
		}
		for near := n - 1; near <= n+1; near++ {
			switch {
			case !isText:
				hints = append(hints, strconv.FormatFloat(near, 'f', -1, 64))
			case near >= 0 && near <= 1000:
				hints = append(hints, f.quote(f.token(int(near))))
			}
		}
	}
	if isText {
		hints = append(hints, "'{}'")
	}
	return hints
}
