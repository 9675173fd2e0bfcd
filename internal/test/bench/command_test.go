//go:build !race

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// Limits for the processor time of a command. Unlike the elapsed time, it depends little on other load on the machine,
// which only increases it: one of several attempts must be within the limit.
const (
	statusLimit  = 200 * time.Millisecond
	migrateLimit = 300 * time.Millisecond
	manyFiles    = 1000
	tries        = 7
)

// TestBudgetCommands measures db status with a thousand migrations, applied and pending, and db migrate after them.
func TestBudgetCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: measures")
	}
	t.Parallel()
	alone.Lock()
	defer alone.Unlock()
	binary := filepath.Join(t.TempDir(), "local")
	build := exec.Command("go", "run", "-exec=cp", "slipway/local", binary) // does not link again what is linked
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, dialect := range []string{"sqlite", "mysql"} {
		t.Run(dialect, func(t *testing.T) {
			dir, url := project(t), dbtest.New(t, dialect)
			var took time.Duration // of the last command
			command := func(args ...string) string {
				t.Helper()
				cmd := exec.Command(binary, append([]string{"db"}, args...)...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "DATABASE_URL="+url)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", args, err, out)
				}
				took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				return string(out)
			}
			within(t, "status, all pending", statusLimit, &took, func() {
				if out := command("status"); !strings.Contains(out, fmt.Sprint(manyFiles)) {
					t.Fatal(out)
				}
			})
			// Record the other migrations without applying them, which takes minutes on MySQL.
			command("upgrade", "--to", version(0))
			record(t, url)
			within(t, "status, all applied", statusLimit, &took, func() {
				if out := command("status"); !strings.Contains(out, "pending    none") {
					t.Fatal(out)
				}
			})
			n := 0
			within(t, "migrate", migrateLimit, &took, func() {
				n++
				declare(t, dir, n)
				if out := command("migrate", "-m", "one more"); !strings.Contains(out, "wrote migrations/mysql/") {
					t.Fatal(out)
				}
			})
		})
	}
}

// within fails the test if all attempts exceed the limit. It stops at the first that does not. took is the time of the
// last attempt.
func within(t *testing.T, name string, limit time.Duration, took *time.Duration, do func()) {
	t.Helper()
	best := time.Hour
	for n := 0; n < tries && best > limit; n++ {
		do()
		best = min(best, *took)
	}
	t.Logf("%-20s %v, at most %v", name, best.Round(time.Millisecond), limit)
	if best > limit {
		t.Errorf("%s takes %v, more than %v", name, best, limit)
	}
}

// project returns a folder with a thousand migrations of one table for each dialect.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, dialect := range []string{"sqlite", "mysql"} {
		folder, files := filepath.Join(dir, "migrations", dialect), &migrate.MemDir{}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		write := func(name, text string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for i := range manyFiles {
			// Add and drop a column alternately, so that the table stays small.
			text := "ALTER TABLE `t` ADD COLUMN `c` int NULL;\n\n-- slipway:down\n-- ALTER TABLE `t` DROP COLUMN `c`;\n"
			switch {
			case i == 0:
				text = "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`));\n"
			case i%2 == 0:
				text = "ALTER TABLE `t` DROP COLUMN `c`;\n"
			}
			name := fmt.Sprintf("%s_change_%d.sql", version(i), i)
			if err := files.WriteFile(name, []byte(text)); err != nil {
				t.Fatal(err)
			}
			write(name, text)
		}
		sum, err := files.Checksum()
		if err != nil {
			t.Fatal(err)
		}
		text, err := sum.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		write(migrate.HashFileName, string(text))
	}
	declare(t, dir, 0)
	snapshots := filepath.Join(dir, "migrations", "snapshots")
	if err := os.Mkdir(snapshots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(snapshots, version(manyFiles-1)+".hcl"), blog.Schema(), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func version(i int) string { return fmt.Sprintf("2025%010d", i) }

// record records all migrations except the first as applied.
func record(t *testing.T, url string) {
	t.Helper()
	db := dbtest.Open(t, url)
	defer db.Close()
	var rows []string
	for i := 1; i < manyFiles; i++ {
		rows = append(rows, fmt.Sprintf("('%s', 'change_%d', 2, 1, 1, '2026-01-01 00:00:00', 0, '', '', '', 'null', "+
			"'slipway')", version(i), i))
	}
	_, err := db.Exec("INSERT INTO atlas_schema_revisions (version, description, type, applied, total, executed_at, " +
		"execution_time, error, error_stmt, hash, partial_hashes, operator_version) VALUES " +
		strings.Join(rows, ", "))
	if err != nil {
		t.Fatal(err)
	}
}

// declare writes the schema.hcl of package blog with n additional tables.
func declare(t *testing.T, dir string, n int) {
	t.Helper()
	text := blog.Schema()
	for i := range n {
		text = fmt.Appendf(text, "\ntable \"more_%d\" {\n  schema = schema.app\n  column \"id\" {\n    type = int\n  }\n  "+
			"primary_key {\n    columns = [column.id]\n  }\n}\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "schema.hcl"), text, 0o644); err != nil {
		t.Fatal(err)
	}
}
