package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// BenchmarkGet reads a row by its id with GORM: with the statement cache of the connection, with that of GORM, and
// without.
func BenchmarkGet(b *testing.B) {
	type note struct {
		ID             int64
		Title, Content string
		CreatedAt      time.Time
		UpdatedAt      time.Time
	}
	for _, bench := range []struct {
		name       string
		keep, gorm bool
	}{{"kept", true, false}, {"gorm", false, true}, {"none", false, false}} {
		b.Run(bench.name, func(b *testing.B) {
			c, err := connect(filepath.Join(b.TempDir(), "app.db"), busyTimeout, writeAheadLog)
			if err != nil {
				b.Fatal(err)
			}
			if bench.keep {
				c = keeping{c}
			}
			pool := sql.OpenDB(c)
			defer pool.Close()
			pool.SetMaxOpenConns(readers)
			pool.SetMaxIdleConns(readers)
			config := &gorm.Config{Logger: logger.Discard}
			dialector := Dialect{}.Gorm(pool, config)
			config.PrepareStmt = bench.gorm
			db, err := gorm.Open(dialector, config)
			if err != nil {
				b.Fatal(err)
			}
			for _, text := range []string{
				"CREATE TABLE notes (id integer PRIMARY KEY, title text, content text, created_at datetime, updated_at datetime)",
				"INSERT INTO notes VALUES (7, 'title', 'content', '2026-01-02 03:04:05+00:00', '2026-01-02 03:04:05+00:00')",
			} {
				if err := db.Exec(text).Error; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					var n note
					if err := db.WithContext(b.Context()).Take(&n, 7).Error; err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
