package plan

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// Migration returns the text of the migration file of a dialect from one snapshot to
// another, or "" if the dialect needs none. change, unless it is nil, returns the statements
// to write in place of the planned ones.
func (d Dialect) Migration(
	ctx context.Context, from, to Snapshot, change func([]*migrate.Change) []*migrate.Change,
) (text string, err error) {
	made, err := d.draft(ctx, from, to.Text, asked{})
	if err != nil || len(made.Up) == 0 {
		return "", err
	}
	if change != nil {
		made.Up = change(made.Up)
	}
	text = formatFile(made.Up, made.down, made.irreversible)
	return text, made.readBack(text)
}

// MigrationBetween returns the text of the migration file from one schema to another.
func (d Dialect) MigrationBetween(ctx context.Context, from, to func() (*schema.Schema, error)) (string, error) {
	way := func(from, to func() (*schema.Schema, error)) ([]*migrate.Change, error) {
		a, err := from()
		if err != nil {
			return nil, err
		}
		b, err := to()
		if err != nil {
			return nil, err
		}
		changes, err := d.Compare(a, b)
		if err != nil {
			return nil, err
		}
		return d.plan(ctx, changes)
	}
	made := draft{Dialect: d}
	var err error
	if made.Up, err = way(from, to); err != nil || len(made.Up) == 0 {
		return "", err
	}
	if made.down, err = way(to, from); err != nil {
		made.irreversible, made.down = err.Error(), nil
	}
	made.down = withoutPragmas(made.down)
	text := formatFile(made.Up, made.down, made.irreversible)
	return text, made.readBack(text)
}

// DialectsOf returns the dialects of the folder migrations: both, or MySQL alone if the
// folder has migrations for MySQL and no folder for SQLite.
func DialectsOf(migrations fs.FS) []Dialect {
	if migrations == nil {
		return Dialects
	}
	mysql, _ := fs.Glob(migrations, MySQL+"/*.sql")
	sqlite, _ := fs.Glob(migrations, SQLite+"/*")
	if len(mysql) > 0 && len(sqlite) == 0 {
		return Dialects[:1]
	}
	return Dialects
}

func dialectsIn(root string) []Dialect {
	return DialectsOf(os.DirFS(filepath.Join(root, "migrations")))
}

// presentIn returns the dialects that have a folder, in their order.
func presentIn(folders map[string]*migrate.MemDir) (all []Dialect) {
	for _, d := range Dialects {
		if folders[d.Name] != nil {
			all = append(all, d)
		}
	}
	return all
}
