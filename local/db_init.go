package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"slipway/internal/migrate/adopt"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"

	"slipway/internal/database"
	"slipway/migrations"
)

const initHelp = `Make a project from a live database, or create migrations/ if it is missing.

If the database has tables that this project does not know, the command adopts them. It
writes schema.hcl, a baseline migration for each dialect, a snapshot, and the row types,
and records the baseline as applied. The record is the only change to the database. In a
fresh clone, the tables of the database take the place of the example tables. A project
that has tables of its own needs --replace.

Before the command writes anything, it runs the new migrations on scratch databases: in
memory for SQLite, and for MySQL on the server of DEV_DATABASE_URL. If something cannot be
kept, the command names the table and the column, and changes nothing.

slipway's own table idempotency_keys follows as a pending migration: see "db upgrade".

If the tables of the database are those of a migration of this project, the command only
records this migration as the baseline.`

// initOptions are the flags of db init.
type initOptions struct {
	target
	replace, mysqlOnly bool
}

func newInitCommand() *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a project from a live database, or create migrations/",
		Long:  initHelp,
		Example: `  go run ./local db init
  go run ./local db init --url mysql://root@127.0.0.1:3306/shop
  go run ./local db init --url sqlite:///home/me/flask/app.db
  go run ./local db init --url mysql://root@127.0.0.1:3306/shop --replace
  go run ./local db init --url mysql://root@127.0.0.1:3306/gis --mysql-only --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := o.init(cmd.Context())
			report.Fail(err)
			if o.json {
				for _, list := range []*[]string{&report.Written, &report.Removed, &report.Notes} {
					*list = append([]string{}, *list...) // never null
				}
				err = errors.Join(err, encodeJSON(cmd.OutOrStdout(), report))
			} else if err == nil {
				report.print(cmd.OutOrStdout(), o.target)
			}
			return oneLine(err)
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.replace, "replace", false, "replace the tables and migrations of this project")
	cmd.Flags().BoolVar(&o.mysqlOnly, "mysql-only", false, "make a project without migrations for SQLite")
	return cmd
}

// init makes migrations/, records a baseline, or adopts the database.
func (o *initOptions) init(ctx context.Context) (initReport, error) {
	state, remove, err := adopt.Examine(".")
	if err != nil {
		return failedInit(err)
	}
	if state != adopt.Empty && !o.replace {
		report, err := o.baseline(ctx)
		if state == adopt.Own && errors.Is(err, run.ErrNoBaseline) {
			err = fmt.Errorf("%w; to replace the tables of this project by those of the database, add --replace", err)
		}
		if state == adopt.Own || err == nil && !report.foreign() || err != nil && !errors.Is(err, run.ErrNoBaseline) {
			return report, err
		}
	}
	return o.adopt(ctx, state, remove)
}

// baseline creates the missing files of migrations/, and records the migration whose tables
// the database has.
func (o *initOptions) baseline(ctx context.Context) (report initReport, err error) {
	if report.Written, err = makeMigrations(); err != nil {
		return failedInit(err)
	}
	// Mode Migrate changes the file of an SQLite database, even if nothing is recorded.
	if err := o.hasBaseline(ctx); err != nil {
		return failedInit(err)
	}
	engine, db, err := o.open(database.Migrate)
	if err != nil {
		return failedInit(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	report.Report, err = engine.Baseline(ctx)
	if !errors.Is(err, run.ErrNoMigrations) {
		return report, err
	}
	made, err := plan.Generate(ctx, ".", plan.Options{Message: "baseline"}, time.Now())
	if err != nil {
		return failedInit(err)
	}
	for _, f := range made.Files {
		report.Written = append(report.Written, f.Path)
	}
	report.Written = append(report.Written, made.Snapshot)
	report.Report, err = engine.Baseline(ctx)
	return report, err
}

func (o *initOptions) hasBaseline(ctx context.Context) (err error) {
	engine, db, err := o.open(database.ReadOnly)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return engine.HasBaseline(ctx)
}

// adopt makes a project from the tables of the database.
func (o *initOptions) adopt(ctx context.Context, state adopt.State, remove []string) (_ initReport, err error) {
	engine, db, err := o.open(database.ReadOnly)
	if err != nil {
		return failedInit(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	source, err := adopt.Read(ctx, engine)
	if errors.Is(err, run.ErrNoTables) && state == adopt.Empty {
		err = errors.New("schema.hcl is missing, and the database has no tables: run this command in the project's " +
			"folder, declare the tables in schema.hcl, or name a database with --url")
	}
	if err != nil {
		return failedInit(err)
	}
	project, err := source.Build(ctx, adopt.Options{MySQLOnly: o.mysqlOnly, Now: time.Now()})
	if err == nil {
		err = project.Verify(ctx, engine, scratchDatabases)
	}
	if err == nil {
		err = checkBuild(ctx, project.Files, remove)
	}
	if err != nil {
		return failedInit(err)
	}
	if _, err := os.Stat("migrations/embed.go"); errors.Is(err, fs.ErrNotExist) {
		project.Files["migrations/embed.go"] = migrations.Source()
	}
	return o.write(ctx, state, project, remove)
}

// write writes the files, and records the baseline.
func (o *initOptions) write(
	ctx context.Context, state adopt.State, project *adopt.Project, remove []string,
) (report initReport, err error) {
	engine, db, err := o.open(database.Migrate)
	if err != nil {
		return failedInit(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if report.Written, err = project.Write(ctx, ".", remove, db.SQL()); err != nil {
		return failedInit(err)
	}
	for _, path := range remove {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			report.Removed = append(report.Removed, path)
		}
	}
	report.adopted(state, project)
	engine.Migrations = os.DirFS("migrations")
	report.Report, err = engine.Status(ctx)
	report.Command, report.To, report.Unmanaged = "init", project.Baseline, project.Unmanaged()
	return report, err
}

// makeMigrations creates the missing files of migrations/: an empty atlas.sum for each
// dialect, and the Go file that embeds the folder. It returns the files that it wrote.
func makeMigrations() (written []string, err error) {
	files := map[string][]byte{
		"migrations/embed.go":         migrations.Source(),
		"migrations/mysql/atlas.sum":  []byte(plan.EmptySum),
		"migrations/sqlite/atlas.sum": []byte(plan.EmptySum),
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if _, err := os.Stat(path); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return written, err
		}
		// If there are migrations, a missing atlas.sum was lost, and an empty one would be
		// wrong: "db repair" writes it again.
		if found, err := filepath.Glob("migrations/*/*.sql"); path != "migrations/embed.go" &&
			(err != nil || len(found) > 0) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return written, err
		}
		if err := os.WriteFile(path, files[path], 0o644); err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}
