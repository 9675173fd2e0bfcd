package run

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
	"slipway/internal/test/dbtest"
)

// TestRepairFromSnapshots: without a scratch database for MySQL, Repair derives the schema at
// each point of generated migrations from the snapshots, even within a file.
func TestRepairFromSnapshots(t *testing.T) {
	t.Parallel()
	const more = "  column \"title\" {\n    type = varchar(80)\n    null = false\n    default = \"-\"\n  }\n" +
		"  index \"notes_title\" {\n    columns = [column.title]\n  }\n" +
		"  check \"notes_long\" {\n    expr = \"char_length(title) > 0\"\n  }"
	for name, c := range map[string]struct {
		to     string // upgraded to; "" for the last
		by     func(statements []string) []string
		wantTo string
		want   string // what is repaired; "" for nothing
	}{
		"nothing to do": {"", func([]string) []string { return nil }, "20260102120001", ""},
		"some statements were run by hand": {"20260102120000", func(s []string) []string { return s[:2] }, "20260102120000",
			"20260102120001 is applied up to statement 2 of 3"},
		"all statements were run by hand": {"20260102120000", func(s []string) []string { return s }, "20260102120001",
			"20260102120001 is applied: it is now recorded"},
		"the migration was reverted by hand": {"", func([]string) []string {
			return []string{"ALTER TABLE notes DROP CHECK notes_long", "ALTER TABLE notes DROP COLUMN title"}
		}, "20260102120000", "20260102120001 is not applied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, address := migratetest.Project(t, migratetest.OneTable), dbtest.MySQL(t)
			author(t, root, "one")
			migratetest.Write(t, root, "schema.hcl", migratetest.WithColumn(more))
			author(t, root, "two")
			e := engineOf(t, plan.MySQL, address, os.DirFS(filepath.Join(root, "migrations")))
			e.Scratch = migratetest.OnlySQLite(t, plan.ErrNoScratch)
			e.Disposable = true // for speed
			if _, err := e.Upgrade(t.Context(), Upgrade{To: c.to}); err != nil {
				t.Fatal(err)
			}
			e.Disposable = false
			files, err := filepath.Glob(filepath.Join(root, "migrations/mysql/20260102120001_*.sql"))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			rel, _ := filepath.Rel(root, files[0])
			statements := statementsOf(t, plan.MySQL, migratetest.ReadText(t, root, filepath.ToSlash(rel)))
			migratetest.Exec(t, e.db, c.by(statements)...)
			report, err := e.Repair(t.Context(), false)
			if err != nil || report.To != c.wantTo || !strings.Contains(strings.Join(report.Repaired, "; "), c.want) ||
				(c.want == "") != (len(report.Repaired) == 0) {
				t.Fatalf("at %s, repaired %q, %v", report.To, report.Repaired, err)
			}
			if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
				t.Fatal(err)
			}
			e.Scratch = migratetest.Scratch(t)
			if err := sameAsFiles(t, e); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEachPointOfAPlan: the schema at each point of a migration with many kinds of statements
// is derived from the snapshots.
func TestEachPointOfAPlan(t *testing.T) {
	t.Parallel()
	const before = "  column \"title\" {\n    type = varchar(80)\n    null = true\n  }\n" +
		"  column \"gone\" {\n    type = int\n  }\n  index \"notes_gone\" {\n    columns = [column.gone]\n  }\n" +
		"  check \"notes_old\" {\n    expr = \"gone > 0\"\n  }"
	const after = "  column \"headline\" {\n    type = varchar(90)\n    null = false\n  }\n" +
		"  index \"notes_headline\" {\n    columns = [column.headline]\n  }\n" +
		"  check \"notes_new\" {\n    expr = \"char_length(headline) > 0\"\n  }"
	root := migratetest.Project(t, migratetest.WithColumn(before))
	author(t, root, "one")
	migratetest.Write(t, root, "schema.hcl", migratetest.WithColumn(after))
	authored, err := plan.Generate(t.Context(), root,
		plan.Options{Message: "two", Renames: []string{"notes.title:headline"},
			Fills: []string{"notes.headline='none'"}}, migratetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	statements := statementsOf(t, plan.MySQL, migratetest.ReadText(t, root, authored.Files[0].Path))
	if len(statements) < 8 {
		t.Fatalf("only %q", statements)
	}
	for n := range len(statements) + 1 {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			e := engineOf(t, plan.MySQL, dbtest.MySQL(t), os.DirFS(filepath.Join(root, "migrations")))
			e.Scratch = migratetest.OnlySQLite(t, plan.ErrNoScratch)
			e.Disposable = true // for speed
			if _, err := e.Upgrade(t.Context(), Upgrade{To: "20260102120000"}); err != nil {
				t.Fatal(err)
			}
			e.Disposable = false
			migratetest.Exec(t, e.db, statements[:n]...)
			if _, err := e.Repair(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
				t.Fatal(err)
			}
			e.Scratch = migratetest.Scratch(t)
			if err := sameAsFiles(t, e); err != nil {
				t.Error(err)
			}
		})
	}
}
