package verify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// target is a table that gets rows.
type target struct {
	*schema.Table
	// was is the table in the schema that its rows have to fit too; nil for none.
	was *schema.Table
	// columns are those that take values.
	columns []*schema.Column
	// unique are the sets of columns that no two rows have alike, and taken what is
	// there of each.
	unique [][]string
	taken  []map[string]bool
	// counted is the column that counts, and last its last value; nil for none.
	counted *schema.Column
	last    int64
	// hints are values that a check mentions, by column.
	hints map[string][]string
}

// target looks at a table that is to get rows.
func (f *filler) target(table *schema.Table, old func(string) *schema.Table) *target {
	t := &target{Table: table, hints: map[string][]string{}}
	if old != nil {
		t.was = old(table.Name)
	}
	for _, c := range table.Columns {
		if !computed(c) {
			t.columns = append(t.columns, c)
		}
	}
	t.unique = uniqueKeys(table)
	if t.was != nil {
		t.unique = append(t.unique, slices.DeleteFunc(uniqueKeys(t.was), func(key []string) bool {
			return slices.ContainsFunc(key, func(c string) bool { _, found := table.Column(c); return !found })
		})...)
	}
	t.taken = make([]map[string]bool, len(t.unique))
	for i := range t.taken {
		t.taken[i] = map[string]bool{}
	}
	for _, c := range table.Columns {
		number, ok := c.Type.Type.(*schema.IntegerType)
		sized := f.values
		if typ, known := f.declared(table, c); known {
			number, ok = typ.(*schema.IntegerType)
			sized.dialect = plan.MySQL
		}
		if ok && (slices.Equal(keyOf(table), []string{c.Name}) || counts(c)) {
			_, largest := sized.limits(number)
			// Not from 1: a migration may insert rows of its own there.
			t.counted, t.last = c, int64(min(1000, largest/3))
		}
		t.hints[c.Name] = f.hintsFor(table, c)
	}
	rows := f.rows[table.Name]
	for _, values := range rows.rows {
		row := map[string]string{}
		for i, c := range rows.columns {
			row[c] = values[i]
		}
		t.remember(row)
	}
	return t
}

// uniqueKeys lists the unique sets of columns. Parts that are expressions are
// left to the database to judge.
func uniqueKeys(t *schema.Table) (keys [][]string) {
	if key := keyOf(t); key != nil {
		keys = append(keys, key)
	}
	for _, index := range t.Indexes {
		var key []string
		for _, p := range index.Parts {
			if p.C != nil {
				key = append(key, p.C.Name)
			}
		}
		if index.Unique && len(key) == len(index.Parts) {
			keys = append(keys, key)
		}
	}
	return keys
}

// remember notes what of a row is taken.
func (t *target) remember(row map[string]string) {
	for i, key := range t.unique {
		if id, full := keyText(key, row); full {
			t.taken[i][id] = true
		}
	}
	if t.counted != nil {
		if n, err := strconv.ParseInt(row[t.counted.Name], 10, 64); err == nil {
			t.last = max(t.last, n)
		}
	}
}

// keyText is a unique key's values as one text; full is false when one is NULL,
// and the key therefore never taken.
func keyText(key []string, row map[string]string) (text string, full bool) {
	values := make([]string, len(key))
	for i, c := range key {
		if values[i] = row[c]; values[i] == null {
			return "", false
		}
	}
	// Many collations take A for a.
	return strings.ToLower(strings.Join(values, "\x00")), true
}

// forget drops from a copied row what a unique key needs to be new, and with a
// column of a foreign key its others.
func (t *target) forget(row map[string]string) {
	drop := map[string]bool{}
	for i, key := range t.unique {
		if id, full := keyText(key, row); full && t.taken[i][id] {
			for _, c := range key {
				drop[c] = true
			}
		}
	}
	for more := true; more; {
		more = false
		for _, fk := range t.ForeignKeys {
			if slices.ContainsFunc(fk.Columns, func(c *schema.Column) bool { return drop[c.Name] }) {
				for _, c := range fk.Columns {
					more = more || !drop[c.Name]
					drop[c.Name] = true
				}
			}
		}
	}
	for c := range drop {
		delete(row, c)
	}
}

// inKey says that a column is part of a unique key.
func (t *target) inKey(column string) bool {
	return slices.ContainsFunc(t.unique, func(key []string) bool { return slices.Contains(key, column) })
}

// isTaken says that a unique key of a row, as far as it is known, is there already.
func (t *target) isTaken(row map[string]string) bool {
	for i, key := range t.unique {
		known := !slices.ContainsFunc(key, func(c string) bool { _, set := row[c]; return !set })
		if id, full := keyText(key, row); known && full && t.taken[i][id] {
			return true
		}
	}
	return false
}

var (
	quotedIn = regexp.MustCompile(`'((?:[^'\\]|''|\\.)*)'`)
	numberIn = regexp.MustCompile(`(?:^|[^\pL\d_.'])(-?\d+(?:\.\d+)?)`)
)

// hintsFor reads from the checks that mention a column which values it may have:
// the texts and numbers that stand there, what is next to a number, texts of such
// a length, and the default.
func (f *filler) hintsFor(t *schema.Table, c *schema.Column) (hints []string) {
	_, isText := c.Type.Type.(*schema.StringType)
	_, typed := f.declared(t, c)
	mentioned := regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + regexp.QuoteMeta(c.Name) + `($|[^\pL\pN_])`)
	for _, check := range t.Checks() {
		if typed && check.Name == declared.TypeCheckName(t.Name, c.Name) {
			continue // known without a hint
		}
		if !mentioned.MatchString(check.Expr) {
			continue
		}
		expression := strings.ReplaceAll(check.Expr, `\'`, `'`) // as MySQL gives it
		for _, m := range quotedIn.FindAllStringSubmatch(expression, -1) {
			hints = append(hints, quoteText(f.dialect, strings.ReplaceAll(m[1], "''", "'")))
		}
		for _, m := range numberIn.FindAllStringSubmatch(quotedIn.ReplaceAllString(expression, ""), -1) {
			n, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				continue
			}
			for _, near := range []float64{n - 1, n, n + 1} {
				switch {
				case !isText:
					hints = append(hints, strconv.FormatFloat(near, 'f', -1, 64))
				case near >= 0 && near <= 1000:
					hints = append(hints, quoteText(f.dialect, f.token(int(near))))
				}
			}
		}
		if isText {
			hints = append(hints, "'{}'")
		}
		if d, ok := c.Default.(*schema.Literal); ok {
			hints = append(hints, d.V)
		}
	}
	return hints
}
