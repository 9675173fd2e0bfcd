package run

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	_ "modernc.org/sqlite"
)

// engine returns an engine with its own connection, for the files of one dialect, with scratch
// databases.
func engine(t testing.TB, dialect, address string, folder fs.FS) *Engine {
	t.Helper()
	return engineOf(t, dialect, address, migratetest.Under{dialect: folder})
}

// engineOf is engine for a whole folder migrations.
func engineOf(t testing.TB, dialect, address string, migrations fs.FS) *Engine {
	t.Helper()
	e, err := New(migratetest.Connect(t, address), dialect, migrations)
	if err != nil {
		t.Fatal(err)
	}
	e.Scratch = migratetest.Scratch(t)
	return e
}

// projectRoot is where atlas.hcl is.
var projectRoot = filepath.Join("..", "..", "..")

var update = flag.Bool("update", false, "write the expected files in testdata again; review the diff")

// sameAsFiles checks that the applied files were not edited, and that the database has the
// schema that they produce.
func sameAsFiles(t *testing.T, e *Engine) error {
	t.Helper()
	_, err := e.View(t.Context(), "check", func(v View) (err error) {
		for _, f := range v.Edited {
			return fmt.Errorf("%s %s", f.Version, f.Detail)
		}
		live, err := e.Dialect.Inspect(t.Context(), v.Conn)
		if err != nil {
			return err
		}
		h := e.HistoryOf(v.Files)
		defer func() { err = errors.Join(err, h.Close()) }()
		changes, _, err := h.Differ(t.Context(), v.Applied, live)
		for _, d := range plan.DescribeDrift(changes, plan.BetweenLive, "the database", "the migrations") {
			err = errors.Join(err, errors.New(d.String()))
		}
		return err
	})
	return err
}

// author writes a migration.
func author(t *testing.T, root, message string) plan.Result {
	t.Helper()
	authored, err := plan.Generate(t.Context(), root, plan.Options{Message: message}, migratetest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	return authored
}

// paths are those of the files that were written.
func paths(authored plan.Result) (all []string) {
	for _, f := range authored.Files {
		all = append(all, f.Path)
	}
	return all
}

// declare returns the schema.hcl of a live database.
func declare(t *testing.T, e *Engine) (text []byte, err error) {
	t.Helper()
	err = e.Live(t.Context(), func(conn schema.ExecQuerier, _ []*migrate.Revision) error {
		live, err := e.Dialect.Inspect(t.Context(), conn)
		if err != nil {
			return err
		}
		text, _, err = e.Dialect.Declare(live)
		return err
	})
	return text, err
}
