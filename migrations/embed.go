// Package migrations carries the SQL files of this folder inside the binaries
// that need them: one folder per dialect, as Atlas lays them out, with atlas.sum.
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

//go:embed schema.hcl
var schema []byte

//go:embed embed.go
var source []byte

// Source is the text of this file, for a project that begins its migrations anew.
func Source() []byte { return slices.Clone(source) }

// Schema is the text of schema.hcl as it was when the last migration was written:
// the state that the files add up to.
func Schema() []byte { return slices.Clone(schema) }

// FS gives the migration files of a dialect, "mysql" or "sqlite", at its root.
// The error says that there are none for it.
func FS(dialect string) (fs.FS, error) {
	if _, err := fs.Stat(files, dialect); err != nil {
		return nil, fmt.Errorf("migrations: none for %q", dialect)
	}
	return fs.Sub(files, dialect)
}

// Latest gives the version of a dialect's last migration, the one that a
// database must have for this build; "" when there are no migrations yet. The
// error says that there is no such dialect.
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
