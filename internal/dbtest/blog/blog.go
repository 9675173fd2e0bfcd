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
	"time"

	"slipway/internal/resource"
)

// User is a row of users. Deleting one deletes that user's posts.
type User struct {
	ID        int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
	Username  string    `json:"username" gorm:"size:80;not null;uniqueIndex:users_username"`
	Email     string    `json:"email" gorm:"size:120;not null;uniqueIndex:users_email"`
	Bio       *string   `json:"bio"`
	IsActive  bool      `json:"is_active" gorm:"not null;default:true"`
	Score     float64   `json:"score" gorm:"not null;default:0"`
	CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
	UpdatedAt time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
}

// Rules are the rules of a row of users that schema.hcl does not state.
func (u *User) Rules() []resource.Rule { return []resource.Rule{resource.Email(&u.Email)} }

// Post is a row of posts: what a user wrote.
type Post struct {
	ID        int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
	Title     string    `json:"title" gorm:"size:200;not null"`
	Body      *string   `json:"body"`
	UserID    int64     `json:"user_id" gorm:"not null"`
	CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
	UpdatedAt time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`

	Author *User `json:"author" gorm:"foreignKey:UserID;constraint:posts_user_id,OnDelete:CASCADE" inverse:"posts"`
}

// Note is a row of notes.
type Note struct {
	ID        int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
	Title     string    `json:"title" gorm:"size:200;not null"`
	Content   string    `json:"content" gorm:"not null;default:''"`
	CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
	UpdatedAt time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
}

// The tables, each by its name.
var (
	Users = resource.Of[User]("users")
	Posts = resource.Of[Post]("posts")
	Notes = resource.Of[Note]("notes")
	// Tables are all of them, linked.
	Tables = resource.Link(Users, Posts, Notes)
)

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
