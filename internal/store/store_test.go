package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"slipway/internal/database"
	_ "slipway/internal/database/mysql"
	_ "slipway/internal/database/sqlite"
	"slipway/internal/dbtest"
	"slipway/internal/model"
	"slipway/internal/query"
	"slipway/internal/store"
)

type (
	// Place and Trip are what a developer might add: a table that refers twice
	// to another, with a default, a unique column and columns that may be NULL.
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
		LeavesAt  *time.Time `json:"leaves_at"`
		UpdatedAt time.Time  `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`

		From *Place `json:"-" gorm:"foreignKey:FromID;constraint:trips_from_id"`
		To   *Place `json:"-" gorm:"foreignKey:ToID;constraint:trips_destination"`
	}
)

var (
	places = model.Of[Place]("places")
	trips  = model.Of[Trip]("trips")
)

var ddl = map[string][]string{
	"mysql": {
		`CREATE TABLE places (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(20) NOT NULL, UNIQUE INDEX places_name (name)) COLLATE utf8mb4_0900_bin`,
		`CREATE TABLE trips (id bigint PRIMARY KEY AUTO_INCREMENT, from_id bigint NOT NULL, to_id bigint, seats bigint NOT NULL DEFAULT 4,
			note varchar(20) NOT NULL DEFAULT 'none', leaves_at datetime(6), updated_at datetime(6) NOT NULL, CONSTRAINT seats_positive CHECK (seats >= 0),
			CONSTRAINT trips_from_id FOREIGN KEY (from_id) REFERENCES places (id), CONSTRAINT trips_destination FOREIGN KEY (to_id) REFERENCES places (id))`,
	},
	"sqlite": {
		`CREATE TABLE places (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL)`,
		`CREATE UNIQUE INDEX places_name ON places (name)`,
		`CREATE TABLE trips (id integer PRIMARY KEY AUTOINCREMENT, from_id integer NOT NULL, to_id integer, seats integer NOT NULL DEFAULT 4,
			note text NOT NULL DEFAULT 'none', leaves_at datetime, updated_at datetime NOT NULL, CONSTRAINT seats_positive CHECK (seats >= 0),
			CONSTRAINT trips_from_id FOREIGN KEY (from_id) REFERENCES places (id), CONSTRAINT trips_destination FOREIGN KEY (to_id) REFERENCES places (id))`,
	},
}

// each runs a case on both dialects, with two places.
func each(t *testing.T, run func(t *testing.T, places, trips *store.Table)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, url string) {
		db, err := database.Open(url)
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

// values makes changes of a body, as a PATCH does.
func values(t *testing.T, m *model.Table, body string) []model.Value {
	t.Helper()
	v, err := m.DecodeChanges([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestRoundTrip: what is written is what is read, zero values and NULLs included.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		at, to := time.Date(2026, 5, 6, 7, 8, 9, 10000, time.UTC), int64(2)
		for _, want := range []Trip{
			{FromID: 1},
			{FromID: 1, ToID: &to, Seats: 7, Note: "it's", LeavesAt: &at},
		} {
			row := want
			if err := table.Create(t.Context(), &row); err != nil {
				t.Fatal(err)
			}
			got, err := table.Get(t.Context(), row.ID)
			if err != nil {
				t.Fatal(err)
			}
			g := got.(*Trip)
			if row.ID == 0 || row.UpdatedAt.IsZero() || !g.UpdatedAt.Equal(row.UpdatedAt) {
				t.Errorf("id %d, written at %s, read as %s", row.ID, row.UpdatedAt, g.UpdatedAt)
			}
			if g.FromID != want.FromID || g.Seats != want.Seats || g.Note != want.Note ||
				(g.ToID == nil) != (want.ToID == nil) || g.ToID != nil && *g.ToID != *want.ToID ||
				(g.LeavesAt == nil) != (want.LeavesAt == nil) || g.LeavesAt != nil && !g.LeavesAt.Equal(*want.LeavesAt) {
				t.Errorf("wrote %+v, read %+v", want, g)
			}
		}
	})
}

// TestForeignKeys: the field is named, whichever of several it is.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, placesTable, table *store.Table) {
		none, two := int64(99), int64(2)
		fails(t, table.Create(t.Context(), &Trip{FromID: 99}), store.MissingParent, "from_id")
		fails(t, table.Create(t.Context(), &Trip{FromID: 1, ToID: &none}), store.MissingParent, "to_id")
		// Of two, the one that MySQL names: its key comes first by name.
		fails(t, table.Create(t.Context(), &Trip{FromID: 99, ToID: &none}), store.MissingParent, "to_id")
		row := Trip{FromID: 1, ToID: &two}
		if err := table.Create(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
		_, err := table.Update(t.Context(), row.ID, values(t, trips, `{"to_id":99}`))
		fails(t, err, store.MissingParent, "to_id")
		fails(t, placesTable.Delete(t.Context(), 2), store.HasChildren)
		if _, err := table.Update(t.Context(), row.ID, values(t, trips, `{"to_id":null}`)); err != nil {
			t.Error(err)
		}
		if err := placesTable.Delete(t.Context(), 2); err != nil {
			t.Error(err)
		}
	})
}

// TestConstraints: what the database refuses names the field on every dialect.
func TestConstraints(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, placesTable, table *store.Table) {
		fails(t, placesTable.Create(t.Context(), &Place{Name: "home"}), store.Duplicate, "name")
		_, err := placesTable.Update(t.Context(), 2, values(t, places, `{"name":"home"}`))
		fails(t, err, store.Duplicate, "name")
		fails(t, table.Create(t.Context(), &Trip{FromID: 1, Seats: -1}), store.Check)
	})
}

// TestUpdate: only the fields that are named change, and updated_at.
func TestUpdate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		row := Trip{FromID: 1, Seats: 3, Note: "x"}
		if err := table.Create(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
		got, err := table.Update(t.Context(), row.ID, values(t, trips, `{"seats":0}`))
		if err != nil {
			t.Fatal(err)
		}
		if g := got.(*Trip); g.Seats != 0 || g.Note != "x" || !g.UpdatedAt.After(row.UpdatedAt) {
			t.Errorf("%+v became %+v", row, g)
		}
		_, err = table.Update(t.Context(), 99, values(t, trips, `{"seats":1}`))
		fails(t, err, store.NotFound)
		_, err = table.Update(t.Context(), 99, nil)
		fails(t, err, store.NotFound)
		fails(t, table.Delete(t.Context(), 99), store.NotFound)
		_, err = table.Get(t.Context(), 99)
		fails(t, err, store.NotFound)
	})
}

// TestList: filters, order, pages and the count agree.
func TestList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, table *store.Table) {
		for seats := range 5 {
			if err := table.Create(t.Context(), &Trip{FromID: 1, Seats: int64(seats), Note: "n"}); err != nil {
				t.Fatal(err)
			}
		}
		q := query.List{Filters: []query.Filter{{Field: "note", Value: "n"}, {Field: "from_id", Value: int64(1)}},
			Sort: []query.Order{{Field: "note"}, {Field: "seats", Desc: true}, {Field: "id"}}, Page: 2, PerPage: 2}
		rows, err := table.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if got := rows.Slice().([]Trip); len(got) != 2 || got[0].Seats != 2 || got[1].Seats != 1 {
			t.Errorf("%+v", got)
		}
		if n, err := table.Count(t.Context(), q); err != nil || n != 5 {
			t.Errorf("%d %v", n, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = table.List(ctx, q)
		fails(t, err, store.Canceled)
	})
}
