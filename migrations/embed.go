// Package migrations embeds the files of this folder: an Atlas migration directory for each
// dialect, and snapshots, with a copy of schema.hcl for each version that changed it.
//
// It may import only the standard library, because it is part of the API's Lambda function.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// The second pattern matches sqlite and snapshots. A new project has no snapshots, a project for
// MySQL only has no sqlite, and go build rejects a pattern without a match.
//
//go:embed mysql s*
var files embed.FS

//go:embed embed.go
var source []byte

// Source returns the text of this file, so that "db init" can write it to a new project.
func Source() []byte { return slices.Clone(source) }

// Schema returns the text of the last snapshot, which matches the migrations. Without
// migrations it is empty, but not nil.
func Schema() []byte {
	names, err := fs.Glob(files, "snapshots/*.hcl")
	if err != nil || len(names) == 0 {
		return []byte{}
	}
	text, _ := files.ReadFile(names[len(names)-1]) // cannot fail: the file is embedded
	return text
}

// Folder returns this folder: mysql, snapshots and, unless the project is for MySQL only, sqlite.
func Folder() fs.FS { return files }

// FS returns a file system with the migration files of a dialect, "mysql" or "sqlite". It returns an error for another
// dialect.
func FS(dialect string) (fs.FS, error) {
	if _, err := fs.Stat(files, dialect); err != nil || dialect == "snapshots" {
		return nil, fmt.Errorf("migrations: unknown dialect %q", dialect)
	}
	return fs.Sub(files, dialect)
}

// Latest returns the version of the last migration of a dialect, which this build requires of its database. It returns
// "" if there are no migrations, and an error for an unknown dialect.
func Latest(dialect string) (version string, err error) {
	folder, err := FS(dialect)
	if err != nil {
		return "", err
	}
	// Glob sorts the names, which start with the version.
	names, err := fs.Glob(folder, "*.sql")
	if err != nil || len(names) == 0 {
		return "", err
	}
	version, _, _ = strings.Cut(strings.TrimSuffix(names[len(names)-1], ".sql"), "_")
	return version, nil
}
