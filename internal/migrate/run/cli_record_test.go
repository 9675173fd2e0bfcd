package run

import (
	"bytes"
	"flag"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"slipway/internal/migrate/migratetest"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/test/dbtest"
)

var atlasCLI = flag.String("atlas", "", "the Atlas CLI: run it too, and compare it with testdata/cli; with -update, "+
	"write the files again")

// oneCLI lets one CLI run at a time, because its lock is global to the MySQL server.
var oneCLI sync.Mutex

// runCLI runs a migrate command of the CLI. It returns the output and, after a failure, the
// first line of the error.
func runCLI(t *testing.T, args ...string) (printed, failed string) {
	t.Helper()
	return runCLIIn(t, t.TempDir(), nil, append([]string{"migrate"}, args...)...)
}

// runCLIIn is runCLI for any command, in a folder and with environment variables.
func runCLIIn(t *testing.T, folder string, environment []string, args ...string) (printed, failed string) {
	t.Helper()
	oneCLI.Lock()
	defer oneCLI.Unlock()
	cmd := osexec.CommandContext(t.Context(), *atlasCLI, args...)
	cmd.Dir = folder
	cmd.Env = slices.Concat(os.Environ(), []string{"ATLAS_NO_UPDATE_NOTIFIER=true", "HOME=" + t.TempDir()}, environment)
	var out, why bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &why
	if err := cmd.Run(); err != nil {
		failed, _, _ = strings.Cut(why.String(), "\n")
		if failed == "" {
			failed = err.Error()
		}
		failed += "\n"
	}
	return out.String(), failed
}

// record runs a scenario with the CLI and returns its sections for one dialect.
func (sc scenario) record(t *testing.T, dialect, address string) (sections []migratetest.File) {
	t.Helper()
	db, files, n := migratetest.Connect(t, address), sc.files(t), 0
	add := func(what, text string) {
		if text != "" {
			sections = append(sections, migratetest.File{Name: sectionName(dialect, n, what), Data: []byte(anonymous(text))})
		}
	}
	for _, s := range sc.steps {
		if !s.forTheCLI() {
			files = sc.prepare(t, s, files, db)
			continue
		}
		n++
		_, failed := runCLI(t, sc.command(t, s, files, address)...)
		add("rows.jsonl", revisionRows(t, dialect, db))
		status, unclear := runCLI(t, sc.command(t, cliStep{word: "status"}, files, address)...)
		add("status.txt", status+unclear)
		add("error.txt", failed)
		add("database.sql", dump(t, dialect, db))
	}
	return sections
}

// recordSum returns the checksums that the CLI writes for the files.
func (sc scenario) recordSum(t *testing.T) []migratetest.File {
	t.Helper()
	files := sc.files(t)
	delete(files, migrate.HashFileName)
	path := onDisk(t, files)
	if _, failed := runCLI(t, "hash", "--dir", "file://"+path); failed != "" {
		t.Fatal(failed)
	}
	sum, err := os.ReadFile(filepath.Join(path, migrate.HashFileName))
	if err != nil {
		t.Fatal(err)
	}
	return []migratetest.File{{Name: migrate.HashFileName, Data: sum}}
}

// handOver runs each step with the CLI after slipway ran the earlier steps, and compares the
// result.
func (sc scenario) handOver(t *testing.T, dialect string) {
	for n := 2; n <= len(sc.counted()); n++ {
		address := dbtest.New(t, dialect)
		files, db, done := sc.files(t), migratetest.Connect(t, address), 0
		for _, s := range sc.steps {
			if !s.forTheCLI() {
				files = sc.prepare(t, s, files, db)
				continue
			}
			if done++; done == n {
				_, failed := runCLI(t, sc.command(t, s, files, address)...)
				if want := sc.section(sectionName(dialect, n, "error.txt")); anonymous(failed) != want {
					t.Errorf("after slipway, step %d: the CLI says %q, want %q", n, failed, want)
				}
				for what, got := range map[string]string{"rows.jsonl": revisionRows(t, dialect, db),
					"database.sql": dump(t, dialect, db)} {
					if want := sc.section(sectionName(dialect, n, what)); got != want {
						t.Errorf("after slipway, step %d: %s: got\n%s\nwant\n%s", n, what, got, want)
					}
				}
				break
			}
			if !s.ours() || sc.refusal(dialect, done) != "" {
				return
			}
			sc.do(t, dialect, address, done, s, files)
		}
	}
}

// command returns the arguments of the CLI for a step.
func (sc scenario) command(t *testing.T, s cliStep, files fstest.MapFS, address string) []string {
	t.Helper()
	return append(append([]string{s.word}, strings.Fields(s.rest)...), "--dir", "file://"+onDisk(t, files), "--url",
		address)
}

// compareWithCLI checks that the CLI produces the sections of a scenario.
func (sc scenario) compareWithCLI(t *testing.T, recorded []migratetest.File) {
	t.Helper()
	if *update {
		kept := slices.DeleteFunc(slices.Clone(sc.archive.Files), func(f migratetest.File) bool {
			return (f.Name == migrate.HashFileName || strings.Count(f.Name, "/") == 2) && !strings.HasSuffix(f.Name, ".slipway")
		})
		sc.archive.Files = append(kept, recorded...)
		if err := os.WriteFile(sc.path, sc.archive.Format(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, f := range recorded {
		if want := sc.section(f.Name); string(f.Data) != want {
			t.Errorf("%s: the CLI leaves\n%s\nwant\n%s", f.Name, f.Data, want)
		}
	}
}
