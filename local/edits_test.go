package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// TestEdits makes random edits of schema.hcl that do not affect hand-written code. After each edit, db migrate writes
// migrations and row types that compile, both databases are upgraded, db check finds nothing, and a second db migrate
// writes nothing. After the last one, the project builds. EDITS is the number of edits, EDITS_SEED the seed.
func TestEdits(t *testing.T) {
	t.Parallel()
	edits, seed := numberFrom("EDITS", 2), numberFrom("EDITS_SEED", 1)
	dir := project.Copy(t)
	byHand := handWritten(t, dir)
	e := &editor{r: rand.New(rand.NewPCG(uint64(seed), 0)), base: loadFile(t, dir, "schema.hcl")}
	urls := []string{dbtest.New(t, "sqlite"), dbtest.New(t, "mysql")}
	for n := range edits {
		flags := e.edit()
		saveFile(t, dir, "schema.hcl", e.text())
		mustRun(t, dir, append([]string{"db", "migrate", "-m", fmt.Sprintf("edit %d", n)}, flags...)...)
		again := mustRun(t, dir, "db", "migrate", "-m", "again")
		mentions(t, again, "nothing changed")
		if n == edits-1 {
			build := exec.CommandContext(t.Context(), "go", "list", "-export", "./...") // it compiles, and does not link
			build.Dir = dir
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("edit %d %v: %v\n%s\n%s", n, flags, err, out, e.text())
			}
		}
		for _, url := range urls {
			mustRun(t, dir, "db", "upgrade", "--url", url)
			mustRun(t, dir, "db", "check", "--url", url)
		}
		for name, text := range byHand {
			if loadFile(t, dir, name) != text {
				t.Fatalf("edit %d %v: %s changed", n, flags, name)
			}
		}
		if t.Failed() {
			t.Fatalf("edit %d: %s %v\n%s", n, e.last, flags, e.text())
		}
		t.Logf("edit %d: %s", n, e.last)
	}
}

func numberFrom(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return otherwise
}

// handWritten returns the files of internal/app that are not generated, by path.
func handWritten(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "internal", "app", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range files {
		name := filepath.Join("internal", "app", filepath.Base(file))
		if text := loadFile(t, dir, name); !strings.Contains(text, "DO NOT EDIT") {
			texts[name] = text
		}
	}
	if len(texts) == 0 {
		t.Fatal("no hand-written file")
	}
	return texts
}

func mustRun(t *testing.T, dir string, args ...string) string {
	t.Helper()
	got := runLocal(t, dir, nil, args...)
	if got.code != 0 {
		t.Errorf("%v ends with %d:\n%s%s", args, got.code, got.stdout, got.stderr)
	}
	return got.stdout
}

// editor contains the tables and columns that edits added to schema.hcl.
type editor struct {
	r      *rand.Rand
	base   string
	tables []*editedTable
	notes  []editedColumn // columns added to the table notes
	named  int
	last   string
}

type editedTable struct {
	name    string
	columns []editedColumn
	check   bool
}

type editedColumn struct {
	name, typ, value string // the default, "" for none
	null, index      bool
	unique           bool
	parent           string // the table that it refers to
}

// columnTypes are pairs of a type and a default value.
var columnTypes = [][2]string{
	{"bigint", "7"}, {"int", "-1"}, {"smallint", "3"}, {"varchar(40)", `"it's ${"x"}"`},
	{"varchar(200)", `"a;b"`}, {"char(3)", `"abc"`},
	{"text", `"long"`}, {"longtext", `""`}, {"double", "1.5"}, {"decimal(10,2)", "2.25"}, {"bool", "true"},
	{"datetime(6)", `sql("CURRENT_TIMESTAMP(6)")`}, {"datetime", `sql("CURRENT_TIMESTAMP")`},
	{"timestamp", `sql("CURRENT_TIMESTAMP")`},
}

// wider maps a type to a type that holds all of its values.
var wider = map[string]string{
	"varchar(40)": "varchar(200)", "varchar(200)": "text", "text": "longtext", "int": "bigint", "smallint": "int",
}

func (e *editor) name(prefix string) string {
	e.named++
	return fmt.Sprintf("%s_%d", prefix, e.named)
}

func (e *editor) pick(n int) int { return e.r.IntN(n) }

// edit makes one edit, and returns the flags that db migrate needs for it.
func (e *editor) edit() (flags []string) {
	for {
		kind := e.pick(17)
		if len(e.tables) == 0 || (kind == 0 || kind > 13) && len(e.tables) < 6 {
			return e.addTable()
		}
		t := e.tables[e.pick(len(e.tables))]
		if kind == 1 {
			e.last = "columns for notes"
			e.notes = append(e.notes, e.column("extra", true), e.column("extra", true))
			return nil
		}
		if kind == 2 && len(e.tables) > 1 {
			return e.dropTable(t)
		}
		if flags, ok := e.editTable(kind, t); ok {
			return flags
		}
	}
}

func (e *editor) addTable() []string {
	t := &editedTable{name: e.name("thing") + "s"}
	for range 2 + e.pick(5) {
		t.columns = append(t.columns, e.column("col", false))
	}
	e.tables = append(e.tables, t)
	e.last = "table " + t.name
	return nil
}

// dropTable drops a table, and the columns that refer to it.
func (e *editor) dropTable(t *editedTable) []string {
	flags := []string{"--drop", t.name}
	e.tables = slices.DeleteFunc(e.tables, func(other *editedTable) bool { return other == t })
	for _, other := range e.tables {
		other.columns = slices.DeleteFunc(other.columns, func(c editedColumn) bool {
			if c.parent == t.name {
				flags = append(flags, "--drop", other.name+"."+c.name)
			}
			return c.parent == t.name
		})
	}
	e.last = "no table " + t.name
	return flags
}

// column returns a random column. If rows is set, it allows NULL or has a default, as existing rows need.
func (e *editor) column(prefix string, rows bool) editedColumn {
	typ := columnTypes[e.pick(len(columnTypes))]
	c := editedColumn{name: e.name(prefix), typ: typ[0], null: e.pick(3) == 0}
	if e.pick(3) == 0 || rows && !c.null {
		c.value = typ[1]
	}
	c.index = e.pick(4) == 0 && !strings.HasSuffix(c.typ, "text")
	if c.null && c.value == "" && e.pick(4) == 0 {
		c.typ, c.parent, c.index = "bigint", []string{"users", "notes"}[e.pick(2)], true
		if len(e.tables) > 0 && e.pick(2) == 0 {
			c.parent = e.tables[e.pick(len(e.tables))].name
		}
	}
	c.unique = c.index && c.value == "" && e.pick(3) == 0
	return c
}

// editTable edits one table. It returns false if the edit is impossible for the table.
func (e *editor) editTable(kind int, t *editedTable) (flags []string, ok bool) {
	at := e.pick(len(t.columns))
	c := &t.columns[at]
	e.last = fmt.Sprintf("%d of %s.%s", kind, t.name, c.name)
	switch kind {
	case 3, 4:
		t.columns = slices.Insert(t.columns, at, e.column("col", true))
	case 5:
		if len(t.columns) < 2 {
			return nil, false
		}
		flags = []string{"--drop", t.name + "." + c.name}
		t.columns = slices.Delete(t.columns, at, at+1)
	case 6:
		name := e.name("renamed")
		flags = []string{"--rename", t.name + "." + c.name + ":" + name}
		c.name = name
	case 7:
		name := e.name("moved")
		flags = []string{"--rename", t.name + ":" + name}
		for _, other := range e.tables {
			for i := range other.columns {
				if other.columns[i].parent == t.name {
					other.columns[i].parent = name
				}
			}
		}
		t.name = name
	case 8:
		if wider[c.typ] == "" || c.index || c.value != "" || c.parent != "" {
			return nil, false
		}
		c.typ = wider[c.typ]
	case 9:
		if c.null || c.value != "" {
			return nil, false
		}
		c.null = true
	case 10:
		if !c.null || c.parent != "" || strings.Contains(c.typ, "time") {
			return nil, false
		}
		value := "'1'"
		if !strings.Contains(c.typ, "char") && !strings.Contains(c.typ, "text") {
			value = "1"
		}
		if c.typ == "bool" {
			value = "true"
		}
		c.null, flags = false, []string{"--fill", t.name + "." + c.name + "=" + value}
		if c.value != "" {
			flags = nil
		}
	case 11:
		if strings.HasSuffix(c.typ, "text") || c.parent != "" {
			return nil, false
		}
		c.index, c.unique = !c.index, false
	case 12:
		t.check = !t.check
	case 13:
		return e.changeDefault(c)
	}
	return flags, true
}

func (e *editor) changeDefault(c *editedColumn) (flags []string, ok bool) {
	if c.parent != "" || c.unique {
		return nil, false
	}
	for _, typ := range columnTypes {
		if typ[0] == c.typ && c.value == "" {
			c.value = typ[1]
			return nil, true
		}
	}
	c.value = ""
	return nil, true
}

// text returns schema.hcl with all edits.
func (e *editor) text() string {
	var b strings.Builder
	const marker = "  index \"notes_created_at\" {"
	before, after, found := strings.Cut(e.base, marker)
	if !found {
		panic("no table notes")
	}
	b.WriteString(before)
	for _, c := range e.notes {
		c.write(&b, "notes")
	}
	b.WriteString(marker + after)
	for _, t := range e.tables {
		fmt.Fprintf(&b, "\ntable %q {\n  schema  = schema.app\n  charset = \"utf8mb4\"\n  collate = \"utf8mb4_0900_bin\"\n",
			t.name)
		b.WriteString("  column \"id\" {\n    type           = bigint\n    auto_increment = true\n  }\n  primary_key " +
			"{ columns = [column.id] }\n")
		// Edits never change this column, because MySQL drops a CHECK with its last column.
		editedColumn{name: "base", typ: "int", value: "1"}.write(&b, t.name)
		for _, c := range t.columns {
			c.write(&b, t.name)
		}
		if t.check {
			fmt.Fprintf(&b, "  check \"%s_check\" { expr = \"base > 0\" }\n", t.name)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func (c editedColumn) write(b *strings.Builder, table string) {
	fmt.Fprintf(b, "  column %q {\n    type = %s\n    null = %v\n", c.name, c.typ, c.null)
	if c.value != "" {
		fmt.Fprintf(b, "    default = %s\n", c.value)
	}
	b.WriteString("  }\n")
	if c.index {
		fmt.Fprintf(b, "  index \"%s_%s\" {\n    columns = [column.%s]\n    unique  = %v\n  }\n", table, c.name, c.name,
			c.unique)
	}
	if c.parent != "" {
		key := "table." + c.parent + ".column.id"
		if c.parent == table {
			key = "column.id"
		}
		fmt.Fprintf(b, "  foreign_key \"%s_%s\" {\n    columns     = [column.%s]\n    ref_columns = [%s]\n    "+
			"on_delete   = SET_NULL\n  }\n",
			table, c.name, c.name, key)
	}
}
