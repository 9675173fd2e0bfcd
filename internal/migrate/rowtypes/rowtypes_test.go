package rowtypes_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	gorm "gorm.io/gorm/schema"

	"slipway/internal/migrate/rowtypes"
	"slipway/internal/migrate/rowtypes/testdata/defaults"
	"slipway/internal/migrate/rowtypes/testdata/empty"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/migrate/rowtypes/testdata/names"
	"slipway/internal/migrate/rowtypes/testdata/relations"
	"slipway/internal/migrate/rowtypes/testdata/typedkeys"
	"slipway/internal/migrate/rowtypes/testdata/types"
	"slipway/internal/migrate/rowtypes/testdata/unserved"
	"slipway/internal/migrate/schema"
	"slipway/internal/resource"
)

var update = flag.Bool("update", false, "write the files of testdata from what is generated")

// golden has the packages in testdata: schema.hcl with the generated tables.go and notes.txt. This
// test imports them, so they must compile.
var golden = map[string][]*resource.Table{
	"empty": empty.Tables, "types": types.Tables, "typedkeys": typedkeys.Tables, "relations": relations.Tables,
	"keys":  keys.Tables,
	"names": names.Tables, "defaults": defaults.Tables, "unserved": unserved.Tables,
}

// TestGenerate checks that each schema.hcl of testdata generates its files.
func TestGenerate(t *testing.T) {
	t.Parallel()
	for name := range golden {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join("testdata", name)
			source := generate(t, name, read(t, filepath.Join(dir, "schema.hcl")))
			notes := strings.Join(source.Notes, "\n") + "\n"
			if *update {
				save(t, filepath.Join(dir, rowtypes.File), string(source.Text))
				save(t, filepath.Join(dir, "notes.txt"), notes)
			}
			if want := read(t, filepath.Join(dir, rowtypes.File)); string(source.Text) != want {
				t.Errorf("got\n%s\nwant\n%s", source.Text, want)
			}
			if want := read(t, filepath.Join(dir, "notes.txt")); notes != want {
				t.Errorf("got\n%s\nwant\n%s", notes, want)
			}
			if again := generate(t, name, read(t, filepath.Join(dir, "schema.hcl"))); string(again.Text) != string(source.Text) {
				t.Error("the same schema.hcl makes another file")
			}
		})
	}
}

func generate(t *testing.T, pkg, text string) rowtypes.Source {
	t.Helper()
	source, err := rowtypes.Generate(pkg, "schema.hcl", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTagsReadAlike checks that GORM and package resource read the columns, defaults and indexes
// of schema.hcl from the row types.
func TestTagsReadAlike(t *testing.T) {
	t.Parallel()
	for name, tables := range golden {
		s, err := schema.MySQL(name, []byte(read(t, filepath.Join("testdata", name, "schema.hcl"))))
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			declared, ok := s.Table(table.Name)
			if !ok {
				t.Errorf("%s: no table %s", name, table.Name)
				continue
			}
			g, err := gorm.Parse(table.New(), &sync.Map{}, gorm.NamingStrategy{})
			if err != nil {
				t.Errorf("%s.%s: %v", name, table.Name, err)
				continue
			}
			if g.Table != table.Name {
				t.Errorf("%s.%s: GORM calls it %s", name, table.Name, g.Table)
			}
			var columns []string
			for _, f := range table.Fields {
				columns = append(columns, f.Name)
				c, _ := declared.Column(f.Name)
				field := g.FieldsByDBName[f.Name]
				if c == nil || field == nil || c.Type.Null != f.Nullable || field.NotNull == c.Type.Null && !field.PrimaryKey {
					t.Errorf("%s.%s.%s: %+v and %+v", name, table.Name, f.Name, c, field)
				}
			}
			if !slices.Equal(columns, g.DBNames) {
				t.Errorf("%s.%s: GORM has the columns %q, resource %q", name, table.Name, g.DBNames, columns)
			}
			uniques(t, g, table)
		}
	}
}

// uniques compares the unique indexes of single columns.
func uniques(t *testing.T, g *gorm.Schema, table *resource.Table) {
	t.Helper()
	want := map[string]string{}
	for _, index := range g.ParseIndexes() {
		if len(index.Fields) == 1 {
			want[index.Fields[0].DBName] = index.Name
		}
	}
	for _, f := range table.Fields {
		if f.Unique != want[f.Name] {
			t.Errorf("%s.%s: the unique index is %q, for GORM %q", table.Name, f.Name, f.Unique, want[f.Name])
		}
	}
}

// TestDefaults checks that an absent member gets the default, for any characters in it.
func TestDefaults(t *testing.T) {
	t.Parallel()
	rows, _, err := types.Tables[0].DecodeRows([]byte(`{"tiny":1,"count":1,"ratio":1,"wide":1,"level":1,"word":"w",` +
		`"more":"m"}`))
	if err != nil {
		t.Fatal(err)
	}
	row := rows.Row(0).(*types.Sample)
	for name, pair := range map[string][2]any{
		"flag": {row.Flag, true}, "byte": {row.Byte, int64(255)}, "small": {row.Small, int64(-1)},
		"plain": {row.Plain, int64(7)}, "big": {row.Big, int64(1000)}, "score": {row.Score, 0.5},
		"price": {row.Price.String(), "1.5"},
		"share": {row.Share.String(), "0.5"}, "kind": {row.Kind, "new"}, "tags": {row.Tags, resource.Set("x,y")},
		"options": {row.Options, resource.JSON(`{"a":[1],"b":1}`)}, "list": {row.List, resource.JSON("[]")},
		"since": {row.Since, resource.Date("2020-02-29")}, "alarm": {row.Alarm.String(), "07:30:00"},
		"salt": {string(row.Salt), "a\x00\x00"}, "token": {string(row.Token), "\x00\xff"}, "bit": {row.Bit, false},
		"letter": {row.Letter, "x"}, "one": {*row.One, true},
		"label": {row.Label, "it's; \"quoted\" \\ `so` … ü"}, "slash": {row.Slash, `ends in a backslash \`},
		"sql": {row.SQL, "it's"}, "all": {row.All, ""}, "due_at": {row.DueAt == nil, true},
		"begins_at": {row.BeginsAt.String(), "2020-01-02 03:04:05.678 +0000 UTC"},
		"seen_at":   {rows.Omitted(0, types.Tables[0].Field("seen_at")), true},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestRelations checks the names of the relations of each foreign key in both directions.
func TestRelations(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"people": "tasks_by_author tasks_by_number_row tasks_by_editor tasks_by_checker tasks_by_owner_row " +
			"tasks_by_reader_id_row",
		"workers": "boss workers_by_boss tasks tasks_by__id_row",
		"tasks":   "author author_id_row number_row editor checker owner_row _id_row reader_id_row parent tasks",
	} {
		var got []string
		for _, table := range relations.Tables {
			for _, r := range table.Relations {
				if table.Name == name {
					got = append(got, r.Name)
				}
			}
		}
		slices.Sort(got)
		sorted := strings.Fields(want)
		slices.Sort(sorted)
		if !slices.Equal(got, sorted) {
			t.Errorf("%s: %q, want %q", name, got, sorted)
		}
	}
}

// TestReserved checks that a table whose path the API uses itself is not served.
func TestReserved(t *testing.T) {
	t.Parallel()
	const table = "schema \"app\" {\n}\ntable %q {\n  schema = schema.app\n" +
		"  column \"id\" {\n    type = bigint\n    auto_increment = true\n  }\n" +
		"  primary_key {\n    columns = [column.id]\n  }\n}\n"
	for _, name := range []string{"docs", "healthz", "readyz", "_", "openapi.json"} {
		source, err := rowtypes.Generate("app", "schema.hcl", fmt.Appendf(nil, table, name))
		want := name + " is not served: the API uses the path /" + name + " itself"
		if err != nil || len(source.Notes) != 1 || source.Notes[0] != want {
			t.Errorf("%s: %q, %v, want %s", name, source.Notes, err, want)
		}
	}
}

// TestErrors checks that each error has a position.
func TestErrors(t *testing.T) {
	t.Parallel()
	cases := map[string]string{"table {": "schema.hcl:1:"}
	for text, want := range cases {
		_, err := rowtypes.Generate("app", "schema.hcl", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
