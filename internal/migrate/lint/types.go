package lint

import (
	"cmp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migrate/plan"

	declared "slipway/internal/migrate/schema"
)

// changedType reports the effect of a new type, charset or collation on the values of a
// column.
func (c change) changedType(from, to *schema.Column) {
	a, b := c.holds(from, c.old), c.holds(to, c.table)
	x, y := c.typeName(from), c.typeName(to)
	code := ""
	if c.typed(from) && c.typed(to) {
		code = narrowed(a, b, x == y)
	}
	switch {
	case code == "" && a.family == "text" && b.family == "text" && !holdsCharset(b.charset, a.charset):
		code, x, y = "SW306", a.charset, b.charset
	case code == "" && a.family != b.family && a.family != "" && b.family != "":
		c.report("SW208", "The type of column %q of table %q changes from %s to %s", to.Name, c.table.Name, x, y)
	}
	if code != "" {
		c.report(code, "Column %q of table %q changes from %s to %s", to.Name, c.table.Name, x, y)
	}
	recollated := a.charset == b.charset && a.collation != b.collation && a.collation != "" && b.collation != ""
	if c.dialect == plan.MySQL && recollated {
		c.report("SW209", "The collation of column %q of table %q changes from %s to %s",
			to.Name, c.table.Name, a.collation, b.collation)
	}
}

// narrowed returns the code of the rule that a change of type violates; "" if no value
// changes.
func narrowed(from, to holding, sameName bool) string {
	isNumber := func(h holding) bool { return h.low < h.high }
	switch {
	case sameName:
	case from.family == "" || to.family == "":
		return "SW307"
	case to.members != nil:
		missing := func(v string) bool { return !slices.Contains(to.members, v) }
		if from.members == nil || from.set && !to.set || slices.ContainsFunc(from.members, missing) {
			return "SW305"
		}
	case to.family == "text" && from.family != "bytes":
		if from.chars > 0 && to.chars > 0 {
			from.bytes, to.bytes = from.chars, to.chars
		}
		if to.bytes < from.bytes {
			return "SW301"
		}
	case to.family == "bytes" && (from.family == "bytes" || from.family == "text"):
		if to.bytes < from.bytes {
			return "SW301"
		}
	case isNumber(from) && isNumber(to):
		switch {
		case to.scale < from.scale, from.family == "decimal" && to.family != "decimal",
			from.family == "integer" && to.family == "float" && from.high > to.exact:
			return "SW303"
		case to.low > from.low || to.high < from.high:
			return "SW302"
		}
	case from.family == "time" && to.family == "time":
		wider := from.name == to.name || to.name == "datetime" && (from.name == "date" || from.name == "timestamp")
		if !wider || to.scale < from.scale {
			return "SW304"
		}
	case from.family != to.family:
		return "SW307"
	}
	return ""
}

// typeName returns the type of a column in SQL.
func (p *pass) typeName(c *schema.Column) string {
	format := mysql.FormatType
	if !p.typed(c) {
		format = sqlite.FormatType
	}
	if name, err := format(p.typeOf(c)); err == nil {
		return name
	}
	return c.Type.Raw
}

// typed reports whether the type of a column limits its values. On SQLite, only a CHECK
// does.
func (p *pass) typed(c *schema.Column) bool { return p.dialect == plan.MySQL || p.types[c] != nil }

// typeOf returns the MySQL type of a column if it has one, or else its SQLite type.
func (p *pass) typeOf(c *schema.Column) schema.Type { return cmp.Or(p.types[c], c.Type.Type) }

// readTypes finds the MySQL types that the CHECKs of SQLite columns define. It replaces a
// change of such a CHECK by a change of the column.
func (p *pass) readTypes(s *step) {
	for _, around := range []*schema.Schema{s.Before, s.After} {
		for _, t := range around.Tables {
			for _, c := range t.Columns {
				p.readType(t, c)
			}
		}
	}
	for _, c := range s.Changes {
		if m, ok := c.(*schema.ModifyTable); ok {
			p.changeTypes(s.oldTable(m.T.Name), m)
		}
	}
}

// readType finds the type that a CHECK of a column defines. After a rename of the column, the
// CHECK has its old name.
func (p *pass) readType(t *schema.Table, c *schema.Column) {
	for _, check := range t.Checks() {
		if p.types[c] != nil || !strings.HasSuffix(check.Name, "_type") || !strings.Contains(check.Expr, c.Name) {
			continue
		}
		if typ, ok := declared.TypeOfCheck(c, check); ok {
			p.types[c] = typ
		}
	}
}

// changeTypes replaces changes of CHECKs that define types by changes of columns.
func (p *pass) changeTypes(old *schema.Table, m *schema.ModifyTable) {
	for i, action := range m.Changes {
		name := ""
		switch a := action.(type) {
		case *schema.ModifyCheck:
			name = a.To.Name
		case *schema.AddCheck: // a renamed column
			name = a.C.Name
		}
		for _, to := range m.T.Columns {
			if old == nil || name != declared.TypeCheckName(m.T.Name, to.Name) || p.types[to] == nil {
				continue
			}
			if from, ok := old.Column(to.Name); ok && p.types[from] != nil {
				m.Changes[i] = &schema.ModifyColumn{From: from, To: to, Change: schema.ChangeType}
			}
		}
	}
}
