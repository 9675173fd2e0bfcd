package plan

import (
	"regexp"
	"slices"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// Effect is what a statement does to the schema.
type Effect struct {
	Statement string
	// Before and after are the schemas around the statement or, where the effect is
	// known from snapshots, around its file.
	Before, After *schema.Schema
	// Changes lead from before to after; none for a statement about rows or settings.
	Changes []schema.Change
	// Rebuilds names the table that SQLite copies, beginning with this statement: its
	// changes are those of the whole copy. copies marks the others of the copy.
	Rebuilds string
	Copies   bool
	// Sources has what each column is filled with by the copy that begins here.
	Sources map[string]string
	// Problem is why the scratch database refused the statement.
	Problem error
	// Clause is why the server does not take the ALGORITHM or LOCK that the statement asks
	// for; the rest of it has run.
	Clause error
	// Unknown says that it was written by hand, and there is no scratch database.
	Unknown bool
}

// Compare returns what leads from one schema to another of the same kind: both
// inspected, or both read from HCL. Names, collations and counters of the databases do not
// count: a table states its own collation.
func (d Dialect) Compare(from, to *schema.Schema) ([]schema.Change, error) {
	for _, s := range []*schema.Schema{from, to} {
		s.Name, s.Attrs = "", nil
		for _, t := range s.Tables {
			t.Attrs = slices.DeleteFunc(t.Attrs, func(a schema.Attr) bool {
				_, counter := a.(*mysql.AutoIncrement)
				return counter
			})
		}
	}
	return d.diff(from, to)
}

// renaming recognises a statement in which something may get another name.
var renaming = regexp.MustCompile(`(?i)\b(?:RENAME|CHANGE)\b`)

// between returns what a statement changed, given the schemas around it. Two schemas
// do not tell a rename from a drop and an addition: the statement does.
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

// pairTables makes renames of tables that go while others with the same columns come.
// A rename is all that its statement does.
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

// pairColumns makes a rename of a column that goes while another one comes; source
// says which column another is copied from, where that is known. What names the column
// follows it, and is not a change.
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

// columnKind says in what two columns differ beside their names.
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
