package lint

import (
	"slices"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// foldRebuilds finds the tables that are rebuilt, which is how SQLite changes
// what its ALTER TABLE cannot:
//
//	CREATE TABLE new_t; INSERT INTO new_t SELECT … FROM t; DROP TABLE t;
//	ALTER TABLE new_t RENAME TO t; CREATE INDEX … ON t
//
// Taken one by one the statements drop a table. Together they change one: the
// change stands with the first statement, and the others change nothing. Without
// an INSERT of all rows it is left as it is, because then rows are lost.
func (p *pass) foldRebuilds() {
	for i, create := range p.steps {
		made, ok := only[*schema.AddTable](create.changes)
		if !ok || create.before == nil {
			continue
		}
		drop, rename := p.rebuildOf(i, made.T.Name)
		if drop == nil || rename == nil {
			continue
		}
		name := rename.changes[0].(*schema.RenameTable).To.Name
		old, ok := create.before.Table(name)
		if !ok {
			continue
		}
		copied, copying := p.copies(i, drop.index, made.T.Name)
		if !copying {
			continue
		}
		table := rename.changes[0].(*schema.RenameTable).To
		create.changes = rebuildChanges(old, table, copied)
		create.rebuilt = name
		drop.changes, rename.changes = nil, nil
		if !create.fresh[name] {
			p.unfreshen(name, rename.index)
		}
		p.restoreIndexes(old, rename.index)
	}
}

// only gives the one change of a list, if it is of the type.
func only[T schema.Change](changes []schema.Change) (c T, ok bool) {
	if len(changes) != 1 {
		return c, false
	}
	c, ok = changes[0].(T)
	return c, ok
}

// rebuildOf finds the DROP and the RENAME that belong to a table made in step i.
func (p *pass) rebuildOf(i int, made string) (drop, rename *step) {
	dropped := map[string]*step{}
	for _, s := range p.steps[i+1:] {
		if d, ok := only[*schema.DropTable](s.changes); ok {
			dropped[d.T.Name] = s
		}
		if r, ok := only[*schema.RenameTable](s.changes); ok && r.From.Name == made {
			return dropped[r.To.Name], s
		}
	}
	return nil, nil
}

// copies reads the INSERT INTO made … SELECT between two steps: what each column
// is filled with.
func (p *pass) copies(from, to int, made string) (map[string][]token, bool) {
	for _, s := range p.steps[from+1 : to] {
		if i, ok := readInsertSelect(s.tokens); ok && i.table == made && !i.some {
			return i.filled, true
		}
	}
	return nil, false
}

// rebuildChanges compares a table with what it becomes. Its indexes go with it
// and are made again afterwards: they are looked at there. A column that is
// copied from one that goes is a rename.
func rebuildChanges(old, table *schema.Table, copied map[string][]token) []schema.Change {
	home(table)
	from, to := schema.New(""), schema.New("")
	from.Tables, to.Tables = []*schema.Table{old}, []*schema.Table{table}
	changes, err := ddl.Diff(ddl.SQLite, from, to)
	if err != nil || len(changes) == 0 {
		return nil
	}
	modify, ok := changes[0].(*schema.ModifyTable)
	if !ok {
		return nil
	}
	m := &schema.ModifyTable{T: table}
	source := map[string]string{} // new name → old name
	for column, expression := range copied {
		if len(expression) == 1 && expression[0].name() && expression[0].text != column {
			source[column] = expression[0].text
		}
	}
	gone := map[string]bool{}
	for _, c := range modify.Changes {
		add, ok := c.(*schema.AddColumn)
		if !ok {
			continue
		}
		name, renamed := source[add.C.Name]
		if column, there := old.Column(name); renamed && there && schema.Changes(modify.Changes).IndexDropColumn(name) >= 0 {
			gone[name], gone[add.C.Name] = true, true
			m.Changes = append(m.Changes, &schema.RenameColumn{From: column, To: add.C})
		}
	}
	for _, c := range modify.Changes {
		switch c := c.(type) {
		case *schema.AddIndex, *schema.DropIndex, *schema.ModifyIndex:
			continue
		case *schema.AddColumn:
			if gone[c.C.Name] {
				continue
			}
		case *schema.DropColumn:
			if gone[c.C.Name] {
				continue
			}
		}
		m.Changes = append(m.Changes, c)
	}
	return []schema.Change{m}
}

// unfreshen takes back that a table was made by the file.
func (p *pass) unfreshen(name string, from int) {
	for _, s := range p.steps[from:] {
		delete(s.fresh, name)
	}
}

// restoreIndexes takes out the indexes that are made again as they were.
func (p *pass) restoreIndexes(old *schema.Table, from int) {
	for _, s := range p.steps[from:] {
		m, ok := only[*schema.ModifyTable](s.changes)
		if !ok || m.T.Name != old.Name {
			continue
		}
		add, ok := only[*schema.AddIndex](m.Changes)
		if ok && slices.ContainsFunc(old.Indexes, func(i *schema.Index) bool { return sameIndex(i, add.I) }) {
			s.changes = nil
		}
	}
}
