package test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	codeSpan   = regexp.MustCompile("`([^`\n]+)`")
	goFile     = regexp.MustCompile(`^([a-z/]*/)?([a-z_]+\.go)$`)
	identifier = regexp.MustCompile(`^(?:\(\*?[A-Za-z]+\)\.|[a-z]+\.)?([A-Za-z]+)$`)
)

// TestDocsNames checks the lists of docs/architecture.md that say where to change what: each file exists, and each
// identifier is in the package of the last file before it.
func TestDocsNames(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, lists, found := strings.Cut(string(text), "## Where to change what")
	if !found {
		t.Fatal("docs/architecture.md has no lists")
	}
	folder, checked := "", 0
	for _, m := range codeSpan.FindAllStringSubmatch(lists, -1) {
		if file := goFile.FindStringSubmatch(m[1]); file != nil {
			if file[1] != "" {
				folder = file[1]
			}
			if _, err := os.Stat(folder + file[2]); err != nil {
				t.Errorf("%s is missing in %s", m[1], folder)
			}
			continue
		}
		name := identifier.FindStringSubmatch(m[1])
		if name == nil || folder == "" {
			continue
		}
		checked++
		if !inPackage(t, folder, name[1]) {
			t.Errorf("%s is not in %s", m[1], folder)
		}
	}
	if checked < 30 {
		t.Errorf("only %d names", checked)
	}
}

// inPackage reports whether an identifier is in a Go file of a folder.
func inPackage(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(folder + "*.go")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`\b` + name + `\b`)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if word.Match(text) {
			return true
		}
	}
	return false
}
