package migrated_test

import (
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/dbtest/migrated"
	"slipway/migrations"
)

func TestEachIsReadyAndEmpty(t *testing.T) {
	t.Parallel()
	migrated.Each(t, func(t *testing.T, url string) {
		dialect, _, _ := strings.Cut(url, "://")
		version, err := migrations.Latest(dialect)
		if err != nil {
			t.Fatal(err)
		}
		other := migrated.New(t, dialect)
		for _, address := range []string{url, other} {
			db, err := database.Open(database.Config{URL: address})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.Ready(t.Context(), version); err != nil {
				t.Errorf("%s: %v", dialect, err)
			}
			var rows int
			if err := db.Write.Raw("SELECT COUNT(*) FROM idempotency_keys").Scan(&rows).Error; err != nil || rows != 0 {
				t.Errorf("%s: %d rows, %v", dialect, rows, err)
			}
			// Seen by the other one if the two were the same database.
			if err := db.Write.Exec("INSERT INTO idempotency_keys (id, request, owner, location, created_at) " +
				"VALUES ('a', 'b', 'c', '', '2026-01-01 00:00:00')").Error; err != nil {
				t.Errorf("%s: %v", dialect, err)
			}
		}
	})
}
