package verify

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	_ "modernc.org/sqlite"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// connect opens an empty database of a dialect.
func connect(t testing.TB, dialect string) *sql.DB {
	t.Helper()
	return dbtest.Open(t, dbtest.New(t, dialect))
}

// folder returns a folder migrations with these files and their checksums for each dialect. The
// arguments are pairs of a name and a text.
func folder(t testing.TB, namesAndTexts ...string) fs.FS {
	t.Helper()
	dir, made := &migrate.MemDir{}, fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		name, text := namesAndTexts[i]+".sql", []byte(namesAndTexts[i+1])
		made["mysql/"+name], made["sqlite/"+name] = &fstest.MapFile{Data: text}, &fstest.MapFile{Data: text}
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
	for _, dialect := range []string{"mysql/", "sqlite/"} {
		made[dialect+migrate.HashFileName] = &fstest.MapFile{Data: text}
	}
	return made
}

// TestBlog checks that every migration of package blog passes.
func TestBlog(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		files := blog.Migrations()
		names, err := fs.Glob(files, dialect+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		var passed []string
		got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, func(p Progress) {
			passed = append(passed, p.Version)
		})
		if f := got.Failed; f != nil {
			t.Fatalf("%s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if got.Dialect != dialect || got.Migrations != len(names) || len(passed) != len(names) || got.Rows < 50 {
			t.Errorf("got %+v, progress %q, want %d files", got, passed, len(names))
		}
		// All tables of package blog can be filled and compared, so there are no notes.
		if len(got.Notes) > 0 {
			t.Errorf("notes %q", got.Notes)
		}
	})
}

// TestWidenedKey checks that rows that are inserted after a unique column was widened are valid
// in the previous schema.
func TestWidenedKey(t *testing.T) {
	t.Parallel()
	files := folder(t, one, migrationFile("CREATE TABLE t (id int NOT NULL PRIMARY KEY, code varchar(3) NOT NULL, "+
		"UNIQUE INDEX t_code (code),"+
		" small tinyint NOT NULL, UNIQUE INDEX t_small (small));", "DROP TABLE t;"),
		two, migrationFile("ALTER TABLE t MODIFY COLUMN code varchar(40) NOT NULL;\nALTER TABLE t MODIFY COLUMN small int "+
			"NOT NULL;",
			"ALTER TABLE t MODIFY COLUMN small tinyint NOT NULL;\nALTER TABLE t MODIFY COLUMN code varchar(3) NOT NULL;"))
	if got := Run(t.Context(), Target{plan.MySQL, connect(t, plan.MySQL), files}, nil); got.Failed != nil {
		t.Errorf("got %+v", got.Failed)
	}
}

// TestAllTheWay checks that Run finds files that pass alone, but fail in the downgrade of all
// files.
func TestAllTheWay(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		// The last file restores a default with which the file before it cannot be undone.
		files := folder(t, one, base[dialect],
			two, migrationFile("CREATE TABLE marks (id int NOT NULL PRIMARY KEY, a int NOT NULL DEFAULT 424242);",
				"CREATE TABLE keep (n int NOT NULL CHECK (n = 0));\nINSERT INTO keep SELECT COUNT(*) FROM marks WHERE a = "+
					"424242;\nDROP TABLE keep;\nDROP TABLE marks;"),
			three, migrationFile("ALTER TABLE marks DROP COLUMN a;", "ALTER TABLE marks ADD COLUMN a int NOT NULL DEFAULT "+
				"424242;"))
		got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, nil)
		f := got.Failed
		if f == nil || f.Version != "20260102000000" || f.Step != StepAllDown ||
			!strings.HasPrefix(f.Statement, "INSERT INTO keep") || got.Migrations != 3 {
			t.Errorf("got %+v %+v", got, f)
		}
	})
}

// TestIrreversible checks that the downgrade stops at an irreversible file, and that the database
// is at the last version afterwards.
func TestIrreversible(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		db := connect(t, dialect)
		got := Run(t.Context(), Target{dialect, db, folder(t, one, base[dialect],
			two, "ALTER TABLE users DROP COLUMN bio;\n-- slipway:down irreversible: the texts are gone\n",
			three, migrationFile("ALTER TABLE users ADD COLUMN bio varchar(20) NULL;", "ALTER TABLE users DROP COLUMN bio;"))},
			nil)
		if got.Failed != nil || got.Migrations != 3 || len(got.Notes) != 1 ||
			!strings.Contains(got.Notes[0], "only the up statements are tested") {
			t.Errorf("got %+v %+v", got, got.Failed)
		}
		var version string
		if err := db.QueryRowContext(t.Context(), "SELECT MAX(version) FROM atlas_schema_revisions").
			Scan(&version); err != nil || version != "20260103000000" {
			t.Errorf("the database is at %q, %v", version, err)
		}
	})
}

// TestNotStarted checks that Run reports errors that occur before the first file.
func TestNotStarted(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		files := folder(t, one, base[dialect])
		full := connect(t, dialect)
		if _, err := full.ExecContext(t.Context(), "CREATE TABLE mine (id int)"); err != nil {
			t.Fatal(err)
		}
		done := connect(t, dialect)
		if got := Run(t.Context(), Target{dialect, done, files}, nil); got.Failed != nil {
			t.Fatalf("got %+v", got.Failed)
		}
		edited := folder(t, one, base[dialect]).(fstest.MapFS)
		edited[dialect+"/"+one+".sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE other (id int);")}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		for _, c := range []struct {
			name   string
			ctx    context.Context
			target Target
			want   string
		}{
			{"the database has tables", t.Context(), Target{dialect, full, files}, "mine"},
			{"the database is migrated", t.Context(), Target{dialect, done, files}, "but must be empty"},
			{"a file was edited", t.Context(), Target{dialect, connect(t, dialect), edited}, "checksum mismatch"},
			{"no such dialect", t.Context(), Target{"oracle", done, files}, `unknown dialect "oracle"`},
			{"stopped", over, Target{dialect, connect(t, dialect), files}, "stopped: context canceled"},
		} {
			got := Run(c.ctx, c.target, nil)
			if f := got.Failed; f == nil || f.Step != StepFiles || !strings.Contains(f.Error, c.want) || got.Migrations != 0 {
				t.Errorf("%s: got %+v", c.name, f)
			}
		}
		if got := Run(t.Context(), Target{dialect, connect(t, dialect), fstest.MapFS{}}, nil); got.Failed != nil ||
			got.Migrations != 0 || got.Rows != 0 {
			t.Errorf("without files: got %+v", got.Failed)
		}
	})
}
