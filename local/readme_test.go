package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/test/dbtest/blog/project"
)

// marked returns the blocks of a document with a comment <!-- test: NAME -->, by name. Blocks with the same name are
// joined.
func marked(t *testing.T, document string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)<!-- test: (\\S+) -->\n```\\w+\n(.*?)```\n").
		FindAllStringSubmatch(string(text), -1) {
		blocks[m[1]] += m[2]
	}
	return blocks
}

// changing matches values that differ between runs: times, request IDs, ETags, and cursors.
var changing = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|"request_id":"\w+"|Etag: ` +
	`"[\w-]+"|cursor=[\w-]+`)

// stories are the documents whose commands run against each kind of server, with the least number of their commands.
var stories = map[string]int{"../README.md": 5, "../docs/api.md": 25}

// TestStories runs the commands of the documents against the server and compares their output. [TestLambda] does so for
// `local lambda`.
func TestStories(t *testing.T) {
	t.Parallel()
	for document, least := range stories {
		t.Run(filepath.Base(document), func(t *testing.T) {
			t.Parallel()
			s := start(t, t.TempDir())
			story(t, s, document, least)
			if code := s.terminate(); code != 0 {
				t.Errorf("exit code %d:\n%s%s", code, &s.output, &s.log)
			}
		})
	}
}

func story(t *testing.T, s *server, document string, least int) {
	t.Helper()
	steps := strings.Split("\n"+marked(t, document)["story"], "\n$ ")[1:]
	if len(steps) < least {
		t.Fatalf("the story of %s has %d steps", document, len(steps))
	}
	for _, step := range steps {
		command, want, _ := strings.Cut(step, "\n")
		ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
		defer cancel()
		got, err := exec.CommandContext(ctx, "sh", "-c",
			strings.ReplaceAll(command, "localhost:3000", strings.TrimPrefix(s.url, "http://"))).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s(the story needs sh and curl)", command, err, got)
		}
		text := strings.ReplaceAll(strings.TrimSpace(string(got)), "\r", "")
		if a, b := changing.ReplaceAllString(text, "*"), changing.ReplaceAllString(strings.TrimSpace(want), "*"); a != b {
			t.Errorf("%s\ngives %s\nnot   %s", command, a, b)
		}
	}
}

// readmeProject is a project with the README's new table. It runs the README's steps, and then uses the new table.
func readmeProject() *made {
	return &made{
		name: "README",
		make: func(t, parent *testing.T) string {
			dir, blocks := project.Copy(parent, tableFiles...), marked(t, "../README.md")
			edit(t, filepath.Join(dir, "schema.hcl"), func(s string) string { return s + "\n" + blocks["schema.hcl"] })
			path, err := binary() // the program that go run builds from the same source
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(blocks["shell"]), "\n")
			for _, line := range lines[:len(lines)-1] { // the last one serves, and the test starts its own server below
				cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(line, "go run ./local ", path+" ", 1))
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", line, err, out)
				}
			}
			if types := loadFile(t, dir, "internal/app/tables.go"); !strings.Contains(types, blocks["tables.go"]) {
				t.Errorf("the row type is not the README's:\n%s", types)
			}
			saveFile(t, dir, "internal/app/tag.go", "package app\n\nimport \"slipway/internal/resource\"\n\n"+blocks["rules.go"])
			return dir
		},
		serve: func(t *testing.T, p program) {
			p.run(t, "db", "check")
			tryReadmeTable(t, p.start(t, defaultURL))
		},
	}
}

// tryReadmeTable sends requests for the table of the README.
func tryReadmeTable(t *testing.T, s *server) {
	t.Helper()
	if _, body := s.must(http.StatusCreated, "POST", "/tags", `{"name":"go"}`); !strings.Contains(body,
		`{"id":1,"name":"go","weight":1,"created_at":"`) {
		t.Errorf("%s", body)
	}
	s.must(http.StatusConflict, "POST", "/tags", `{"name":"go","weight":0}`)
	s.must(http.StatusUnprocessableEntity, "POST", "/tags", `{"name":"c","weight":11}`)
	s.must(http.StatusOK, "PATCH", "/tags/1", `{"weight":0}`)
	if _, body := s.must(http.StatusOK, "GET", "/tags?weight=0&page=1", ""); !strings.Contains(body, `"weight":0`) {
		t.Errorf("%s", body)
	}
	s.must(http.StatusNoContent, "DELETE", "/tags/1", "")
	s.must(http.StatusOK, "GET", "/readyz", "")
}

// copyTo copies a file.
func copyTo(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, path string, change func(string) string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	after := change(string(before))
	if after == string(before) {
		t.Fatalf("%s: nothing to edit", path)
	}
	if err := os.WriteFile(path, []byte(after), 0o600); err != nil {
		t.Fatal(err)
	}
}
