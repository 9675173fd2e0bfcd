package rehearsal

import (
	"database/sql"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"
	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite"

	"slipway/internal/dbtest"
	"slipway/migrations"
)

// connect opens an empty database of a dialect, with one connection, as those who
// call Run do.
func connect(t testing.TB, dialect string) *sql.DB {
	t.Helper()
	u, err := url.Parse(dbtest.New(t, dialect))
	if err != nil {
		t.Fatal("not a URL")
	}
	var db *sql.DB
	if u.Scheme == "mysql" {
		config := mysql.NewConfig()
		config.Net, config.Addr, config.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
		config.User = u.User.Username()
		config.Passwd, _ = u.User.Password()
		config.ParseTime, config.InterpolateParams = true, true
		config.Logger = &mysql.NopLogger{}
		connector, err := mysql.NewConnector(config)
		if err != nil {
			t.Fatal(err)
		}
		db = sql.OpenDB(connector)
	} else {
		db, err = sql.Open("sqlite", "file:"+u.Path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
		if err != nil {
			t.Fatal(err)
		}
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// folder is a migration folder with these files, given as name, text, name,
// text, and the checksums that belong to them.
func folder(t testing.TB, namesAndTexts ...string) fs.FS {
	t.Helper()
	dir, made := &migrate.MemDir{}, fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		name, text := namesAndTexts[i]+".sql", []byte(namesAndTexts[i+1])
		made[name] = &fstest.MapFile{Data: text}
		if err := dir.WriteFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	made[migrate.HashFileName] = &fstest.MapFile{Data: text}
	return made
}

// TestProject: every migration of the project passes.
func TestProject(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		files, err := migrations.FS(dialect)
		if err != nil {
			t.Fatal(err)
		}
		names, err := fs.Glob(files, "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, func(p Progress) { told = append(told, p.Version) })
		if f := got.Failed; f != nil {
			t.Fatalf("%s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if got.Dialect != dialect || got.Migrations != len(names) || len(told) != len(names) || got.Rows < 50 {
			t.Errorf("got %+v, told of %q, of %d files", got, told, len(names))
		}
		// The project's tables are such that all of them can be filled and compared.
		if len(got.Notes) > 0 {
			t.Errorf("notes %q", got.Notes)
		}
	})
}
