package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
)

// downSection holds the down statements of a file and their effect.
type downSection struct {
	plan.Down
	// stated is true if the file has a down section.
	stated bool
	// line is the first line of the section.
	line int
	// problem is the reason why the section cannot be parsed.
	problem error
	effects []plan.Effect
	// left lists the changes from the schema after the down statements to the schema before
	// the file.
	left []schema.Change
}

// readDown parses the down statements of a file and finds out their effect.
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

// checkDown reports down statements that are missing, invalid, or do not restore the schema
// before the file. It does not check their effect on rows: db downgrade refuses to delete
// data by default.
func (p *pass) checkDown() {
	d := p.down
	switch {
	case len(p.steps) == 0:
		return
	case !d.stated:
		p.report("SW501", nil, "The file has no down statements")
	case d.problem != nil:
		p.report("SW502", nil, "The down statements cannot be parsed: %v", d.problem)
	case d.Irreversible != "" && p.undoable():
		p.report("SW503", nil, "The file is marked as irreversible: %s", d.Irreversible)
	}
	for i, e := range d.effects {
		switch {
		case e.Unknown:
			p.report("SW605", nil, "A down statement: %s", plan.Headline(e.Statement))
			return
		case e.Problem != nil:
			p.report("SW502", nil, "Down statement %d cannot be applied: %v", i+1, e.Problem)
			return
		}
	}
	if len(d.left) > 0 {
		p.report("SW502", nil, "After the up and down statements, %s", strings.Join(differences(d.left), "; "))
	}
}

// undoable reports whether every statement of the file can be undone without loss: it adds
// or renames something, or drops something without rows.
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

// differences describes how the schema after the down statements differs from the schema
// before the file.
func differences(changes []schema.Change) (all []string) {
	const most = 4
	for _, d := range plan.DescribeDrift(changes, "", "the resulting schema", "the schema before the file") {
		all = append(all, strings.TrimSpace(d.Object+" "+d.Detail))
	}
	if len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more differences", len(all)-most))
	}
	return all
}
