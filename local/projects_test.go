package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// made is a project with other tables.
type made struct {
	name string
	// make makes the project with the commands of a developer and returns its folder. Folders and databases of the test
	// parent stay until the end of serve.
	make  func(t, parent *testing.T) (dir string)
	serve func(t *testing.T, p program)
	dir   string
}

// id returns the name of the project as a Go identifier.
func (m *made) id() string { return strings.NewReplacer("/", "_", " ", "_").Replace(m.name) }

// program is the command with the tables of one project.
type program struct{ path, dir, env string }

// start starts the server in the project's folder.
func (p program) start(t *testing.T, address string) *server {
	t.Helper()
	return startBinary(t, p.path, p.dir, p.env, "DATABASE_URL="+address)
}

// run runs a command in the project's folder, which must succeed.
func (p program) run(t *testing.T, args ...string) string {
	t.Helper()
	return runOf(t, p.path, p.dir, []string{p.env}, args...)
}

// TestProjects makes projects with other tables, builds them, and serves them on both dialects.
func TestProjects(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: compiles projects")
	}
	t.Parallel()
	all := []*made{newTableProject(), everyTypeProject(), everyKeyProject(), tablesDocProject(), readmeProject()}
	for _, l := range lives(t) {
		all = append(all, l.project())
	}
	parent := t
	t.Run("make", func(t *testing.T) {
		for _, m := range all {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				m.dir = m.make(t, parent)
			})
		}
	})
	if t.Failed() {
		return
	}
	all = slices.DeleteFunc(all, func(m *made) bool { return m.dir == "" }) // not selected by -run
	path := buildAll(t, all)
	for _, m := range all {
		t.Run("serve/"+m.name, func(t *testing.T) {
			t.Parallel()
			m.serve(t, program{path, m.dir, "TABLES=" + m.id()})
		})
	}
}

// tableFiles are the files that make needs for commands that change tables.
var tableFiles = []string{"go.mod", "go.sum", "internal/app", "internal/resource", "migrations", "schema.hcl",
	"seed.json"}

// buildAll builds the command once, with the tables and migrations of all projects: the variable TABLES selects them. A
// link for each project would take most of the time of the test.
func buildAll(t *testing.T, all []*made) (path string) {
	t.Helper()
	dir, _ := clone(t)
	var imports, members strings.Builder
	for _, m := range all {
		fmt.Fprintf(&imports, "\t%s %q\n", m.id(), "slipway/internal/app/"+m.id())
		fmt.Fprintf(&members, "\t%q: %s.Tables,\n", m.id(), m.id())
		for from, to := range map[string]string{
			"internal/app":         "internal/app/" + m.id(),
			"migrations/mysql":     "migrations/all/" + m.id() + "/mysql",
			"migrations/sqlite":    "migrations/all/" + m.id() + "/sqlite",
			"migrations/snapshots": "migrations/all/" + m.id() + "/snapshots",
		} {
			if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(filepath.Join(m.dir, from))); err != nil {
				t.Fatal(err)
			}
		}
	}
	saveFile(t, dir, "internal/app/tables.go", "package app\n\nimport (\n\t\"os\"\n\n\t\"slipway/internal/resource\"\n"+
		imports.String()+")\n\nvar Tables = map[string][]*resource.Table{\n"+members.String()+"}[os.Getenv(\"TABLES\")]\n")
	if err := os.Remove(filepath.Join(dir, "internal/app/rules.go")); err != nil {
		t.Fatal(err)
	}
	const embed = "migrations/embed.go"
	editFile(t, dir, embed, "import (\n", "import (\n\t\"os\"\n")
	editFile(t, dir, embed, "files.ReadFile(", "fs.ReadFile(files, ")
	editFile(t, dir, embed, "//go:embed mysql s*\nvar files embed.FS\n",
		"//go:embed all\nvar all embed.FS\n\nvar files, _ = fs.Sub(all, \"all/\"+os.Getenv(\"TABLES\"))\n")
	return buildIn(t, dir)
}

// buildIn builds the command of a project and returns its path.
func buildIn(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "served")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./local")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// runOf runs a command of another binary, which must succeed.
func runOf(t *testing.T, path, dir string, env []string, args ...string) string {
	t.Helper()
	out, err := commandOf(t.Context(), path, dir, env, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
