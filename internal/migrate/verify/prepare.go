package verify

import (
	"context"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// prepare changes generated rows that the file f would refuse although it is correct: those that refer to no row by a
// foreign key that f adds or fills, those with numbers so large that a generated column that f adds has no room for
// its value, and those with values that a new type, CHECK or unique key does not accept. The snapshot of the file says
// what it adds; without one, prepare does nothing. now is the state of the database; prepare updates its rows.
// It ignores errors of the database: then the file fails.
func (r *roundtrip) prepare(ctx context.Context, f plan.File, now *state) error {
	next, err := r.snapshot(f.Version())
	if next == nil {
		return err
	}
	names := parseRenames(f.Statements, now.Schema)
	if r.addParents(ctx, f, now, next, names) {
		if now.rows, err = r.rowsOf(ctx, r.DB, now.Schema); err != nil {
			return err
		}
	}
	for _, t := range next.Tables {
		was, found := now.Table(before(names.tables, t.Name))
		if !found {
			continue
		}
		for _, fk := range t.ForeignKeys {
			parent, found := now.Table(before(names.tables, fk.RefTable.Name))
			columns := columnsBefore(was, names.columns[t.Name], fk.Columns)
			if !found || columns == nil {
				continue
			}
			if refs := columnsBefore(parent, names.columns[fk.RefTable.Name], fk.RefColumns); refs != nil {
				r.referToRows(ctx, was, columns, tuples(now.rows[was], columns), tuples(now.rows[parent], refs))
			}
		}
		for _, c := range t.Columns {
			expr, generated := declared.AttrOf[*schema.GeneratedExpr](c.Attrs)
			if generated && r.isNewLimit(was, t, before(names.columns[t.Name], c.Name), c) {
				r.useSmallNumbers(ctx, was, names.columns[t.Name], expr.Expr)
			}
		}
		p := preparation{values{r.Dialect, r.random}, r.DB, was, t, names.columns[t.Name]}
		p.fitTypes(ctx, now.rows[was])
		p.fitChecks(ctx)
		if fitted, err := r.rowsOf(ctx, r.DB, schema.New("").AddTables(was)); err == nil {
			p.fitKeys(ctx, fitted[was])
		}
	}
	now.rows, err = r.rowsOf(ctx, r.DB, now.Schema)
	return err
}

// filled matches the statement that fills a new column of existing rows.
var filled = lazyregexp.New("(?is)^UPDATE (`(?:[^`]|``)+`) SET (`(?:[^`]|``)+`) = (.+) WHERE `(?:[^`]|``)+` " +
	"IS NULL;?$")

// addParents gives parents the keys with which the file fills new foreign keys. It reports whether it changed rows.
func (r *roundtrip) addParents(
	ctx context.Context, f plan.File, now *state, next *schema.Schema, names renames,
) (changed bool) {
	for _, statement := range f.Statements {
		m := filled.FindStringSubmatch(statement)
		if m == nil {
			continue
		}
		for _, t := range next.Tables {
			for _, fk := range t.ForeignKeys {
				parent, found := now.Table(before(names.tables, fk.RefTable.Name))
				if !found || plan.Quote(t.Name) != m[1] || len(fk.Columns) != 1 || plan.Quote(fk.Columns[0].Name) != m[2] {
					continue
				}
				key := before(names.columns[fk.RefTable.Name], fk.RefColumns[0].Name)
				for _, values := range now.rows[parent] { // a row to which others refer keeps its key
					if _, err := r.DB.ExecContext(ctx, "UPDATE "+plan.Quote(parent.Name)+" SET "+plan.Quote(key)+" = "+m[3]+
						" WHERE "+identity(parent, values)); err == nil {
						changed = true
						break
					}
				}
			}
		}
	}
	return changed
}

// isNewLimit reports whether a generated column is new in a table, or gets the CHECK of its type.
func (r *roundtrip) isNewLimit(was, next *schema.Table, old string, c *schema.Column) bool {
	if _, found := was.Column(old); !found {
		return true
	}
	limit := func(t *schema.Table, column string) bool {
		return slices.ContainsFunc(t.Checks(), func(check *schema.Check) bool {
			return check.Name == declared.TypeCheckName(t.Name, column)
		})
	}
	return limit(next, c.Name) && !limit(was, old)
}

// snapshot returns the schema of the last snapshot up to a version, or nil if there is none.
func (r *roundtrip) snapshot(version string) (*schema.Schema, error) {
	names, err := fs.Glob(r.Migrations, "snapshots/*.hcl") // sorted
	names = slices.DeleteFunc(names, func(name string) bool { return name > "snapshots/"+version+".hcl" })
	if err != nil || len(names) == 0 {
		return nil, err
	}
	name := names[len(names)-1]
	text, err := fs.ReadFile(r.Migrations, name)
	if err != nil {
		return nil, err
	}
	if r.Dialect == plan.SQLite {
		return declared.SQLite(name, text)
	}
	return declared.MySQL(name, text)
}

// columnsBefore returns the stored columns of a table before the file, or nil if one does not exist.
func columnsBefore(was *schema.Table, renamed map[string]string, columns []*schema.Column) (all []*schema.Column) {
	for _, c := range columns {
		old, found := was.Column(before(renamed, c.Name))
		if !found || isGenerated(old) {
			return nil
		}
		all = append(all, old)
	}
	return all
}

// tuples returns the different values of columns in rows, without those that have a NULL.
func tuples(rows []row, columns []*schema.Column) (all [][]string) {
	for _, values := range rows {
		var tuple []string
		for _, c := range columns {
			tuple = append(tuple, values[c])
		}
		if !slices.Contains(tuple, null) && !contains(all, tuple) {
			all = append(all, tuple)
		}
	}
	return all
}

func contains(all [][]string, tuple []string) bool {
	return slices.ContainsFunc(all, func(other []string) bool { return slices.Equal(other, tuple) })
}

// referToRows replaces the values in have that are not in parents: by those of parents, by each only once if they are
// unique. If the database refuses that, or there are no parents left, it sets a nullable column to NULL, or deletes the
// rows.
func (r *roundtrip) referToRows(
	ctx context.Context, t *schema.Table, columns []*schema.Column, have, parents [][]string,
) {
	unique, next := isUnique(t, columns), 0
	free := slices.DeleteFunc(slices.Clone(parents), func(p []string) bool { return unique && contains(have, p) })
	for _, tuple := range have {
		if contains(parents, tuple) {
			continue
		}
		var changes []string
		if next < len(free) || !unique && len(free) > 0 {
			changes = append(changes, "UPDATE "+plan.Quote(t.Name)+" SET "+equations(columns, free[next%len(free)], ", "))
			next++
		}
		for _, c := range columns {
			if mayBeNull(t, c) {
				changes = append(changes, "UPDATE "+plan.Quote(t.Name)+" SET "+plan.Quote(c.Name)+" = "+null)
			}
		}
		for _, change := range append(changes, "DELETE FROM "+plan.Quote(t.Name)) {
			if _, err := r.DB.ExecContext(ctx, change+" WHERE "+equations(columns, tuple, " AND ")); err == nil {
				break
			}
		}
	}
}

// isUnique reports whether two rows cannot have the same values of columns.
func isUnique(t *schema.Table, columns []*schema.Column) bool {
	return slices.ContainsFunc(append([]*schema.Index{t.PrimaryKey}, t.Indexes...), func(index *schema.Index) bool {
		key := columnsOf(index)
		return len(key) > 0 && (index == t.PrimaryKey || index.Unique) &&
			!slices.ContainsFunc(key, func(c *schema.Column) bool { return !slices.Contains(columns, c) })
	})
}

// equations returns a = 1, b = 2 for columns and values.
func equations(columns []*schema.Column, values []string, separator string) string {
	var all []string
	for i, c := range columns {
		all = append(all, plan.Quote(c.Name)+" = "+values[i])
	}
	return strings.Join(all, separator)
}

// useSmallNumbers replaces the large and the negative numbers in the columns that an expression mentions. renamed are
// the columns that the file renames.
func (r *roundtrip) useSmallNumbers(ctx context.Context, t *schema.Table, renamed map[string]string, expr string) {
	for _, c := range stored(t) {
		name := regexp.QuoteMeta(after(renamed, c.Name))
		if !regexp.MustCompile(`(^|[^\pL\pN_])` + name + `($|[^\pL\pN_])`).MatchString(expr) {
			continue
		}
		one := "1"
		switch typ := (values{r.Dialect, r.random}).typeOf(t, c).(type) {
		case *schema.IntegerType, *schema.FloatType:
		case *schema.DecimalType:
			if r.Dialect == plan.SQLite {
				one = declared.SQLiteDecimal(typ, one)
			}
		default:
			continue
		}
		quoted := plan.Quote(c.Name)
		_, _ = r.DB.ExecContext(ctx, "UPDATE "+plan.Quote(t.Name)+" SET "+quoted+" = "+one+
			" WHERE "+quoted+" < 0 OR "+quoted+" > 50")
	}
}
