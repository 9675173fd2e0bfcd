package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/config"
	"slipway/internal/credentials"
	"slipway/internal/database"
	"slipway/internal/migration"
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
	}, (*migration.Engine).Status, printStatus)
}

func newHistoryCommand() *cobra.Command {
	return newLookCommand(&cobra.Command{
		Use:     "history",
		Short:   "List all migrations, applied and pending",
		Example: `  go run ./local db history`,
	}, (*migration.Engine).History, func(out io.Writer, _ string, r migration.Report) { printList(out, r) })
}

func newCurrentCommand() *cobra.Command {
	return newLookCommand(&cobra.Command{
		Use:     "current",
		Short:   "Print the live version",
		Example: `  go run ./local db current`,
	}, (*migration.Engine).Current, func(out io.Writer, _ string, r migration.Report) { printCurrent(out, r) })
}

// newLookCommand completes a command that changes nothing. show is given the
// database as it may be shown.
func newLookCommand(
	cmd *cobra.Command,
	do func(*migration.Engine, context.Context) (migration.Report, error),
	show func(out io.Writer, address string, report migration.Report),
) *cobra.Command {
	var target target
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return target.run(cmd, database.OpenLook, func(ctx context.Context, engine *migration.Engine) (migration.Report, error) {
			return do(engine, ctx)
		}, func(report migration.Report) {
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

// run opens the database, lets do work on it and prints the report: as JSON, on
// failure too, or as show does it. The error has no password in it and is one line.
func (t *target) run(
	cmd *cobra.Command,
	open opener,
	do func(context.Context, *migration.Engine) (migration.Report, error),
	show func(migration.Report),
) error {
	var report migration.Report
	engine, db, err := t.open(open)
	if err != nil {
		report = migration.FailedReport(cmd.Name(), err)
	} else {
		report, err = do(cmd.Context(), engine)
		err = errors.Join(err, db.Close())
	}
	return t.answer(cmd, report, err, show)
}

// answer prints a report: as JSON, on failure too, or as show does it.
func (t *target) answer(cmd *cobra.Command, report migration.Report, err error, show func(migration.Report)) error {
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

// opener is [database.OpenMigration] or [database.OpenLook].
type opener func(rawURL string, options ...database.Options) (db *sql.DB, dialect string, err error)

func (t *target) open(open opener) (*migration.Engine, *sql.DB, error) {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	if t.url == "" {
		t.url = c.DatabaseURL
	}
	if t.url == "" {
		t.url = defaultURL
	}
	options, err := signIn(c)
	if err != nil {
		return nil, nil, err
	}
	db, dialect, err := open(t.url, options)
	if err != nil {
		return nil, nil, err
	}
	t.dialect = dialect
	files, err := migrationFiles(dialect)
	if err == nil {
		var engine *migration.Engine
		if engine, err = migration.New(db, dialect, files); err == nil {
			return engine, db, nil
		}
	}
	return nil, nil, errors.Join(err, db.Close())
}

// signIn says who signs in to the database, where its URL does not.
func signIn(c config.Config) (database.Options, error) {
	source, err := credentials.New(c.DatabaseSecretARN, c.DatabaseIAMAuth, os.Getenv)
	return database.Options{Credentials: source, Token: c.DatabaseIAMAuth}, err
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

// migrationFiles are those of the project in the current folder, where it is
// one, and those this binary was built with otherwise.
func migrationFiles(dialect string) (fs.FS, error) {
	if inProject() {
		return os.DirFS("migrations/" + dialect), nil
	}
	return migrations.FS(dialect)
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
