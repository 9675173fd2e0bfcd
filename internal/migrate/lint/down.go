package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
)

// wayDown is the way down as a file states it.
type wayDown struct {
	plan.Down
	// stated is false for a file without a section for the way down.
	stated bool
	// line is where the section begins.
	line int
	// problem is why the section cannot be read.
	problem error
	effects []plan.Effect
	// left leads from where the way down leads to the schema before the file.
	left []schema.Change
}

// readDown reads the way down of a file, and finds out where it leads.
func (p *pass) readDown(ctx context.Context, h *plan.History, i int) (err error) {
	d := &p.down
	if d.Down, d.stated, d.problem = h.Dialect.ParseDown(p.text); !d.stated {
		return nil
	}
	d.line = strings.Count(p.text[:strings.LastIndex(p.text, plan.DownMarker)], "\n") + 1
	if d.problem == nil && d.Irreversible == "" && p.complete {
		end := plan.Point{File: i, Statements: len(p.steps)}
		d.effects, d.left, err = h.Down(ctx, end, d.Statements)
	}
	return err
}

// checkDown reports a way down that is missing, that cannot be read, or that does not lead
// back to the schema before the file. What it does to the rows is not checked: db downgrade
// asks before it loses any.
func (p *pass) checkDown() {
	d := p.down
	switch {
	case len(p.steps) == 0:
		return
	case !d.stated:
		p.report("SW501", nil, "The file says nothing about how to undo it")
	case d.problem != nil:
		p.report("SW502", nil, "The way down cannot be read: %v", d.problem)
	case d.Irreversible != "" && p.undoable():
		p.report("SW503", nil, "The file says that it cannot be undone: %s", d.Irreversible)
	}
	for i, e := range d.effects {
		switch {
		case e.Unknown:
			p.report("SW605", nil, "A statement of the way down: %s", plan.Headline(e.Statement))
			return
		case e.Problem != nil:
			p.report("SW502", nil, "Statement %d of the way down cannot be applied: %v", i+1, e.Problem)
			return
		}
	}
	if len(d.left) > 0 {
		p.report("SW502", nil, "After the file and its way down, %s", strings.Join(differences(d.left), "; "))
	}
}

// undoable reports whether all that the file does could be undone: it only adds,
// renames, or drops what holds no rows.
func (p *pass) undoable() bool {
	keepsNoRows := func(c change) bool {
		switch c.action.(type) {
		case *schema.DropTable, *schema.DropColumn, *schema.ModifyColumn:
			return true
		}
		return false
	}
	changesRows := func(s *step) bool { return s.changesRows() || s.verb == "TRUNCATE" }
	return p.complete && !slices.ContainsFunc(p.steps, changesRows) && !slices.ContainsFunc(p.changes, keepsNoRows)
}

// differences describes what the way down leaves different.
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
