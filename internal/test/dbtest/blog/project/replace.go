package project

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// fixture is the folder of package blog.
const fixture = "internal/test/dbtest/blog"

// replacements returns the new texts of the files that depend on the tables, by slash-separated path, for the project
// in root. The text is nil if the file is removed. There is one snapshot, a copy of schema.hcl with the last version.
// The migrations are those in the fixture's folder migrations: "." or [InTwo].
func replacements(root, migrations string) (map[string][]byte, error) {
	texts := map[string][]byte{}
	for _, pattern := range []string{"internal/app/*.go", "migrations/*/*"} {
		for _, name := range glob(root, pattern) {
			if !strings.HasSuffix(name, "_test.go") {
				texts[name] = nil
			}
		}
	}
	read := func(folder, pattern string, use func(name string, text []byte) error) error {
		for _, name := range glob(filepath.Join(root, fixture, folder), pattern) {
			text, err := os.ReadFile(filepath.Join(root, fixture, folder, name))
			if err == nil {
				err = use(name, text)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	err := read(".", "*", func(name string, text []byte) error {
		switch {
		case !strings.HasSuffix(name, ".go"):
			texts[name] = text
		case !strings.HasSuffix(name, "_test.go"):
			source, ok, err := appSource(name, text)
			if err != nil || !ok {
				return err
			}
			texts["internal/app/"+name] = source
		}
		return nil
	})
	version := "" // of the last migration
	for _, dialect := range []string{"mysql", "sqlite"} {
		err = errors.Join(err, read(filepath.Join(migrations, dialect), "*", func(name string, text []byte) error {
			texts["migrations/"+dialect+"/"+name] = text
			if v, _, ok := strings.Cut(name, "_"); ok {
				version = max(version, v)
			}
			return nil
		}))
	}
	texts["migrations/snapshots/"+version+".hcl"] = texts["schema.hcl"]
	return texts, err
}

// InTwo is the folder with migrations that create the same tables in two steps, for tests that need an intermediate
// version.
const InTwo = "intwo"

// glob returns the slash-separated paths of the files below root that match a pattern of filepath.Match. It omits
// folders.
func glob(root, pattern string) (names []string) {
	paths, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern))) // the patterns here are valid
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			name, _ := filepath.Rel(root, path) // cannot fail: path is below root
			names = append(names, filepath.ToSlash(name))
		}
	}
	return names
}

// appSource converts a file of package blog to a file of package app. ok is false for a file of the fixture only, which
// imports embed or testing.
func appSource(name string, text []byte) (source []byte, ok bool, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.ImportsOnly)
	if err != nil {
		return nil, false, fmt.Errorf("reading package blog: %w", err)
	}
	for _, i := range file.Imports {
		if i.Path.Value == `"embed"` || i.Path.Value == `"testing"` {
			return nil, false, nil
		}
	}
	at := files.Position(file.Name.Pos()).Offset
	return slices.Concat(text[:at], []byte("app"), text[at+len(file.Name.Name):]), true, nil
}
