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

// MigrationBetween returns the text of the migration file from one schema to another, or "" if
// they are equal. down returns the down statements, given the changes between them. Planning
// modifies both schemas.
func (d Dialect) MigrationBetween(
	ctx context.Context, from, to *schema.Schema, down func([]schema.Change) []string,
) (string, error) {
	changes, err := d.Compare(from, to)
	if err != nil {
		return "", err
	}
	made := draft{Dialect: d}
	for _, statement := range down(changes) {
		made.down = append(made.down, &migrate.Change{Cmd: statement})
	}
	if made.Up, err = d.plan(ctx, changes); err != nil || len(made.Up) == 0 {
		return "", err
	}
	text := formatFile(made.Up, made.down, "")
	return text, made.readBack(text)
}

// DialectsOf returns the dialects of the folder migrations: both, or MySQL alone if the
// folder has migrations for MySQL with their snapshots, and no files for SQLite.
func DialectsOf(migrations fs.FS) []Dialect {
	if migrations == nil {
		return Dialects
	}
	mysql, _ := fs.Glob(migrations, MySQL+"/*.sql")
	recorded, _ := fs.Glob(migrations, "snapshots/*.hcl")
	sqlite, _ := fs.Glob(migrations, SQLite+"/*")
	if len(mysql) > 0 && len(recorded) > 0 && len(sqlite) == 0 {
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
