package plan

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	declared "slipway/internal/migrate/schema"
)

// Drift is one difference between two schemas, or between two sets of files.
type Drift struct {
	// Between names the two sides, for example "database and migrations".
	Between string `json:"between"`
	// Object is a table, "users", or a part of one, "users.bio".
	Object string `json:"object"`
	Detail string `json:"detail"`
}

func (d Drift) String() string {
	if d.Object == "" {
		return d.Between + ": " + d.Detail
	}
	return d.Between + ": " + d.Object + " " + d.Detail
}

// DescribeDrift describes the changes from the schema left to the schema right.
func DescribeDrift(changes []schema.Change, between, left, right string) (drift []Drift) {
	w := words{left: left, right: right}
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			drift = append(drift, Drift{between, c.T.Name, w.onlyRight()})
		case *schema.DropTable:
			drift = append(drift, Drift{between, c.T.Name, w.onlyLeft()})
		case *schema.ModifyTable:
			for _, part := range c.Changes {
				name, detail := w.part(part)
				if column, types, ok := w.typeCheck(c.T, part); ok {
					name, detail = column, types
				}
				if name != "" {
					name = "." + name
				}
				drift = append(drift, Drift{between, c.T.Name + name, detail})
			}
		default:
			drift = append(drift, Drift{between, "", fmt.Sprintf("differ (%T)", c)})
		}
	}
	return drift
}

// words contains the names of the two sides in descriptions.
type words struct{ left, right string }

func (w words) onlyLeft() string  { return "is in " + w.left + ", but not in " + w.right }
func (w words) onlyRight() string { return "is in " + w.right + ", but not in " + w.left }

// differs describes a difference. The right side comes first, because it is the wanted one.
func (w words) differs(left, right string) string {
	return fmt.Sprintf("is %s in %s, %s in %s", right, w.right, left, w.left)
}

func (w words) part(c schema.Change) (name, detail string) {
	switch c := c.(type) {
	case *schema.AddColumn:
		return c.C.Name, w.onlyRight()
	case *schema.DropColumn:
		return c.C.Name, w.onlyLeft()
	case *schema.ModifyColumn:
		return c.To.Name, w.column(c)
	case *schema.AddIndex:
		return c.I.Name, "(index) " + w.onlyRight()
	case *schema.DropIndex:
		return c.I.Name, "(index) " + w.onlyLeft()
	case *schema.ModifyIndex:
		return c.To.Name, "(index) " + w.differs(indexText(c.From), indexText(c.To))
	case *schema.RenameIndex:
		return c.From.Name, "(index) " + w.differs("called "+c.From.Name, "called "+c.To.Name)
	case *schema.AddForeignKey:
		return c.F.Symbol, "(foreign key) " + w.onlyRight()
	case *schema.DropForeignKey:
		return c.F.Symbol, "(foreign key) " + w.onlyLeft()
	case *schema.ModifyForeignKey:
		return c.To.Symbol, "(foreign key) " + w.differs(foreignKeyText(c.From), foreignKeyText(c.To))
	case *schema.AddCheck:
		return c.C.Name, "(check) " + w.onlyRight()
	case *schema.DropCheck:
		return c.C.Name, "(check) " + w.onlyLeft()
	case *schema.ModifyCheck:
		return c.To.Name, "(check) " + w.differs(c.From.Expr, c.To.Expr)
	case *schema.AddPrimaryKey:
		return "", "(primary key) " + w.onlyRight()
	case *schema.DropPrimaryKey:
		return "", "(primary key) " + w.onlyLeft()
	case *schema.ModifyPrimaryKey:
		return "", "(primary key) " + w.differs(indexText(c.From), indexText(c.To))
	case *schema.ModifyAttr:
		return "", w.differs(attrText(c.From), attrText(c.To))
	case *schema.AddAttr:
		return "", "(" + attrText(c.A) + ") " + w.onlyRight()
	case *schema.DropAttr:
		return "", "(" + attrText(c.A) + ") " + w.onlyLeft()
	}
	return "", fmt.Sprintf("differs (%T)", c)
}

// typeCheck describes a change of the CHECK that defines a column's type on SQLite.
func (w words) typeCheck(t *schema.Table, part schema.Change) (column, detail string, ok bool) {
	c, ok := part.(*schema.ModifyCheck)
	if !ok {
		return "", "", false
	}
	for _, column := range t.Columns {
		if c.To.Name != declared.TypeCheckName(t.Name, column.Name) {
			continue
		}
		from, known := declared.TypeOfCheck(column, c.From)
		to, alsoKnown := declared.TypeOfCheck(column, c.To)
		return column.Name, w.differs(typeText(from), typeText(to)), known && alsoKnown
	}
	return "", "", false
}

// column describes the differences between two columns.
func (w words) column(c *schema.ModifyColumn) string {
	var all []string
	if c.Change.Is(schema.ChangeType) {
		all = append(all, w.differs(typeText(c.From.Type.Type), typeText(c.To.Type.Type)))
	}
	if c.Change.Is(schema.ChangeNull) {
		null := map[bool]string{true: "NULL", false: "NOT NULL"}
		all = append(all, w.differs(null[c.From.Type.Null], null[c.To.Type.Null]))
	}
	if c.Change.Is(schema.ChangeDefault) {
		all = append(all, w.differs(defaultText(c.From.Default), defaultText(c.To.Default)))
	}
	if c.Change.Is(schema.ChangeCharset | schema.ChangeCollate) {
		all = append(all, w.differs(collationText(c.From.Attrs), collationText(c.To.Attrs)))
	}
	if c.Change.Is(schema.ChangeComment) {
		all = append(all, "has different comments in "+w.right+" and "+w.left)
	}
	if c.Change.Is(schema.ChangeGenerated) {
		all = append(all, "has different expressions in "+w.right+" and "+w.left)
	}
	if was, is := counts(c.From), counts(c.To); was != is {
		text := map[bool]string{true: "AUTO_INCREMENT", false: "without AUTO_INCREMENT"}
		all = append(all, w.differs(text[was], text[is]))
	}
	if len(all) == 0 {
		all = append(all, "differs between "+w.left+" and "+w.right)
	}
	return strings.Join(all, "; ")
}

func typeText(t schema.Type) string {
	if text, err := mysql.FormatType(t); err == nil {
		return text
	}
	if text, err := sqlite.FormatType(t); err == nil {
		return text
	}
	return fmt.Sprintf("%T", t)
}

func defaultText(x schema.Expr) string {
	switch x := x.(type) {
	case *schema.Literal:
		return "DEFAULT " + x.V
	case *schema.RawExpr:
		return "DEFAULT " + x.X
	}
	return "without a default"
}

func collationText(attrs []schema.Attr) string {
	text := "of the table's collation"
	for _, a := range attrs {
		if c, ok := a.(*schema.Collation); ok {
			text = "COLLATE " + c.V
		}
	}
	return text
}

func indexText(i *schema.Index) string {
	var columns []string
	for _, p := range i.Parts {
		switch x := p.X.(type) {
		case *schema.RawExpr:
			columns = append(columns, x.X)
		default:
			if p.C != nil {
				columns = append(columns, p.C.Name)
			}
		}
	}
	text := "(" + strings.Join(columns, ", ") + ")"
	if i.Unique {
		text = "UNIQUE " + text
	}
	return text
}

func foreignKeyText(f *schema.ForeignKey) string {
	var columns []string
	for _, c := range f.Columns {
		columns = append(columns, c.Name)
	}
	return fmt.Sprintf("(%s) to %s, ON UPDATE %s ON DELETE %s", strings.Join(columns, ", "), f.RefTable.Name, f.OnUpdate,
		f.OnDelete)
}

func attrText(a schema.Attr) string {
	switch a := a.(type) {
	case *schema.Charset:
		return "CHARSET " + a.V
	case *schema.Collation:
		return "COLLATE " + a.V
	case *schema.Comment:
		return "COMMENT " + a.Text
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", a), "*")
}

// The values of [Drift.Between].
const (
	BetweenLive  = "database and migrations"
	BetweenFiles = "migrations and " // schema.hcl, or the last snapshot
	BetweenSums  = "database and files"
)

// counts reports whether a column has AUTO_INCREMENT.
func counts(c *schema.Column) bool { return declared.HasAttr[*mysql.AutoIncrement](c.Attrs) }
