package migratetest

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestParseArchive(t *testing.T) {
	t.Parallel()
	file := func(name, data string) File { return File{name, []byte(data)} }
	for text, want := range map[string]Archive{
		"":                            {},
		"a comment\n":                 {Comment: []byte("a comment\n")},
		"-- a --\n1\n2\n-- b/c --\n3": {Files: []File{file("a", "1\n2\n"), file("b/c", "3")}},
		"why\n\n-- a --\n-- b --\n":   {[]byte("why\n\n"), []File{{Name: "a"}, {Name: "b"}}},
		"-- a --\n-- an SQL comment\n --\n--\n-- --\nx -- y --\n": {
			Files: []File{file("a", "-- an SQL comment\n --\n--\n-- --\nx -- y --\n")}},
	} {
		if got := parseArchive([]byte(text)); !reflect.DeepEqual(*got, want) {
			t.Errorf("%q: %q, want %q", text, *got, want)
		}
	}
}

// TestFormatArchive: the cases of plan and run keep their text when they are read and written again.
func TestFormatArchive(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"../plan/testdata/plan/*.txtar", "../run/testdata/cli/*.txtar"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) < 10 {
			t.Fatalf("%s: %d archives, %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := ReadArchive(t, path).Format(); !bytes.Equal(got, want) {
				t.Errorf("%s: got\n%s", path, got)
			}
		}
	}
	a := Archive{Files: []File{{"a", []byte("no line break")}, {"b", nil}}}
	if got, want := string(a.Format()), "-- a --\nno line break\n-- b --\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
