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

// Dialect is the implementation for one kind of database. Errors of its methods never contain a password. Errors about
// a URL begin with a verb ("names no host"), because the caller puts the name of the variable before them.
type Dialect interface {
	// Name returns "mysql" or "sqlite", the names of Atlas.
	Name() string
	// Schemes returns the URL schemes of the dialect.
	Schemes() []string
	// Open returns the pools for writes and for reads, for the mode; they may be equal. It does not connect. Unsupported
	// credentials are an error.
	Open(Config) (write, read *sql.DB, err error)
	// OpenReplica returns a pool for reads from the replica at the configuration's URL. It does not connect, and never
	// creates a database.
	OpenReplica(Config) (*sql.DB, error)
	// Gorm returns GORM's dialector for a pool. It may change the configuration.
	Gorm(pool *sql.DB, config *gorm.Config) gorm.Dialector
	// SkipIDs implements DB.SkipIDs.
	SkipIDs(ctx context.Context, db *gorm.DB, table string, n int) error
	// Traits returns the properties that statements depend on.
	Traits() Traits
	// Classify converts an error of the driver. It returns false for an unknown error.
	Classify(err error) (Error, bool)
}

// ErrHeld is the error for an SQLite file that another program has locked. A retry may succeed.
var ErrHeld = errors.New("another program holds the file")

// dialectOf returns the dialect of a URL.
func dialectOf(rawURL string, dialects []Dialect) (Dialect, error) {
	if rawURL == "" {
		return nil, errors.New("is not set: set it to sqlite://PATH or mysql://user:pass@host:3306/db")
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
		return nil, fmt.Errorf("has no scheme: it must start with one of %s, followed by ://", strings.Join(known, ", "))
	}
	return nil, fmt.Errorf("has a scheme that this program does not support: use %s", strings.Join(known, ", "))
}
