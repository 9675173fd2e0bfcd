package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"
)

// TestEmpty: an empty migration does nothing, up and down. After an edit it is refused until
// atlas.sum is written again, and then runs.
func TestEmpty(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		root := migratetest.Project(t, migratetest.OneTable)
		author(t, root, "create notes")
		authored, err := plan.GenerateEmpty(t.Context(), root, "Backfill\n -- atlas:nolint\nids", "", migratetest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		if authored.Version != "20260102120001" || !slices.Equal(paths(authored), []string{
			"migrations/mysql/20260102120001_backfill_atlas_nolint_ids.sql",
			"migrations/sqlite/20260102120001_backfill_atlas_nolint_ids.sql",
		}) {
			t.Fatalf("got %+v", authored)
		}
		name := "migrations/" + dialect + "/20260102120001_backfill_atlas_nolint_ids.sql"
		e := engineOf(t, dialect, address, os.DirFS(filepath.Join(root, "migrations")))
		report, err := e.Upgrade(t.Context(), Upgrade{})
		if err != nil || report.To != "20260102120001" || len(report.Applied) != 2 || report.Applied[1].Statements != 0 {
			t.Errorf("as it is: %+v, %v", report, err)
		}
		if report, err = e.Downgrade(t.Context(), Downgrade{}); err != nil || report.To != "20260102120000" {
			t.Errorf("and down: %+v, %v", report, err)
		}

		text := migratetest.ReadText(t, root, name)
		if !strings.Contains(text, "go run ./local db hash") ||
			!strings.HasPrefix(text, "-- By hand: Backfill -- atlas:nolint ids\n") {
			t.Errorf("the file says\n%s", text)
		}
		migratetest.Write(t, root, name, "INSERT INTO notes (id) VALUES (7);\n"+text+"-- DELETE FROM notes WHERE id = 7;\n")
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err == nil || !strings.Contains(err.Error(), "checksum") {
			t.Errorf("edited: %v", err)
		}
		written, err := plan.Rehash(t.Context(), root, false)
		if err != nil || !slices.Equal(written.Written, []string{"migrations/" + dialect + "/atlas.sum"}) {
			t.Errorf("rehash: wrote %v, %v", written, err)
		}
		if _, err := e.Upgrade(t.Context(), Upgrade{}); err != nil {
			t.Error(err)
		}
		if got := migratetest.Query(t, migratetest.Connect(t, address), "SELECT id FROM notes"); got != "7" {
			t.Errorf("the rows are %q", got)
		}
	})
}

func TestEmptyForOneDialect(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, migratetest.OneTable)
	authored, err := plan.GenerateEmpty(t.Context(), root, "x", plan.MySQL, migratetest.Noon)
	if err != nil || !slices.Equal(paths(authored), []string{"migrations/mysql/20260102120000_x.sql"}) {
		t.Errorf("got %+v, %v", authored, err)
	}
	// The next migration has a later version, even if it is for the other dialect.
	if authored, err = plan.GenerateEmpty(t.Context(), root, "x", plan.SQLite, migratetest.Noon); err != nil ||
		authored.Version != "20260102120001" {
		t.Errorf("got %+v, %v", authored, err)
	}
	if authored, err = plan.GenerateEmpty(t.Context(), root, "x", plan.MySQL, migratetest.Noon); err != nil ||
		authored.Version != "20260102120002" {
		t.Errorf("got %+v, %v", authored, err)
	}
	if _, err := plan.GenerateEmpty(t.Context(), root, "x", "oracle", migratetest.Noon); err == nil ||
		!strings.Contains(err.Error(), "use mysql or sqlite") {
		t.Errorf("got %v", err)
	}
}
