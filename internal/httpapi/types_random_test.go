package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/rowtypes/testdata/typedkeys"
	"slipway/internal/migrate/rowtypes/testdata/types"
)

// allTypes are tables with columns and keys of every type.
var allTypes = slices.Concat(types.Tables, typedkeys.Tables)

// newAllTypesPair returns a pair for allTypes. The folder keys has the table idempotency_keys.
func newAllTypesPair(t *testing.T) *pair { return newPairOf(t, allTypes, "types", "typedkeys", "keys") }

// TestRandomTypes sends random filters, orders, changes and pages for columns of every type.
// Both dialects must return the same bytes.
func TestRandomTypes(t *testing.T) {
	t.Parallel()
	p := newFilledPair(t, 60)
	random := rand.New(rand.NewPCG(3, 4))
	fields := slices.Sorted(maps.Keys(pool))
	one := func(all []string) string { return all[random.IntN(len(all))] }
	value := func(field string) string {
		text := one(slices.Concat(pool[field], more[field]))
		var unquoted string
		if json.Unmarshal([]byte(text), &unquoted) == nil {
			text = unquoted
		}
		return text
	}
	item := func(s string) string {
		if strings.ContainsAny(s, `,"`) {
			s = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
		}
		return s
	}
	filter := func() string {
		field := one(fields)
		op := one([]string{"eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "null", "contains", "starts", "like"})
		text := value(field)
		switch op {
		case "null":
			text = one([]string{"true", "false"})
		case "in", "nin":
			text = item(text) + "," + item(value(field)) + "," + item(value(field))
		}
		return field + "[" + op + "]=" + url.QueryEscape(text)
	}
	for range 500 {
		var query []string
		for range random.IntN(3) {
			query = append(query, filter())
		}
		switch random.IntN(6) {
		case 0:
			body := map[string]json.RawMessage{}
			for range 1 + random.IntN(3) {
				field := one(fields)
				body[field] = json.RawMessage(one(pool[field]))
			}
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			p.do("PATCH", "/samples?"+strings.Join(append(query, "id[lte]="+fmt.Sprint(random.IntN(60))), "&"),
				string(text))
		default:
			sort := make([]string, 0, 3)
			for range 1 + random.IntN(3) {
				sort = append(sort, one([]string{"", "-"})+one(fields))
			}
			query = append(query, "sort="+strings.Join(sort, ","), fmt.Sprintf("per_page=%d", 1+random.IntN(20)))
			next := "/samples?" + strings.Join(query, "&")
			for range 4 {
				m := nextPage.FindStringSubmatch(p.do("GET", next, "").Header.Get("Link"))
				if m == nil {
					break
				}
				next = m[1]
			}
		}
	}
	if p.statuses[200] < 200 {
		t.Errorf("statuses %v", p.statuses)
	}
}
