package erd

import (
	"cmp"
	"slices"

	"ariga.io/atlas/sql/schema"
)

// Sizes in pixels. charWidth is the maximum width of a character of the monospaced font.
const (
	charWidth = 8
	rowHeight = 22
	header    = 30
	footer    = 6
	padding   = 12
	margin    = 32
	gap       = 28   // vertical gap between boxes
	laneSize  = 14   // height of a lane
	stub      = 24   // length of the straight end of a line, with the crow's foot
	maxColumn = 1600 // maximum height of a column of boxes
	minWidth  = 1000 // minimum width of the rows of tables without relations
)

// box is a table in the drawing, or a lane: the space for a line that crosses a column of
// boxes.
type box struct {
	table            int // index of the table, or -1 for a lane
	x, y             int
	width, height    int
	column, end      int // index of the column of boxes, and the x coordinate of its right side
	keys, names, typ int // offsets of the three texts of a line from x
}

// link connects boxes of adjacent columns from left to right. The ports are offsets from the
// top of the boxes.
type link struct {
	left, right         *box
	leftPort, rightPort int
}

// line is a relation in the drawing, with its links from left to right. A table that refers
// to itself has no links.
type line struct {
	relation
	links        []link
	toRight      bool // the parent is the box on the right
	child, owner *box
	// Offsets of the ends from the top of the boxes.
	childPort, ownerPort int
}

// layout has the positions of all boxes and lines.
type layout struct {
	tables        []*box // in the order of the schema
	related       map[int]bool
	columns       [][]*box
	lines         []line
	width, height int
}

// place returns the layout of a schema. Parents are left of their children. Tables without
// relations are below them, in rows.
func place(s *schema.Schema, columns [][]column) *layout {
	l := &layout{related: map[int]bool{}}
	for i, t := range s.Tables {
		l.tables = append(l.tables, measure(i, t.Name, columns[i]))
	}
	relations := relationsOf(s)
	l.assign(relations)
	for _, r := range relations {
		l.connect(s, r)
	}
	for range 4 {
		l.sweep(true, true)
		l.sweep(true, false)
	}
	l.sweep(false, true)
	l.settle()
	l.below()
	return l
}

// assign assigns each table with relations to a column: right of its parents, or further
// right if that column is full. It ignores a parent that closes a cycle.
func (l *layout) assign(relations []relation) {
	parents := map[int][]int{}
	for _, r := range relations {
		l.related[r.child], l.related[r.parent] = true, true
		parents[r.child] = append(parents[r.child], r.parent)
	}
	const visiting = -1
	column, heights := map[int]int{}, []int{}
	var visit func(int)
	visit = func(i int) {
		column[i] = visiting
		first := 0
		for _, p := range parents[i] {
			if _, seen := column[p]; !seen {
				visit(p)
			}
			first = max(first, column[p]+1)
		}
		b := l.tables[i]
		for first < len(heights) && heights[first]+b.height > maxColumn {
			first++
		}
		if first == len(heights) {
			heights, l.columns = append(heights, 0), append(l.columns, nil)
		}
		column[i], b.column = first, first
		heights[first] += b.height + gap
		b.y = heights[first]
		l.columns[first] = append(l.columns[first], b)
	}
	for i := range l.tables {
		if _, seen := column[i]; !seen && l.related[i] {
			visit(i)
		}
	}
}

// connect adds the line of a relation, with a lane through each column between its ends.
func (l *layout) connect(s *schema.Schema, r relation) {
	child, owner := l.tables[r.child], l.tables[r.parent]
	n := line{relation: r, child: child, owner: owner, toRight: owner.column > child.column,
		childPort: port(s.Tables[r.child], r.key.Columns[0]), ownerPort: port(s.Tables[r.parent], r.key.RefColumns[0])}
	// Optional and required relations can end at the same column, so separate their ends.
	if n.ownerPort -= 5; r.optional {
		n.ownerPort += 10
	}
	left, right, at, to := owner, child, n.ownerPort, n.childPort
	if n.toRight {
		left, right, at, to = child, owner, n.childPort, n.ownerPort
	}
	for c := left.column + 1; c < right.column; c++ {
		lane := &box{table: -1, column: c, height: laneSize, y: left.y}
		l.columns[c] = append(l.columns[c], lane)
		n.links = append(n.links, link{left, lane, at, laneSize / 2})
		left, at = lane, laneSize/2
	}
	if child != owner {
		n.links = append(n.links, link{left, right, at, to})
	}
	l.lines = append(l.lines, n)
}

// port returns the offset of a column of a table from the top of its box.
func port(t *schema.Table, c *schema.Column) int {
	return header + max(slices.Index(t.Columns, c), 0)*rowHeight + rowHeight/2
}

// sweep moves the boxes of each column towards the boxes that they are linked to on the left
// or right. It uses integers, so that the result is the same on every machine.
func (l *layout) sweep(sorted, fromLeft bool) {
	for i := range l.columns {
		if !fromLeft {
			i = len(l.columns) - 1 - i
		}
		sum, n := map[*box]int{}, map[*box]int{}
		for _, line := range l.lines {
			for _, k := range line.links {
				b, y := k.right, k.left.y+k.leftPort-k.rightPort
				if !fromLeft {
					b, y = k.left, k.right.y+k.rightPort-k.leftPort
				}
				if b.column == i {
					sum[b], n[b] = sum[b]+y, n[b]+1
				}
			}
		}
		wanted := map[*box]int{}
		for _, b := range l.columns[i] {
			wanted[b] = b.y
			if n[b] > 0 {
				wanted[b] = sum[b] / n[b]
			}
		}
		if sorted {
			slices.SortStableFunc(l.columns[i], func(a, b *box) int {
				return cmp.Compare(wanted[a]+a.height/2, wanted[b]+b.height/2)
			})
		}
		stack(l.columns[i], wanted)
	}
}

// stack places boxes below each other without overlap, as near as possible to the wanted
// positions. Boxes that would overlap become a block at the mean of their positions.
func stack(boxes []*box, wanted map[*box]int) {
	type block struct{ sum, n int }
	var blocks []block
	offset := 0
	for _, b := range boxes {
		blocks = append(blocks, block{wanted[b] - offset, 1})
		offset += b.height + gap
		for len(blocks) > 1 {
			last, before := blocks[len(blocks)-1], blocks[len(blocks)-2]
			if before.sum*last.n < last.sum*before.n {
				break
			}
			blocks = append(blocks[:len(blocks)-2], block{before.sum + last.sum, before.n + last.n})
		}
	}
	offset = 0
	i := 0
	for _, k := range blocks {
		for range k.n {
			boxes[i].y = k.sum/k.n + offset
			offset += boxes[i].height + gap
			i++
		}
	}
}

// settle sets the x coordinates of the columns, and moves the drawing to the top.
func (l *layout) settle() {
	top := 0
	for i, column := range l.columns {
		for j, b := range column {
			if i+j == 0 || b.y < top {
				top = b.y
			}
		}
	}
	gutters := make([]int, len(l.columns)+1) // number of lines from a column to the next one
	for _, n := range l.lines {
		for _, k := range n.links {
			gutters[k.left.column]++
		}
		if n.child == n.owner {
			gutters[n.child.column] += 2
		}
	}
	x := margin
	for i, column := range l.columns {
		width := 0
		for _, b := range column {
			width = max(width, b.width)
		}
		for _, b := range column {
			b.x, b.y, b.end = x, b.y-top+margin, x+width
			if b.table < 0 {
				b.width = width
			}
			l.height = max(l.height, b.y+b.height)
		}
		x += width
		l.width = max(l.width, x)
		if gutters[i] > 0 {
			x += min(2*stub+60+4*gutters[i], 260)
			l.width = max(l.width, x)
		}
	}
	l.width += margin
	l.height += margin
}

// below places the tables without relations in rows below the others.
func (l *layout) below() {
	x, y, bottom := margin, max(l.height, margin), 0
	limit := max(l.width, minWidth)
	for i, b := range l.tables {
		if l.related[i] {
			continue
		}
		if x > margin && x+b.width+margin > limit {
			x, y = margin, bottom+gap
		}
		b.x, b.y = x, y
		x += b.width + gap
		bottom = max(bottom, y+b.height)
		l.width = max(l.width, x-gap+margin)
		l.height = max(l.height, bottom+margin)
	}
}
