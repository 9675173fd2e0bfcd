package plan

import (
	"slices"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// recollated returns changes for the text columns that inherit the charset and collation of a
// table, if these change. An ALTER of the table does not change existing columns.
func recollated(m *schema.ModifyTable) (columns []schema.Change) {
	changes, changed := false, map[string]bool{}
	for _, action := range m.Changes {
		switch c := action.(type) {
		case *schema.AddAttr:
			changes = changes || collates(c.A)
		case *schema.ModifyAttr:
			changes = changes || collates(c.To)
		case *schema.AddColumn:
			changed[c.C.Name] = true
		case *schema.ModifyColumn:
			changed[c.To.Name] = true
		}
	}
	if !changes {
		return nil
	}
	for _, c := range m.T.Columns {
		switch c.Type.Type.(type) {
		case *schema.StringType, *schema.EnumType, *mysql.SetType:
			if !changed[c.Name] && !slices.ContainsFunc(c.Attrs, collates) {
				columns = append(columns, &schema.ModifyColumn{From: c, To: c, Change: schema.ChangeCollate})
			}
		}
	}
	return columns
}

func collates(a schema.Attr) bool {
	switch a.(type) {
	case *schema.Charset, *schema.Collation:
		return true
	}
	return false
}

// splitPrimaryKey returns the actions on the primary key and its columns separately: they
// must be one statement, because an auto_increment column must always be a key.
func splitPrimaryKey(actions []schema.Change) (others, key []schema.Change) {
	columns := map[string]bool{}
	has := false
	for _, action := range actions {
		var parts []*schema.IndexPart
		switch c := action.(type) {
		case *schema.AddPrimaryKey:
			parts = c.P.Parts
		case *schema.DropPrimaryKey:
			parts = c.P.Parts
		case *schema.ModifyPrimaryKey:
			parts = append(append(parts, c.From.Parts...), c.To.Parts...)
		default:
			continue
		}
		has = true
		for _, p := range parts {
			if p.C != nil {
				columns[p.C.Name] = true
			}
		}
	}
	if !has {
		return actions, nil
	}
	for _, action := range actions {
		part := false
		switch c := action.(type) {
		case *schema.AddPrimaryKey, *schema.DropPrimaryKey, *schema.ModifyPrimaryKey:
			part = true
		case *schema.AddColumn:
			part = columns[c.C.Name]
		case *schema.ModifyColumn:
			part = columns[c.To.Name]
		case *schema.DropColumn:
			part = columns[c.C.Name]
		}
		if part {
			key = append(key, action)
		} else {
			others = append(others, action)
		}
	}
	return others, key
}

// sortGenerated moves the generated columns to the end of the columns that are added, and in
// reverse order to the start of those that are dropped: the others must exist as long as they.
func sortGenerated(added, dropped []schema.Change) {
	position := func(i int, change schema.Change) int {
		switch c := change.(*schema.ModifyTable).Changes[0].(type) {
		case *schema.AddColumn:
			if isComputed(c.C) {
				return 1
			}
		case *schema.DropColumn:
			if isComputed(c.C) {
				return -1 - i
			}
		}
		return 0
	}
	for _, changes := range [][]schema.Change{added, dropped} {
		at := map[schema.Change]int{}
		for i, c := range changes {
			at[c] = position(i, c)
		}
		slices.SortStableFunc(changes, func(a, b schema.Change) int { return at[a] - at[b] })
	}
}
