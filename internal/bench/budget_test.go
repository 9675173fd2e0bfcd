//go:build !race

package bench

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
)

func migrateTmp(t *testing.T, url, dialect string) {
	db, _, err := database.OpenMigration(url)
	must(t, err)
	defer db.Close()
	m, _ := os.ReadDir("../../migrations/" + dialect)
	b, err := os.ReadFile("../../migrations/" + dialect + "/" + m[0].Name())
	must(t, err)
	up, _, _ := strings.Cut(string(b), "-- slipway:down")
	for _, s := range strings.Split(up, ";\n") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		_, err := db.Exec(s)
		must(t, err)
	}
}

func TestBudget(t *testing.T) {
	for _, url := range []string{"sqlite://" + t.TempDir() + "/a.db", os.Getenv("BENCH_MYSQL")} {
		if url == "" {
			continue
		}
		dialect, _, _ := strings.Cut(url, ":")
		migrateTmp(t, url, dialect)
		servers := map[string]*server{"slipway": start(t, "slipway", url), "hand": start(t, "hand", url)}
		create := func(i int) (string, string, string) {
			return "POST", "/notes", fmt.Sprintf(`{"title":"note %d","content":"some text that a note may have, of a usual length"}`, i)
		}
		for _, s := range servers {
			s.load(t, 1000, http.StatusCreated, create)
		}
		ops := []struct {
			name   string
			n      int
			status int
			req    func(i int) (string, string, string)
		}{
			{"get", 3000, 200, func(i int) (string, string, string) { return "GET", fmt.Sprintf("/notes/%d", i%1000+1), "" }},
			{"list", 1500, 200, func(i int) (string, string, string) { return "GET", "/notes", "" }},
			{"create", 2000, 201, create},
		}
		for _, op := range ops {
			got := map[string][]time.Duration{}
			for range 5 {
				for name, s := range servers {
					got[name] = append(got[name], s.load(t, op.n, op.status, op.req))
				}
			}
			slices.Sort(got["slipway"])
			slices.Sort(got["hand"])
			t.Logf("%s %s: slipway %v hand %v ratio %.2f", dialect, op.name, got["slipway"], got["hand"], float64(got["slipway"][0])/float64(got["hand"][0]))
		}
	}
}
