package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

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

Tables are declared in schema.hcl. "db migrate" writes down, as SQL, what changed
there; "db upgrade" applies it. The files are plain Atlas directories: the Atlas
CLI works on them and on the same databases.`,
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
	return newLookCommand(&cobra.Command{
		Use:   "status",
		Short: "Show the live version, what is pending, and whether an upgrade can go on",
		Example: `  go run ./local db status
  go run ./local db status --url mysql://root@127.0.0.1:3306/app --json`,
	}, (*run.Engine).Status, printStatus)
}

func newHistoryCommand() *cobra.Command {
	return newLookCommand(&cobra.Command{
		Use:     "history",
		Short:   "List all migrations, applied and pending",
		Example: `  go run ./local db history`,
	}, (*run.Engine).History, func(out io.Writer, _ string, r run.Report) { printList(out, r) })
}

func newCurrentCommand() *cobra.Command {
	return newLookCommand(&cobra.Command{
		Use:     "current",
		Short:   "Print the live version",
		Example: `  go run ./local db current`,
	}, (*run.Engine).Current, func(out io.Writer, _ string, r run.Report) { printCurrent(out, r) })
}

// newLookCommand completes a command that changes nothing. show is given the
// database as it may be shown.
func newLookCommand(
	cmd *cobra.Command,
	do func(*run.Engine, context.Context) (run.Report, error),
	show func(out io.Writer, address string, report run.Report),
) *cobra.Command {
	var target target
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		look := func(ctx context.Context, engine *run.Engine) (run.Report, error) { return do(engine, ctx) }
		return target.run(cmd, database.ReadOnly, look, func(report run.Report) {
			show(cmd.OutOrStdout(), target.address(), report)
		})
	}
	target.flags(cmd)
	return cmd
}

// target is the database a command works on and how it answers.
type target struct {
	url  string
	json bool
	// dialect is known once the database is open.
	dialect string
}

func (t *target) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.url, "url", "", "the database (default: DATABASE_URL, or "+defaultURL+")")
	cmd.Flags().BoolVar(&t.json, "json", false, "print the report as JSON")
}

// work is what a command does with an engine.
type work = func(context.Context, *run.Engine) (run.Report, error)

// run opens the database, lets do work on it and prints the report: as JSON, on
// failure too, or as show does it. The error has no password in it and is one line.
func (t *target) run(
	cmd *cobra.Command,
	mode database.Mode,
	do work,
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
	return t.answer(cmd, report, err, show)
}

// watch prints what a command does as it goes. With --json it prints on the standard
// error, and only that the command waits.
func (t *target) watch(cmd *cobra.Command) func(run.Progress) {
	if !t.json {
		return t.progress(cmd.OutOrStdout())
	}
	tell := t.progress(cmd.ErrOrStderr())
	return func(p run.Progress) {
		if p.Stage == run.Waiting {
			tell(p)
		}
	}
}

// answer prints a report: as JSON, on failure too, or as show does it.
func (t *target) answer(cmd *cobra.Command, report run.Report, err error, show func(run.Report)) error {
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

// modeOf returns what a command that changes the database opens it for: a dry run
// only reads.
func modeOf(dryRun bool) database.Mode {
	if dryRun {
		return database.ReadOnly
	}
	return database.Migrate
}

// config says how the target's database is opened: its URL, which is that of the
// environment or the default one where no flag names it, and who signs in.
func (t *target) config() (database.Config, error) {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return database.Config{}, err
	}
	t.url = cmp.Or(t.url, c.DatabaseURL, defaultURL)
	c.DatabaseURL, c.DatabaseReaderURL = t.url, ""
	return dbenv.Config(c, os.Getenv)
}

// open opens the target's database and makes an engine for it. The caller closes
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

// address is the URL as it may be shown: without who signs in, and how.
func (t *target) address() string {
	scheme, rest, _ := strings.Cut(t.url, "://")
	rest, _, _ = strings.Cut(rest, "?")
	if scheme == "mysql" || scheme == "mysql+unix" {
		// A password may hold anything, an @ too.
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			rest = rest[i+1:]
		}
	}
	return scheme + "://" + rest
}

// migrationsFolder returns the folder migrations of the project in the current folder,
// where it is one, and the one that this binary was built with otherwise.
func migrationsFolder() fs.FS {
	if inProject() {
		return os.DirFS("migrations")
	}
	return migrations.Folder()
}

// inProject says whether the current folder is a project's.
func inProject() bool {
	_, schemaErr := os.Stat("schema.hcl")
	info, err := os.Stat("migrations")
	return schemaErr == nil && err == nil && info.IsDir()
}

// oneLine makes an error fit a terminal and a log.
func oneLine(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
