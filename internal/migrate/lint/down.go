package lint

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
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

// differences says in words where the way down does not lead.
func differences(changes []schema.Change) (all []string) {
	const most = 4
	for _, d := range plan.DescribeDrift(changes, "", "what is left", "the schema before the file") {
		all = append(all, strings.TrimSpace(d.Object+" "+d.Detail))
	}
	if len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more differences", len(all)-most))
	}
	return all
}
