package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/verify"

	"github.com/spf13/cobra"

	"slipway/internal/config"
	"slipway/internal/database"
	"slipway/internal/dbenv"
)

// tested is the report of "db test".
type tested struct {
	Command  string          `json:"command"`
	Dialects []verify.Result `json:"dialects"`
	// NotTested are the dialects that are not at hand. Never null.
	NotTested []notTested `json:"not_tested"`
}

type notTested struct {
	Dialect string `json:"dialect"`
	Why     string `json:"why"`
}

// stepScratch is the step that package verify leaves to the command.
const stepScratch = "scratch database"

func newTestCommand() *cobra.Command {
	var target target
	var dialect string
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Try every migration up, down and up again, with rows in the tables",
		Long: `Try every migration up, down and up again, on a scratch database of each dialect,
with generated rows in all tables: the way up and the way down have to work, the
way down has to leave the schema as it was, and rows have to be kept.

SQLite is always tried, in a temporary file. MySQL is tried on the server of --url,
DATABASE_URL or DEV_DATABASE_URL, the first of them that is a mysql:// URL, in a
database "slipway_test_…" that is made for it and dropped at the end. The database
that the URL names is not touched.`,
		Example: `  go run ./local db test
  go run ./local db test --dialect sqlite
  DEV_DATABASE_URL=mysql://root@127.0.0.1:3306/dev go run ./local db test
  go run ./local db test --url mysql://root@127.0.0.1:3306/app --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			progress := func(p verify.Progress) { printTried(out, p) }
			if target.json {
				progress = nil
			}
			report := tested{Command: "test", Dialects: []verify.Result{}, NotTested: []notTested{}}
			done := func(result verify.Result) {
				if !target.json {
					printTested(out, result)
				}
			}
			err := testDialects(cmd.Context(), &report, target.url, dialect, progress, done)
			if target.json {
				return oneLine(errors.Join(err, encode(out, report)))
			}
			for _, n := range report.NotTested {
				if dialect == "" {
					fmt.Fprintf(out, "! %s: NOT TESTED: %s\n", n.Dialect, n.Why)
				}
			}
			return oneLine(err)
		},
	}
	cmd.Flags().StringVar(&dialect, "dialect", "", "only this one, mysql or sqlite; it is an error when it is not at hand")
	target.flags(cmd)
	cmd.Flags().Lookup("url").Usage = "a MySQL database; the scratch database is made beside it " +
		"(default: DATABASE_URL, or DEV_DATABASE_URL)"
	return cmd
}

// testDialects tests the dialects that are at hand, or the one that is asked for,
// and tells each result to done. The error says which failed.
func testDialects(
	ctx context.Context, report *tested, url, only string, progress func(verify.Progress), done func(verify.Result),
) error {
	dialects := []string{plan.SQLite, plan.MySQL}
	switch only {
	case "":
	case plan.SQLite, plan.MySQL:
		dialects = []string{only}
	default:
		return fmt.Errorf("no dialect %q: use %s or %s", only, plan.MySQL, plan.SQLite)
	}
	var failed []string
	for _, dialect := range dialects {
		var server database.Config
		var err error
		if dialect == plan.MySQL {
			server, err = serverToTest(url)
		}
		if err != nil {
			report.NotTested = append(report.NotTested, notTested{dialect, err.Error()})
			if only == dialect {
				failed = append(failed, dialect+": not tested: "+err.Error())
			}
			continue
		}
		result, err := testOn(ctx, dialect, server, progress)
		if f := result.Failed; f != nil {
			failed = append(failed, failureLine(dialect, f))
		}
		if err != nil {
			scratch := &verify.Failure{Step: stepScratch, Error: err.Error()}
			failed = append(failed, failureLine(dialect, scratch))
			result.Failed = cmp.Or(result.Failed, scratch)
		}
		report.Dialects = append(report.Dialects, result)
		done(result)
		if ctx.Err() != nil {
			break
		}
	}
	if len(failed) > 0 {
		return errors.New(strings.Join(failed, "; and "))
	}
	return nil
}

// testOn makes the scratch database, tests on it, and takes it away.
func testOn(
	ctx context.Context, dialect string, server database.Config, progress func(verify.Progress),
) (result verify.Result, err error) {
	result = verify.Result{Dialect: dialect, Notes: []string{}}
	made, err := makeScratch(ctx, dialect, server)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, made.remove()) }()
	return verify.Run(ctx, verify.Target{Dialect: dialect, DB: made.db, Migrations: migrationsFolder()}, progress), nil
}

// serverToTest returns the MySQL database to make a scratch database beside: the
// first of --url, DATABASE_URL and DEV_DATABASE_URL that is one. The variables that
// say who signs in are about the first two. The error says that there is none.
func serverToTest(url string) (database.Config, error) {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return database.Config{}, err
	}
	for _, candidate := range []string{url, c.DatabaseURL} {
		if isMySQL(candidate) {
			c.DatabaseURL, c.DatabaseReaderURL = candidate, ""
			return dbenv.Config(c, os.Getenv)
		}
	}
	if dev := os.Getenv("DEV_DATABASE_URL"); isMySQL(dev) {
		return database.Config{URL: dev}, nil
	}
	return database.Config{}, errors.New("there is no MySQL server at hand: " +
		"set DEV_DATABASE_URL=mysql://user:pass@host:3306/dev, or give --url")
}

func isMySQL(url string) bool {
	return strings.HasPrefix(url, "mysql://") || strings.HasPrefix(url, "mysql+unix://")
}

func failureLine(dialect string, f *verify.Failure) string {
	where := dialect
	if f.Version != "" {
		where += ": migration " + f.Version
	}
	return where + ": " + f.Step + ": " + f.Error
}

func printTried(out io.Writer, p verify.Progress) {
	fmt.Fprintf(out, "✓ %s %s %s, %s\n", p.Dialect, p.Version, p.Description, round(p.Took))
	for _, a := range p.Algorithms {
		how := map[string]string{
			"INSTANT NONE": "instant", "INPLACE NONE": "in place, writers go on",
			"INPLACE SHARED": "in place, writers wait", "COPY SHARED": "copies the table, writers wait",
		}[a.Algorithm+" "+a.Lock]
		fmt.Fprintf(out, "  %s: %s\n", headline(a.Statement), how)
	}
	for _, note := range p.Notes {
		fmt.Fprintf(out, "  note: %s\n", strings.TrimPrefix(note, p.Version+": "))
	}
}

func printTested(out io.Writer, result verify.Result) {
	f := result.Failed
	if f == nil {
		fmt.Fprintf(out, "✓ %s: %s up, down and up again with %s, %s\n", result.Dialect,
			count(result.Migrations, "migration"), count(result.Rows, "row"),
			round(time.Duration(result.DurationMS)*time.Millisecond))
		return
	}
	fmt.Fprintf(out, "✗ %s: %s\n", strings.TrimSpace(result.Dialect+" "+f.Version), f.Step)
	for line := range strings.Lines(f.Statement) {
		fmt.Fprintf(out, "    %s\n", strings.TrimRight(line, "\n"))
	}
}

func encode(out io.Writer, report tested) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
