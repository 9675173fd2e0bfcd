package verify

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// target is a table that gets rows.
type target struct {
	*schema.Table
	// was is the table in the schema that its rows must fit too; nil for none.
	was *schema.Table
	// unique are the sets of columns that no two rows have alike.
	unique [][]*schema.Column
	// hints are values that a check mentions, by column.
	hints map[*schema.Column][]string
}

// target looks at a table that gets rows, and at the table in the old schema; nil for none.
func (f *filler) target(table *schema.Table, old *schema.Schema) *target {
	t := &target{Table: table, hints: map[*schema.Column][]string{}}
	sides := []*schema.Table{table}
	if old != nil {
		if was, found := old.Table(table.Name); found {
			t.was, sides = was, append(sides, was)
		}
	}
	for _, side := range sides {
		for _, index := range append([]*schema.Index{side.PrimaryKey}, side.Indexes...) {
			if index == nil || index != side.PrimaryKey && !index.Unique {
				continue
			}
			var key []*schema.Column
			for _, column := range columnsOf(index) {
				if c, found := table.Column(column.Name); found {
					key = append(key, c)
				}
			}
			// Expressions are left to the database.
			if len(key) == len(index.Parts) {
				t.unique = append(t.unique, key)
			}
		}
	}
	for _, c := range table.Columns {
		t.hints[c] = f.hintsFor(table, c)
	}
	return t
}

// inOld returns a column as it is in the schema that rows must fit too; nil for none.
func (t *target) inOld(c *schema.Column) *schema.Column {
	if t.was == nil {
		return nil
	}
	was, _ := t.was.Column(c.Name)
	return was
}

func (t *target) mayBeNull(c *schema.Column) bool {
	was := t.inOld(c)
	return mayBeNull(t.Table, c) && (was == nil || mayBeNull(t.was, was))
}

// propose makes the number-th row of a table. ok is false when this try came to nothing. A
// model's values are kept as far as no unique key forbids it.
func (f *filler) propose(t *target, number, try int, model row) (made row, ok bool) {
	made = t.copyOf(model)
	// The edges in turn; later tries mix them, and spend few on edges that are taken.
	choose := func(c *schema.Column) edge {
		if try == 0 && number < int(edges) && model == nil {
			return edge(number)
		}
		inKey := slices.ContainsFunc(t.unique, func(key []*schema.Column) bool { return slices.Contains(key, c) })
		if inKey && f.random.IntN(8) > 0 {
			return plain
		}
		return edge(f.random.IntN(int(edges)))
	}
	for _, fk := range t.ForeignKeys {
		if !f.refer(t, fk, made, choose(fk.Columns[0]) == none) {
			return nil, false
		}
	}
	for _, c := range stored(t.Table) {
		if _, set := made[c]; set {
			continue
		}
		if made[c], ok = f.valueFor(t, c, choose(c), try); !ok {
			return nil, false
		}
	}
	for _, fk := range t.ForeignKeys {
		for i, c := range fk.Columns {
			if made[c] == itself {
				made[c] = made[fk.RefColumns[i]]
			}
		}
	}
	return made, !f.taken(t, made)
}

// copyOf copies what a new row can have of a row: no column that the old schema lacks, no
// unique key, and foreign keys as a whole.
func (t *target) copyOf(model row) row {
	made := row{}
	maps.Copy(made, model)
	maps.DeleteFunc(made, func(c *schema.Column, _ string) bool { return t.inOld(c) == nil })
	for _, key := range t.unique {
		if !slices.ContainsFunc(key, func(c *schema.Column) bool { return model[c] == null }) {
			for _, c := range key {
				delete(made, c)
			}
		}
	}
	for _, fk := range t.ForeignKeys {
		if slices.ContainsFunc(fk.Columns, func(c *schema.Column) bool { return made[c] == "" }) {
			for _, c := range fk.Columns {
				delete(made, c)
			}
		}
	}
	return made
}

// valueFor returns a value of a column of a new row; ok is false for a type that is not
// known.
func (f *filler) valueFor(t *target, c *schema.Column, e edge, try int) (value string, ok bool) {
	if number, ok := f.typeOf(t.Table, c).(*schema.IntegerType); ok &&
		(slices.Equal(keyOf(t.Table), []*schema.Column{c}) || counts(c)) {
		// Not from 1: a migration may insert rows of its own there.
		_, greatest := declared.IntegerRange(number)
		last := min(1000, greatest/3)
		for _, r := range f.rows[t.Table] {
			if n, err := strconv.ParseInt(r[c], 10, 64); err == nil {
				last = max(last, n)
			}
		}
		return strconv.FormatInt(last+1, 10), true
	}
	if e == none && t.mayBeNull(c) {
		return null, true
	}
	if hints := t.hints[c]; e != none && len(hints) > 0 && try > 0 && f.random.IntN(4) > 0 {
		return hints[f.random.IntN(len(hints))], true
	}
	typ, from := f.typeOf(t.Table, c), c
	if was := t.inOld(c); was != nil && try%2 == 0 {
		typ, from = f.typeOf(t.was, was), was
	}
	if value, ok = f.of(typ, charsetOf(from), e); !ok && t.mayBeNull(c) {
		return null, true
	}
	return value, ok
}

// itself stands for the row's own value, where a row refers to itself.
const itself = "\x00itself"

// refer sets the columns of a foreign key to those of some row of the table it refers to,
// or to NULL. Columns that are set are kept.
func (f *filler) refer(t *target, fk *schema.ForeignKey, made row, preferNull bool) bool {
	var open []*schema.Column
	for _, c := range fk.Columns {
		if value, set := made[c]; !set {
			open = append(open, c)
		} else if value == null {
			preferNull = true // one is enough
		}
	}
	if len(open) == 0 {
		return true
	}
	setNull := func() (done bool) {
		for _, c := range open {
			if t.mayBeNull(c) {
				made[c], done = null, true
			}
		}
		return done
	}
	if preferNull && setNull() {
		return true
	}
	parents := f.parents(fk, made)
	for _, i := range f.random.Perm(len(parents)) {
		for j, c := range fk.Columns {
			made[c] = parents[i][fk.RefColumns[j]]
		}
		if !f.taken(t, made) {
			return true
		}
	}
	for _, c := range open {
		delete(made, c)
	}
	if setNull() {
		return true
	}
	for _, c := range open {
		made[c] = itself
	}
	return fk.RefTable == t.Table && len(parents) == 0
}

// parents lists the rows that a foreign key may refer to, given what of it is set.
func (f *filler) parents(fk *schema.ForeignKey, made row) (list []row) {
	for _, parent := range f.rows[fk.RefTable] {
		fits := true
		for i, c := range fk.Columns {
			value, found := parent[fk.RefColumns[i]] // not found: a computed one
			wanted, set := made[c]
			fits = fits && found && value != null && (!set || wanted == value)
		}
		if fits {
			list = append(list, parent)
		}
	}
	return list
}

// taken says that a row exists with a unique key of this one, as far as it is known.
func (f *filler) taken(t *target, made row) bool {
	return slices.ContainsFunc(f.rows[t.Table], func(r row) bool {
		return slices.ContainsFunc(t.unique, func(key []*schema.Column) bool {
			return !slices.ContainsFunc(key, func(c *schema.Column) bool {
				// Many collations take A for a.
				value, set := made[c]
				return !set || value == null || !strings.EqualFold(value, r[c])
			})
		})
	})
}

var (
	quotedIn = regexp.MustCompile(`'((?:[^'\\]|''|\\.)*)'`)
	numberIn = regexp.MustCompile(`(?:^|[^\pL\d_.'])(-?\d+(?:\.\d+)?)`)
)

// hintsFor reads from the checks that mention a column which values it may have: the texts
// and numbers in them, what is next to a number, texts of such a length, and the default.
func (f *filler) hintsFor(t *schema.Table, c *schema.Column) (hints []string) {
	_, isText := c.Type.Type.(*schema.StringType)
	_, typed := declared.TypeOf(t, c)
	mentioned := regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + regexp.QuoteMeta(c.Name) + `($|[^\pL\pN_])`)
	for _, check := range t.Checks() {
		if typed && check.Name == declared.TypeCheckName(t.Name, c.Name) || !mentioned.MatchString(check.Expr) {
			continue // what a type takes is known without a hint
		}
		expression := strings.ReplaceAll(check.Expr, `\'`, `'`) // as MySQL writes it
		for _, m := range quotedIn.FindAllStringSubmatch(expression, -1) {
			hints = append(hints, f.quote(strings.ReplaceAll(m[1], "''", "'")))
		}
		for _, m := range numberIn.FindAllStringSubmatch(quotedIn.ReplaceAllString(expression, ""), -1) {
			n, err := strconv.ParseFloat(m[1], 64)
			for near := n - 1; err == nil && near <= n+1; near++ {
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
		if d, ok := c.Default.(*schema.Literal); ok {
			hints = append(hints, d.V)
		}
	}
	return hints
}
