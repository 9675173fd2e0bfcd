package erd

import (
	"encoding/xml"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// style has the colors for a light and a dark screen. It loads nothing.
const style = `
  svg { --ground: #ffffff; --box: #f6f8fa; --head: #ddf4ff; --edge: #8c959f;
    --text: #1f2328; --faint: #59636e; --line: #57606a; --key: #0550ae; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --box: #161b22; --head: #0c2d6b; --edge: #6e7681;
      --text: #e6edf3; --faint: #9198a1; --line: #8b949e; --key: #79c0ff; }
  }
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--text); }
  .ground { fill: var(--ground); }
  .box { fill: var(--box); stroke: var(--edge); }
  .head { fill: var(--head); stroke: var(--edge); }
  .name { font-weight: bold; }
  .key { font-size: 11px; fill: var(--key); }
  .type { fill: var(--faint); }
  .relation path, .relation circle { fill: none; stroke: var(--line); stroke-width: 1.5; }
  .relation circle { fill: var(--ground); }
  .optional .way { stroke-dasharray: 5 4; }
  .relation:hover path, .relation:hover circle { stroke: var(--key); stroke-width: 2.5; }
`

// maxText is the maximum number of displayed characters of a name or type.
const maxText = 40

// SVG returns a schema as a standalone SVG for light and dark screens. It is valid XML for
// any names. Each table is a box with its columns. Each foreign key is a line with a crow's
// foot at the child, dashed if the key is nullable. Boxes do not overlap. Tooltips show full
// names.
func SVG(s *schema.Schema) string {
	columns := make([][]column, len(s.Tables))
	for i, t := range s.Tables {
		columns[i] = columnsOf(t)
	}
	l := place(s, columns)
	if len(s.Tables) == 0 {
		l.width, l.height = 240, 80
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n",
		l.width, l.height, l.width, l.height)
	fmt.Fprintf(&b, "<title>Schema: %s, %s</title>\n", count(len(s.Tables), "table"), count(len(l.lines), "relation"))
	fmt.Fprintf(&b, "<style>%s</style>\n", style)
	fmt.Fprintf(&b, `<rect class="ground" width="%d" height="%d"/>`+"\n", l.width, l.height)
	if len(s.Tables) == 0 {
		b.WriteString(`<text x="32" y="46">no tables</text>` + "\n")
	}
	for i, n := range l.lines {
		n.draw(&b, s, i)
	}
	for i, box := range l.tables {
		box.draw(&b, s.Tables[i].Name, columns[i])
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// measure returns the box of a table with its size.
func measure(table int, name string, columns []column) *box {
	keys, widest, typ := 0, 0, 0
	for _, c := range columns {
		keys = max(keys, len(strings.Join(c.keys, " ")))
		widest = max(widest, cells(c.name))
		typ = max(typ, cells(c.shownType()))
	}
	b := &box{table: table, height: header + len(columns)*rowHeight + footer, keys: padding}
	b.names = b.keys
	if keys > 0 {
		b.names += keys*charWidth + padding
	}
	b.typ = b.names + widest*charWidth + 2*padding
	b.width = max(b.typ+typ*charWidth, padding+cells(name)*charWidth) + padding
	return b
}

func (c column) shownType() string {
	if c.nullable {
		return shorten(c.typ) + " null"
	}
	return shorten(c.typ)
}

// draw writes the box of a table.
func (b *box) draw(out *strings.Builder, name string, columns []column) {
	fmt.Fprintf(out, `<g class="table" data-table="%s" transform="translate(%d %d)">`+"\n", escape(name), b.x, b.y)
	fmt.Fprintf(out, "<title>%s</title>\n", escape(name))
	fmt.Fprintf(out, `<rect class="box" width="%d" height="%d" rx="4"/>`, b.width, b.height)
	fmt.Fprintf(out, `<rect class="head" width="%d" height="%d" rx="4"/>`+"\n", b.width, header)
	fmt.Fprintf(out, `<text class="name" x="%d" y="20">%s</text>`+"\n", padding, escape(shorten(name)))
	for i, c := range columns {
		y := header + i*rowHeight + 16
		fmt.Fprintf(out, "<g><title>%s.%s: %s</title>", escape(name), escape(c.name), escape(c.typ))
		if len(c.keys) > 0 {
			fmt.Fprintf(out, `<text class="key" x="%d" y="%d">%s</text>`, b.keys, y, strings.Join(c.keys, " "))
		}
		fmt.Fprintf(out, `<text x="%d" y="%d">%s</text>`, b.names, y, escape(shorten(c.name)))
		fmt.Fprintf(out, `<text class="type" x="%d" y="%d">%s</text></g>`+"\n", b.typ, y, escape(c.shownType()))
	}
	out.WriteString("</g>\n")
}

// draw writes the line of a relation, with the symbols at its ends.
func (n *line) draw(out *strings.Builder, s *schema.Schema, nth int) {
	child, owner := s.Tables[n.relation.child].Name, s.Tables[n.parent].Name
	class := "relation"
	if n.optional {
		class += " optional"
	}
	from := fmt.Sprintf("%s (%s)", child, names(n.key.Columns))
	to := fmt.Sprintf("%s (%s)", owner, names(n.key.RefColumns))
	fmt.Fprintf(out, `<g class="%s" data-from="%s" data-to="%s">`+"\n", class, escape(from), escape(to))
	fmt.Fprintf(out, "<title>%s → %s</title>\n", escape(from), escape(to))
	fmt.Fprintf(out, `<path class="way" d="%s"/>`+"\n", n.way(nth))
	// side is the side of the box at the child's end: 1 is right, -1 is left.
	side := -1
	if n.toRight || len(n.links) == 0 {
		side = 1
	}
	x, y := n.child.edge(side), n.child.y+n.childPort
	if n.single {
		fmt.Fprintf(out, `<path d="M%d %dv10"/>`, x+side*7, y-5)
	} else {
		fmt.Fprintf(out, `<path d="M%d %dL%d %dL%d %d"/>`, x, y-6, x+side*12, y, x, y+6)
	}
	fmt.Fprintf(out, `<circle cx="%d" cy="%d" r="4"/>`+"\n", x+side*16, y)
	if len(n.links) > 0 {
		side = -side
	}
	x, y = n.owner.edge(side), n.owner.y+n.ownerPort
	fmt.Fprintf(out, `<path d="M%d %dv8"/>`, x+side*7, y-4)
	if n.optional {
		fmt.Fprintf(out, `<circle cx="%d" cy="%d" r="4"/>`, x+side*15, y)
	} else {
		fmt.Fprintf(out, `<path d="M%d %dv8"/>`, x+side*11, y-4)
	}
	out.WriteString("\n</g>\n")
}

// edge returns the x coordinate of the right side (1) or left side (-1) of a box.
func (b *box) edge(side int) int {
	if side > 0 {
		return b.x + b.width
	}
	return b.x
}

// way returns the path of a line: straight through lanes, curved between columns, and an arc
// for a table that refers to itself.
func (n *line) way(nth int) string {
	if len(n.links) == 0 {
		x, y, to := n.child.edge(1), n.child.y+n.childPort, n.owner.y+n.ownerPort
		bow := x + stub + 16 + nth%5*5
		return fmt.Sprintf("M%d %dH%dC%d %d %d %d %d %dH%d", x, y, x+stub, bow, y, bow, to, x+stub, to, x)
	}
	var b strings.Builder
	for i, k := range n.links {
		x, y := k.left.edge(1), k.left.y+k.leftPort
		if i == 0 {
			fmt.Fprintf(&b, "M%d %d", x, y)
		}
		to, toY := k.right.x, k.right.y+k.rightPort
		begin := k.left.end + stub // beside the widest box of the column
		fmt.Fprintf(&b, "H%dC%d %d %d %d %d %d", begin, (begin+to-stub)/2, y, (begin+to-stub)/2, toY, to-stub, toY)
	}
	last := n.links[len(n.links)-1]
	fmt.Fprintf(&b, "H%d", last.right.x)
	return b.String()
}

// escape escapes a text for XML, including quotes. U+FFFD replaces invalid characters.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder returns no error
	return b.String()
}

// shorten returns a text, truncated to maxText characters.
func shorten(text string) string {
	if r := []rune(text); len(r) > maxText {
		return string(r[:maxText-1]) + "…"
	}
	return text
}

// cells returns the maximum width of a text in characters of a monospaced font. East Asian
// letters and symbols have the width of two.
func cells(text string) int {
	n := 0
	for _, r := range shorten(text) {
		if n++; r >= 0x1100 {
			n++
		}
	}
	return n
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
