package resource

// Column is one column of a table in plain words, for those who compare the
// models with something else.
type Column struct {
	Table, Name string
	// Kind is the column's [Type].
	Kind string
	Null bool
	// Size is how many characters a text may have; 0 is no limit.
	Size int
}

// Columns lists the columns of all tables, table by table.
func Columns() (all []Column) {
	for _, t := range Tables {
		for _, f := range t.Fields {
			all = append(all, Column{Table: t.Name, Name: f.Name, Kind: string(f.Type), Null: f.Nullable, Size: f.Size})
		}
	}
	return all
}
