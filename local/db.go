package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"

	"slipway/internal/config"
	"slipway/internal/database"
	"slipway/internal/dbenv"
	"slipway/migrations"
)

func newDBCommand() *cobra.Command {
	db := &cobra.Command{
		Use:   "db",
		Short: "Plan and apply schema migrations",
		Long: `Plan and apply schema migrations.

You declare tables in schema.hcl. "db migrate" writes your changes as SQL files, and
"db upgrade" applies these files. The files are plain Atlas directories, so the Atlas
CLI works with the same files and databases.`,
		Example: `  go run ./local db migrate -m "add bio to users"
  go run ./local db upgrade
  go run ./local db status`,
		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	db.AddCommand(
		newInitCommand(),
		newMigrateCommand(),
		newUpgradeCommand(),
		newDowngradeCommand(),
		newHistoryCommand(),
		newCurrentCommand(),
		newStatusCommand(),
		newPlanCommand(),
		newLintCommand(),
		newCheckCommand(),
		newTestCommand(),
		newHashCommand(),
		newRepairCommand(),
		newRebaseCommand(),
		newSeedCommand(),
		newERDCommand(),
	)
	return db
}

func newStatusCommand() *cobra.Command {
	return newReadCommand(&cobra.Command{
		Use:   "status",
		Short: "Show the live version, the pending migrations and any problem",
		Long: `Show the live version of the database, all migrations, whether the checksums match,
and any problem that stops an upgrade. The command changes nothing.`,
		Example: `  go run ./local db status
  go run ./local db status --url mysql://root@127.0.0.1:3306/app --json`,
	}, (*run.Engine).Status, printStatus)
}

func newHistoryCommand() *cobra.Command {
	return newReadCommand(&cobra.Command{
		Use:   "history",
		Short: "List all migrations, applied and pending",
		Long: `List all migrations for the dialect of the database, and mark each one as applied or
pending. The command changes nothing.`,
		Example: `  go run ./local db history`,
	}, (*run.Engine).History, func(out io.Writer, _ string, r run.Report) { printList(out, r) })
}

func newCurrentCommand() *cobra.Command {
	return newReadCommand(&cobra.Command{
		Use:   "current",
		Short: "Print the live version",
		Long: `Print the version of the last applied migration, or "no version" if none is applied.
The command changes nothing.`,
		Example: `  go run ./local db current`,
	}, (*run.Engine).Current, func(out io.Writer, _ string, r run.Report) { printCurrent(out, r) })
}

// newReadCommand completes a command that changes nothing. show receives the URL of
// the database without credentials.
func newReadCommand(
	cmd *cobra.Command,
	do func(*run.Engine, context.Context) (run.Report, error),
	show func(out io.Writer, address string, report run.Report),
) *cobra.Command {
	var target target
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		read := func(ctx context.Context, engine *run.Engine) (run.Report, error) { return do(engine, ctx) }
		return target.run(cmd, database.ReadOnly, read, func(report run.Report) {
			show(cmd.OutOrStdout(), target.address(), report)
		})
	}
	target.flags(cmd)
	return cmd
}

// target is the database that a command uses and the format of its output.
type target struct {
	url  string
	json bool
	// dialect is empty until the database is open.
	dialect string
}

func (t *target) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.url, "url", "", "database URL (default: DATABASE_URL, or "+defaultURL+")")
	cmd.Flags().BoolVar(&t.json, "json", false, "print the report as JSON")
}

// action is what a command does with an engine.
type action = func(context.Context, *run.Engine) (run.Report, error)

// run opens the database, calls do and prints the report: with --json as JSON, also
// on failure, otherwise with show. The error is one line without a password.
func (t *target) run(
	cmd *cobra.Command,
	mode database.Mode,
	do action,
	show func(run.Report),
) error {
	var report run.Report
	engine, db, err := t.open(mode)
	if err != nil {
		report = run.FailedReport(cmd.Name(), err)
	} else {
		if mode == database.Migrate {
			engine.Progress = t.watch(cmd)
		}
		report, err = do(cmd.Context(), engine)
		err = errors.Join(err, db.Close())
	}
	return t.print(cmd, report, err, show)
}

// watch returns a function that prints the progress of a command. With --json it prints
// only that the command waits, on standard error.
func (t *target) watch(cmd *cobra.Command) func(run.Progress) {
	if !t.json {
		return t.progress(cmd.OutOrStdout())
	}
	progress := t.progress(cmd.ErrOrStderr())
	return func(p run.Progress) {
		if p.Stage == run.Waiting {
			progress(p)
		}
	}
}

// print prints a report: with --json as JSON, also on failure, otherwise with show.
func (t *target) print(cmd *cobra.Command, report run.Report, err error, show func(run.Report)) error {
	switch {
	case t.json:
		if printErr := printJSON(cmd.OutOrStdout(), report); printErr != nil {
			err = errors.Join(err, printErr)
		}
	case err == nil:
		show(report)
	case report.Failed != nil && report.Failed.Statement != "":
		printFailed(cmd.OutOrStdout(), report)
	}
	return oneLine(err)
}

// modeOf returns the mode in which a command that changes the schema opens the
// database: read-only for a dry run.
func modeOf(dryRun bool) database.Mode {
	if dryRun {
		return database.ReadOnly
	}
	return database.Migrate
}

// config returns how to open the database and sign in. The URL is the first of --url,
// DATABASE_URL and [defaultURL] that is set.
func (t *target) config() (database.Config, error) {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return database.Config{}, err
	}
	t.url = cmp.Or(t.url, c.DatabaseURL, defaultURL)
	if t.url == defaultURL && len(plan.DialectsOf(migrationsFolder())) == 1 {
		return database.Config{}, errors.New("this project has migrations for MySQL only: set DATABASE_URL to a MySQL " +
			"database, such as the one that \"bash local/mysql.sh up\" starts")
	}
	c.DatabaseURL, c.DatabaseReaderURL = t.url, ""
	return dbenv.Config(c, os.Getenv)
}

// open opens the database and returns it with an engine for it. The caller must close
// the database.
func (t *target) open(mode database.Mode) (*run.Engine, *database.DB, error) {
	c, err := t.config()
	if err != nil {
		return nil, nil, err
	}
	c.Mode = mode
	db, err := database.Open(c, dialects...)
	if err != nil {
		return nil, nil, err
	}
	t.dialect = db.Dialect
	engine, err := run.New(db.SQL(), db.Dialect, migrationsFolder())
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	engine.Scratch = scratchDatabases
	return engine, db, nil
}

// address returns the URL without credentials and parameters, to print.
func (t *target) address() string {
	scheme, rest, _ := strings.Cut(t.url, "://")
	rest, _, _ = strings.Cut(rest, "?")
	if scheme == "mysql" || scheme == "mysql+unix" {
		// A password may contain an @.
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			rest = rest[i+1:]
		}
	}
	return scheme + "://" + rest
}

// migrationsFolder returns the folder migrations of the project in the current folder.
// Without a project it returns the folder that is embedded in this binary.
func migrationsFolder() fs.FS {
	if inProject() {
		return os.DirFS("migrations")
	}
	return migrations.Folder()
}

// inProject reports whether the current folder is a project.
func inProject() bool {
	_, schemaErr := os.Stat("schema.hcl")
	info, err := os.Stat("migrations")
	return schemaErr == nil && err == nil && info.IsDir()
}

// oneLine returns the error with its text on one line, for a terminal or a log.
func oneLine(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
