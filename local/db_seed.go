package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"slipway/internal/migrate/plan"

	"github.com/spf13/cobra"

	"slipway/internal/app"
	"slipway/internal/database"
	"slipway/internal/store"
)

func newSeedCommand() *cobra.Command {
	var target target
	var file string
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Load example rows once",
		Long: `Load example rows once. Apply all migrations first.

The command loads all rows of the file or none. If a table of the file already has
rows, the command loads nothing and exits with 0.

The file is a JSON object of tables. Each table is an array of rows, with the format
and the validation of POST. The command writes tables and rows in the order of the
file. The database assigns the ids, so a row refers to another row by its values:

  {
    "users": [{"username": "ada", "email": "ada@example.com"}],
    "posts": [{"title": "Hello", "user_id": {"username": "ada"}}]
  }

The other row must come first in the file, or be in the database. It must be the only
row with these values.`,
		Example: `  go run ./local db seed
  go run ./local db seed --file demo.json
  go run ./local db seed --url mysql://root@127.0.0.1:3306/app --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := seed(cmd.Context(), &target, file, func() {
				out := cmd.OutOrStdout()
				if target.json {
					out = cmd.ErrOrStderr()
				}
				fmt.Fprintf(out, "waiting up to %v: another program has locked %s\n", seedWait, target.address())
			})
			err = oneLine(err)
			switch {
			case target.json:
				if err != nil {
					report.Failed = &seedFailure{err.Error()}
				}
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetEscapeHTML(false)
				encoder.SetIndent("", "  ")
				err = errors.Join(err, encoder.Encode(report))
			case err == nil:
				printSeed(cmd.OutOrStdout(), report)
			}
			return err
		},
	}
	target.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "seed.json", "JSON file with the rows")
	return cmd
}

// seedReport is the report that --json prints, on success and on failure.
type seedReport struct {
	// Loaded is the number of rows written to each table. It is empty if none were.
	Loaded map[string]int64 `json:"loaded"`
	// Found is the number of rows in each table of the file that already had some. If it
	// is not empty, nothing was written.
	Found map[string]int64 `json:"found"`
	// Failed is the error, or null on success.
	Failed *seedFailure `json:"failed"`

	tables []seedTable
}

type seedFailure struct {
	Error string `json:"error"`
}

// seedWait limits the time to wait while another program has locked an SQLite file.
const seedWait = time.Minute

// seed loads a file into the database of t. It calls waiting once, before it waits for
// another program.
func seed(ctx context.Context, t *target, file string, waiting func()) (seedReport, error) {
	tables, err := readSeed(file, app.Tables)
	if err != nil {
		return newSeedReport(nil), err
	}
	waitingOnce := sync.OnceFunc(waiting)
	for began := time.Now(); ; {
		report, err := seedOnce(ctx, t, tables)
		if !t.locked(err) || time.Since(began) > seedWait || ctx.Err() != nil {
			return report, err
		}
		waitingOnce() // no pause here: each try waits for the lock
	}
}

// locked reports whether err means that another program has locked the SQLite file.
func (t *target) locked(err error) bool {
	known, _ := errors.AsType[*store.Error](err)
	return errors.Is(err, database.ErrHeld) || t.dialect == plan.SQLite && known != nil && known.Kind == store.Busy
}

func newSeedReport(tables []seedTable) seedReport {
	return seedReport{Loaded: map[string]int64{}, Found: map[string]int64{}, tables: tables}
}

func seedOnce(ctx context.Context, t *target, tables []seedTable) (report seedReport, err error) {
	report = newSeedReport(tables)
	if err := upToDate(ctx, t); err != nil {
		return report, err
	}
	c, err := t.config()
	if err != nil {
		return report, err
	}
	db, err := database.Open(c, dialects...)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = store.New(db).WithLock(ctx, func(s *store.Store) error { return loadAll(ctx, s, &report) })
	if err != nil {
		clear(report.Loaded)
	}
	switch known, _ := errors.AsType[*store.Error](err); {
	case known != nil && known.Kind == store.Canceled:
		err = errors.New("stopped; nothing was loaded")
	case known != nil && known.Kind == store.Busy:
		err = fmt.Errorf("nothing was loaded, because other programs have locked the tables: run the command again (%w)", err)
	}
	return report, err
}

// upToDate returns an error unless all migrations are applied. It creates no database.
func upToDate(ctx context.Context, t *target) error {
	engine, db, err := t.open(database.ReadOnly)
	if err != nil {
		return err
	}
	report, err := engine.Status(ctx)
	if err = errors.Join(err, db.Close()); err == nil && len(report.Pending) > 0 {
		err = fmt.Errorf("%s pending on %s: run db upgrade first", count(len(report.Pending), "migration"),
			t.address())
	}
	return err
}

func printSeed(out io.Writer, report seedReport) {
	rows, what := report.Loaded, "loaded"
	if len(report.Found) > 0 {
		rows, what = report.Found, "nothing was loaded, because there are rows already:"
	}
	var all []string
	for _, st := range report.tables {
		if n, ok := rows[st.table.Name]; ok {
			all = append(all, fmt.Sprintf("%d in %s", n, st.table.Name))
		}
	}
	fmt.Fprintf(out, "%s %s\n", what, strings.Join(all, ", "))
}
