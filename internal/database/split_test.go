package database_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/mysqlproxy"
)

func openSplit(t *testing.T, url, readerURL string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url, ReaderURL: readerURL}, dialects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// must runs statements on the write pool.
func must(t *testing.T, db *database.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := db.Write.Exec(s).Error; err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// whose returns the name of the database that a statement uses, from a row.
func whose(from *gorm.DB) string {
	var name string
	if err := from.Raw("SELECT name FROM whose").Scan(&name).Error; err != nil {
		return err.Error()
	}
	return name
}

// mark creates the table and the row for whose.
func mark(t *testing.T, url, name string) {
	t.Helper()
	must(t, open(t, url), "CREATE TABLE whose (name varchar(20))", "INSERT INTO whose VALUES ('"+name+"')")
}

// TestSplit: Read uses the reader, and Write uses the database, also in a transaction.
func TestSplit(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		url, readerURL := dbtest.New(t, dialect), dbtest.New(t, dialect)
		mark(t, url, "database")
		mark(t, readerURL, "reader")
		db := openSplit(t, url, readerURL)
		if read, write := whose(db.Read), whose(db.Write); read != "reader" || write != "database" {
			t.Errorf("Read sees the %s, and Write the %s", read, write)
		}
		if err := db.Write.Transaction(func(tx *gorm.DB) error {
			if got := whose(tx); got != "database" {
				t.Errorf("a transaction sees the %s", got)
			}
			return tx.Exec("UPDATE whose SET name = 'changed'").Error
		}); err != nil {
			t.Fatal(err)
		}
		if read, write := whose(db.Read), whose(db.Write); read != "reader" || write != "changed" {
			t.Errorf("after a write Read sees %s, and Write %s", read, write)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		for _, pool := range []*gorm.DB{db.Read, db.Write} {
			if got := whose(pool); got != "sql: database is closed" {
				t.Errorf("after Close a pool says %s", got)
			}
		}
	})
}

// TestSplitOnTheWire: Open connects to no server. A read sends one statement to the reader only, and a write one to the
// database only.
func TestSplitOnTheWire(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	mark(t, address, "both")
	written, url := mysqlproxy.Through(t, address)
	read, readerURL := mysqlproxy.Through(t, address)
	written.Cut()
	read.Cut()
	db := openSplit(t, url, readerURL)
	written.Heal()
	read.Heal()

	expect := func(what string, from *gorm.DB, statement string, wantWritten, wantRead []string) {
		t.Helper()
		written.Reset()
		read.Reset()
		if err := from.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
		if got := written.Commands(); !slices.Equal(got, wantWritten) {
			t.Errorf("%s sends the database %q, want %q", what, got, wantWritten)
		}
		if got := read.Commands(); !slices.Equal(got, wantRead) {
			t.Errorf("%s sends the reader %q, want %q", what, got, wantRead)
		}
	}
	const one, change = "SELECT name FROM whose", "UPDATE whose SET name = 'x'"
	expect("a read", db.Read, one, nil, []string{"QUERY " + one})
	expect("a write", db.Write, change, []string{"QUERY " + change}, nil)
	expect("a read where rows are written", db.Write, one, []string{"QUERY " + one}, nil)

	read.Cut()
	expect("a write while the reader is away", db.Write, change, []string{"QUERY " + change}, nil)
	written.Cut()
	read.Heal()
	expect("a read while the database is away", db.Read, one, nil, []string{"QUERY " + one})
}

// TestNoReader: without a reader, or with the same URL, there is one pool on MySQL, and a write pool and a read pool on
// SQLite.
func TestNoReader(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		for _, readerURL := range []string{"", url} {
			db := openSplit(t, url, readerURL)
			if same := db.Read == db.Write; same != (db.Dialect == "mysql") {
				t.Errorf("with the reader %q Read is Write: %v", readerURL, same)
			}
		}
		mark(t, url, "database")
		db := openSplit(t, url, url)
		must(t, db, "UPDATE whose SET name = 'changed'")
		if got := whose(db.Read); got != "changed" {
			t.Errorf("Read sees %s", got)
		}
	})
}

// TestRefusedReaders: the error for an invalid reader URL names the variable, and contains no password.
func TestRefusedReaders(t *testing.T) {
	t.Parallel()
	const my = "mysql://u:s3cr3t@127.0.0.1:1/db"
	lite := dbtest.SQLite(t)
	for _, c := range []struct{ url, readerURL, want string }{
		{my, "app.db", "DATABASE_READER_URL has no scheme"},
		{my, "postgres://u:s3cr3t@h/db", "DATABASE_READER_URL has a scheme that this program does not support: use mysql, " +
			"mysql+unix, sqlite, sqlite3"},
		{my, "mysql://u:s3cr3t@h", "DATABASE_READER_URL names no database"},
		{my, "mysql://u:s3cr3t/x@h/db", "DATABASE_READER_URL is not a URL"},
		{my, "mysql://u:s3cr3t@h/db?tls=nonsense", "DATABASE_READER_URL has a parameter that the MySQL driver rejects"},
		{my, lite, "DATABASE_READER_URL is for sqlite and DATABASE_URL for mysql: both must have the same dialect"},
		{lite, my, "DATABASE_READER_URL is for mysql and DATABASE_URL for sqlite: both must have the same dialect"},
		{lite, "sqlite://", "DATABASE_READER_URL names no file"},
		{lite, "sqlite://:memory:", "DATABASE_READER_URL names an SQLite database in memory"},
		{lite, lite + "-nowhere/reader.db", "DATABASE_READER_URL names a file that cannot be read: stat "},
		{"", my, "DATABASE_URL is not set"},
		{"mysql://u:s3cr3t@h", my, "DATABASE_URL names no database"},
	} {
		db, err := database.Open(database.Config{URL: c.url, ReaderURL: c.readerURL}, dialects...)
		if err == nil {
			db.Close()
			t.Errorf("%s with the reader %s: opened", c.url, c.readerURL)
			continue
		}
		if !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s with the reader %s: %v\nwant: %s", c.url, c.readerURL, err, c.want)
		}
	}
}

// TestSplitKeyset checks the query plans for a page after a row in the order of k and id. SplitKeyset must be true if
// the planner does not use the id for conditions combined with OR.
func TestSplitKeyset(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		db := open(t, address)
		must(t, db, "CREATE TABLE x (id integer PRIMARY KEY, k integer NOT NULL, v integer)", "CREATE INDEX x_k ON x (k, id)",
			"INSERT INTO x (id, k) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, i "+
				"% 10 FROM n")
		explain := "EXPLAIN QUERY PLAN "
		if db.Dialect == "mysql" {
			must(t, db, "ANALYZE TABLE x")
			explain = "EXPLAIN FORMAT=TREE "
		}
		for condition, want := range map[string]bool{
			"k = 5 AND id < 500":              true,
			"k < 5":                           false,
			"(k = 5 AND id < 500) OR (k < 5)": !db.SplitKeyset,
		} {
			var plan []map[string]any
			if err := db.Read.Raw(explain + "SELECT * FROM x WHERE " + condition + " ORDER BY k DESC, id DESC LIMIT 20").
				Scan(&plan).Error; err != nil {
				t.Fatal(err)
			}
			// In MySQL's plan, the index condition precedes the filter.
			text, _, _ := strings.Cut(strings.ReplaceAll(fmt.Sprint(plan), " <", "<"), "with index condition")
			if strings.Contains(text, "id<") != want || !strings.Contains(text, "x_k") {
				t.Errorf("%s goes by the id: %v, want %v:\n%v", condition, !want, want, plan)
			}
		}
	})
}

// FuzzOpenWithReader: no URL causes a panic. Errors name the variable of the reader and do not contain its password.
func FuzzOpenWithReader(f *testing.F) {
	for _, s := range []string{"://u:p@h/db?tls=true", "+unix://u@/tmp/s.sock?database=d", "://u:p#@/%zz", "://u:p@h"} {
		f.Add(s, "s3cr3t")
	}
	f.Fuzz(func(t *testing.T, text, secret string) {
		// Only MySQL, because SQLite checks files.
		readerURL := "mysql" + strings.Replace(text, ":p@", ":"+url.QueryEscape(secret)+"@", 1)
		db, err := database.Open(database.Config{URL: "mysql://u@h/db", ReaderURL: readerURL}, dialects...)
		if err == nil {
			db.Close()
			return
		}
		if !strings.HasPrefix(err.Error(), "DATABASE_READER_URL ") {
			t.Errorf("%s: %v", readerURL, err)
		}
		if len(secret) > 5 && !strings.Contains(text, secret) &&
			!strings.Contains("DATABASE_READER_URL is not a URL", secret) && strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in %v", secret, err)
		}
	})
}
