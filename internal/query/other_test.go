package query_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/query"
)

// weight is a value of a type that package query does not know.
type weight int64

func (w weight) String() string { return strconv.FormatInt(int64(w), 10) + "kg" }

func parseWeight(s string) (value any, code, predicate string) {
	number, unit := strings.CutSuffix(s, "kg")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !unit {
		return nil, "type", "must be a weight"
	}
	return weight(n), "", ""
}

func parseUint(s string) (value any, code, predicate string) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return nil, "type", "must be a number"
	}
	return n, "", ""
}

// parcels has fields with types, operators and choices of their own.
var parcels = &query.Table{Name: "parcels", Key: []string{"id"}, Fields: []query.Field{
	{Name: "id", Type: query.Integer},
	{Name: "weight", Type: query.Other, Nullable: true, Parse: parseWeight,
		Operators: []query.Op{query.Eq, query.Gt, query.In, query.Null}},
	{Name: "size", Type: query.Other, Parse: parseUint, Operators: []query.Op{query.Eq}},
	{Name: "kind", Type: query.Text, Choices: []string{"box", "a,b"}},
	{Name: "tags", Type: query.Other, Parse: parseWeight, Operators: []query.Op{query.Contains, query.Null},
		Unsorted: true},
	{Name: "title", Type: query.Text},
}}

// TestOtherTypes checks filters and orders of fields with types and operators of their own.
func TestOtherTypes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"weight=5kg":             "[{weight eq [5kg]}]",
		"weight[in]=5kg,-1kg":    "[{weight in [5kg -1kg]}]",
		"weight[null]=true":      "[{weight null [true]}]",
		"tags[contains]=5kg":     "[{tags contains [5kg]}]",
		"kind=box":               "[{kind eq [box]}]",
		`kind[in]="a,b",box`:     "[{kind in [a,b box]}]",
		"kind[starts]=zzz":       "[{kind starts [zzz]}]",
		"size=1844":              "[{size eq [1844]}]",
		"sort=-weight,kind,size": "[]",
		"weight=5":               "weight must be a weight",
		"weight[in]=5kg,5":       "weight[in] has an invalid value at position 2 of 2: it must be a weight",
		"weight[lt]=5kg":         "weight does not support operator lt: use one of eq, gt, in, null",
		"tags=5kg":               "tags does not support operator eq: use one of contains, null",
		"kind=crate":             "kind must be one of box, a,b",
		"kind[gt]=crate":         "kind[gt] must be one of box, a,b",
		"kind[nin]=box,crate":    "kind[nin] has an invalid value at position 2 of 2: it must be one of box, a,b",
		"sort=tags":              "sort does not support the field tags, whose values have no order",
		"sort=-tags&weight=x&x=1": "sort does not support the field tags, whose values have no order; " +
			"weight must be a weight; Unknown parameter x",
	} {
		list, err := parcels.ParseList(raw)
		got := fmt.Sprint(list.Filters)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// TestOtherCursor checks that cursors keep the values of other types, and refuse values that
// a row cannot have.
func TestOtherCursor(t *testing.T) {
	t.Parallel()
	sort := []query.Order{{Field: "weight"}, {Field: "size"}, {Field: "title"}, {Field: "id"}}
	for _, keys := range [][]any{
		{weight(5), uint64(1<<64 - 1), "a", int64(1)}, {weight(-1 << 63), uint64(0), "", int64(2)},
		{nil, uint64(7), strings.Repeat("x", 1024), int64(3)},
	} {
		list, err := parcels.ParseList("sort=weight,size,title&cursor=" + parcels.Cursor(sort, keys))
		if err != nil || !reflect.DeepEqual(list.After, keys) {
			t.Errorf("%v: %v, %v", keys, list.After, err)
		}
	}
	for _, keys := range [][]any{
		{weight(5), nil, "a", int64(1)}, {int64(5), uint64(1), "a", int64(1)}, {"5kg", uint64(1), "a", int64(1)},
		{weight(5), weight(5), "a", int64(1)},
	} {
		if _, err := parcels.ParseList("sort=weight,size,title&cursor=" + parcels.Cursor(sort, keys)); err == nil {
			t.Errorf("%v is accepted", keys)
		}
	}
}

// FuzzOtherCursor checks that an altered cursor is refused, or is the cursor of its keys.
func FuzzOtherCursor(f *testing.F) {
	sort := []query.Order{{Field: "weight"}, {Field: "size"}, {Field: "id"}}
	f.Add(parcels.Cursor(sort, []any{weight(5), uint64(9), int64(1)}))
	f.Fuzz(func(t *testing.T, cursor string) {
		if strings.ContainsAny(cursor, "&%+;=#") {
			return
		}
		list, err := parcels.ParseList("sort=weight,size&cursor=" + cursor)
		if err == nil && parcels.Cursor(sort, list.After) != cursor {
			t.Fatalf("%s is %v, whose cursor is %s", cursor, list.After, parcels.Cursor(sort, list.After))
		}
	})
}
