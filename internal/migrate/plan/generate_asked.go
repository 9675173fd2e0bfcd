package plan

import (
	"errors"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// asked contains the parsed [Options].
type asked struct {
	renames []rename
	// The keys of drops and fills are names: "posts", "users.bio".
	drops map[string]bool
	fills map[string]literal
}

func (o Options) parse() (asked, error) {
	a := asked{drops: map[string]bool{}, fills: map[string]literal{}}
	var err error
	if a.renames, err = parseRenames(o.Renames); err != nil {
		return asked{}, err
	}
	for _, name := range o.Drops {
		table, column, isColumn := strings.Cut(name, ".")
		if table == "" || isColumn && column == "" || strings.ContainsAny(name, ":=") {
			return asked{}, fmt.Errorf("--drop %s: write it as users.name for a column, or as posts for a table", name)
		}
		a.drops[name] = true
	}
	for _, text := range o.Fills {
		name, value, ok := strings.Cut(text, "=")
		if table, column, isColumn := strings.Cut(name, "."); !ok || !isColumn || table == "" || column == "" {
			return asked{}, fmt.Errorf(`--fill %s: write it as --fill "users.nickname='none'"`, text)
		}
		if _, twice := a.fills[name]; twice {
			return asked{}, fmt.Errorf("duplicate --fill %s: use it once for each column", name)
		}
		if a.fills[name], err = parseLiteral(value); err != nil {
			return asked{}, fmt.Errorf("--fill %s: %w", name, err)
		}
	}
	return a, nil
}

// check returns an error if the options contradict the schemas.
func (a asked) check(from, to *schema.Schema) error {
	seen := map[string]bool{}
	for _, r := range a.renames {
		if err := r.check(from, to); err != nil {
			return err
		}
		old, name := r.table, r.newTable
		if r.column != "" {
			old, name = r.table+"."+r.column, r.newTable+"."+r.newColumn
		}
		if seen["from "+old] || seen["to "+name] {
			return fmt.Errorf("--rename %v: the old or the new name is in another --rename: use each name once", r)
		}
		seen["from "+old], seen["to "+name] = true, true
		if a.drops[old] {
			return fmt.Errorf("%s is both in --rename and in --drop: use one of them", old)
		}
	}
	for name := range a.drops {
		table, column, isColumn := strings.Cut(name, ".")
		before, after, what := namesOfTables(from)[table], namesOfTables(to)[table], "table"
		if isColumn {
			newTable := table
			for _, r := range a.renames {
				if r.column == "" && r.table == table {
					newTable = r.newTable
				}
			}
			before, after, what = namesOfColumns(from, table)[column], namesOfColumns(to, newTable)[column], "column"
		}
		if !before {
			return fmt.Errorf("--drop %s: the last snapshot has no such %s", name, what)
		}
		if after {
			return fmt.Errorf("--drop %s: the %s is still in %s: remove it there", name, what, SchemaFile)
		}
	}
	return nil
}

// lookAlike returns an error if changes drop something and add something similar, unless
// asked contains the rename or the drop.
func lookAlike(changes []schema.Change, asked asked) error {
	// Messages use the old name of a table in the snapshot and its new name in schema.hcl.
	oldTable := func(name string) string {
		for _, r := range asked.renames {
			if r.column == "" && r.newTable == name {
				return r.table
			}
		}
		return name
	}
	var found []string
	report := func(old, name, rename string) {
		if asked.drops[old] {
			return
		}
		found = append(found, fmt.Sprintf("%s is removed and %s is added, which looks like a rename: use --rename %s to "+
			"keep the data, or --drop %s to delete it",
			old, name, rename, old))
	}
	tables := changesOf(changes)
	for _, gone := range tables.dropped {
		for _, come := range tables.added {
			if alikeTables(gone.T, come.T) {
				report(gone.T.Name, come.T.Name, gone.T.Name+":"+come.T.Name)
			}
		}
	}
	for _, m := range tables.modified {
		table := oldTable(m.T.Name)
		for _, a := range m.Changes {
			gone, ok := a.(*schema.DropColumn)
			if !ok {
				continue
			}
			for _, b := range m.Changes {
				if come, ok := b.(*schema.AddColumn); ok && alike(gone.C, come.C) {
					report(table+"."+gone.C.Name, m.T.Name+"."+come.C.Name, table+"."+gone.C.Name+":"+come.C.Name)
				}
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return errors.New(strings.Join(found, "; "))
}

// tableChanges groups changes of tables by kind.
type tableChanges struct {
	dropped  []*schema.DropTable
	added    []*schema.AddTable
	modified []*schema.ModifyTable
}

func changesOf(changes []schema.Change) (t tableChanges) {
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.DropTable:
			t.dropped = append(t.dropped, c)
		case *schema.AddTable:
			t.added = append(t.added, c)
		case *schema.ModifyTable:
			t.modified = append(t.modified, c)
		}
	}
	return t
}

// alike reports whether two columns may be the same column with two names: they have the same
// type, apart from its size, and the same nullability.
func alike(a, b *schema.Column) bool {
	return typeName(a.Type.Type) == typeName(b.Type.Type) && a.Type.Null == b.Type.Null
}

// alikeTables reports whether two tables may be the same table with two names: all columns
// but one of each table have the same name and are alike.
func alikeTables(a, b *schema.Table) bool {
	lacks := func(a, b *schema.Table) (n int) {
		for _, c := range a.Columns {
			if other, ok := b.Column(c.Name); !ok || !alike(c, other) {
				n++
			}
		}
		return n
	}
	return lacks(a, b) <= 1 && lacks(b, a) <= 1
}
