// Package blog is a fixture for tests: the tables users, posts, and notes, with row types, schema.hcl, migrations, and
// example rows. It creates databases with these tables, on SQLite and on a real MySQL.
//
// Tests use it instead of the application's own tables, which a developer may replace. Package project builds programs
// that serve these tables.
//
// The files that import neither embed nor testing are equal to those of internal/app in the shipped example;
// schema.hcl, seed.json, and the SQL files are equal, too. Keep them equal: the examples of the documents run on them.
//
// It is for tests only. It may import only dbtest and resource of slipway, so that tests of all other packages can use
// it.
package blog

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing/fstest"
)

//go:generate go run ../../../migrate/rowtypes/generate schema.hcl

// The tables.
var Users, Posts, Notes = Tables[0], Tables[1], Tables[2]

// Version is the version of the last migration of both dialects.
const Version = "20261129010101"

//go:embed mysql sqlite intwo
var files embed.FS

//go:embed schema.hcl
var schema []byte

// Schema returns the text of the tables' schema.hcl.
func Schema() []byte { return slices.Clone(schema) }

// Migrations returns the folder migrations of a project with these tables, in memory: the files of both dialects and a
// snapshot.
func Migrations() fstest.MapFS {
	folder := fstest.MapFS{"snapshots/" + Version + ".hcl": &fstest.MapFile{Data: Schema()}}
	for _, dialect := range []string{"mysql", "sqlite"} {
		names, _ := fs.Glob(files, dialect+"/*") // the pattern is valid
		for _, name := range names {
			text, _ := fs.ReadFile(files, name) // cannot fail: the file is embedded
			folder[name] = &fstest.MapFile{Data: text}
		}
	}
	return folder
}

// Files returns the migrations of a dialect, "mysql" or "sqlite", with their atlas.sum. It panics for any other
// dialect.
func Files(dialect string) fs.FS {
	if _, err := fs.Stat(files, dialect); err != nil {
		panic(fmt.Sprintf("blog: unknown dialect %q", dialect))
	}
	folder, _ := fs.Sub(files, dialect) // cannot fail: the folder is embedded
	return folder
}

// VersionsInTwo returns the versions of the two migrations that create the same tables in two steps, which programs of
// package project with InTwo contain. It panics for any dialect but "mysql" and "sqlite".
func VersionsInTwo(dialect string) []string {
	names, _ := fs.Glob(Files(path.Join("intwo", dialect)), "*.sql") // the pattern is valid
	for i, name := range names {
		names[i], _, _ = strings.Cut(name, "_")
	}
	return names
}
