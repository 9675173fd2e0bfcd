package verify

import (
	"slices"
	"testing"

	"slipway/internal/migrate/run"

	"slipway/internal/test/dbtest"
)

// TestCollations: a check lists the texts that SQLite sorts and compares in another way than MySQL.
func TestCollations(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	engine, declared := blogProject(t, "mysql", address)
	if _, err := engine.Upgrade(t.Context(), run.Upgrade{}); err != nil {
		t.Fatal(err)
	}
	_, err := dbtest.Open(t, address).Exec("CREATE TABLE words (a varchar(9) COLLATE utf8mb4_0900_bin, b text, " +
		"c enum('x'), d int, e varchar(9) COLLATE utf8mb4_bin, f varchar(9) CHARACTER SET binary, g json) " +
		"COLLATE utf8mb4_general_ci")
	if err != nil {
		t.Fatal(err)
	}
	report, _ := Check(t.Context(), engine, declared) // the table is a difference, too
	want := []string{"words: b, c (utf8mb4_general_ci)", "words: e (utf8mb4_bin)"}
	if !slices.Equal(report.Collations, want) {
		t.Errorf("%q, want %q", report.Collations, want)
	}
}
