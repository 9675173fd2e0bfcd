package plan

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	declared "slipway/internal/migrate/schema"

	"ariga.io/atlas/sql/schema"
)

// FromText returns the schema that a database has which is made from the text of a
// schema.hcl, called by its name in errors. The error is [ErrNoScratch] where there is
// no database to make.
func (h *History) FromText(ctx context.Context, name string, text []byte) (s *schema.Schema, err error) {
	wanted, err := h.Dialect.Parse(name, text)
	if err != nil {
		return nil, err
	}
	changes, err := h.Dialect.diff(schema.New(wanted.Name), wanted)
	if err != nil {
		return nil, err
	}
	plan, err := h.Dialect.plan(ctx, changes)
	if err != nil {
		return nil, fmt.Errorf("%s: plan for %s: %w", name, h.Dialect.Name, err)
	}
	r, err := h.Scratch.open(ctx, h.Dialect)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	for _, c := range plan {
		if err := r.run(ctx, c.Cmd); err != nil {
			return nil, fmt.Errorf("%s fails on a scratch database: %w", name, err)
		}
	}
	return r.inspect(ctx)
}

// compareDeclared returns what leads from the schema of a live database to a declared
// one. A server writes expressions in its own way: those are not compared, and the names
// of what has them are in unknown.
func (d Dialect) compareDeclared(live, wanted *schema.Schema) (changes []schema.Change, unknown []string, err error) {
	live.Name, wanted.Name = "", ""
	if len(wanted.Attrs) == 0 {
		wanted.Attrs = live.Attrs // the database's own charset is where a table states none
	}
	// Atlas allows for what a server adds by itself in the schema that it compares with
	// a declared one, unless it is told not to.
	changes, err = d.differ.SchemaDiff(live, wanted)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range wanted.Tables {
		for _, c := range t.Columns {
			if hasExpression(c) {
				unknown = append(unknown, t.Name+"."+c.Name)
			}
		}
		for _, a := range t.Attrs {
			if check, ok := a.(*schema.Check); ok {
				unknown = append(unknown, t.Name+"."+check.Name)
			}
		}
		for _, i := range t.Indexes {
			if slices.ContainsFunc(i.Parts, func(p *schema.IndexPart) bool { return p.X != nil }) {
				unknown = append(unknown, t.Name+"."+i.Name)
			}
		}
	}
	return withoutExpressions(changes), unknown, nil
}

// hasExpression says that a column is computed, or that its default is.
func hasExpression(c *schema.Column) bool {
	raw, computed := c.Default.(*schema.RawExpr)
	return computed && !currentTime.MatchString(raw.X) || declared.HasAttr[*schema.GeneratedExpr](c.Attrs)
}

// withoutExpressions leaves out changes of expressions.
func withoutExpressions(changes []schema.Change) (kept []schema.Change) {
	for _, c := range changes {
		m, ok := c.(*schema.ModifyTable)
		if !ok {
			kept = append(kept, c)
			continue
		}
		left := &schema.ModifyTable{T: m.T}
		for _, part := range m.Changes {
			switch p := part.(type) {
			case *schema.ModifyCheck:
				continue
			case *schema.ModifyIndex:
				if slices.ContainsFunc(p.To.Parts, func(p *schema.IndexPart) bool { return p.X != nil }) {
					continue
				}
			case *schema.ModifyColumn:
				kind := p.Change
				if hasExpression(p.To) && hasExpression(p.From) {
					kind &^= schema.ChangeGenerated | schema.ChangeDefault
				}
				if kind == schema.NoChange {
					continue
				}
				part = &schema.ModifyColumn{From: p.From, To: p.To, Change: kind}
			}
			left.Changes = append(left.Changes, part)
		}
		if len(left.Changes) > 0 {
			kept = append(kept, left)
		}
	}
	return kept
}

// currentTime recognises the one expression that all servers write alike.
var currentTime = regexp.MustCompile(`(?i)^\(?(?:current_timestamp|now|localtime|localtimestamp)(?:\(\d?\))?\)?$`)

// Differ returns what leads from the live schema to the one at a point; the names in
// unknown have expressions that are not compared.
func (h *History) Differ(ctx context.Context, p Point, live *schema.Schema) (
	changes []schema.Change, unknown []string, err error,
) {
	made, inspected, err := h.At(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	if inspected {
		changes, err = h.Dialect.Compare(live, made)
		return changes, nil, err
	}
	return h.Dialect.compareDeclared(live, made)
}
