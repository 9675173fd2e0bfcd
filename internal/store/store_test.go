package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
	"slipway/internal/query"
	"slipway/internal/resource"
	"slipway/internal/store"
	"slipway/internal/test/dbtest"
)

// dialects are all dialects.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

type (
	// Place and Trip cover a table with two foreign keys to another, defaults, a unique
	// column, nullable columns, and columns with names that are SQL keywords or table names.
	Place struct {
		ID   int64  `json:"id" gorm:"primaryKey" rule:"readonly"`
		Name string `json:"name" gorm:"size:20;not null;uniqueIndex:places_name"`
	}
	Trip struct {
		ID        int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
		FromID    int64      `json:"from_id" gorm:"not null"`
		ToID      *int64     `json:"to_id"`
		Seats     int64      `json:"seats" gorm:"not null;default:4"`
		Note      string     `json:"note" gorm:"not null;default:'none'"`
		Order     int64      `json:"order" gorm:"not null;default:0"`
		Place     int64      `json:"place" gorm:"not null;default:0"`
		LeavesAt  *time.Time `json:"leaves_at" gorm:"precision:6"`
		UpdatedAt time.Time  `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`

		From *Place `json:"from" gorm:"foreignKey:FromID;constraint:trips_from_id" inverse:"departures"`
		To   *Place `json:"to" gorm:"foreignKey:ToID;constraint:trips_destination" inverse:"arrivals"`
	}
)

var (
	places = resource.Of[Place]("places")
	trips  = resource.Of[Trip]("trips")
	_      = resource.Link(places, trips)
)

var ddl = map[string][]string{
	"mysql": {
		`CREATE TABLE places (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(20) NOT NULL, UNIQUE INDEX places_name ` +
			`(name)) COLLATE utf8mb4_0900_bin`,
		`CREATE TABLE trips (id bigint PRIMARY KEY AUTO_INCREMENT, from_id bigint NOT NULL, to_id bigint,
			seats bigint NOT NULL DEFAULT 4,
			note varchar(20) NOT NULL DEFAULT 'none', ` + "`order`" +
			` bigint NOT NULL, place bigint NOT NULL, leaves_at datetime(6), updated_at datetime(6) NOT NULL,
				CONSTRAINT seats_positive CHECK (seats >= 0),
			CONSTRAINT trips_from_id FOREIGN KEY (from_id) REFERENCES places (id),
			CONSTRAINT trips_destination FOREIGN KEY (to_id) REFERENCES places (id))`,
	},
	"sqlite": {
		`CREATE TABLE places (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL)`,
		`CREATE UNIQUE INDEX places_name ON places (name)`,
		`CREATE TABLE trips (id integer PRIMARY KEY AUTOINCREMENT, from_id integer NOT NULL, to_id integer,
			seats integer NOT NULL DEFAULT 4,
			note text NOT NULL DEFAULT 'none', "order" integer NOT NULL, place integer NOT NULL, leaves_at datetime,
			updated_at datetime NOT NULL, CONSTRAINT seats_positive CHECK (seats >= 0),
			CONSTRAINT trips_from_id FOREIGN KEY (from_id) REFERENCES places (id),
			CONSTRAINT trips_destination FOREIGN KEY (to_id) REFERENCES places (id))`,
	},
}

// each runs a test on both dialects, with two places.
func each(t *testing.T, run func(t *testing.T, places, trips *store.Table)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, url string) {
		db, err := database.Open(database.Config{URL: url}, dialects...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		for _, statement := range append(ddl[db.Dialect], `INSERT INTO places (name) VALUES ('home'), ('work')`) {
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		s := store.New(db)
		run(t, s.Table(places), s.Table(trips))
	})
}

// rowsOf returns a list of rows.
func rowsOf[R any](m *resource.Table, rows ...R) *resource.Rows {
	all := m.NewRows(len(rows))
	for i, row := range rows {
		all.Append()
		*all.Row(i).(*R) = row
	}
	return all
}

// create inserts rows. An error fails the test.
func create[R any](t *testing.T, table *store.Table, m *resource.Table, rows ...R) *resource.Rows {
	t.Helper()
	all := rowsOf(m, rows...)
	if err := table.Create(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	return all
}

// fails checks the kind of an error and the fields that it names.
func fails(t *testing.T, err error, kind store.Kind, fields ...string) {
	t.Helper()
	var e *store.Error
	if !errors.As(err, &e) || e.Kind != kind || len(e.Fields) != len(fields) {
		t.Errorf("%v, want %s of %q", err, kind, fields)
		return
	}
	for i, f := range e.Fields {
		if f.Name != fields[i] {
			t.Errorf("%v names %s, want %s", err, f.Name, fields[i])
		}
	}
}

// values returns the values of a JSON merge patch.
func values(t *testing.T, m *resource.Table, body string) []resource.Value {
	t.Helper()
	v, err := m.DecodeChanges([]byte(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestRoundTrip checks that a row is read as it was written, with zero values and NULLs.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		at, to := time.Date(2026, 5, 6, 7, 8, 9, 10000, time.UTC), int64(2)
		for _, want := range []Trip{
			{FromID: 1},
			{FromID: 1, ToID: &to, Seats: 7, Note: "it's", Order: 3, LeavesAt: &at},
		} {
			row := create(t, table, trips, want).Row(0).(*Trip)
			got, err := table.Get(t.Context(), resource.Key{int64(row.ID)})
			if err != nil {
				t.Fatal(err)
			}
			g := got.Row(0).(*Trip)
			if row.ID == 0 || row.UpdatedAt.IsZero() || !g.UpdatedAt.Equal(row.UpdatedAt) {
				t.Errorf("id %d, written at %s, read as %s", row.ID, row.UpdatedAt, g.UpdatedAt)
			}
			if g.FromID != want.FromID || g.Seats != want.Seats || g.Note != want.Note || g.Order != want.Order ||
				(g.ToID == nil) != (want.ToID == nil) || g.ToID != nil && *g.ToID != *want.ToID ||
				(g.LeavesAt == nil) != (want.LeavesAt == nil) || g.LeavesAt != nil && !g.LeavesAt.Equal(*want.LeavesAt) {
				t.Errorf("wrote %+v, read %+v", want, g)
			}
		}
	})
}

// TestForeignKeys checks that errors name the foreign keys with missing parents.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, placesTable, table *store.Table) {
		none, two := int64(99), int64(2)
		refused := func(rows ...Trip) error { return table.Create(t.Context(), rowsOf(trips, rows...)) }
		fails(t, refused(Trip{FromID: 99}), store.MissingParent, "from_id")
		fails(t, refused(Trip{FromID: 1, ToID: &none}), store.MissingParent, "to_id")
		fails(t, refused(Trip{FromID: 99, ToID: &none}), store.MissingParent, "from_id", "to_id")
		fails(t, refused(Trip{FromID: 1}, Trip{FromID: 1, ToID: &none}, Trip{FromID: 99}), store.MissingParent, "to_id")
		row := create(t, table, trips, Trip{FromID: 1, ToID: &two}).Row(0).(*Trip)
		_, err := table.Update(t.Context(), resource.Key{int64(row.ID)}, values(t, trips, `{"to_id":99}`), nil)
		fails(t, err, store.MissingParent, "to_id")
		_, err = table.UpdateAll(t.Context(), nil, values(t, trips, `{"from_id":98,"to_id":99}`), -1)
		fails(t, err, store.MissingParent, "from_id", "to_id")
		fails(t, placesTable.Delete(t.Context(), resource.Key{int64(2)}, nil), store.HasChildren)
		_, err = placesTable.DeleteAll(t.Context(), nil, 5)
		fails(t, err, store.HasChildren)
		if _, err := table.Update(t.Context(), resource.Key{int64(row.ID)}, values(t, trips, `{"to_id":null}`),
			nil); err != nil {
			t.Error(err)
		}
		if err := placesTable.Delete(t.Context(), resource.Key{int64(2)}, nil); err != nil {
			t.Error(err)
		}
	})
}

// TestConstraints checks the errors of violated constraints on every dialect.
func TestConstraints(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, placesTable, table *store.Table) {
		fails(t, placesTable.Create(t.Context(), rowsOf(places, Place{Name: "home"})), store.Duplicate, "name")
		_, err := placesTable.Update(t.Context(), resource.Key{int64(2)}, values(t, places, `{"name":"home"}`), nil)
		fails(t, err, store.Duplicate, "name")
		fails(t, table.Create(t.Context(), rowsOf(trips, Trip{FromID: 1, Seats: -1})), store.Check)
	})
}

// TestUpdate checks that only the given fields and updated_at change.
func TestUpdate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		row := *create(t, table, trips, Trip{FromID: 1, Seats: 3, Note: "x"}).Row(0).(*Trip)
		time.Sleep(time.Millisecond)
		got, err := table.Update(t.Context(), resource.Key{int64(row.ID)}, values(t, trips, `{"seats":0,"order":7}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		if g := got.Row(0).(*Trip); g.Seats != 0 || g.Order != 7 || g.Note != "x" || !g.UpdatedAt.After(row.UpdatedAt) {
			t.Errorf("got %+v after an update of %+v", g, row)
		}
		_, err = table.Update(t.Context(), resource.Key{int64(99)}, values(t, trips, `{"seats":1}`), nil)
		fails(t, err, store.NotFound)
		_, err = table.Update(t.Context(), resource.Key{int64(99)}, nil, nil)
		fails(t, err, store.NotFound)
		fails(t, table.Delete(t.Context(), resource.Key{int64(99)}, nil), store.NotFound)
		_, err = table.Get(t.Context(), resource.Key{int64(99)})
		fails(t, err, store.NotFound)
	})
}

var errChanged = errors.New("the row has changed")

// TestPrecondition checks that a change by another writer between the read and the write is not lost: the check runs
// again with the new row.
func TestPrecondition(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		create(t, table, trips, Trip{FromID: 1, Seats: 3, Note: "x"})
		// Like If-Match: the row must be the one of the first call. The first call simulates another writer.
		meanwhile := func(body string) store.Precondition {
			first := ""
			return func(rows *resource.Rows) error {
				row := string(trips.View(nil).Append(nil, rows, 0))
				if first == "" {
					first = row
					_, err := table.Update(t.Context(), resource.Key{int64(1)}, values(t, trips, body), nil)
					return err
				}
				if row != first {
					return errChanged
				}
				return nil
			}
		}
		for _, body := range []string{`{"seats":4}`, `{"to_id":2}`, `{"to_id":null}`, `{"leaves_at":"2026-05-06T07:08:09Z"}`,
			`{"note":"X"}`} {
			_, err := table.Update(t.Context(), resource.Key{int64(1)}, values(t, trips, `{"seats":9}`), meanwhile(body))
			if err != errChanged {
				t.Errorf("%s: %v", body, err)
			}
			if err := table.Delete(t.Context(), resource.Key{int64(1)}, meanwhile(body)); err != errChanged {
				t.Errorf("%s: %v", body, err)
			}
		}
		// A check that accepts every row, like If-Match: *. The update applies to the row of the other writer.
		others := 0
		busy := func(*resource.Rows) error {
			if others++; others > 2 {
				return nil
			}
			_, err := table.Update(t.Context(), resource.Key{int64(1)}, values(t, trips, fmt.Sprintf(`{"order":%d}`, others)),
				nil)
			return err
		}
		got, err := table.Update(t.Context(), resource.Key{int64(1)}, values(t, trips, `{"seats":9}`), busy)
		if err != nil || got.Row(0).(*Trip).Seats != 9 || got.Row(0).(*Trip).Order != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		others = 0
		if err := table.Delete(t.Context(), resource.Key{int64(1)}, busy); err != nil {
			t.Error(err)
		}
	})
}

// TestInclude checks two relations to the same table, in both directions.
func TestInclude(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, placesTable, table *store.Table) {
		one, two := int64(1), int64(2)
		create(t, table, trips, Trip{FromID: 1, ToID: &two}, Trip{FromID: 1}, Trip{FromID: 2, ToID: &one})
		all := query.List{Sort: []query.Order{{Field: "id"}}, PerPage: 10}
		rows, _, err := table.List(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		show := func(table *store.Table, m *resource.Table, rows *resource.Rows, names ...string) string {
			var in []*resource.Included
			for _, name := range names {
				included, err := table.Include(t.Context(), m.Relation(name), rows)
				if err != nil {
					t.Fatal(err)
				}
				in = append(in, included)
			}
			return string(m.View([]string{"id"}, in...).AppendAll(nil, rows))
		}
		if got, want := show(table, trips, rows, "from", "to"), `[{"id":1,"from":{"id":1,"name":"home"},"to":{"id":2,`+
			`"name":"work"}},`+
			`{"id":2,"from":{"id":1,"name":"home"},"to":null},{"id":3,"from":{"id":2,"name":"work"},"to":{"id":1,`+
			`"name":"home"}}]`; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		rows, _, err = placesTable.List(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		got := show(placesTable, places, rows, "departures", "arrivals")
		for _, want := range []string{`{"id":1,"departures":[{"id":2,`, `"arrivals":[{"id":3,`,
			`{"id":2,"departures":[{"id":3,`, `"arrivals":[{"id":1,`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s\nlacks %s", got, want)
			}
		}
	})
}

// TestTooLarge checks that a read stops when the rows exceed the maximum size of a response.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		db, err := database.Open(database.Config{URL: url}, dialects...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		typ := map[string]string{"mysql": "longtext", "sqlite": "text"}[db.Dialect]
		if err := db.Write.Exec("CREATE TABLE places (id integer PRIMARY KEY, name " + typ + ")").Error; err != nil {
			t.Fatal(err)
		}
		for id := range 8 {
			if err := db.Write.Exec("INSERT INTO places VALUES (?, ?)", id, strings.Repeat("x", 1<<20)).Error; err != nil {
				t.Fatal(err)
			}
		}
		table := store.New(db).Table(places)
		q := query.List{Sort: []query.Order{{Field: "id"}}, PerPage: 1000}
		_, _, err = table.List(t.Context(), q)
		fails(t, err, store.TooLarge)
		q.PerPage = 4
		rows, more, err := table.List(t.Context(), q)
		if err != nil || rows.Len() != 4 || !more {
			t.Errorf("%d rows, %v %v", rows.Len(), more, err)
		}
		q.PerPage, q.Fields = 1000, []string{"id"}
		if rows, _, err = table.List(t.Context(), q); err != nil || rows.Len() != 8 {
			t.Errorf("%v", err)
		}
	})
}

// TestList checks filters, sorting, paging and the count together.
func TestList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		for seats := range 5 {
			create(t, table, trips, Trip{FromID: 1, Seats: int64(seats), Note: "n"})
		}
		q := query.List{
			Filters: []query.Filter{{Field: "note", Op: query.Eq, Values: []any{"n"}},
				{Field: "order", Op: query.Eq, Values: []any{int64(0)}}},
			Sort: []query.Order{{Field: "order"}, {Field: "seats", Desc: true}, {Field: "id"}}, Page: 2, PerPage: 2}
		rows, more, err := table.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if rows.Len() != 2 || rows.Row(0).(*Trip).Seats != 2 || rows.Row(1).(*Trip).Seats != 1 || !more {
			t.Errorf("%d rows, %+v", rows.Len(), rows.Row(0))
		}
		if n, err := table.Count(t.Context(), q.Filters); err != nil || n != 5 {
			t.Errorf("%d %v", n, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, err = table.List(ctx, q)
		fails(t, err, store.Canceled)
	})
}
