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

// tested is the report of "db test" that --json prints.
type tested struct {
	Command  string          `json:"command"`
	Dialects []verify.Result `json:"dialects"`
	// NotTested are the dialects without a server. It is never null.
	NotTested []notTested `json:"not_tested"`
}

type notTested struct {
	Dialect string `json:"dialect"`
	Why     string `json:"why"`
}

// stepScratch is the step of a failure to create or drop a scratch database.
const stepScratch = "scratch database"

func newTestCommand() *cobra.Command {
	var target target
	var dialect string
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Test every migration up, down and up again, with rows in the tables",
		Long: `Run every migration up, down and up again, on a scratch database of each dialect, with
generated rows in all tables. All statements must succeed, the down statements must
restore the previous schema, and the rows must be kept.

The command always tests SQLite, in a temporary file. It tests MySQL on the server of
--url, DATABASE_URL or DEV_DATABASE_URL: the first one that is a mysql:// URL. There
it creates a database "slipway_test_…", and drops it at the end. It does not change
the database in the URL.`,
		Example: `  go run ./local db test
  go run ./local db test --dialect sqlite
  DEV_DATABASE_URL=mysql://root@127.0.0.1:3306/dev go run ./local db test
  go run ./local db test --url mysql://root@127.0.0.1:3306/app --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			progress := func(p verify.Progress) { printProgress(out, p) }
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
	cmd.Flags().StringVar(&dialect, "dialect", "", "test only mysql or sqlite; without a MySQL server, mysql is an error")
	target.flags(cmd)
	cmd.Flags().Lookup("url").Usage = "MySQL database; the scratch database is created on its server " +
		"(default: DATABASE_URL, or DEV_DATABASE_URL)"
	return cmd
}

// testDialects tests all dialects that have a server, or only the given one. It adds the
// results to the report and calls done for each. The error names the failed dialects.
func testDialects(
	ctx context.Context, report *tested, url, only string, progress func(verify.Progress), done func(verify.Result),
) error {
	dialects := []string{plan.SQLite, plan.MySQL}
	switch only {
	case "":
		if len(plan.DialectsOf(migrationsFolder())) == 1 {
			dialects = dialects[1:]
		}
	case plan.SQLite, plan.MySQL:
		dialects = []string{only}
	default:
		return fmt.Errorf("unknown dialect %q: use %s or %s", only, plan.MySQL, plan.SQLite)
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

// testOn creates a scratch database, tests the migrations on it, and drops it.
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

// serverToTest returns the MySQL server for the scratch database: the first of --url,
// DATABASE_URL and DEV_DATABASE_URL that is a MySQL URL. DATABASE_SECRET_ARN and
// DATABASE_IAM_AUTH apply only to the first two. Without a server it returns an error.
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
	return database.Config{}, errors.New("no MySQL server: " +
		"set DEV_DATABASE_URL=mysql://user:pass@host:3306/dev, or use --url")
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

func printProgress(out io.Writer, p verify.Progress) {
	fmt.Fprintf(out, "✓ %s %s %s, %s\n", p.Dialect, p.Version, p.Description, round(p.Took))
	for _, a := range p.Algorithms {
		how := map[string]string{
			"INSTANT NONE": "instant", "INPLACE NONE": "in place, writes allowed",
			"INPLACE SHARED": "in place, writes blocked", "COPY SHARED": "copies the table, writes blocked",
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
