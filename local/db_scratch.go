package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slipway/internal/migrate/plan"

	"slipway/internal/database"
)

// scratchTimeout limits the time to create or drop a database, so that a server that
// accepts connections but never responds does not block the command.
const scratchTimeout = 30 * time.Second

// scratch is an empty temporary database.
type scratch struct {
	db *sql.DB
	// remove closes and deletes the database, even if the context is canceled.
	remove func() error
}

// scratchDatabases creates a database on which the engine runs migrations: in memory
// for SQLite, and for MySQL on the server of DEV_DATABASE_URL. It returns
// [plan.ErrNoScratch] if that variable names no MySQL server.
func scratchDatabases(ctx context.Context, dialect string) (*sql.DB, func() error, error) {
	if dialect == plan.SQLite {
		db, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			return nil, nil, err
		}
		return db, db.Close, nil
	}
	dev := os.Getenv("DEV_DATABASE_URL")
	if !isMySQL(dev) {
		return nil, nil, plan.ErrNoScratch
	}
	created, err := scratchDatabase(ctx, database.Config{URL: dev})
	return created.db, created.remove, err
}

// makeScratch creates a scratch database: an SQLite file in the folder for temporary
// files, or a database on the given MySQL server.
func makeScratch(ctx context.Context, dialect string, server database.Config) (scratch, error) {
	if dialect == plan.SQLite {
		return scratchFile()
	}
	return scratchDatabase(ctx, server)
}

func scratchFile() (scratch, error) {
	folder, err := os.MkdirTemp("", "slipway-test-")
	if err != nil {
		return scratch{}, err
	}
	path := url.URL{Path: filepath.ToSlash(filepath.Join(folder, "app.db"))}
	db, err := database.Open(database.Config{URL: "sqlite://" + path.EscapedPath(), Mode: database.Migrate}, dialects...)
	if err != nil {
		return scratch{}, errors.Join(err, os.RemoveAll(folder))
	}
	return scratch{db.SQL(), func() error { return errors.Join(db.Close(), os.RemoveAll(folder)) }}, nil
}

func scratchDatabase(ctx context.Context, server database.Config) (_ scratch, err error) {
	server.Mode = database.Migrate
	admin, err := database.Open(server, dialects...)
	if err != nil {
		// The URL may come from --url or DEV_DATABASE_URL.
		return scratch{}, errors.New("the URL of the MySQL server " + strings.TrimPrefix(err.Error(), "DATABASE_URL "))
	}
	var random [8]byte
	rand.Read(random[:]) // never returns an error
	name := "slipway_test_" + hex.EncodeToString(random[:])
	exec := func(ctx context.Context, statement string) error {
		ctx, cancel := context.WithTimeout(ctx, scratchTimeout)
		defer cancel()
		_, err := admin.SQL().ExecContext(ctx, statement)
		return err
	}
	// Use the character set and collation of the database in the URL.
	var charset, collation string
	read, cancel := context.WithTimeout(ctx, scratchTimeout)
	defer cancel()
	err = admin.SQL().QueryRowContext(read, "SELECT @@character_set_database, @@collation_database").
		Scan(&charset, &collation)
	if err == nil {
		// Ignore a cancellation, so that the database either exists or not.
		err = exec(context.WithoutCancel(ctx), "CREATE DATABASE "+name+" CHARACTER SET "+charset+" COLLATE "+collation)
	}
	if err != nil {
		return scratch{}, errors.Join(fmt.Errorf("cannot create a scratch database: %w", err), admin.Close())
	}
	drop := func() error {
		err := exec(context.WithoutCancel(ctx), "DROP DATABASE "+name)
		if err != nil {
			err = fmt.Errorf("cannot drop the scratch database %s: %w", name, err)
		}
		return errors.Join(err, admin.Close())
	}
	server.URL = withDatabase(server.URL, name)
	db, err := database.Open(server, dialects...)
	if err != nil {
		return scratch{}, errors.Join(err, drop())
	}
	return scratch{db.SQL(), func() error { return errors.Join(db.Close(), drop()) }}, nil
}

// withDatabase returns a valid MySQL URL with the name of another database.
func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	if u.Scheme == "mysql+unix" {
		query := u.Query()
		query.Set("database", name)
		u.RawQuery = query.Encode()
		return u.String()
	}
	u.Path, u.RawPath = "/"+name, ""
	return u.String()
}
