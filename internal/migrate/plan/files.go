package plan

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/migrate"
)

// File is one migration of a dialect.
type File struct {
	migrate.File
	// Hash is the one in atlas.sum, which covers all files before it as well.
	Hash string
	// Statements are the way up.
	Statements []string
}

// Files is the dialect's folder, read and checked, in the order of versions.
type Files struct {
	Dialect Dialect
	List    []File
}

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

func (f Files) Has(version string) bool { return f.Index(version) >= 0 }

// Index is where the file of a version is; -1 when there is none.
func (f Files) Index(version string) int {
	return slices.IndexFunc(f.List, func(s File) bool { return s.Version() == version })
}

// Last is the version of the last file; "" when there are none.
func (f Files) Last() string {
	if len(f.List) == 0 {
		return ""
	}
	return f.List[len(f.List)-1].Version()
}

// Name is a file as findings and errors show it.
func (f Files) Name(file File) string { return f.Dialect.folder() + "/" + file.Name() }

// Position counts the statements before a point.
func (f Files) Position(p Point) (n int) {
	for _, s := range f.List[:p.File] {
		n += len(s.Statements)
	}
	return n + p.Statements
}
