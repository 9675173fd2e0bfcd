package lint

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// down looks at the way down: it is there, it can be read, and it leads from the
// state after the file back to the one before. What it does to the rows is not
// looked at: db downgrade asks before it loses any.
func (p *pass) down(after *ddl.State) {
	d := p.file.Down
	switch {
	case len(p.steps) == 0:
	case !d.Stated:
		p.report("SW501", nil, "The file says nothing about how to undo it")
	case d.Problem != "":
		p.report("SW502", nil, "The way down cannot be read: "+strings.TrimSuffix(d.Problem, "."))
	case d.Irreversible != "":
		if p.undoable() {
			p.report("SW503", nil, "The file says that it cannot be undone: "+strings.TrimSuffix(d.Irreversible, "."))
		}
	default:
		p.leadsBack(after.Clone())
	}
}

// leadsBack runs the way down on the model and compares.
func (p *pass) leadsBack(state *ddl.State) {
	touched := touched{}
	for _, s := range p.steps {
		touched.add(s.effect.Changes)
	}
	for i, statement := range p.file.Down.Statements {
		effect, err := state.Apply(statement)
		if err != nil {
			if p.complete {
				p.report("SW502", nil, fmt.Sprintf("Statement %d of the way down cannot be applied: %s", i+1, strings.TrimSuffix(err.Error(), ".")))
			}
			return
		}
		if !effect.Understood {
			p.report("SW605", nil, fmt.Sprintf("Statement %d of the way down: %s", i+1, shorten(statement)))
			return
		}
		touched.add(effect.Changes)
	}
	if !p.complete {
		return
	}
	changes, err := ddl.Diff(p.dialect, touched.of(state.Schema()), touched.of(p.start.Schema()))
	if err != nil {
		p.report("SW605", nil, fmt.Sprintf("The way down could not be compared: %v", err))
		return
	}
	if len(changes) > 0 {
		p.report("SW502", nil, "After the file and its way down, "+strings.Join(differences(changes), "; "))
	}
}

// touched has the names of the tables that changes are about: comparing all of a
// large schema after each of many files would take long. A new name of a table
// may reach into others, so "" stands for all of them.
type touched map[string]bool

func (t touched) add(changes []schema.Change) {
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			t[c.T.Name] = true
		case *schema.DropTable:
			t[c.T.Name] = true
		case *schema.ModifyTable:
			t[c.T.Name] = true
		default:
			t[""] = true
		}
	}
}

// of takes the other tables out of a schema.
func (t touched) of(s *schema.Schema) *schema.Schema {
	if !t[""] {
		s.Tables = slices.DeleteFunc(s.Tables, func(table *schema.Table) bool { return !t[table.Name] })
	}
	return s
}

// undoable says whether all that the file does could be undone: it only adds,
// renames, or drops what holds no rows.
func (p *pass) undoable() bool {
	if !p.complete {
		return false
	}
	for _, s := range p.steps {
		switch s.effect.Verb {
		case "INSERT", "REPLACE", "UPDATE", "DELETE", "TRUNCATE":
			if s.effect.Verb != "INSERT" || !p.rebuilding(s) {
				return false
			}
		}
		for _, c := range s.changes {
			switch c := c.(type) {
			case *schema.AddTable, *schema.RenameTable:
			case *schema.ModifyTable:
				for _, action := range c.Changes {
					switch action.(type) {
					case *schema.DropColumn, *schema.ModifyColumn:
						return false
					}
				}
			default:
				return false
			}
		}
	}
	return len(p.steps) > 0
}

// rebuilding says whether an INSERT is part of a rebuild.
func (p *pass) rebuilding(s *step) bool {
	i, ok := readInsertSelect(s.tokens)
	if !ok {
		return false
	}
	for _, other := range p.steps {
		made, ok := only[*schema.AddTable](other.effect.Changes)
		if ok && other.rebuilt != "" && made.T.Name == i.table {
			return true
		}
	}
	return false
}

// differences says in words what has to change for the way down to be right.
func differences(changes []schema.Change) (all []string) {
	const most = 4
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			all = append(all, fmt.Sprintf("table %q is missing", c.T.Name))
		case *schema.DropTable:
			all = append(all, fmt.Sprintf("table %q is there and was not", c.T.Name))
		case *schema.ModifyTable:
			for _, action := range c.Changes {
				all = append(all, fmt.Sprintf("%s of table %q", difference(action), c.T.Name))
			}
		default:
			all = append(all, "the schema is another one")
		}
	}
	if len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more differences", len(all)-most))
	}
	return all
}

// difference is one of them, with the verb that fits "of table".
func difference(c schema.Change) string {
	switch c := c.(type) {
	case *schema.AddColumn:
		return fmt.Sprintf("column %q is missing", c.C.Name)
	case *schema.DropColumn:
		return fmt.Sprintf("column %q is there and was not", c.C.Name)
	case *schema.ModifyColumn:
		return fmt.Sprintf("column %q is not as it was", c.To.Name)
	case *schema.AddIndex:
		return fmt.Sprintf("index %q is missing", c.I.Name)
	case *schema.DropIndex:
		return fmt.Sprintf("index %q is there and was not", c.I.Name)
	case *schema.ModifyIndex:
		return fmt.Sprintf("index %q is not as it was", c.To.Name)
	case *schema.AddForeignKey:
		return fmt.Sprintf("foreign key %q is missing", c.F.Symbol)
	case *schema.DropForeignKey:
		return fmt.Sprintf("foreign key %q is there and was not", c.F.Symbol)
	case *schema.ModifyForeignKey:
		return fmt.Sprintf("foreign key %q is not as it was", c.To.Symbol)
	case *schema.AddCheck:
		return fmt.Sprintf("check %q is missing", c.C.Name)
	case *schema.DropCheck:
		return fmt.Sprintf("check %q is there and was not", c.C.Name)
	case *schema.ModifyCheck:
		return fmt.Sprintf("check %q is not as it was", c.To.Name)
	case *schema.AddPrimaryKey, *schema.DropPrimaryKey, *schema.ModifyPrimaryKey:
		return "the primary key is not as it was"
	}
	return "an option is not as it was"
}
