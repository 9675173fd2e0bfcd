// Package blog is a fixture for tests: users, posts and notes, with their row types,
// their schema.hcl, their migrations and their example rows. It gives a test a
// database with these tables, on SQLite and on a real MySQL.
//
// Tests use it in place of the application's own tables, which a developer may
// replace. Package project builds programs that serve these tables.
//
// The files that import neither embed nor testing are what internal/app is in the
// shipped example, in its words; schema.hcl, seed.json and the SQL files are that
// example's too. Keep them so: the documents' examples run on them.
//
// It is for tests only. Of slipway it imports dbtest and resource, so that tests
// inside every other package can use it.
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

// The tables, each by its name.
var Users, Posts, Notes = Tables[0], Tables[1], Tables[2]

// Version is the last migration of both dialects.
const Version = "20261129010101"

//go:embed mysql sqlite intwo
var files embed.FS

//go:embed schema.hcl
var schema []byte

// Schema returns the text of the tables' schema.hcl, which the migrations add up to.
func Schema() []byte { return slices.Clone(schema) }

// Migrations returns the folder migrations of a project with these tables, in memory:
// the files of both dialects and a snapshot.
func Migrations() fstest.MapFS {
	folder := fstest.MapFS{"snapshots/" + Version + ".hcl": &fstest.MapFile{Data: Schema()}}
	for _, dialect := range []string{"mysql", "sqlite"} {
		names, _ := fs.Glob(files, dialect+"/*") // the pattern is valid
		for _, name := range names {
			text, _ := fs.ReadFile(files, name) // it is there, in memory
			folder[name] = &fstest.MapFile{Data: text}
		}
	}
	return folder
}

// Files returns the migrations of a dialect, "mysql" or "sqlite", with their
// atlas.sum, as a folder that the migration engine reads. It panics on any other
// dialect.
func Files(dialect string) fs.FS {
	if _, err := fs.Stat(files, dialect); err != nil {
		panic(fmt.Sprintf("blog: no dialect %q", dialect))
	}
	folder, _ := fs.Sub(files, dialect) // the name is valid: there is such a folder
	return folder
}

// VersionsInTwo returns the versions of the two migrations that lead to the same tables
// step by step, as programs have them that package project builds with its InTwo. It
// panics on any dialect but "mysql" and "sqlite".
func VersionsInTwo(dialect string) []string {
	names, _ := fs.Glob(Files(path.Join("intwo", dialect)), "*.sql") // the pattern is valid
	for i, name := range names {
		names[i], _, _ = strings.Cut(name, "_")
	}
	return names
}
