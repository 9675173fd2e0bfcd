package erd_test

import (
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/erd"
	"slipway/internal/test/dbtest/blog"
)

var update = flag.Bool("update", false, "write the expected diagrams in testdata again; check the diff")

// TestBlog compares the diagrams of the tables of package blog with those in testdata.
func TestBlog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "schema.hcl"), blog.Schema(), 0o600); err != nil {
		t.Fatal(err)
	}
	for format, name := range map[string]string{"mermaid": "blog.mmd", "svg": "blog.svg"} {
		got, err := erd.Diagram(dir, format)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the %s differs from %s: go test ./internal/migrate/erd -update writes it again", format, path)
		}
	}
}

// TestSVG checks for random tables that boxes do not overlap, and that the line of each foreign key
// touches boxes only at its ends.
func TestSVG(t *testing.T) {
	t.Parallel()
	for n := range 61 {
		if n > 15 && n%15 != 0 {
			continue // some of the large ones will do
		}
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(2) {
				var s *schema.Schema
				if s = schemaOf(); n > 0 {
					s = random(n, seed)
				}
				checkSVG(t, s)
				checkMermaid(t, s)
				if t.Failed() {
					t.Fatalf("with seed %d", seed)
				}
			}
		})
	}
}

// TestSVGShapes checks special schemas that the random ones may not contain.
func TestSVGShapes(t *testing.T) {
	t.Parallel()
	user, team := table("user"), table("team")
	refer(user, team, "team_id", false)
	refer(team, user, "head_id", true)
	refer(team, team, "parent_id", true)
	refer(team, team, "deputy_id", true)
	checkSVG(t, schemaOf(user, team))

	// Sixty children of one parent, and a chain of sixty.
	star, chain := []*schema.Table{table("centre")}, []*schema.Table{table("first")}
	for i := range 59 {
		star = append(star, table(fmt.Sprintf("child_%d", i)))
		refer(star[i+1], star[0], "parent_id", false)
		chain = append(chain, table(fmt.Sprintf("link_%d", i)))
		refer(chain[i+1], chain[i], "parent_id", false)
		refer(chain[i+1], chain[0], "first_id", false)
	}
	checkSVG(t, schemaOf(star...))
	checkSVG(t, schemaOf(chain...))

	// A table without columns, a key of two columns, a key to another schema.
	pair := table("pair")
	one, two := refer(pair, user, "one", false), refer(pair, user, "two", false)
	pair.ForeignKeys = []*schema.ForeignKey{schema.NewForeignKey("both").AddColumns(one, two).SetRefTable(user).
		AddRefColumns(user.Columns[0], user.Columns[1])}
	checkSVG(t, schemaOf(pair, user, team, schema.NewTable("empty")))
	if text := erd.SVG(schemaOf(pair)); strings.Contains(text, `class="relation"`) {
		t.Errorf("a line leads out of the drawing:\n%s", text)
	}
}

// TestSVGOrder checks that children are next to their parents in any order of declaration, and
// that their lines do not cross.
func TestSVGOrder(t *testing.T) {
	t.Parallel()
	const n = 6
	var parents, children []*schema.Table
	for i := range n {
		parents = append(parents, table(fmt.Sprintf("parent_%d", i)))
		children = append([]*schema.Table{table(fmt.Sprintf("child_%d", i))}, children...)
		refer(children[0], parents[i], "parent_id", false)
	}
	s := schemaOf(append(parents, children...)...)
	checkSVG(t, s)
	var d drawing
	if err := xml.Unmarshal([]byte(erd.SVG(s)), &d); err != nil {
		t.Fatal(err)
	}
	at := map[string]point{}
	for _, g := range d.Groups {
		var p point
		if g.Class == "table" {
			if _, err := fmt.Sscanf(g.Transform, "translate(%g %g)", &p.x, &p.y); err != nil {
				t.Fatal(err)
			}
			at[g.Table] = p
		}
	}
	for i := range n {
		parent, child := at[fmt.Sprintf("parent_%d", i)], at[fmt.Sprintf("child_%d", i)]
		if child.x <= parent.x || child.y < parent.y-60 || child.y > parent.y+60 {
			t.Errorf("parent_%d is at %v, its child at %v", i, parent, child)
		}
	}
}

// FuzzNames checks that diagrams are valid for any name of a table, a column or a type.
func FuzzNames(f *testing.F) {
	for _, name := range []string{
		"users", "order items", "größe", "日本語", "😀", `a"b`, "a'b", "<script>", "&amp;", "]]>", "--", "%%{init: {}}%%",
		"a\x00b", "\xff\xfe", "\u202e", "\u2028", "\u00a0",
		"one", "to", "u", "pk", "FK", "fk-x", "uké", "direction LR", "accTitle", "style", "1", "2a", "", " ", "a~b~c",
		"#quot;", "`a`", "\u00d7", "\ufffd", "\ufeff", "a{b}", strings.Repeat("long", 50),
	} {
		f.Add(name, "id", "varchar(80)")
		f.Add("users", name, "decimal(10,2)")
		f.Add(name, name, name)
	}
	f.Fuzz(func(t *testing.T, name, column, typ string) {
		if len(name)+len(column)+len(typ) > 1000 {
			return
		}
		parent := table(name, schema.NewColumn(column).SetType(&schema.UnsupportedType{T: typ}))
		parent.Columns[1].Type.Raw = typ
		child := table(name + "2")
		refer(child, parent, column, true)
		s := schemaOf(parent, child, table("users"))
		checkSVG(t, s)
		checkMermaid(t, s)
		if strings.Contains(erd.SVG(s), "<script") {
			t.Error("the drawing has a script")
		}
	})
}

// drawing has the parts of an SVG that a test checks.
type drawing struct {
	XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	Width   int      `xml:"width,attr"`
	Height  int      `xml:"height,attr"`
	Title   string   `xml:"title"`
	Groups  []struct {
		Class     string `xml:"class,attr"`
		Table     string `xml:"data-table,attr"`
		Transform string `xml:"transform,attr"`
		Rects     []struct {
			Width  int `xml:"width,attr"`
			Height int `xml:"height,attr"`
		} `xml:"rect"`
		Paths []struct {
			Class string `xml:"class,attr"`
			D     string `xml:"d,attr"`
		} `xml:"path"`
		Lines []struct {
			Title string   `xml:"title"`
			Texts []string `xml:"text"`
		} `xml:"g"`
	} `xml:"g"`
}

// rectangle is a box in the drawing.
type rectangle struct{ left, top, right, bottom int }

// checkSVG parses and checks the SVG of a schema.
func checkSVG(t *testing.T, s *schema.Schema) {
	t.Helper()
	text := erd.SVG(s)
	if again := erd.SVG(s); again != text {
		t.Error("the same schema returns two different drawings")
	}
	var d drawing
	if err := xml.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if !strings.HasPrefix(d.Title, "Schema: ") {
		t.Errorf("the title is %q", d.Title)
	}
	var boxes []rectangle
	var ways []string
	columns := 0
	for _, g := range d.Groups {
		if g.Class != "table" {
			for _, p := range g.Paths {
				if p.Class == "way" {
					ways = append(ways, p.D)
				}
			}
			continue
		}
		var x, y int
		if _, err := fmt.Sscanf(g.Transform, "translate(%d %d)", &x, &y); err != nil || len(g.Rects) != 2 {
			t.Fatalf("a table is %+v: %v", g, err)
		}
		box := rectangle{x, y, x + g.Rects[0].Width, y + g.Rects[0].Height}
		if x < 0 || y < 0 || box.right > d.Width || box.bottom > d.Height {
			t.Errorf("%v is outside of the drawing, which is %d by %d", box, d.Width, d.Height)
		}
		for _, other := range boxes {
			if box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom {
				t.Errorf("%v and %v overlap", box, other)
			}
		}
		boxes = append(boxes, box)
		columns += len(g.Lines)
	}
	wantColumns, keys := 0, 0
	for _, table := range s.Tables {
		wantColumns += len(table.Columns)
		for _, k := range table.ForeignKeys {
			for _, other := range s.Tables {
				if other == k.RefTable {
					keys++
				}
			}
		}
	}
	if len(boxes) != len(s.Tables) || columns != wantColumns || len(ways) != keys {
		t.Errorf("%d boxes for %d tables, %d lines for %d columns, %d ways for %d keys",
			len(boxes), len(s.Tables), columns, wantColumns, len(ways), keys)
	}
	for _, w := range ways {
		checkWay(t, w, boxes, d)
	}
}

// checkWay checks that a line enters no box, does not leave the drawing, and ends at boxes.
func checkWay(t *testing.T, way string, boxes []rectangle, d drawing) {
	t.Helper()
	points := follow(t, way)
	for _, p := range points {
		if p.x < 0 || p.y < 0 || p.x > float64(d.Width) || p.y > float64(d.Height) {
			t.Errorf("%s leaves the drawing at %v", way, p)
			return
		}
		for _, b := range boxes {
			if p.x > float64(b.left) && p.x < float64(b.right) && p.y > float64(b.top) && p.y < float64(b.bottom) {
				t.Errorf("%s enters the box %v at %v", way, b, p)
				return
			}
		}
	}
	for _, p := range []point{points[0], points[len(points)-1]} {
		touches := false
		for _, b := range boxes {
			touches = touches ||
				(p.x == float64(b.left) || p.x == float64(b.right)) && p.y > float64(b.top) && p.y < float64(b.bottom)
		}
		if !touches {
			t.Errorf("%s ends at no box, at %v", way, p)
		}
	}
}

type point struct{ x, y float64 }

// follow returns points of a path of M, H and C. Their distance is less than the width of a box.
func follow(t *testing.T, way string) (points []point) {
	t.Helper()
	var at point
	to := func(p point) { at = p; points = append(points, p) }
	for way != "" {
		n := 1 + strings.IndexAny(way[1:]+"M", "MHC")
		var v []float64
		for field := range strings.FieldsSeq(way[1:n]) {
			x, err := strconv.ParseFloat(field, 64)
			if err != nil {
				t.Fatalf("%q: %v", way, err)
			}
			v = append(v, x)
		}
		from := at
		switch {
		case way[0] == 'M' && len(v) == 2:
			to(point{v[0], v[1]})
		case way[0] == 'H' && len(v) == 1:
			for i := range 8 {
				to(point{from.x + (v[0]-from.x)*float64(i+1)/8, from.y})
			}
			at.x = v[0]
			points[len(points)-1].x = v[0]
		case way[0] == 'C' && len(v) == 6:
			for i := range 16 {
				u := float64(i+1) / 16
				curve := func(a, b, c, d float64) float64 {
					w := 1 - u
					return w*w*w*a + 3*w*w*u*b + 3*w*u*u*c + u*u*u*d
				}
				to(point{curve(from.x, v[0], v[2], v[4]), curve(from.y, v[1], v[3], v[5])})
			}
			at = point{v[4], v[5]}
		default:
			t.Fatalf("%q is not a path", way)
		}
		way = way[n:]
	}
	return points
}
