package migrations_test

import (
	"io/fs"
	"strings"
	"testing"

	"slipway/migrations"
)

func TestEmbedded(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"mysql", "sqlite"} {
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
				t.Errorf("%s/%s is no migration, and in every binary", dialect, name)
			}
		}
		if !sums || !strings.HasPrefix(last, version+"_") {
			t.Errorf("%s: latest is %q of %v", dialect, version, names)
		}
	}
	for _, dialect := range []string{"", "oracle", "../mysql", "embed.go"} {
		if _, err := migrations.FS(dialect); err == nil {
			t.Errorf("FS(%q): want an error", dialect)
		}
		if _, err := migrations.Latest(dialect); err == nil {
			t.Errorf("Latest(%q): want an error", dialect)
		}
	}
}
