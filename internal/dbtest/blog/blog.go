// Package blog is a fixture for tests of the engine: users, posts and notes, with
// their row types, their schema.hcl and their migrations. It gives a test a
// database with these tables, on SQLite and on a real MySQL.
//
// Tests of the engine use it in place of the application's own tables, which a
// developer may replace. It is for tests only. Of slipway it imports dbtest and
// resource, so that tests inside every other package can use it.
package blog

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"slipway/internal/resource"
)

//go:generate go run ../../migrate/rowtypes/generate schema.hcl

// The tables, each by its name.
var Users, Posts, Notes = Tables[0], Tables[1], Tables[2]

// Rules of a user.
func (u *User) Rules() []resource.Rule { return []resource.Rule{resource.Email(&u.Email)} }

// Rules of a post: it has an author, and a user has posts.
func (p *Post) Rules() []resource.Rule {
	return []resource.Rule{resource.RelationNames(&p.UserID, "author", "posts")}
}

// Version is the last migration of both dialects.
const Version = "20261129010101"

//go:embed mysql sqlite
var files embed.FS

//go:embed schema.hcl
var schema []byte

// Schema returns the text of the tables' schema.hcl, which the migrations add up to.
func Schema() []byte { return slices.Clone(schema) }

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
