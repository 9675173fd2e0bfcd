package database_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

// path returns the path of an SQLite URL.
func path(url string) string { return strings.TrimPrefix(url, "sqlite://") }

// TestReaderFile: a reader's file is neither created nor changed, because it is a replica.
func TestReaderFile(t *testing.T) {
	t.Parallel()
	missing := func(t *testing.T, file string) {
		t.Helper()
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is there: %v", file, err)
		}
	}
	t.Run("missing file", func(t *testing.T) {
		t.Parallel()
		url, readerURL := dbtest.SQLite(t), dbtest.SQLite(t)
		folder := filepath.Join(filepath.Dir(path(readerURL)), "new")
		if db, err := database.Open(database.Config{URL: url, ReaderURL: "sqlite://" + folder + "/reader.db"},
			dialects...); err == nil {
			db.Close()
			t.Error("opened")
		}
		missing(t, folder)
	})
	t.Run("gone after it was opened", func(t *testing.T) {
		t.Parallel()
		url, readerURL := dbtest.SQLite(t), dbtest.SQLite(t)
		mark(t, readerURL, "reader")
		db := openSplit(t, url, readerURL)
		if err := os.Remove(path(readerURL)); err != nil {
			t.Fatal(err)
		}
		pool, err := db.Read.DB()
		if err != nil {
			t.Fatal(err)
		}
		first, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer first.Close()
		_, err = pool.Conn(t.Context())
		if known, ok := errors.AsType[*database.Error](db.Error(t.Context(), err)); !ok ||
			known.Kind != database.Unavailable {
			t.Errorf("%v", err)
		}
		missing(t, path(readerURL))
	})
	t.Run("no database", func(t *testing.T) {
		t.Parallel()
		url, readerURL := dbtest.SQLite(t), dbtest.SQLite(t)
		if err := os.WriteFile(path(readerURL), []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := database.Open(database.Config{URL: url, ReaderURL: readerURL}, dialects...)
		if err == nil {
			db.Close()
			t.Fatal("opened")
		}
		if !strings.HasPrefix(err.Error(), "DATABASE_READER_URL: ") || !strings.Contains(err.Error(), "not a database") {
			t.Error(err)
		}
	})
	// The header of the file contains the journal mode.
	for _, journal := range []string{"wal", "delete"} {
		t.Run("with the journal "+journal, func(t *testing.T) {
			t.Parallel()
			url, readerURL := dbtest.SQLite(t), dbtest.SQLite(t)
			other := dbtest.Open(t, readerURL)
			if _, err := other.Exec("PRAGMA journal_mode = " + journal + "; CREATE TABLE whose (name varchar(20)); INSERT " +
				"INTO whose VALUES ('reader')"); err != nil {
				t.Fatal(err)
			}
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(path(readerURL))
			if err != nil {
				t.Fatal(err)
			}
			db := openSplit(t, url, readerURL)
			if got := whose(db.Read); got != "reader" {
				t.Errorf("Read sees %s", got)
			}
			if err := db.Read.Exec("UPDATE whose SET name = 'changed'").Error; err == nil {
				t.Error("a reader wrote")
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			if after, err := os.ReadFile(path(readerURL)); err != nil || string(after) != string(before) {
				t.Errorf("the file is another one than before: %v", err)
			}
		})
	}
	t.Run("during a write", func(t *testing.T) {
		t.Parallel()
		url, readerURL := dbtest.SQLite(t), dbtest.SQLite(t)
		other := open(t, readerURL)
		must(t, other, "CREATE TABLE whose (name varchar(20))", "INSERT INTO whose VALUES ('first')")
		db := openSplit(t, url, readerURL)
		tx := other.Write.Begin()
		defer tx.Rollback()
		if err := tx.Exec("UPDATE whose SET name = 'second'").Error; err != nil {
			t.Fatal(err)
		}
		if got := whose(db.Read); got != "first" {
			t.Errorf("before the commit Read sees %s", got)
		}
		if err := tx.Commit().Error; err != nil {
			t.Fatal(err)
		}
		if got := whose(db.Read); got != "second" {
			t.Errorf("after the commit Read sees %s", got)
		}
	})
}

// TestReadySplit: both databases must have the migration, and the error names the one without it.
func TestReadySplit(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		url, readerURL := dbtest.New(t, dialect), dbtest.New(t, dialect)
		writer, reader := open(t, url), open(t, readerURL)
		must(t, reader, "CREATE TABLE other (x int)") // creates the SQLite file
		db := openSplit(t, url, readerURL)
		const table = "CREATE TABLE atlas_schema_revisions (version varchar(255), applied bigint, total bigint)"
		for _, step := range []struct {
			on              *database.DB
			statement, want string
		}{
			{writer, "CREATE TABLE other (x int)", "the database that is written: no migration is applied"},
			{writer, table, "the database that is written: migration 2, which this build expects, is not applied"},
			{writer, "INSERT INTO atlas_schema_revisions VALUES ('2', 1, 3)",
				"the database that is written: migration 2 is half applied (1 of 3 statements)"},
			{writer, "UPDATE atlas_schema_revisions SET applied = 3", "the reader: no migration is applied"},
			{reader, table, "the reader: migration 2, which this build expects, is not applied"},
			{reader, "INSERT INTO atlas_schema_revisions VALUES ('2', 1, 3)",
				"the reader: migration 2 is half applied (1 of 3 statements)"},
			{reader, "UPDATE atlas_schema_revisions SET applied = 3", "<nil>"},
			{writer, "DELETE FROM atlas_schema_revisions", "the database that is written: migration 2, which this build " +
				"expects, is not applied"},
		} {
			must(t, step.on, step.statement)
			err := db.Ready(t.Context(), "2")
			if got := fmt.Sprint(err); !strings.Contains(got, step.want) {
				t.Errorf("after %s: %s, want %s", step.statement, got, step.want)
			}
			if known, ok := errors.AsType[*database.Error](err); err != nil && (!ok || known.Kind != database.Schema) {
				t.Errorf("after %s: %T", step.statement, err)
			}
		}
	})
}

// TestReadyWithoutAnswer: the error names the unreachable server.
func TestReadyWithoutAnswer(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	must(t, open(t, address), "CREATE TABLE atlas_schema_revisions (version varchar(255), applied bigint, total bigint)",
		"INSERT INTO atlas_schema_revisions VALUES ('2', 3, 3)")
	written, url := mysqlproxy.Through(t, address)
	read, readerURL := mysqlproxy.Through(t, address)
	db := openSplit(t, url, readerURL)
	ready := func(want string) {
		t.Helper()
		err := db.Ready(t.Context(), "2")
		if known, ok := errors.AsType[*database.Error](err); want == "" && err != nil ||
			want != "" && (!ok || known.Kind != database.Unavailable || !strings.HasPrefix(known.Err.Error(), want)) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	ready("")
	read.Cut()
	ready("the reader: ")
	written.Cut()
	ready("the database that is written: ")
	read.Heal()
	ready("the database that is written: ")
	written.Heal()
	ready("")
}
