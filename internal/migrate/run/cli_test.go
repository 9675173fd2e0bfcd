package run

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/test/dbtest"
)

// TestAsTheCLI checks that slipway and the Atlas CLI are interchangeable. slipway runs each
// step of each scenario on a database in the state that the CLI left, and must leave the same
// state as the CLI. Then slipway runs all steps alone, with the same result.
//
// With -atlas, the test also compares the scenarios with the CLI, and the CLI continues after
// slipway. -update writes the results of the CLI again:
//
//	go test ./internal/migrate/run -run TestAsTheCLI -atlas "$(command -v atlas)"
func TestAsTheCLI(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios(t) {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			if *atlasCLI != "" {
				sc.compareWithCLI(t, slices.Concat(sc.recordSum(t),
					sc.record(t, plan.MySQL, dbtest.MySQL(t)), sc.record(t, plan.SQLite, dbtest.SQLite(t))))
			}
			if got, want := string(sc.files(t)[migrate.HashFileName].Data), sc.section(migrate.HashFileName); got != want {
				t.Errorf("atlas.sum: got\n%s\nwant\n%s", got, want)
			}
			dbtest.Dialects(t, func(t *testing.T, dialect string) {
				steps := sc.counted()
				for n := 1; n <= len(steps); n++ {
					if n == 1 && steps[0].ours() {
						continue // the same as alone
					}
					t.Run(fmt.Sprint("after the CLI, step ", n), func(t *testing.T) {
						t.Parallel()
						sc.takeOver(t, dialect, dbtest.New(t, dialect), n)
					})
				}
				if *atlasCLI != "" {
					sc.handOver(t, dialect)
				}
				t.Run("alone", func(t *testing.T) {
					t.Parallel()
					sc.alone(t, dialect, dbtest.New(t, dialect))
				})
			})
		})
	}
}

// takeOver runs the n-th step after the CLI ran the earlier ones. If slipway does not have
// the step, it only reads the state.
func (sc scenario) takeOver(t *testing.T, dialect, address string, n int) {
	files, done := sc.files(t), 0
	db := migratetest.Connect(t, address)
	for _, s := range sc.steps {
		switch {
		case !s.forTheCLI():
			if s.word == "sql" && done != n-1 {
				continue // what it did is in the database that is restored
			}
			files = sc.prepare(t, s, files, db)
		case done+1 < n:
			if done++; done == n-1 {
				sc.restore(t, dialect, address, done)
			}
		case s.ours():
			sc.do(t, dialect, address, n, s, files)
			return
		default:
			other := dbtest.New(t, dialect)
			sc.restore(t, dialect, other, n)
			sc.checkStatus(t, engine(t, dialect, other, files), dialect, n, files)
			return
		}
	}
}

// alone runs all steps before the first one that slipway does not have or refuses.
func (sc scenario) alone(t *testing.T, dialect, address string) {
	files, n, db := sc.files(t), 0, migratetest.Connect(t, address)
	for _, s := range sc.steps {
		if !s.forTheCLI() {
			files = sc.prepare(t, s, files, db)
			continue
		}
		if n++; !s.ours() {
			return
		}
		sc.do(t, dialect, address, n, s, files)
		if sc.refusal(dialect, n) != "" {
			return
		}
	}
}

// counted returns the steps that are commands of the CLI.
func (sc scenario) counted() []cliStep {
	return slices.DeleteFunc(slices.Clone(sc.steps), func(s cliStep) bool { return !s.forTheCLI() })
}

// do runs the n-th step and compares the resulting state.
func (sc scenario) do(t *testing.T, dialect, address string, n int, s cliStep, files fstest.MapFS) {
	t.Helper()
	e := engine(t, dialect, address, files)
	var opts Upgrade
	if s.rest != "" {
		report, err := e.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count, err := strconv.Atoi(s.rest)
		if err != nil {
			t.Fatal(err)
		}
		opts.To = report.Pending[count-1].Version
	}
	_, err := e.Upgrade(t.Context(), opts)
	refusal, theirs := sc.refusal(dialect, n), strings.TrimSuffix(sc.want(dialect, n, "error.txt"), "none\n")
	switch {
	case refusal != "":
		if err == nil || !strings.Contains(err.Error(), refusal) {
			t.Errorf("step %d: got %v, want %q in it", n, err, refusal)
		}
	case theirs != "" && err == nil:
		t.Errorf("step %d: no error, but the CLI returned %s", n, theirs)
	case theirs == "" && err != nil:
		t.Errorf("step %d: %v, but the CLI returned no error", n, err)
	}
	db := migratetest.Connect(t, address)
	for what, got := range map[string]string{"rows.jsonl": revisionRows(t, dialect, db),
		"database.sql": dump(t, dialect, db)} {
		if want := sc.want(dialect, n, what); got != want {
			t.Errorf("step %d: %s: got\n%s\nwant\n%s", n, what, got, want)
		}
	}
	sc.checkStatus(t, e, dialect, n, files)
}

// checkStatus compares slipway's status with the output of `atlas migrate status`.
func (sc scenario) checkStatus(t *testing.T, e *Engine, dialect string, n int, files fstest.MapFS) {
	t.Helper()
	report, err := e.Status(t.Context())
	if sc.refusal(dialect, n) != "" {
		return
	}
	want := sc.want(dialect, n, "status.txt")
	if strings.Contains(want, "Error: ") {
		if err == nil && report.Failed == nil {
			t.Errorf("step %d: status is fine, and the CLI says\n%s", n, want)
		}
		return
	}
	if err != nil {
		t.Errorf("step %d: status: %v", n, err)
	}
	if wrong := strings.Contains(want, "ERROR: "); wrong != (report.Failed != nil) {
		t.Errorf("step %d: status: got %+v, and the CLI says\n%s", n, report.Failed, want)
	}
	want, _, _ = strings.Cut(want, "\n\n")
	want = statementsApplied.ReplaceAllString(want, "")
	if got := asTheirStatus(report, len(files)-1); got != strings.TrimSpace(want) {
		t.Errorf("step %d: status: got\n%s\nwant\n%s", n, got, want)
	}
}

// statementsApplied returns how many statements of the file are applied; a report contains
// only the number of statements left.
var statementsApplied = regexp.MustCompile(` \(\d+ statements applied\)`)

// asTheirStatus returns a report in the format of `atlas migrate status`.
func asTheirStatus(r Report, files int) string {
	status, current, next := "PENDING", r.From, "Already at latest version"
	executed, pending := fmt.Sprint(len(r.Applied)), fmt.Sprint(len(r.Pending))
	switch {
	case len(r.Pending) == 0:
		status = "OK"
	case r.Incomplete:
		first := r.Pending[0]
		current, next = first.Version, fmt.Sprintf("%s (%d statements left)", first.Version, first.Statements)
		executed = fmt.Sprintf("%d (last one partially)", len(r.Applied)+1)
	case r.Failed != nil:
		next, pending = "UNKNOWN", pending+" (out of order)"
	default:
		next = r.Pending[0].Version
	}
	if len(r.Pending) == files {
		current = "No migration applied yet"
	}
	return fmt.Sprintf("Migration Status: %s\n  -- Current Version: %s\n  -- Next Version:    %s\n  -- Executed Files:  "+
		"%s\n  -- Pending Files:   %s",
		status, current, next, executed, pending)
}
