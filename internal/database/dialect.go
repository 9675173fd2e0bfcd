package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Dialect is what one kind of database brings. Its methods never put a password
// into an error. What is wrong with a URL they say without the name of the
// variable that it stands in, which goes in front: "names no host".
type Dialect interface {
	// Name is "mysql" or "sqlite", as Atlas names them.
	Name() string
	// Schemes are the URL schemes that belong to it.
	Schemes() []string
	// Open returns the pool that writes and the pool that reads, as the mode asks;
	// they may be the same. It makes no connection. The error is also for
	// credentials that the dialect has no use for.
	Open(Config) (write, read *sql.DB, err error)
	// OpenReplica returns a pool that reads from the replica at the configuration's
	// URL. It makes no connection, and no database where there is none.
	OpenReplica(Config) (*sql.DB, error)
	// Gorm returns GORM's dialector for a pool and sets what the dialect needs in the configuration.
	Gorm(pool *sql.DB, config *gorm.Config) gorm.Dialector
	// SkipIDs is what DB.SkipIDs does.
	SkipIDs(ctx context.Context, db *gorm.DB, table string, n int) error
	// Traits are what statements have to heed.
	Traits() Traits
	// Classify says what an error of this dialect's driver means; false for an
	// error it does not know.
	Classify(err error) (Error, bool)
}

// ErrHeld says that another program holds an SQLite file. The same may work when that
// program is done.
var ErrHeld = errors.New("another program holds the file")

// dialectOf returns the dialect of a URL.
func dialectOf(rawURL string, dialects []Dialect) (Dialect, error) {
	if rawURL == "" {
		return nil, errors.New("is not set: give it as sqlite://PATH or mysql://user:pass@host:3306/db")
	}
	scheme, _, found := strings.Cut(rawURL, "://")
	var known []string
	for _, d := range dialects {
		if found && slices.Contains(d.Schemes(), scheme) {
			return d, nil
		}
		known = append(known, d.Schemes()...)
	}
	slices.Sort(known)
	if !found {
		return nil, fmt.Errorf("has no scheme: it starts with one of %s, followed by ://", strings.Join(known, ", "))
	}
	return nil, fmt.Errorf("has a scheme this program does not know: it knows %s", strings.Join(known, ", "))
}
