package test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	codeBlock = regexp.MustCompile("(?ms)^```.*?^```$|^<!-- run\n.*?^-->$")
	docLink   = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	docPath   = regexp.MustCompile("`((?:functions|internal|local|migrations)/[\\w/.-]*)`")
)

// TestDocsLinks checks that each relative link in a document points to a file, and each
// anchor to a heading.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	for _, file := range documents(t) {
		for _, m := range docLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(readText(t, file), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target, anchor, _ := strings.Cut(m[1], "#")
			to := file
			if target != "" {
				to = filepath.Join(filepath.Dir(file), target)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: the link %s points to no file", file, m[1])
			} else if anchor != "" && !slices.Contains(anchors(readText(t, to)), anchor) {
				t.Errorf("%s: the link %s points to no heading", file, m[1])
			}
		}
	}
}

// documents returns the Markdown files of the project.
func documents(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", ".github/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// anchors returns the anchors that GitHub gives the headings of a document.
func anchors(text string) (all []string) {
	for line := range strings.Lines(codeBlock.ReplaceAllString(text, "")) {
		heading := strings.TrimLeft(line, "#")
		if heading == line || !strings.HasPrefix(heading, " ") {
			continue
		}
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading)))
	}
	return all
}

// TestDocsPaths checks that the files and folders that docs/architecture.md names exist.
func TestDocsPaths(t *testing.T) {
	t.Parallel()
	paths := docPath.FindAllStringSubmatch(readText(t, "docs/architecture.md"), -1)
	if len(paths) < 30 {
		t.Fatalf("docs/architecture.md names %d paths", len(paths))
	}
	for _, m := range paths {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("docs/architecture.md: %s does not exist", m[1])
		}
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
