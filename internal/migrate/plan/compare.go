package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"

	"ariga.io/atlas/sql/schema"
)

// FromText creates the tables of a schema.hcl on a scratch database and returns the resulting
// schema. name is the name of the file in errors. It returns [ErrNoScratch] if there is no
// scratch database.
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

// compareDeclared returns the changes from the schema of a live database to a declared
// schema. A server rewrites expressions, so they are not compared; unknown contains the names
// of the objects with expressions.
func (d Dialect) compareDeclared(live, wanted *schema.Schema) (changes []schema.Change, unknown []string, err error) {
	live.Name, wanted.Name = "", ""
	if len(wanted.Attrs) == 0 {
		wanted.Attrs = live.Attrs // a table without a charset has the charset of the database
	}
	// By default, Atlas ignores what a server adds to a declared schema.
	changes, err = d.differ.SchemaDiff(live, wanted)
	if err != nil {
		return nil, nil, err
	}
	if d.Name == MySQL {
		changes = addAutoIncrements(live, wanted, changes)
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

// hasExpression reports whether a column is generated or its default is an expression.
func hasExpression(c *schema.Column) bool {
	raw, computed := c.Default.(*schema.RawExpr)
	return computed && !currentTime.MatchString(raw.X) || declared.HasAttr[*schema.GeneratedExpr](c.Attrs)
}

// withoutExpressions returns changes without the changes of expressions.
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

// currentTime matches the only expression that all servers write in the same way.
var currentTime = lazyregexp.New(`(?i)^\(?(?:current_timestamp|now|localtime|localtimestamp)(?:\(\d?\))?\)?$`)

// Differ returns the changes from the live schema to the schema at a point. unknown contains
// the names of the objects with expressions, which are not compared.
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
