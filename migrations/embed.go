// Package migrations carries the SQL files of this folder inside the binaries
// that need them: one folder per dialect, as Atlas lays them out, with atlas.sum;
// and snapshots, which has a copy of schema.hcl for each version that changed it.
//
// It is kept small: the API's Lambda asks it which version to expect. It imports
// nothing beyond the standard library.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed mysql sqlite
var files embed.FS

// The pattern matches the files of sqlite, too: go build refuses one that matches
// nothing, and a new project has no snapshot yet.
//
//go:embed s*/*
var snapshots embed.FS

//go:embed embed.go
var source []byte

// Source is the text of this file, for a project that begins its migrations again.
func Source() []byte { return slices.Clone(source) }

// Schema is the text of the last snapshot: the schema.hcl that the files add up to.
// It is empty, and not nil, where there are no migrations yet.
func Schema() []byte {
	names, err := fs.Glob(snapshots, "snapshots/*.hcl")
	if err != nil || len(names) == 0 {
		return []byte{}
	}
	text, _ := fs.ReadFile(snapshots, names[len(names)-1]) // it is there, in memory
	return text
}

// Folder returns this folder: mysql, sqlite and snapshots.
func Folder() fs.FS { return folder{} }

// folder is both embedded sets in one.
type folder struct{}

// Open opens a file or a folder, as [fs.FS] has it.
func (folder) Open(name string) (fs.File, error) {
	if first, _, _ := strings.Cut(name, "/"); first == "snapshots" {
		return snapshots.Open(name)
	}
	return files.Open(name)
}

// FS returns the migration files of a dialect, "mysql" or "sqlite", at its root. The error says that there are none
// for it.
func FS(dialect string) (fs.FS, error) {
	if _, err := fs.Stat(files, dialect); err != nil {
		return nil, fmt.Errorf("migrations: none for %q", dialect)
	}
	return fs.Sub(files, dialect)
}

// Latest returns the version of a dialect's last migration, the one that a database must have for this build; "" when
// there are no migrations yet. The error says that there is no such dialect.
func Latest(dialect string) (version string, err error) {
	folder, err := FS(dialect)
	if err != nil {
		return "", err
	}
	// In the order of their names, which begin with the version.
	names, err := fs.Glob(folder, "*.sql")
	if err != nil || len(names) == 0 {
		return "", err
	}
	version, _, _ = strings.Cut(strings.TrimSuffix(names[len(names)-1], ".sql"), "_")
	return version, nil
}
