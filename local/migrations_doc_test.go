package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/migrate/lint"
	"slipway/internal/test/dbtest"
)

var updateDocs = flag.Bool("update-docs", false, "write what the commands print into docs/migrations.md")

const migrationsDoc = "../docs/migrations.md"

// docBlock matches a console block of the document, or a hidden step in a comment.
var docBlock = regexp.MustCompile("(?s)<!-- (run)\n(.*?)-->|<!-- (story) -->\n```console\n(.*?)```")

// TestMigrationsDoc runs the commands of docs/migrations.md in a copy of the project with its own Git repository, and
// compares their output with the document. Steps in comments do what the text asks the reader to do.
func TestMigrationsDoc(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(migrationsDoc)
	if err != nil {
		t.Fatal(err)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	d := &docStory{t: t, dir: projectFolder(t), mysql: dbtest.MySQL(t), slipway: path}
	d.sh("git init -q -b main . && git config user.email dev@example.com && git config user.name Dev && printf " +
		"'local/data/\\n' > .gitignore && git add -A && git commit -qm start")
	steps := 0
	updated := docBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		m := docBlock.FindStringSubmatch(block)
		if m[1] == "run" {
			shell, statement, _ := strings.Cut(m[2], "@sql ")
			d.sh(shell)
			if file, statement, ok := strings.Cut(strings.TrimSpace(statement), " "); ok {
				byHand(t, "sqlite://"+filepath.Join(d.dir, file), statement)
			}
			return block
		}
		var b strings.Builder
		b.WriteString("<!-- story -->\n```console\n")
		for _, step := range strings.Split("\n"+m[4], "\n$ ")[1:] {
			steps++
			command, want, _ := strings.Cut(step, "\n")
			got := d.sh(command)
			if a, b := d.same(got), d.same(want); a != b && !*updateDocs {
				t.Errorf("%s\ngives\n%s\nnot\n%s", command, a, b)
			}
			fmt.Fprintf(&b, "$ %s\n%s", command, got)
		}
		return b.String() + "```"
	})
	if steps < 40 {
		t.Errorf("the story has %d steps", steps)
	}
	updated = rulesTable.ReplaceAllString(updated,
		"<!-- rules -->\n"+strings.ReplaceAll(rules(), "$", "$$")+"<!-- end of rules -->")
	switch {
	case *updateDocs:
		if err := os.WriteFile(migrationsDoc, []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
	case rulesTable.FindString(string(text)) != rulesTable.FindString(updated):
		t.Error("the rules of lint are not those of the document: go test ./local -run TestMigrationsDoc -update-docs")
	}
}

var rulesTable = regexp.MustCompile(`(?s)<!-- rules -->\n.*?<!-- end of rules -->`)

// rules returns the table of lint rules as Markdown.
func rules() string {
	var b strings.Builder
	b.WriteString("| code | | what | the safer way |\n|---|---|---|---|\n")
	for _, r := range lint.Rules() {
		what := strings.TrimSuffix(strings.TrimSpace(r.Title+": "+r.Why), ": ")
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Code, r.Severity, strings.ReplaceAll(what, "|", "\\|"),
			strings.ReplaceAll(r.Advice, "|", "\\|"))
	}
	return b.String()
}

// docStory contains the folder and the database of the document's commands.
type docStory struct {
	t                   *testing.T
	dir, mysql, slipway string
}

// docMySQL is the URL of the MySQL database in the document.
const docMySQL = "mysql://root@127.0.0.1:3306/app"

// sh runs a line of the document and returns its output, with the names that the document uses.
func (d *docStory) sh(line string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), commandTimeout)
	defer cancel()
	run := strings.ReplaceAll(strings.ReplaceAll(line, "go run ./local", d.slipway), docMySQL, d.mysql)
	cmd := exec.CommandContext(ctx, "sh", "-c", run)
	cmd.Dir = d.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir, "TMPDIR=" + os.TempDir(), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_MERGE_AUTOEDIT=no"}
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		d.t.Fatalf("%s: %v\n%s(the story needs sh and git)", line, err, out)
	}
	text := strings.ReplaceAll(string(out), d.mysql, docMySQL)
	if u, err := url.Parse(d.mysql); err == nil {
		text = strings.ReplaceAll(text, u.Host+u.Path, "127.0.0.1:3306/app")
		text = strings.ReplaceAll(text, strings.TrimPrefix(u.Path, "/"), "app")
	}
	return strings.ReplaceAll(text, d.dir+string(filepath.Separator), "")
}

var (
	docVersion  = regexp.MustCompile(`20\d{12}`)
	docHash     = regexp.MustCompile(`\b[0-9a-f]{64}\b|h1:[\w+/]+=|\b[0-9a-f]{7}\b`)
	docDuration = regexp.MustCompile(`\b(\d+m)?\d+(\.\d+)?(µs|ms|s)\b|"duration_ms": \d+`)
)

// same replaces values that differ between runs: versions, hashes, and durations.
func (d *docStory) same(text string) string {
	seen := map[string]string{}
	text = docVersion.ReplaceAllStringFunc(text, func(v string) string {
		if seen[v] == "" {
			seen[v] = fmt.Sprintf("VERSION%d", len(seen))
		}
		return seen[v]
	})
	text = docDuration.ReplaceAllString(docHash.ReplaceAllString(text, "HASH"), "TIME")
	return strings.TrimSpace(text)
}
