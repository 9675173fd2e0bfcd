package verify

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// prepare changes generated rows that the file f would refuse although it is correct: those that refer to no row by a
// foreign key that f adds, and those with numbers so large that a generated column that f adds has no room for its
// value. The snapshot of the file says what it adds; without one, prepare does nothing. It ignores errors of the
// database: then the file fails.
func (r *roundtrip) prepare(ctx context.Context, f plan.File) error {
	next, err := r.snapshot(f.Version())
	if next == nil {
		return err
	}
	now, err := r.read(ctx, r.DB)
	if err != nil {
		return err
	}
	names := parseRenames(f.Statements, now.Schema)
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
			if _, found := was.Column(before(names.columns[t.Name], c.Name)); generated && !found {
				r.useSmallNumbers(ctx, was, names.columns[t.Name], expr.Expr)
			}
		}
	}
	return nil
}

// snapshot returns the schema of a version, or nil if it has no snapshot.
func (r *roundtrip) snapshot(version string) (*schema.Schema, error) {
	name := "snapshots/" + version + ".hcl"
	text, err := fs.ReadFile(r.Migrations, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
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
