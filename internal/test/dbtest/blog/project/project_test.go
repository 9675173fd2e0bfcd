package project

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"slipway/internal/test/dbtest/blog"
)

const schema = "# gauges\n"

// gauges is an application with another table.
var gauges = map[string]string{
	"internal/app/gauge.go": "package app\n\n" +
		"import \"slipway/internal/resource\"\n\n" +
		"// Gauge is a row of gauges.\n" +
		"type Gauge struct {\n\tID int64 `json:\"id\" gorm:\"primaryKey\" rule:\"readonly\"`\n}\n\n" +
		"// Tables are all tables that are served.\n" +
		"var Tables = resource.Link(resource.Of[Gauge](\"gauges\"))\n",
	"internal/app/gauge_test.go": "package app\n\nvar _ = Gauge{}\n",
	"schema.hcl":                 schema,
	"seed.json":                  `{"gauges": [{}]}`,
	"migrations/snapshots/20290101000000.hcl":   "# an older one\n",
	"migrations/snapshots/20300101000000.hcl":   schema,
	"migrations/mysql/20300101000000_first.sql": "CREATE TABLE gauges (id bigint);\n",
	"migrations/mysql/atlas.sum":                "none\n",
	"migrations/sqlite/20300101000000_odd.sql":  "CREATE TABLE gauges (id bigint);\n",
	"migrations/sqlite/atlas.sum":               "none\n",
}

// shown is a program that prints its tables and migrations.
const shown = `package main

import (
	"fmt"
	"io/fs"

	"slipway/internal/app"
	"slipway/migrations"
)

func main() {
	for _, t := range app.Tables {
		fmt.Print(t.Name, " ")
	}
	for _, dialect := range []string{"mysql", "sqlite"} {
		folder, _ := migrations.FS(dialect)
		names, _ := fs.Glob(folder, "*")
		fmt.Print(names, " ")
	}
	fmt.Printf("%x", migrations.Schema())
}
`

// otherProject returns a copy of this project with the table gauges and the program shown.
func otherProject(t *testing.T) (root string) {
	t.Helper()
	root = Copy(t, "go.mod", "go.sum", "internal", "migrations")
	for _, folder := range []string{"internal/app", "migrations/mysql", "migrations/snapshots", "migrations/sqlite"} {
		if err := os.RemoveAll(filepath.Join(root, folder)); err != nil {
			t.Fatal(err)
		}
	}
	files := maps.Clone(gauges)
	files["shown/main.go"] = shown
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// show returns the output of the program shown of a project.
func show(t *testing.T, root string, flags ...string) string {
	t.Helper()
	args := slices.Concat([]string{"run", "-trimpath"}, flags, []string{"./shown"})
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	text, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return string(text)
}

// TestOtherTables: programs that are built with the overlay or in a copy have the tables and migrations of package
// blog, even if the application has other tables.
func TestOtherTables(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: compiles a project")
	}
	root := otherProject(t)
	own := fmt.Sprintf("gauges [20300101000000_first.sql atlas.sum] [20300101000000_odd.sql atlas.sum] %x", schema)
	if got := show(t, root); got != own {
		t.Fatalf("without an overlay: %s\nwant %s", got, own)
	}
	want := "users posts notes "
	for _, dialect := range []string{"mysql", "sqlite"} {
		names, err := fs.Glob(blog.Files(dialect), "*")
		if err != nil {
			t.Fatal(err)
		}
		want += fmt.Sprint(names, " ")
	}
	want += fmt.Sprintf("%x", blog.Schema())
	file, err := writeOverlay(root, t.TempDir(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if got := show(t, root, "-overlay="+file); got != want {
		t.Errorf("with the overlay: %s\nwant %s", got, want)
	}
	dir := t.TempDir()
	if err := copyProject(root, dir, nil); err != nil {
		t.Fatal(err)
	}
	if got := show(t, dir); got != want {
		t.Errorf("in a copy: %s\nwant %s", got, want)
	}
	for _, name := range []string{"schema.hcl", "seed.json"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		want, err2 := os.ReadFile(filepath.Join("..", name))
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("%s in a copy: %v, %v\n%s", name, err, err2, got)
		}
	}
}

// TestCopySome: Copy copies only the given files, and no tests.
func TestCopySome(t *testing.T) {
	t.Parallel()
	dir := Copy(t, "schema.hcl", "migrations")
	names := slices.Concat(glob(dir, "*"), glob(dir, "*/*.go"), glob(dir, "migrations/mysql/atlas.sum"),
		glob(dir, "migrations/snapshots/*"))
	want := []string{"schema.hcl", "migrations/embed.go", "migrations/mysql/atlas.sum",
		"migrations/snapshots/" + blog.Version + ".hcl"}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}
