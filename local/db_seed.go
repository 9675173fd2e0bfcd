package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/database"
	"slipway/internal/model"
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
			report, err := seed(cmd.Context(), &target, file)
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

// seed loads a file into the database of a target.
func seed(ctx context.Context, t *target, file string) (report seedReport, err error) {
	report = seedReport{Loaded: map[string]int64{}, Found: map[string]int64{}}
	if report.tables, err = readSeed(file); err != nil {
		return report, err
	}
	if err := upToDate(ctx, t); err != nil {
		return report, err
	}
	c, err := t.config()
	if err != nil {
		return report, err
	}
	db, err := database.Open(c)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	loaded := map[string]int64{}
	err = store.New(db).Exclusive(ctx, func(s *store.Store) error {
		for _, st := range report.tables {
			n, err := s.Table(st.table).Count(ctx, nil)
			if err != nil {
				return err
			}
			if n > 0 {
				report.Found[st.table.Name] = n
			}
		}
		if len(report.Found) > 0 {
			return nil
		}
		for _, st := range report.tables {
			for _, row := range st.rows {
				if err := load(ctx, s, st.table, row); err != nil {
					return fmt.Errorf("%s: %w; nothing was loaded", row.where, err)
				}
			}
			loaded[st.table.Name] = int64(len(st.rows))
		}
		return nil
	})
	switch known, _ := errors.AsType[*store.Error](err); {
	case err == nil && len(report.Found) == 0:
		report.Loaded = loaded
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
		err = fmt.Errorf("%s pending on %s: apply them first, with db upgrade", count(len(report.Pending), "migration"), t.address())
	}
	return err
}

// load writes one row.
func load(ctx context.Context, s *store.Store, t *model.Table, row seedRow) error {
	ids := make([]int64, len(row.refs))
	for i, ref := range row.refs {
		var err error
		if ids[i], err = s.Table(ref.parent).Find(ctx, ref.by); err != nil {
			return unfound(ref, err)
		}
	}
	rows, err := row.decode(t, ids)
	if err != nil {
		return err
	}
	return refused(s.Table(t).Create(ctx, rows), rows)
}

// unfound says why a reference leads nowhere.
func unfound(ref seedRef, err error) error {
	known, ok := errors.AsType[*store.Error](err)
	if !ok {
		return err
	}
	by := make([]string, len(ref.by))
	for i, v := range ref.by {
		by[i] = fmt.Sprintf("%s %s", v.Field.Name, shown(v.Value))
	}
	switch known.Kind {
	case store.NotFound:
		return fmt.Errorf("%s: no row of %s has %s, of those before this one", ref.field.Name, ref.parent.Name, strings.Join(by, " and "))
	case store.TooMany:
		return fmt.Errorf("%s: more than one row of %s has %s: name a value that only one has", ref.field.Name, ref.parent.Name, strings.Join(by, " and "))
	}
	return err
}

// refused says why the database did not take a row, by its fields where they are
// known.
func refused(err error, rows *model.Rows) error {
	known, ok := errors.AsType[*store.Error](err)
	if !ok || len(known.Fields) == 0 {
		return err
	}
	what := map[store.Kind]string{
		store.Duplicate:     "is another row's already",
		store.MissingParent: "is the id of no row",
	}[known.Kind]
	if what == "" {
		return err
	}
	all := make([]string, len(known.Fields))
	for i, f := range known.Fields {
		all[i] = fmt.Sprintf("%s %s %s", f.Name, shown(f.Of(rows.Row(0))), what)
	}
	return errors.New(strings.Join(all, "; "))
}

// shown is a value as it stands in the file, or its beginning.
func shown(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return fmt.Sprint(value)
	}
	return headline(b.String())
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
