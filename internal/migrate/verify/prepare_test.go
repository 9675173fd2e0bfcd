package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
)

// members is a schema.hcl with two tables. MORE stands for what a second migration adds.
const members = `schema "app" {}
table "teams" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" { type = int }
  column "code" { type = varchar(8) }
  primary_key { columns = [column.id] }
  index "teams_code" {
    columns = [column.code]
    unique  = true
  }
}
table "members" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "team_id" { type = int }
  column "code" { type = varchar(8) }
  column "boss_id" {
    type = bigint
    null = true
  }
  column "points" { type = int }
  column "price" { type = decimal(6,2) }
  primary_key { columns = [column.id] }
  index "members_team" { columns = [column.team_id] }
  index "members_code" { columns = [column.code] }
  index "members_boss" {
    columns = [column.boss_id]
    unique  = true
  }
MORE}
`

// addedToMembers are foreign keys and generated columns for which most generated rows have no valid values. The file
// fills home_id with the id of no generated team.
const addedToMembers = `  column "home_id" { type = int }
  foreign_key "members_home" {
    columns     = [column.home_id]
    ref_columns = [table.teams.column.id]
  }
  foreign_key "members_team" {
    columns     = [column.team_id]
    ref_columns = [table.teams.column.id]
  }
  foreign_key "members_code" {
    columns     = [column.code]
    ref_columns = [table.teams.column.code]
  }
  foreign_key "members_boss" {
    columns     = [column.boss_id]
    ref_columns = [column.id]
  }
  column "twice" {
    type = int
    null = true
    as {
      expr = "points * 2"
      type = STORED
    }
  }
  column "total" {
    type = decimal(6,2)
    null = true
    as {
      expr = "price * 3"
      type = STORED
    }
  }
`

// TestRowsForNewConstraints checks that a file passes that adds foreign keys and generated columns to a table with
// rows, and renames a column of a foreign key.
func TestRowsForNewConstraints(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	after := strings.ReplaceAll(strings.Replace(members, "MORE", addedToMembers, 1), "boss_id", "lead_id")
	for i, text := range []string{strings.Replace(members, "MORE", "", 1), after} {
		if err := os.WriteFile(filepath.Join(root, "schema.hcl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ask := plan.Options{Message: "step"}
		if i == 1 {
			ask.Renames, ask.Fills = []string{"members.boss_id:lead_id"}, []string{"members.home_id=4242"}
		}
		if _, err := plan.Generate(t.Context(), root, ask, time.Date(2026, 1, 1, 12, i, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		files := os.DirFS(filepath.Join(root, "migrations"))
		got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, nil)
		if f := got.Failed; f != nil {
			t.Fatalf("%s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if got.Migrations != 2 || got.Rows < 20 || len(got.Notes) > 0 {
			t.Errorf("%d migrations, %d rows, notes %q", got.Migrations, got.Rows, got.Notes)
		}
	})
}

// TestRowsForNewLimits checks that a file passes that gives columns other types, CHECKs and unique keys, which most
// generated rows do not satisfy.
func TestRowsForNewLimits(t *testing.T) {
	t.Parallel()
	const first = `schema "app" {}
table "items" {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "number" { type = varchar(40) }
  column "day" {
    type = varchar(40)
    null = true
  }
  column "title" { type = varchar(200) }
  column "amount" { type = bigint }
  column "size" { type = enum("s","m","l") }
  column "state" { type = varchar(10) }
  column "code" { type = varchar(40) }
  column "part" { type = int }
  column "twice" {
    type = bigint
    null = true
    as {
      expr = "part * 2"
      type = STORED
    }
  }
  primary_key { columns = [column.id] }
}
`
	second := strings.NewReplacer(`"number" { type = varchar(40)`, `"number" { type = decimal(8,2)`,
		"\"day\" {\n    type = varchar(40)", "\"day\" {\n    type = date", "varchar(200)", "varchar(3)",
		`"amount" { type = bigint`, `"amount" { type = tinyint`, `enum("s","m","l")`, `enum("m","l","xl")`,
		"  primary_key", `  check "items_state" { expr = "status in ('new', 'done') and part >= 5" }
  index "items_code" {
    unique = true
    on {
      column = column.code
      prefix = 2
    }
  }
  index "items_part" {
    columns = [column.part, column.size]
    unique  = true
  }
  primary_key`, `"state"`, `"status"`).Replace(first)
	root := t.TempDir()
	for i, text := range []string{first, second} {
		if err := os.WriteFile(filepath.Join(root, "schema.hcl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ask := plan.Options{Message: "step"}
		if i == 1 {
			ask.Renames = []string{"items.state:status"}
		}
		if _, err := plan.Generate(t.Context(), root, ask, time.Date(2026, 1, 1, 12, i, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		files := os.DirFS(filepath.Join(root, "migrations"))
		got := Run(t.Context(), Target{dialect, connect(t, dialect), files}, nil)
		if f := got.Failed; f != nil {
			t.Fatalf("%s: %s: %s\n%s", f.Version, f.Step, f.Error, f.Statement)
		}
		if got.Migrations != 2 || got.Rows < 10 {
			t.Errorf("%d migrations, %d rows, notes %q", got.Migrations, got.Rows, got.Notes)
		}
	})
}
