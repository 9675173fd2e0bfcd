package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/dbtest"
)

// numbers is the table with KILL_ROWS rows in TestKillAnywhere.
const numbers = `
table "numbers" {
  schema = schema.app
  column "id" {
    type           = bigint
    unsigned       = true
    auto_increment = true
  }
  column "n" {
    type = bigint
  }
  primary_key {
    columns = [column.id]
  }
}
`

// tags is the new table in the migration of TestKillAnywhere.
const tags = `
table "tags" {
  schema = schema.app
  column "id" {
    type           = bigint
    unsigned       = true
    auto_increment = true
  }
  column "name" {
    type = varchar(40)
  }
  primary_key {
    columns = [column.id]
  }
  index "tags_name" {
    unique  = true
    columns = [column.name]
  }
}
`

// byHandSQL is appended to the generated statements of the migration. It changes rows, copies the large table twice,
// and adds an index without a name. At its end, the schema is unchanged.
const byHandSQL = "UPDATE `users` SET `nickname` = CONCAT(COALESCE(`nickname`, ''), 'x');\n" +
	"INSERT INTO `tags` (`id`, `name`) VALUES (1, 'one'), (2, 'two');\n" +
	"UPDATE `numbers` SET `n` = `n` + 1;\n" +
	"ALTER TABLE `numbers` ADD COLUMN `extra` bigint GENERATED ALWAYS AS (`n` * 2) STORED;\n" +
	"ALTER TABLE `numbers` ADD INDEX (`extra`);\n" +
	"UPDATE `numbers` SET `n` = `extra` WHERE `id` % 2 = 0;\n" +
	"ALTER TABLE `numbers` DROP COLUMN `extra`;\n" +
	"ALTER TABLE `tags` ADD COLUMN `extra` int NULL;\n" +
	"UPDATE `tags` SET `name` = CONCAT(`name`, 'x');\n" +
	"ALTER TABLE `tags` DROP COLUMN `extra`;\n\n"

// TestKillAnywhere kills upgrades of a project with kill -9 at random instants: the client, and in every fourth run the
// server, with or without the client. The migration changes the schema and rows. After a second run, the tables, rows,
// and records are equal to those of an upgrade without a kill. KILLS is the number of upgrades (default 4), KILLS_SEED
// the seed, and KILL_ROWS the number of rows (default 200).
func TestKillAnywhere(t *testing.T) {
	t.Parallel()
	old, dir := killFolders(t)
	// The default durability of MySQL.
	server := dbtest.Private(t, "--innodb-flush-log-at-trx-commit=1", "--innodb-flush-method=fsync")
	reference := killDatabase(t, server, old)
	started := time.Now()
	succeeds(t, dir, nil, "db", "upgrade", "--url", reference)
	whole := time.Since(started)
	want := records(t, reference)
	t.Logf("an upgrade takes %v and leaves\n%s", whole, want)

	for i := range numberFrom("KILLS", 4) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(numberFrom("KILLS_SEED", 1)), uint64(i)))
			address := killDatabase(t, server, old)
			for range 1 + random.IntN(4)/3 { // a quarter of the runs is killed again while it resumes
				after := time.Duration(random.Int64N(int64(whole)))
				if i%4 == 3 {
					killServer(t, server, dir, address, after, random.IntN(2) == 0)
				} else {
					killAfter(t, dir, after, "db", "upgrade", "--url", address)
				}
				t.Logf("killed after %v, server %v: %s", after, i%4 == 3, recorded(t, address))
			}
			for runs := 1; ; runs++ {
				// Without the timeout of other commands, because many rows take long.
				out, err := command(t.Context(), t, dir, nil, "db", "upgrade", "--url", address).CombinedOutput()
				if err == nil {
					t.Logf("%d runs after the last kill", runs)
					break
				}
				if t.Logf("run %d: %v: %s", runs, err, out); runs == 3 {
					t.FailNow()
				}
			}
			if got := records(t, address); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if out := succeeds(t, dir, nil, "db", "check", "--url", address); !strings.Contains(out, "no differences") {
				t.Error(out)
			}
		})
	}
}

// killFolders returns the folder of a project, and a copy with an additional migration.
func killFolders(t *testing.T) (old, dir string) {
	t.Helper()
	old, dir = projectFolder(t), t.TempDir()
	address := dbtest.MySQL(t)
	saveFile(t, old, "schema.hcl", loadFile(t, old, "schema.hcl")+numbers)
	succeeds(t, old, nil, "db", "migrate", "-m", "numbers")
	if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
		t.Fatal(err)
	}
	saveFile(t, dir, "schema.hcl", nickname(loadFile(t, dir, "schema.hcl"))+tags)
	succeeds(t, dir, nil, "db", "migrate", "-m", "change")
	files, err := filepath.Glob(filepath.Join(dir, "migrations/mysql/*_change.sql"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	name, err := filepath.Rel(dir, files[0])
	if err != nil {
		t.Fatal(err)
	}
	editFile(t, dir, name, "\n-- slipway:down", byHandSQL+"-- slipway:down")
	succeeds(t, dir, nil, "db", "repair", "--url", address) // atlas.sum
	return old, dir
}

// killDatabase creates a database with the tables and rows of the old project. It drops the previous one and uses the
// same name, because the name is part of a fingerprint.
func killDatabase(t *testing.T, server *dbtest.PrivateServer, old string) (address string) {
	t.Helper()
	statements(t, server.URL()+"mysql", "DROP DATABASE IF EXISTS app", "SELECT 1")
	address = server.Database("app")
	succeeds(t, old, nil, "db", "upgrade", "--url", address)
	succeeds(t, old, nil, "db", "seed", "--url", address)
	rows := numberFrom("KILL_ROWS", 200)
	statements(t, address, fmt.Sprintf("SET cte_max_recursion_depth = %d", rows),
		fmt.Sprintf("INSERT INTO numbers (id, n) WITH RECURSIVE seq AS "+
			"(SELECT 1 AS i UNION ALL SELECT i + 1 FROM seq WHERE i < %d) SELECT i, i FROM seq", rows),
		"SELECT 1")
	return address
}

// killServer starts an upgrade, kills the server with kill -9, and restarts it. If client is set, it kills the upgrade,
// too; otherwise the upgrade ends by itself.
func killServer(t *testing.T, server *dbtest.PrivateServer, dir, address string, after time.Duration, client bool) {
	t.Helper()
	cmd := command(t.Context(), t, dir, nil, "db", "upgrade", "--url", address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	server.Kill()
	if client {
		_ = cmd.Process.Kill() // it may have ended
	}
	_ = cmd.Wait()
	server.Restart()
}

// recorded returns the last version that was started, and the number of its statements that are recorded as applied.
func recorded(t *testing.T, address string) string {
	t.Helper()
	return strings.TrimSpace(statements(t, address,
		"SELECT CONCAT(version, ' ', applied, '/', total) FROM atlas_schema_revisions ORDER BY version DESC LIMIT 1"))
}

// records returns the tables of a database, the checksums of their rows (without times), and the records of the
// migrations.
func records(t *testing.T, address string) string {
	t.Helper()
	var b strings.Builder
	db := dbtest.Open(t, address)
	defer db.Close()
	for name := range strings.FieldsSeq(statements(t, address, "SELECT table_name FROM information_schema.tables "+
		"WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name")) {
		var create string
		if err := db.QueryRow("SHOW CREATE TABLE `"+name+"`").Scan(&name, &create); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, counter.ReplaceAllString(create, ""))
		var sum string
		if name == "numbers" || name == "tags" {
			if err := db.QueryRow("CHECKSUM TABLE `"+name+"` EXTENDED").Scan(&create, &sum); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, "checksum", sum)
		}
	}
	for _, query := range []string{
		"SELECT CONCAT(COUNT(*), ' users, nicknames ', GROUP_CONCAT(DISTINCT nickname)) FROM users",
		"SELECT CONCAT(COUNT(*), ' numbers') FROM numbers",
		"SELECT GROUP_CONCAT(name ORDER BY id) FROM tags",
		"SELECT CONCAT_WS(' ', version, description, type, applied, total, error, error_stmt, hash, " +
			"COALESCE(partial_hashes, 'NULL'), operator_version) FROM atlas_schema_revisions ORDER BY version",
		"SELECT CONCAT_WS(' ', id, version, direction, statement, statement_hash) " +
			"FROM slipway_migration_journal",
	} {
		fmt.Fprintln(&b, strings.TrimSpace(statements(t, address, query)))
	}
	return b.String()
}
