package resource

// AllowEmptyTexts lets required texts be empty. Without it, an empty text is a missing one.
// An adopted database needs it, because other programs write empty texts to columns that are
// NOT NULL.
func AllowEmptyTexts(tables []*Table) {
	for _, t := range tables {
		for _, f := range t.Fields {
			f.MayBeEmpty = true
		}
	}
}
