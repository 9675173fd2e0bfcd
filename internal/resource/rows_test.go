package resource_test

import (
	"reflect"
	"testing"
	"time"

	"slipway/internal/resource"
)

func TestRows(t *testing.T) {
	t.Parallel()
	rows := samples.NewRows(1)
	if rows.Len() != 0 {
		t.Errorf("%d rows", rows.Len())
	}
	for i := range 3 {
		into := rows.Append()
		if len(into) != len(samples.Fields) {
			t.Fatalf("%d pointers", len(into))
		}
		*into[0].(*int64), *into[1].(*string), *into[5].(**time.Time) = int64(i+1), "x", new(time.Unix(0, 0))
	}
	if rows.Len() != 3 || rows.Key(2)[0] != int64(3) || rows.Row(1).(*sample).Text != "x" {
		t.Errorf("%+v", rows.Row(2))
	}
	structs := rows.Pointer().(*[]sample)
	if len(*structs) != 3 || &(*structs)[1] != rows.Row(1).(*sample) {
		t.Error("the slice is a copy")
	}
	// A row that reuses the memory of a removed row is empty.
	rows.Truncate(1)
	if rows.Append(); rows.Len() != 2 || !reflect.DeepEqual(*rows.Row(1).(*sample), sample{}) ||
		rows.Key(0)[0] != int64(1) {
		t.Errorf("%d rows, %+v", rows.Len(), rows.Row(1))
	}
}

// TestRowsFields checks that Append returns pointers to the named fields, in that order.
func TestRowsFields(t *testing.T) {
	t.Parallel()
	rows := samples.NewRows(0, samples.Field("ratio"), samples.Field("id"))
	into := rows.Append()
	if len(into) != 2 {
		t.Fatalf("%d pointers", len(into))
	}
	*into[0].(**float64), *into[1].(*int64) = new(0.5), 7
	if s := rows.Row(0).(*sample); s.ID != 7 || *s.Ratio != 0.5 || s.Text != "" {
		t.Errorf("%+v", s)
	}
	if field := samples.Field("ratio"); field.Of(rows.Row(0)) != 0.5 || samples.Field("flag").Of(rows.Row(0)) != nil {
		t.Error("Of returns another value")
	}
}

func TestWeight(t *testing.T) {
	t.Parallel()
	text := samples.Field("text")
	for _, c := range []struct {
		rows     *resource.Rows
		row      sample
		min, max int
	}{
		{samples.NewRows(0), sample{}, 100, 150},
		{samples.NewRows(0), sample{Text: string(make([]byte, 1000)), Mail: new(string(make([]byte, 500)))}, 1600, 1650},
		{samples.NewRows(0, text), sample{Text: "abc"}, 10, 15},
		{samples.NewRows(0, samples.Field("id")), sample{Text: "a field that is not read has no weight"}, 5, 10},
	} {
		c.rows.Append()
		*c.rows.Row(0).(*sample) = c.row
		if got := c.rows.Weight(0); got < c.min || got > c.max {
			t.Errorf("%d, want %d to %d", got, c.min, c.max)
		}
	}
}
