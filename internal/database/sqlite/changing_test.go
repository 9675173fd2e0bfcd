package sqlite

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"slipway/internal/database"
)

// TestReadOnlyDuringOpens: a command that reads does not fail while other programs open the file, write to it and close
// it.
func TestReadOnlyDuringOpens(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs for seconds, skipped with -short")
	}
	url := "sqlite://" + filepath.Join(t.TempDir(), "app.db")
	write := func(statement string) error {
		db, err := database.Open(database.Config{URL: url, Mode: database.Migrate}, Dialect{})
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.SQL().Exec(statement)
		return err
	}
	if err := write("CREATE TABLE x (name text)"); err != nil {
		t.Fatal(err)
	}
	if err := write("INSERT INTO x VALUES ('a')"); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(3 * time.Second)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for time.Now().Before(end) {
				// Another writer may have the lock.
				_ = write("UPDATE x SET name = name || ''")
			}
		})
	}
	for range 4 {
		all.Go(func() {
			for time.Now().Before(end) {
				if got, err := names(url); err != nil || got != "a" {
					t.Errorf("read %q, %v", got, err)
					return
				}
			}
		})
	}
	all.Wait()
}
