package plan

import (
	"slices"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"
)

// allowZeroDates lets the statements after it name a zero date, which a strict server
// refuses in each CREATE and ALTER of a table with such a default.
const allowZeroDates = "SET SESSION sql_mode = REPLACE(REPLACE(@@SESSION.sql_mode, 'NO_ZERO_IN_DATE', ''), " +
	"'NO_ZERO_DATE', '')"

// SetsSession recognizes a statement that changes its session only. It runs again where a
// file is resumed after it.
var SetsSession = lazyregexp.New(`(?i)^` + Space + `SET\s+(?:SESSION\s|@@SESSION\.)`)

var zeroDate = lazyregexp.New(`^["'(]*\d{4}-(?:00-\d\d|\d\d-00)\b`)

// withZeroDates begins a plan with [allowZeroDates] if a table that it creates or changes
// has a zero date.
func withZeroDates(changes []schema.Change, all []*migrate.Change) []*migrate.Change {
	for _, c := range changes {
		var tables []*schema.Table
		switch c := c.(type) {
		case *schema.AddTable:
			tables = append(tables, c.T)
		case *schema.ModifyTable:
			tables = append(tables, c.T)
		}
		if len(all) > 0 && slices.ContainsFunc(tables, hasZeroDate) {
			set := &migrate.Change{Cmd: allowZeroDates, Comment: "zero dates are defaults of a table"}
			return append([]*migrate.Change{set}, all...)
		}
	}
	return all
}

func hasZeroDate(t *schema.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c *schema.Column) bool {
		d, ok := c.Default.(*schema.Literal)
		return ok && zeroDate.MatchString(d.V)
	})
}

// afterRenames joins the renames of a plan and its other statements. [allowZeroDates] comes
// before both.
func afterRenames(d Dialect, to *schema.Schema, renames, rest []*migrate.Change) []*migrate.Change {
	if d.Name != MySQL || len(renames) == 0 || !slices.ContainsFunc(to.Tables, hasZeroDate) {
		return append(renames, rest...)
	}
	rest = slices.DeleteFunc(rest, func(c *migrate.Change) bool { return c.Cmd == allowZeroDates })
	set := &migrate.Change{Cmd: allowZeroDates, Comment: "zero dates are defaults of a table"}
	return append(append([]*migrate.Change{set}, renames...), rest...)
}

// quoteMembers quotes the members of enums and sets that begin and end with a quote: Atlas
// takes those for quoted.
func quoteMembers(changes []schema.Change) {
	done := map[schema.Type]bool{}
	quote := func(columns ...*schema.Column) {
		for _, c := range columns {
			if c == nil || c.Type == nil || done[c.Type.Type] {
				continue
			}
			members := declared.Members(c.Type.Type)
			done[c.Type.Type] = true
			for i, m := range members {
				if n := len(m); n > 1 && m[0] == m[n-1] && (m[0] == '"' || m[0] == '\'') {
					members[i] = "'" + m + "'"
				}
			}
		}
	}
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			quote(c.T.Columns...)
		case *schema.ModifyTable:
			quote(c.T.Columns...)
			for _, part := range c.Changes {
				if m, ok := part.(*schema.ModifyColumn); ok {
					quote(m.From, m.To)
				}
			}
		}
	}
}
