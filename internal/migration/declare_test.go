package migration

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/dbtest"
	"slipway/internal/dbtest/blog"
)

// TestDeclare: the tables of a live database are written down so that the same
// tables come out of the file, on its own dialect; and a migration for both can
// be written from it.
func TestDeclare(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, dialect, address string) {
		e := engine(t, dialect, address, blog.Files(dialect))
		if _, err := e.Declare(t.Context()); !errors.Is(err, ErrNoTables) {
			t.Errorf("of an empty database: %v", err)
		}
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Fatal(err)
		}
		if dialect == MySQL {
			exec(t, e.db, "CREATE TABLE odd (id bigint unsigned NOT NULL AUTO_INCREMENT, e enum('a','b') NOT NULL DEFAULT 'a', d decimal(10,2) NOT NULL DEFAULT 1.5,"+
				" j json NULL, b varbinary(20) NULL, c char(3) NULL, day date NULL, `select` int NULL, PRIMARY KEY (id), CONSTRAINT odd_d CHECK (d > 0)) COMMENT 'all sorts'")
		}
		text, err := e.Declare(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "slipway_test_") {
			t.Errorf("the name of the database is in it:\n%s", text)
		}
		declared, err := e.dialect.parse(schemaFile, text)
		if err != nil {
			t.Fatal(err)
		}
		live, err := e.dialect.inspect(t.Context(), e.db)
		if err != nil {
			t.Fatal(err)
		}
		live.Name = declared.Name
		changes, err := e.dialect.differ.SchemaDiff(live, declared, schema.DiffNormalized())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range describeDrift(changes, betweenLive, "the database", schemaFile) {
			if !strings.Contains(d.Detail, "harset") { // of the server, not of a table
				t.Errorf("%s\n%s", d, text)
			}
		}

		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, schemaFile), text, 0o600); err != nil {
			t.Fatal(err)
		}
		authored, err := Author(t.Context(), dir, Authoring{Message: "baseline"}, time.Now())
		if err != nil || len(authored.Files) != 2 {
			t.Fatalf("got %+v, %v", authored, err)
		}
		// What was written applies to an empty database of either dialect.
		for _, other := range []string{MySQL, SQLite} {
			folder := os.DirFS(filepath.Join(dir, "migrations", other))
			if _, err := engine(t, other, dbtest.New(t, other), folder).Upgrade(t.Context(), Upgrade{}); err != nil {
				t.Errorf("%s: %v", other, err)
			}
		}
	})
}
