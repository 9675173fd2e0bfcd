package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"slipway/internal/database"
)

// TestTransactionsBesideStatements: transactions that use the only write connection and statements that wait for it do
// not deadlock.
func TestTransactionsBesideStatements(t *testing.T) {
	t.Parallel()
	db, pool := openWrite(t)
	if err := db.Exec("CREATE TABLE x (y)").Error; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	db = db.WithContext(ctx)
	const half = 25
	var wg sync.WaitGroup
	transaction := func(between func()) {
		if err := db.Transaction(func(tx *gorm.DB) error {
			if err := tx.Exec("INSERT INTO x VALUES (?)", 1).Error; err != nil {
				return err
			}
			between()
			return tx.Exec("UPDATE x SET y = y + ?", 1).Error
		}); err != nil {
			t.Errorf("transaction: %v", err)
		}
	}
	transaction(func() { // the others start during the first one
		for range half - 1 {
			wg.Go(func() { transaction(func() {}) })
		}
		for range half {
			wg.Go(func() {
				if err := db.Exec("INSERT INTO x SELECT ?", 2).Error; err != nil {
					t.Errorf("statement: %v", err)
				}
			})
		}
		waitFor(ctx, t, pool, half) // all transactions and at least one statement
	})
	wg.Wait()
}

// openWrite returns the write pool of a new database.
func openWrite(t *testing.T) (*gorm.DB, *sql.DB) {
	t.Helper()
	db, err := database.Open(database.Config{URL: "sqlite://" + filepath.Join(t.TempDir(), "app.db")}, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	pool, err := db.Write.DB()
	if err != nil {
		t.Fatal(err)
	}
	return db.Write, pool
}

// waitFor waits until the given number of callers have waited, or wait, for a connection.
func waitFor(ctx context.Context, t *testing.T, pool *sql.DB, many int64) {
	t.Helper()
	for pool.Stats().WaitCount < many {
		if ctx.Err() != nil {
			t.Errorf("%d wait for a connection, want %d", pool.Stats().WaitCount, many)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestAnotherClientLeaves: two callers wait to run the same new statement. If one is canceled, the other still
// succeeds.
func TestAnotherClientLeaves(t *testing.T) {
	t.Parallel()
	db, pool := openWrite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	run := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			var n int
			done <- db.WithContext(ctx).Raw("SELECT 1 + ?", 1).Scan(&n).Error
		}()
		return done
	}
	tx := db.Begin() // uses the only connection
	leaves, leave := context.WithCancel(ctx)
	defer leave()
	first := run(leaves)
	waitFor(ctx, t, pool, 1)
	second := run(ctx)
	waitFor(ctx, t, pool, 2)
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	if err := tx.Rollback().Error; err != nil {
		t.Error(err)
	}
	if err := <-second; err != nil {
		t.Errorf("the other got %v", err)
	}
}
