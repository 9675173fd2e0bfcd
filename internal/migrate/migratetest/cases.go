package migratetest

import (
	"path/filepath"
	"strings"
	"testing"
)

// planCase is one file of testdata/plan: two schemas, and for each dialect the
// migration between them.
type planCase struct {
	Name, Path string
	Archive    *Archive
	From, To   []byte
	// Renames, drops and fills are what is asked for beside the schemas.
	Renames, Drops, Fills []string
}

// PlanCases reads the cases of a folder.
func PlanCases(t *testing.T, folder string) (cases []planCase) {
	t.Helper()
	paths, err := filepath.Glob(folder + "/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in %s: %v", folder, err)
	}
	for _, path := range paths {
		c := planCase{Name: strings.TrimSuffix(filepath.Base(path), ".txtar"), Path: path, Archive: ReadArchive(t, path)}
		c.From = append([]byte(Preamble), c.File("from.hcl")...)
		c.To = append([]byte(Preamble), c.File("to.hcl")...)
		c.Renames, c.Drops, c.Fills = ReadAsk(t, string(c.File("ask")))
		cases = append(cases, c)
	}
	return cases
}

// File returns a file of the case.
func (c planCase) File(name string) []byte {
	for _, f := range c.Archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// Set replaces a file of the case.
func (c planCase) Set(name string, text []byte) {
	for i, f := range c.Archive.Files {
		if f.Name == name {
			c.Archive.Files[i].Data = text
			return
		}
	}
	c.Archive.Files = append(c.Archive.Files, File{Name: name, Data: text})
}

// ReadAsk reads options as the command takes them, one a line.
func ReadAsk(t *testing.T, text string) (renames, drops, fills []string) {
	t.Helper()
	for line := range strings.Lines(text) {
		option, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch option {
		case "--rename":
			renames = append(renames, value)
		case "--drop":
			drops = append(drops, value)
		case "--fill":
			fills = append(fills, value)
		default:
			t.Fatalf("no option: %q", line)
		}
	}
	return renames, drops, fills
}
