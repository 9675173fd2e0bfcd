package httpapi_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestManyStatements sends more different lists than the cache of prepared statements can
// hold, from many clients concurrently.
func TestManyStatements(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		names := []string{"username", "email", "bio", "is_active", "score", "created_at", "updated_at"}
		var wg sync.WaitGroup
		for worker := range 8 {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			wg.Go(func() {
				for range 100 {
					var keys []string
					for _, i := range random.Perm(len(names))[:1+random.IntN(len(names))] {
						keys = append(keys, []string{"", "-"}[random.IntN(2)]+names[i])
					}
					path := fmt.Sprintf("/users?sort=%s&page=1", strings.Join(keys, ","))
					if got := api.Do("GET", path, ""); got.Status != http.StatusOK || got.Header.Get("X-Total-Count") != "2" {
						t.Errorf("%s: %d %s", path, got.Status, got.Body)
					}
				}
			})
		}
		wg.Wait()
	})
}
