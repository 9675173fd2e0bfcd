package migrations_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/migrations"
)

// TestSchema checks that Schema returns the last snapshot, and that no snapshot is later than
// the last migration.
func TestSchema(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("snapshots/*")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	last := names[len(names)-1]
	want, err := os.ReadFile(last)
	if err != nil || !bytes.Equal(migrations.Schema(), want) {
		t.Errorf("%v, got\n%s\nwant that of %s", err, migrations.Schema(), last)
	}
	for _, dialect := range dialects() {
		version, err := migrations.Latest(dialect)
		if err != nil || filepath.Base(last) > version+".hcl" {
			t.Errorf("%s is at %s, %v, and there is %s", dialect, version, err, last)
		}
	}
}

// TestEmbedded checks that the binary contains only migrations and atlas.sum, and that Latest
// returns the last version.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		files, err := migrations.FS(dialect)
		if err != nil {
			t.Fatal(err)
		}
		names, err := fs.Glob(files, "*")
		if err != nil {
			t.Fatal(err)
		}
		version, err := migrations.Latest(dialect)
		if err != nil || version == "" {
			t.Fatalf("%s: latest is %q, %v", dialect, version, err)
		}
		sums, last := false, ""
		for _, name := range names {
			switch {
			case name == "atlas.sum":
				sums = true
			case strings.HasSuffix(name, ".sql"):
				last = name
			default:
				t.Errorf("%s/%s is not a migration, but is in every binary", dialect, name)
			}
		}
		if !sums || !strings.HasPrefix(last, version+"_") {
			t.Errorf("%s: latest is %q of %v", dialect, version, names)
		}
	}
	for _, dialect := range []string{"", "oracle", "../mysql", "snapshots", "embed.go"} {
		if _, err := migrations.FS(dialect); err == nil {
			t.Errorf("FS(%q): want an error", dialect)
		}
		if _, err := migrations.Latest(dialect); err == nil {
			t.Errorf("Latest(%q): want an error", dialect)
		}
	}
}

// dialects returns the folders with migrations. A project for MySQL only has no folder sqlite.
func dialects() []string {
	if _, err := os.Stat("sqlite"); err != nil {
		return []string{"mysql"}
	}
	return []string{"mysql", "sqlite"}
}
