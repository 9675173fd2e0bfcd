package resource

// Column is one column of a table in plain words, for packages that compare tables
// with something else and do not import this one.
type Column struct {
	Table, Name string
	// Kind is the column's [Type].
	Kind string
	Null bool
	// Size is how many characters a text may have; 0 is no limit.
	Size int
}

// Columns returns the columns of tables, table by table.
func Columns(tables []*Table) (all []Column) {
	for _, t := range tables {
		for _, f := range t.Fields {
			all = append(all, Column{Table: t.Name, Name: f.Name, Kind: string(f.Type), Null: f.Nullable, Size: f.Size})
		}
	}
	return all
}
