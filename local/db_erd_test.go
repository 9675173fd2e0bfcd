package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest/blog"
)

// TestDBERD checks both formats, on standard output and in a file, whose name determines the
// format. The command uses no database.
func TestDBERD(t *testing.T) {
	t.Parallel()
	dir, env := t.TempDir(), []string{"DATABASE_URL=mysql://root@127.0.0.1:1/nowhere"}
	fails(t, dir, env, "schema.hcl is missing", "db", "erd")
	schema := string(blog.Schema())
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "schema.hcl"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save(schema)
	mermaid := succeeds(t, dir, env, "db", "erd")
	if !strings.HasPrefix(mermaid, "erDiagram\n    users {\n") ||
		!strings.Contains(mermaid, "\n    users ||--o{ posts : \"user_id\"\n") {
		t.Errorf("got\n%s", mermaid)
	}
	svg := succeeds(t, dir, env, "db", "erd", "--format", "svg")
	if !strings.HasPrefix(svg, "<svg ") || !strings.HasSuffix(svg, "</svg>\n") {
		t.Errorf("got\n%s", svg)
	}
	for _, c := range []struct {
		file string
		args []string
		want string
	}{
		{"schema.svg", nil, svg},
		{"SCHEMA.SVG", nil, svg},
		{"schema.mmd", nil, mermaid},
		{"schema", []string{"--format", "svg"}, svg},
		{"schema.svg", []string{"--format", "mermaid"}, mermaid},
	} {
		out := succeeds(t, dir, env, append([]string{"db", "erd", "-o", c.file}, c.args...)...)
		got, err := os.ReadFile(filepath.Join(dir, c.file))
		if err != nil || string(got) != c.want || out != "wrote "+c.file+"\n" {
			t.Errorf("%s %v: %v, printed %q, wrote\n%s", c.file, c.args, err, out, got)
		}
	}
	fails(t, dir, env, `unknown format "png": use mermaid or svg`, "db", "erd", "--format", "png")
	fails(t, dir, env, "no such file or directory", "db", "erd", "-o", "nowhere/schema.svg")
	save(strings.Replace(schema, "type = varchar(80)", "type = words", 1))
	fails(t, dir, env, "schema.hcl:", "db", "erd")
	save("")
	if out := succeeds(t, dir, env, "db", "erd"); out != "erDiagram\n" {
		t.Errorf("got %q", out)
	}
}
