package lint

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// down looks at the way down: it is there, it can be read, and it leads back to the
// schema before the file. What it does to the rows is not looked at: db downgrade asks
// before it loses any.
func (p *pass) down() {
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
	case !p.complete:
	case d.Unknown != "":
		p.report("SW605", nil, "A statement of the way down: "+shorten(d.Unknown))
	case d.Refused > 0:
		p.report("SW502", nil, fmt.Sprintf("Statement %d of the way down cannot be applied: %s", d.Refused, strings.TrimSuffix(d.Refusal, ".")))
	case len(d.Changes) > 0:
		p.report("SW502", nil, "After the file and its way down, "+strings.Join(differences(d.Changes), "; "))
	}
}

// undoable says whether all that the file does could be undone: it only adds,
// renames, or drops what holds no rows.
func (p *pass) undoable() bool {
	if !p.complete {
		return false
	}
	for _, s := range p.steps {
		switch s.verb {
		case "INSERT", "REPLACE", "UPDATE", "DELETE", "TRUNCATE":
			if !s.Copies {
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
