package migratetest

import (
	"bytes"
	"os"
	"testing"
)

// Archive is a text file that contains several files, in the format txtar: a line "-- NAME --" starts each file, and
// lines above the first one are a comment.
type Archive struct {
	Comment []byte
	Files   []File
}

// File is one file of an Archive.
type File struct {
	Name string
	Data []byte
}

// ReadArchive reads the archive at a path. The test fails if it cannot be read.
func ReadArchive(t testing.TB, path string) *Archive {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parseArchive(text)
}

func parseArchive(text []byte) *Archive {
	a := &Archive{}
	current := &a.Comment
	for line := range bytes.Lines(text) {
		rest, start := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte("-- "))
		name, end := bytes.CutSuffix(rest, []byte(" --"))
		if start && end {
			a.Files = append(a.Files, File{Name: string(name)})
			current = &a.Files[len(a.Files)-1].Data
			continue
		}
		*current = append(*current, line...)
	}
	return a
}

// Format returns the text of the archive. Each file ends with a line break.
func (a *Archive) Format() []byte {
	text := bytes.Clone(a.Comment)
	for _, f := range a.Files {
		text = append(text, "-- "+f.Name+" --\n"...)
		text = append(text, f.Data...)
		if !bytes.HasSuffix(text, []byte("\n")) {
			text = append(text, '\n')
		}
	}
	return text
}
