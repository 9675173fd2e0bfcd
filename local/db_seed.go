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
		Short: "Load example rows, once",
		Long: `Load example rows, once: all rows of the file or none, and none where one of its
tables has rows already, which is no error. Migrations have to be applied first.

The file is an object of tables, each an array of rows as POST takes them, and
under the same rules. Tables and rows are written in the order of the file. A row
refers to another by what that one holds, for ids are the database's:

  {
    "users": [{"username": "ada", "email": "ada@example.com"}],
    "posts": [{"title": "Hello", "user_id": {"username": "ada"}}]
  }

The row that is meant has to stand before, or be in the database already, and be
the only one that holds these values.`,
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
				fmt.Fprintf(out, "waiting for at most %v: another program holds %s\n", seedWait, target.address())
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
	cmd.Flags().StringVar(&file, "file", "seed.json", "the rows")
	return cmd
}

// seedReport is what --json prints, on success and on failure alike.
type seedReport struct {
	// Loaded is how many rows were written, by table; empty when none were.
	Loaded map[string]int64 `json:"loaded"`
	// Found is how many rows there were already in the file's tables, which is why
	// none were written; empty where there were none.
	Found map[string]int64 `json:"found"`
	// Failed says why not; null when nothing went wrong.
	Failed *seedFailure `json:"failed"`

	tables []seedTable
}

type seedFailure struct {
	Error string `json:"error"`
}

// seedWait is how long a seed waits while another program holds an SQLite file.
const seedWait = time.Minute

// seed loads a file into the database of a target. It calls waiting, once, before it
// waits for another program.
func seed(ctx context.Context, t *target, file string, waiting func()) (seedReport, error) {
	tables, err := readSeed(file, app.Tables)
	if err != nil {
		return newSeedReport(nil), err
	}
	tell := sync.OnceFunc(waiting)
	for began := time.Now(); ; {
		report, err := seedOnce(ctx, t, tables)
		if !t.held(err) || time.Since(began) > seedWait || ctx.Err() != nil {
			return report, err
		}
		tell() // each try waits for a while by itself
	}
}

// held says that another program held the SQLite file.
func (t *target) held(err error) bool {
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
		err = fmt.Errorf("others are at work on these tables, and nothing was loaded: run it again (%w)", err)
	}
	return report, err
}

// upToDate checks that all migrations are applied. It makes no database.
func upToDate(ctx context.Context, t *target) error {
	engine, db, err := t.open(database.ReadOnly)
	if err != nil {
		return err
	}
	report, err := engine.Status(ctx)
	if err = errors.Join(err, db.Close()); err == nil && len(report.Pending) > 0 {
		err = fmt.Errorf("%s pending on %s: apply them first, with db upgrade", count(len(report.Pending), "migration"),
			t.address())
	}
	return err
}

func printSeed(out io.Writer, report seedReport) {
	rows, what := report.Loaded, "loaded"
	if len(report.Found) > 0 {
		rows, what = report.Found, "nothing was loaded: there are rows already:"
	}
	var all []string
	for _, st := range report.tables {
		if n, ok := rows[st.table.Name]; ok {
			all = append(all, fmt.Sprintf("%d in %s", n, st.table.Name))
		}
	}
	fmt.Fprintf(out, "%s %s\n", what, strings.Join(all, ", "))
}
