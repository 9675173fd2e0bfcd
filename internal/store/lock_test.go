package store_test

import (
	"errors"
	"sync"
	"testing"

	"slipway/internal/database"
	"slipway/internal/resource"
	"slipway/internal/store"
	"slipway/internal/test/dbtest"
)

// eachStore runs a test on both dialects with two places. If migrated is true, the database has one applied migration.
func eachStore(t *testing.T, migrated bool, run func(t *testing.T, s *store.Store)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, url string) {
		db, err := database.Open(database.Config{URL: url}, dialects...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		statements := append(ddl[db.Dialect], `INSERT INTO places (name) VALUES ('home'), ('work')`)
		if migrated {
			statements = append(statements, `CREATE TABLE atlas_schema_revisions (version varchar(255) PRIMARY KEY)`,
				`INSERT INTO atlas_schema_revisions (version) VALUES ('1')`)
		}
		for _, statement := range statements {
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		run(t, store.New(db))
	})
}

func count(t *testing.T, s *store.Store, m *resource.Table) int64 {
	t.Helper()
	n, err := s.Table(m).Count(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWithLock checks that the writes to several tables are atomic, and that work reads its own writes.
func TestWithLock(t *testing.T) {
	t.Parallel()
	eachStore(t, true, func(t *testing.T, s *store.Store) {
		write := func(names ...string) error {
			return s.WithLock(t.Context(), func(s *store.Store) error {
				for _, name := range names {
					if err := s.Table(places).Create(t.Context(), rowsOf(places, Place{Name: name})); err != nil {
						return err
					}
					found, err := s.Table(places).Find(t.Context(), values(t, places, `{"name":"`+name+`"}`))
					if err != nil {
						return err
					}
					if err := s.Table(trips).Create(t.Context(), rowsOf(trips, Trip{FromID: found.Row(0).(*Place).ID})); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := write("sea", "hill"); err != nil {
			t.Fatal(err)
		}
		// home already exists.
		fails(t, write("lake", "wood", "home"), store.Duplicate, "name")
		if p, tr := count(t, s, places), count(t, s, trips); p != 4 || tr != 2 {
			t.Errorf("%d places and %d trips, want 4 and 2", p, tr)
		}
		mine := errors.New("mine")
		if err := s.WithLock(t.Context(), func(*store.Store) error { return mine }); err != mine {
			t.Errorf("got %v", err)
		}
	})
}

// TestWithLockSerializes checks that calls run one after the other: only the first finds no rows and inserts one.
func TestWithLockSerializes(t *testing.T) {
	t.Parallel()
	eachStore(t, true, func(t *testing.T, s *store.Store) {
		const n = 8
		errs := make([]error, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				errs[i] = s.WithLock(t.Context(), func(s *store.Store) error {
					if rows, err := s.Table(trips).Count(t.Context(), nil); err != nil || rows > 0 {
						return err
					}
					return s.Table(trips).Create(t.Context(), rowsOf(trips, Trip{FromID: 1}))
				})
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if rows := count(t, s, trips); rows != 1 {
			t.Errorf("%d trips, want 1", rows)
		}
	})
}

// TestWithLockWithoutMigrations checks the error if no migration is applied.
func TestWithLockWithoutMigrations(t *testing.T) {
	t.Parallel()
	eachStore(t, false, func(t *testing.T, s *store.Store) {
		fails(t, s.WithLock(t.Context(), func(*store.Store) error {
			t.Error("work runs without a lock")
			return nil
		}), store.Schema)
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		create(t, table, trips, Trip{FromID: 1, Note: "a"}, Trip{FromID: 2, Note: "a"}, Trip{FromID: 2, Note: "b"})
		for _, c := range []struct {
			by   string
			id   int64
			kind store.Kind
		}{
			{`{"note":"b"}`, 3, ""},
			{`{"note":"a","from_id":2}`, 2, ""},
			{`{"note":"b","to_id":null}`, 3, ""},
			{`{"note":"c"}`, 0, store.NotFound},
			{`{"note":"b","to_id":1}`, 0, store.NotFound},
			{`{"note":"a"}`, 0, store.TooMany},
		} {
			found, err := table.Find(t.Context(), values(t, trips, c.by))
			if err == nil && found.Row(0).(*Trip).ID != c.id {
				t.Errorf("%s: got %v, want %d", c.by, found.Row(0), c.id)
			}
			if c.kind != "" {
				fails(t, err, c.kind)
			} else if err != nil {
				t.Errorf("%s: %v", c.by, err)
			}
		}
	})
}
