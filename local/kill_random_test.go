package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/dbtest"
)

// TestKillAnywhere kills upgrades of a project with -9 at random instants. The
// migration changes the schema and rows. Each ends at schema.hcl, with rows that were
// changed once. KILLS is how many upgrades (4 unless set), KILLS_SEED chooses others.
func TestKillAnywhere(t *testing.T) {
	t.Parallel()
	old, dir := projectFolder(t), projectFolder(t)
	before := dbtest.MySQL(t)
	succeeds(t, dir, nil, "db", "upgrade", "--url", before)

	saveFile(t, dir, "schema.hcl", nickname(loadFile(t, dir, "schema.hcl"))+`
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
`)
	succeeds(t, dir, nil, "db", "migrate", "-m", "change")
	files, err := filepath.Glob(filepath.Join(dir, "migrations/mysql/*_change.sql"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	name, err := filepath.Rel(dir, files[0])
	if err != nil {
		t.Fatal(err)
	}
	editFile(t, dir, name, "\n-- slipway:down", "UPDATE `users` SET `nickname` = CONCAT(COALESCE(`nickname`, ''), 'x');\n"+
		"INSERT INTO `tags` (`name`) VALUES ('one'), ('two');\n"+
		"ALTER TABLE `tags` ADD COLUMN `extra` int NULL;\nUPDATE `tags` SET `name` = CONCAT(`name`, 'x');\n"+
		"ALTER TABLE `tags` DROP COLUMN `extra`;\n\n-- slipway:down")
	succeeds(t, dir, nil, "db", "repair", "--url", before) // atlas.sum

	started := time.Now()
	succeeds(t, dir, nil, "db", "upgrade", "--url", before)
	whole := time.Since(started)
	for i := range numberFrom("KILLS", 4) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(numberFrom("KILLS_SEED", 1)), uint64(i)))
			address := dbtest.MySQL(t)
			succeeds(t, old, nil, "db", "upgrade", "--url", address)
			succeeds(t, old, nil, "db", "seed", "--url", address)
			var kills []time.Duration
			for range 1 + random.IntN(3) {
				kills = append(kills, time.Duration(random.Int64N(int64(whole))))
				killAfter(t, dir, kills[len(kills)-1], "db", "upgrade", "--url", address)
			}
			if r := runLocal(t, dir, nil, "db", "upgrade", "--url", address); r.code != 0 {
				t.Fatalf("killed after %v, and then: %s%s", kills, r.stdout, r.stderr)
			}
			if out := succeeds(t, dir, nil, "db", "check", "--url", address); !strings.Contains(out, "no differences") {
				t.Errorf("killed after %v: %s", kills, out)
			}
			if got := statements(t, address,
				"SELECT GROUP_CONCAT(DISTINCT nickname) FROM users"); strings.TrimSpace(got) != "x" {
				t.Errorf("killed after %v: nicknames %q", kills, got)
			}
			if got := statements(t, address, "SELECT name FROM tags ORDER BY name"); strings.Join(strings.Fields(got),
				" ") != "onex twox" {
				t.Errorf("killed after %v: tags %q", kills, got)
			}
		})
	}
}
