package migration

import (
	"fmt"
	"slices"

	"ariga.io/atlas/sql/migrate"
)

// migrationFile is one migration of a dialect.
type migrationFile struct {
	migrate.File
	// hash is the one in atlas.sum, which covers all files before it as well.
	hash string
	// statements are the way up.
	statements []string
}

// files is the dialect's folder, read and checked, in the order of versions.
type files struct {
	dialect dialect
	list    []migrationFile
}

func (d dialect) readFiles(dir *migrate.MemDir) (files, error) {
	list, err := dir.Files()
	if err != nil {
		return files{}, err
	}
	sums, err := dir.Checksum()
	if err != nil {
		return files{}, err
	}
	all := files{dialect: d}
	for _, f := range list {
		statements, err := d.scan(string(f.Bytes()))
		if err != nil {
			return files{}, fmt.Errorf("%s: %w", f.Name(), err)
		}
		hash, err := sums.SumByName(f.Name())
		if err != nil {
			return files{}, fmt.Errorf("%s: %w", f.Name(), err)
		}
		all.list = append(all.list, migrationFile{File: f, hash: hash, statements: texts(statements)})
	}
	return all, nil
}

func (f files) has(version string) bool { return f.index(version) >= 0 }

// index is where the file of a version is; -1 when there is none.
func (f files) index(version string) int {
	return slices.IndexFunc(f.list, func(s migrationFile) bool { return s.Version() == version })
}

// last is the version of the last file; "" when there are none.
func (f files) last() string {
	if len(f.list) == 0 {
		return ""
	}
	return f.list[len(f.list)-1].Version()
}

// name is a file as findings and errors show it.
func (f files) name(file migrationFile) string { return f.dialect.folder() + "/" + file.Name() }
