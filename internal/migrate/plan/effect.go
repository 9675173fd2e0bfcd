package plan

import (
	"slices"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"
)

// Effect is the effect of a statement on the schema.
type Effect struct {
	Statement string
	// Before and After are the schemas before and after the statement. If the effect is
	// known from snapshots, they are the schemas before and after the file.
	Before, After *schema.Schema
	// Changes are the changes from Before to After; none for a statement about rows or
	// settings.
	Changes []schema.Change
	// Rebuilds is the table that SQLite copies, if the copy starts with this statement.
	// Changes are then the changes of the whole copy.
	Rebuilds string
	// Copies is true for the other statements of the copy.
	Copies bool
	// Sources maps each column of the copy that starts here to the source of its values.
	Sources map[string]string
	// Problem is the error with which the scratch database rejected the statement.
	Problem error
	// Clause is the error with which the server rejected the ALGORITHM or LOCK of the
	// statement. The statement has run without it.
	Clause error
	// Unknown is true if the effect is unknown: the statement was written by hand, and there
	// is no scratch database.
	Unknown bool
}

// Compare returns the changes from one schema to another. Both must be inspected, or both
// parsed from HCL. It ignores the names and collations of the databases, because each table
// states its own, and AUTO_INCREMENT counters.
func (d Dialect) Compare(from, to *schema.Schema) ([]schema.Change, error) {
	for _, s := range []*schema.Schema{from, to} {
		s.Name, s.Attrs = "", nil
		if d.Name == SQLite {
			declared.NameUniques(s)
		}
		for _, t := range s.Tables {
			t.Attrs = slices.DeleteFunc(t.Attrs, func(a schema.Attr) bool {
				_, counter := a.(*mysql.AutoIncrement)
				return counter
			})
		}
	}
	return d.diff(from, to)
}

// renaming matches a statement that may rename something.
var renaming = lazyregexp.New(`(?i)\b(?:RENAME|CHANGE)\b`)

// between returns the changes of a statement, from the schemas before and after it. It reads
// the statement to distinguish a rename from a drop and an addition.
func (d Dialect) between(before, after *schema.Schema, statement string) ([]schema.Change, error) {
	changes, err := d.Compare(before, after)
	if err != nil || !renaming.MatchString(statement) {
		return changes, err
	}
	var all []schema.Change
	for _, c := range pairTables(changes) {
		if m, ok := c.(*schema.ModifyTable); ok {
			c = pairColumns(m, nil)
		}
		all = append(all, c)
	}
	return all, nil
}

// pairTables replaces a dropped table and an added table with the same columns by a rename.
// If it finds a rename, it returns only renames.
func pairTables(changes []schema.Change) []schema.Change {
	tables := changesOf(changes)
	var renamed []schema.Change
	for _, gone := range tables.dropped {
		i := slices.IndexFunc(tables.added, func(a *schema.AddTable) bool {
			return slices.EqualFunc(gone.T.Columns, a.T.Columns, func(a, b *schema.Column) bool { return a.Name == b.Name })
		})
		if i >= 0 {
			renamed = append(renamed, &schema.RenameTable{From: gone.T, To: tables.added[i].T})
			tables.added = slices.Delete(tables.added, i, i+1)
		}
	}
	if len(renamed) == 0 {
		return changes
	}
	return renamed
}

// pairColumns replaces a dropped and an added column by a rename. source maps an added column
// to the column that it is copied from; nil if unknown. Without source, changes of objects
// that refer to the column are part of the rename.
func pairColumns(m *schema.ModifyTable, source map[string]string) *schema.ModifyTable {
	var gone []*schema.DropColumn
	var come []*schema.AddColumn
	for _, part := range m.Changes {
		switch c := part.(type) {
		case *schema.DropColumn:
			gone = append(gone, c)
		case *schema.AddColumn:
			come = append(come, c)
		}
	}
	paired := &schema.ModifyTable{T: m.T}
	skip := map[schema.Change]bool{}
	for i, from := range gone {
		j := slices.IndexFunc(come, func(to *schema.AddColumn) bool { return source[to.C.Name] == from.C.Name })
		if source == nil && len(gone) == len(come) {
			j = i
		}
		if j < 0 {
			continue
		}
		to := come[j]
		skip[from], skip[to] = true, true
		paired.Changes = append(paired.Changes, &schema.RenameColumn{From: from.C, To: to.C})
		if kind := columnKind(from.C, to.C); kind != schema.NoChange {
			paired.Changes = append(paired.Changes, &schema.ModifyColumn{From: from.C, To: to.C, Change: kind})
		}
	}
	for _, part := range m.Changes {
		if !skip[part] && (len(skip) == 0 || source != nil) {
			paired.Changes = append(paired.Changes, part)
		}
	}
	return paired
}

// columnKind returns the differences between two columns, without their names.
func columnKind(a, b *schema.Column) (kind schema.ChangeKind) {
	if typeText(a.Type.Type) != typeText(b.Type.Type) {
		kind |= schema.ChangeType
	}
	if a.Type.Null != b.Type.Null {
		kind |= schema.ChangeNull
	}
	if defaultText(a.Default) != defaultText(b.Default) {
		kind |= schema.ChangeDefault
	}
	return kind
}
