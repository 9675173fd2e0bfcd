package plan

import (
	"context"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// renameIndexesOf finds indexes that differ only in their names, and renames them instead
// of building them again.
func renameIndexesOf(ctx context.Context, m *schema.ModifyTable) (*schema.ModifyTable, error) {
	added := map[string]*schema.AddIndex{}
	for _, action := range m.Changes {
		if c, ok := action.(*schema.AddIndex); ok {
			is, err := definition(ctx, m.T, c.I)
			if err != nil {
				return nil, err
			}
			if added[is] == nil {
				added[is] = c
			}
		}
	}
	renamed := map[schema.Change]*schema.RenameIndex{}
	for _, action := range m.Changes {
		if c, ok := action.(*schema.DropIndex); ok && len(added) > 0 {
			is, err := definition(ctx, m.T, c.I)
			if err != nil {
				return nil, err
			}
			if to := added[is]; to != nil {
				renamed[c], renamed[to] = &schema.RenameIndex{From: c.I, To: to.I}, nil
				delete(added, is)
			}
		}
	}
	with := &schema.ModifyTable{T: m.T}
	for _, action := range m.Changes {
		switch to, ok := renamed[action]; {
		case !ok:
			with.Changes = append(with.Changes, action)
		case to != nil:
			with.Changes = append(with.Changes, to)
		}
	}
	return with, nil
}

// definition returns an index as SQL, without its name.
func definition(ctx context.Context, t *schema.Table, i *schema.Index) (string, error) {
	nameless := *i
	nameless.Name = "-"
	statements, err := planned(ctx, mysql.DefaultPlan, []schema.Change{
		&schema.ModifyTable{T: t, Changes: []schema.Change{&schema.AddIndex{I: &nameless}}},
	})
	if err != nil {
		return "", err
	}
	return statements[0].Cmd, nil
}
