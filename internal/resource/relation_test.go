package resource_test

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/resource"
)

type (
	city struct {
		ID   int64  `json:"id" rule:"readonly"`
		Name string `json:"name"`
	}
	// trip has two foreign keys to another table, one of them nullable.
	trip struct {
		ID     int64  `json:"id" rule:"readonly"`
		FromID int64  `json:"from_id"`
		ToID   *int64 `json:"to_id"`
		From   *city  `json:"from" gorm:"foreignKey:FromID;constraint:trips_from_id" inverse:"departures"`
		To     *city  `json:"to" gorm:"foreignKey:ToID;constraint:trips_to_id" inverse:"arrivals"`
	}
	// part has a foreign key to its own table.
	part struct {
		ID      int64  `json:"id" rule:"readonly"`
		WholeID *int64 `json:"whole_id"`
		Whole   *part  `json:"whole" gorm:"foreignKey:WholeID;constraint:parts_whole_id" inverse:"parts"`
	}
	// ticket has no name for its relation or for the inverse.
	ticket struct {
		ID     int64 `json:"id" rule:"readonly"`
		TripID int64 `json:"trip_id"`
		Trip   *trip `json:"-" gorm:"foreignKey:TripID;constraint:tickets_trip_id"`
	}
)

var (
	travel = resource.Link(resource.Of[trip]("trips"), resource.Of[ticket]("tickets"), resource.Of[city]("cities"),
		resource.Of[part]("parts"))
	trips   = travel[0]
	tickets = travel[1]
	cities  = travel[2]
	parts   = travel[3]
)

// visit has a rule that gives its second relation the inverse of the first one.
type visit struct {
	ID     int64 `json:"id" rule:"readonly"`
	ViaID  int64 `json:"via_id"`
	CityID int64 `json:"city_id"`
	Via    *city `json:"via" gorm:"foreignKey:ViaID" inverse:"visits"`
	City   *city `json:"city" gorm:"foreignKey:CityID" inverse:"visits_by_city"`
}

func (v *visit) Rules() []resource.Rule {
	return []resource.Rule{resource.RelationNames(&v.CityID, "", "visits")}
}

// TestLinkRenamed checks that the name of a rule has priority.
func TestLinkRenamed(t *testing.T) {
	t.Parallel()
	tables := resource.Link(resource.Of[visit]("visits"), resource.Of[city]("cities"))
	if got := relations(tables[1]); got != "visits_by_via ← visits by via_id, visits ← visits by city_id" {
		t.Error(got)
	}
}

// relations returns a description of the relations of a table.
func relations(table *resource.Table) string {
	var list []string
	for _, r := range table.Relations {
		arrow := "→"
		if r.Many {
			arrow = "←"
		}
		list = append(list, fmt.Sprintf("%s %s %s by %s", r.Name, arrow, r.Table.Name, r.Key.Fields[0].Name))
	}
	return strings.Join(list, ", ")
}

func TestLink(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		table *resource.Table
		want  string
	}{
		{trips, "from → cities by from_id, to → cities by to_id, tickets ← tickets by trip_id"},
		{cities, "departures ← trips by from_id, arrivals ← trips by to_id"},
		{tickets, ""},
		{parts, "whole → parts by whole_id, parts ← parts by whole_id"},
	} {
		if got := relations(c.table); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.table.Name, got, c.want)
		}
	}
	if r := cities.Relation("arrivals"); r == nil || r.Key.Fields[0] != trips.Field("to_id") || r.Table != trips {
		t.Errorf("%+v", r)
	}
	if cities.Relation("name") != nil || tickets.Relation("-") != nil {
		t.Error("found a relation that does not exist")
	}
	if fk := tickets.ForeignKeys[0].Name; fk != "tickets_trip_id" {
		t.Errorf("the foreign key is %q", fk)
	}
}

// TestLinkRefuses checks that Link panics if names clash or a table is missing.
func TestLinkRefuses(t *testing.T) {
	t.Parallel()
	type (
		twice struct {
			ID     int64 `json:"id"`
			FromID int64 `json:"from_id"`
			ToID   int64 `json:"to_id"`
			From   *city `json:"from" gorm:"foreignKey:FromID"`
			To     *city `json:"to" gorm:"foreignKey:ToID"`
		}
		field struct {
			ID     int64 `json:"id"`
			CityID int64 `json:"city_id"`
			City   *city `json:"city" gorm:"foreignKey:CityID" inverse:"name"`
		}
		named struct {
			ID   int64  `json:"id"`
			Town string `json:"town"`
			City *city  `json:"city" gorm:"foreignKey:Town;constraint:named_town"`
		}
		pair struct {
			ID     int64 `json:"id"`
			FromID int64 `json:"from_id"`
			ToID   int64 `json:"to_id"`
			City   *city `json:"city" gorm:"foreignKey:FromID,ToID;constraint:pairs_city"`
		}
		same struct {
			ID      int64 `json:"id"`
			OtherID int64 `json:"other_id"`
			Other   *same `json:"others" gorm:"foreignKey:OtherID"`
		}
	)
	towns := func() *resource.Table { return resource.Of[city]("cities") }
	for _, c := range []struct {
		name, want string
		link       func()
	}{
		{"two relations of one name", "cities: the name twices is not unique",
			func() { resource.Link(towns(), resource.Of[twice]("twices")) }},
		{"a relation with a field's name", "cities: the name name is not unique",
			func() { resource.Link(towns(), resource.Of[field]("fields")) }},
		{"both directions of one name", "others: the name others is not unique",
			func() { resource.Link(resource.Of[same]("others")) }},
		{"a parent that is no table", "twices.from_id references city, which is not the row of a table",
			func() { resource.Link(resource.Of[twice]("twices")) }},
		{"a foreign key of another type", "nameds.town and cities.id have different types: string and integer",
			func() { resource.Link(towns(), resource.Of[named]("nameds")) }},
		{"a foreign key of two columns to a key of one", "the foreign key pairs_city has 2 columns, but references 1",
			func() { resource.Link(towns(), resource.Of[pair]("pairs")) }},
		{"two tables of one name", "cities: another table has its name or its struct",
			func() { resource.Link(towns(), resource.Of[part]("cities")) }},
		{"two tables of one struct", "towns: another table has its name or its struct",
			func() { resource.Link(towns(), resource.Of[city]("towns")) }},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("%s: %s, want %s", c.name, got, c.want)
				}
			}()
			c.link()
		}()
	}
}

// TestIncluded checks the JSON of relations: objects, null and arrays, after the row's own
// members and in the order of their rows.
func TestIncluded(t *testing.T) {
	t.Parallel()
	three, four := int64(3), int64(4)
	towns, journeys := cities.NewRows(0), trips.NewRows(0)
	for i, name := range []string{"Rome", "Oslo", "Bern"} {
		towns.Append()
		*towns.Row(i).(*city) = city{int64(i + 1), name}
	}
	for i, x := range []trip{{ID: 9, FromID: 1, ToID: &three}, {ID: 8, FromID: 3}, {ID: 7, FromID: 1, ToID: &four}} {
		journeys.Append()
		*journeys.Row(i).(*trip) = x
	}
	from, to := resource.NewIncluded(trips.Relation("from"), towns, nil), resource.NewIncluded(trips.Relation("to"), towns,
		nil)
	departures, arrivals := resource.NewIncluded(cities.Relation("departures"),
		journeys, nil), resource.NewIncluded(cities.Relation("arrivals"), journeys, nil)
	for _, c := range []struct {
		view *resource.View
		rows *resource.Rows
		want string
	}{
		{trips.View([]string{"id"}, from), journeys,
			`[{"id":9,"from":{"id":1,"name":"Rome"}},{"id":8,"from":{"id":3,"name":"Bern"}},{"id":7,"from":{"id":1,` +
				`"name":"Rome"}}]`},
		// NULL, and an id that does not exist.
		{trips.View([]string{"to_id"}, to), journeys, `[{"to_id":3,"to":{"id":3,"name":"Bern"}},{"to_id":null,` +
			`"to":null},{"to_id":4,"to":null}]`},
		// The order is the table's, not that of the arguments.
		{trips.View([]string{}, to, from), journeys, `[{"from":{"id":1,"name":"Rome"},"to":{"id":3,` +
			`"name":"Bern"}},{"from":{"id":3,"name":"Bern"},"to":null},{"from":{"id":1,"name":"Rome"},"to":null}]`},
		{cities.View(nil, departures), towns,
			`[{"id":1,"name":"Rome","departures":[{"id":9,"from_id":1,"to_id":3},{"id":7,"from_id":1,"to_id":4}]},{"id":2,` +
				`"name":"Oslo","departures":[]},{"id":3,"name":"Bern","departures":[{"id":8,"from_id":3,"to_id":null}]}]`},
		{cities.View([]string{"id"}, arrivals), towns, `[{"id":1,"arrivals":[]},{"id":2,"arrivals":[]},{"id":3,` +
			`"arrivals":[{"id":9,"from_id":1,"to_id":3}]}]`},
		{cities.View([]string{"id"}, resource.NewIncluded(cities.Relation("arrivals"), trips.NewRows(0), nil)), towns,
			`[{"id":1,"arrivals":[]},{"id":2,"arrivals":[]},{"id":3,"arrivals":[]}]`},
	} {
		if got := string(c.view.AppendAll(nil, c.rows)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestIncludedOfItself checks a table that references itself, in both directions.
func TestIncludedOfItself(t *testing.T) {
	t.Parallel()
	one := int64(1)
	rows := parts.NewRows(0)
	for i, x := range []part{{ID: 1}, {ID: 2, WholeID: &one}} {
		rows.Append()
		*rows.Row(i).(*part) = x
	}
	view := parts.View([]string{"id"}, resource.NewIncluded(parts.Relation("whole"), rows, nil),
		resource.NewIncluded(parts.Relation("parts"), rows, nil))
	const want = `[{"id":1,"whole":null,"parts":[{"id":2,"whole_id":1}]},{"id":2,"whole":{"id":1,"whole_id":null},` +
		`"parts":[]}]`
	if got := string(view.AppendAll(nil, rows)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
