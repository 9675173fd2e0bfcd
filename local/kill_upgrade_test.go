package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/test/dbtest"
)

type migrationText struct{ name, text string }

// killed are the migrations that TestKillUpgrade interrupts. The last one has statements that would fail if they ran
// twice, one that would create a second index, some that change rows, and two that copy the table. They do not depend
// on ids, because an insert that was rolled back has used its ids.
var killed = []migrationText{
	{"20260101000000_create", `
CREATE TABLE t (id int NOT NULL AUTO_INCREMENT, n int NOT NULL, gone int NULL, PRIMARY KEY (id));
CREATE TABLE u (id int NOT NULL, t_id int NOT NULL, PRIMARY KEY (id));
CREATE TABLE log (id int NOT NULL AUTO_INCREMENT, text varchar(80) NOT NULL, PRIMARY KEY (id));
`},
	{"20260102000000_fill", `
INSERT INTO t (n) WITH RECURSIVE seq AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM seq WHERE i < 300) SELECT i FROM
seq;
INSERT INTO t (n) SELECT a.n FROM t a JOIN (SELECT id FROM t LIMIT 3) b;
INSERT INTO u SELECT id, id FROM t ORDER BY id LIMIT 100;
`},
	{"20260103000000_change", `
ALTER TABLE t ADD COLUMN a int NULL;
UPDATE t SET n = n + 1;
ALTER TABLE t ADD INDEX (n);
ALTER TABLE t MODIFY COLUMN n bigint NOT NULL DEFAULT 0;
INSERT INTO log (text) VALUES ('changed');
ALTER TABLE t RENAME COLUMN a TO b;
ALTER TABLE u ADD CONSTRAINT u_t_id FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE;
ALTER TABLE t DROP COLUMN gone;
ALTER TABLE t ADD COLUMN twice bigint GENERATED ALWAYS AS (n * 2) STORED;
ALTER TABLE t RENAME INDEX n TO t_n;
DROP TABLE log;
ALTER TABLE t RENAME TO things;
CREATE TABLE log (id int NOT NULL AUTO_INCREMENT, text varchar(90) NOT NULL, PRIMARY KEY (id));
INSERT INTO log (text) SELECT SUM(n) FROM things;
ALTER TABLE things ADD CONSTRAINT things_n CHECK (n > 0);
`},
}

// TestKillUpgrade kills upgrades with kill -9 at random instants, a hundred times: each upgrade several times, until it
// completes. After another run, without manual work, the tables and rows are equal to those of an upgrade without a
// kill.
func TestKillUpgrade(t *testing.T) {
	t.Parallel()
	dir := killProject(t)
	reference := dbtest.MySQL(t)
	started := time.Now()
	succeeds(t, dir, nil, "db", "upgrade", "--url", reference)
	whole := time.Since(started)
	want := dump(t, reference)
	if !strings.Contains(want, "things_n") || !strings.Contains(want, "log: 1 rows") {
		t.Fatalf("the upgrade left this:\n%s", want)
	}
	up := killing{dir, []string{"db", "upgrade", "--url"}, whole}
	up.times(t, 100, func(t *testing.T, _ int, kill func(address string) []time.Duration) {
		address := dbtest.MySQL(t)
		kills := kill(address)
		r := runLocal(t, dir, nil, "db", "upgrade", "--url", address)
		if r.code != 0 {
			t.Fatalf("killed after %v, and then: %s%s", kills, r.stdout, r.stderr)
		}
		if got := dump(t, address); got != want {
			t.Errorf("killed after %v: got\n%s\nwant\n%s", kills, got, want)
		}
		if r := report(t,
			succeeds(t, dir, nil, "db", "status", "--json", "--url", address)); len(r.Applied) != len(killed) ||
			r.Incomplete || r.Failed != nil {
			t.Errorf("killed after %v: status %+v", kills, r)
		}
	})
}

// killing is a command that a test kills. The last argument is missing: the URL of a database.
type killing struct {
	dir  string
	args []string
	took time.Duration // without a kill
}

// killWorkers is the number of commands that run, and are killed, at once.
const killWorkers = 2

// times calls run until it has killed the command n times. kill runs the command until it is not killed, and returns
// the times of the kills.
//
// The time before a kill is random, up to a limit. A kill raises the limit, and a command that is not killed lowers it,
// so that each run has about seven kills, however fast the machine is at that moment: with fewer, the kills would take
// more runs, and with a limit that is too low, the command would never complete.
func (k killing) times(
	t *testing.T, n int, run func(t *testing.T, worker int, kill func(address string) []time.Duration),
) {
	t.Helper()
	var done, runs atomic.Int64
	t.Run("kills", func(t *testing.T) {
		for worker := range killWorkers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				random, most := rand.New(rand.NewPCG(1, uint64(worker))), k.took/2
				kill := func(address string) (kills []time.Duration) {
					for {
						after := time.Duration(random.Int64N(int64(most)))
						if !killAfter(t, k.dir, after, append(slices.Clone(k.args), address)...) {
							most = max(most/2, time.Millisecond)
							return kills
						}
						most += most / 10
						done.Add(1)
						kills = append(kills, after)
					}
				}
				for done.Load() < int64(n) && runs.Add(1) <= 3*int64(n) {
					run(t, worker, kill)
				}
			})
		}
	})
	if t.Logf("%d kills in %d runs", done.Load(), runs.Load()); done.Load() < int64(n) {
		t.Errorf("want %d kills", n)
	}
}

// undone is the migration whose rollback TestKillDowngrade interrupts.
const undone = `
ALTER TABLE things ADD COLUMN p int NULL;
ALTER TABLE things ADD INDEX things_p (p);
ALTER TABLE things MODIFY COLUMN n int NOT NULL DEFAULT 0;
ALTER TABLE things RENAME COLUMN b TO c;
ALTER TABLE u DROP FOREIGN KEY u_t_id;
UPDATE things SET n = n + 1;

-- slipway:down
-- UPDATE things SET n = n - 1;
-- ALTER TABLE u ADD CONSTRAINT u_t_id FOREIGN KEY (t_id) REFERENCES things (id) ON DELETE CASCADE;
-- ALTER TABLE things RENAME COLUMN c TO b;
-- ALTER TABLE things MODIFY COLUMN n bigint NOT NULL DEFAULT 0;
-- ALTER TABLE things DROP INDEX things_p;
-- ALTER TABLE things DROP COLUMN p;
`

// TestKillDowngrade kills downgrades with kill -9 at random instants. After another run, the tables and rows are those
// from before the migration, and the migration can be applied again.
func TestKillDowngrade(t *testing.T) {
	t.Parallel()
	before, dir := killProject(t), killProject(t, migrationText{"20260104000000_undone", undone})
	reference := dbtest.MySQL(t)
	succeeds(t, before, nil, "db", "upgrade", "--url", reference)
	want := dump(t, reference)
	succeeds(t, dir, nil, "db", "upgrade", "--url", reference)
	applied := dump(t, reference)
	started := time.Now()
	down := []string{"db", "downgrade", "--to", "20260103000000", "--url"}
	succeeds(t, dir, nil, append(down, reference)...)
	whole := time.Since(started)
	if got := dump(t, reference); got != want {
		t.Fatalf("without a kill: got\n%s\nwant\n%s", got, want)
	}
	var addresses [killWorkers]string
	for i := range addresses {
		addresses[i] = dbtest.MySQL(t)
		succeeds(t, dir, nil, "db", "upgrade", "--url", addresses[i])
	}
	k := killing{dir, down, whole}
	k.times(t, 30, func(t *testing.T, worker int, kill func(address string) []time.Duration) {
		address := addresses[worker]
		kills := kill(address)
		if r := runLocal(t, dir, nil, append(slices.Clone(down), address)...); r.code != 0 {
			t.Fatalf("killed after %v, and then: %s%s", kills, r.stdout, r.stderr)
		}
		if got := dump(t, address); got != want {
			t.Errorf("killed after %v: got\n%s\nwant\n%s", kills, got, want)
		}
		succeeds(t, dir, nil, "db", "upgrade", "--url", address) // for the next kill
		if got := dump(t, address); got != applied {
			t.Errorf("killed after %v, and applied again: got\n%s\nwant\n%s", kills, got, applied)
		}
	})
}

// killProject returns the folder of a project with the migrations above and the given ones.
func killProject(t *testing.T, more ...migrationText) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "migrations", "mysql")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	files := &migrate.MemDir{}
	for _, m := range slices.Concat(killed, more) {
		if err := files.WriteFile(m.name+".sql", []byte(m.text)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, m.name+".sql"), []byte(m.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := files.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string][]byte{
		filepath.Join(folder, migrate.HashFileName): text,
		filepath.Join(dir, "schema.hcl"):            {},
	} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// killAfter starts a command and kills it with kill -9 after a time, if it still runs. It returns whether it was
// killed.
func killAfter(t *testing.T, dir string, after time.Duration, args ...string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	cmd := command(ctx, t, dir, nil, args...)
	_ = cmd.Run() // the context kills it
	return cmd.ProcessState != nil && !cmd.ProcessState.Exited()
}

// counter matches AUTO_INCREMENT in the definition of a table.
var counter = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// dump returns the tables of a database and their rows, without values that differ between runs.
func dump(t *testing.T, address string) string {
	t.Helper()
	db := dbtest.Open(t, address)
	defer db.Close()
	rows, err := db.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() " +
		"AND table_name NOT IN ('atlas_schema_revisions', 'slipway_migration_journal') ORDER BY table_name")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range names {
		var create string
		var count int
		if err := db.QueryRow("SHOW CREATE TABLE "+name).Scan(&name, &create); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRow("SELECT count(*) FROM " + name).Scan(&count); err != nil {
			t.Fatal(err)
		}
		// An insert that was rolled back has used its ids.
		fmt.Fprintf(&b, "%s\n%s: %d rows\n", counter.ReplaceAllString(create, ""), name, count)
	}
	var sum sql.NullString
	if err := db.QueryRow("SELECT CONCAT(SUM(n), ' ', (SELECT text FROM log)) FROM things").Scan(&sum); err != nil {
		return b.String() + err.Error()
	}
	return b.String() + sum.String
}
