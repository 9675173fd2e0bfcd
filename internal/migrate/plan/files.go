package plan

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/migrate"
)

// File is one migration of a dialect.
type File struct {
	migrate.File
	// Hash is the hash in atlas.sum. It also covers all earlier files.
	Hash string
	// Statements are the up statements.
	Statements []string
}

// Files contains the migrations of a dialect, sorted by version.
type Files struct {
	Dialect Dialect
	List    []File
}

// ReadFiles parses the files of a folder. It returns an error if a file cannot be parsed.
func (d Dialect) ReadFiles(dir *migrate.MemDir) (Files, error) {
	list, err := dir.Files()
	if err != nil {
		return Files{}, err
	}
	sums, err := dir.Checksum()
	if err != nil {
		return Files{}, err
	}
	all := Files{Dialect: d}
	for _, f := range list {
		statements, err := d.Scan(string(f.Bytes()))
		if err != nil {
			return Files{}, fmt.Errorf("%s: %w", f.Name(), err)
		}
		hash, err := sums.SumByName(f.Name())
		if err != nil {
			return Files{}, fmt.Errorf("%s: %w", f.Name(), err)
		}
		all.List = append(all.List, File{File: f, Hash: hash, Statements: texts(statements)})
	}
	return all, nil
}

// Has reports whether a version has a file.
func (f Files) Has(version string) bool { return f.Index(version) >= 0 }

// Index returns the index of the file of a version; -1 if there is none.
func (f Files) Index(version string) int {
	return slices.IndexFunc(f.List, func(s File) bool { return s.Version() == version })
}

// Last returns the version of the last file; "" if there are no files.
func (f Files) Last() string {
	if len(f.List) == 0 {
		return ""
	}
	return f.List[len(f.List)-1].Version()
}

// Name returns the path of a file in findings and errors.
func (f Files) Name(file File) string { return f.Dialect.folder() + "/" + file.Name() }

// Position returns the number of statements before a point.
func (f Files) Position(p Point) (n int) {
	for _, s := range f.List[:p.File] {
		n += len(s.Statements)
	}
	return n + p.Statements
}
