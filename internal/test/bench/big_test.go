//go:build !race

package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/internal/test/dbtest/blog"
)

// fill has the statements that insert a million notes, and fewer posts and users, by dialect. Each created_at is shared
// by a thousand notes.
var fill = map[string][]string{
	"sqlite": {
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		 INSERT INTO users (username, email, is_active, score, created_at, updated_at)
		 SELECT 'user' || i, 'user' || i || '@example.com', 1, i, t, t
		 FROM (SELECT i, strftime('%Y-%m-%d %H:%M:%S+00:00', 1767225600 + i / 10, 'unixepoch') AS t FROM n)`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		 INSERT INTO posts (title, user_id, created_at, updated_at)
		 SELECT 'post ' || i, i % 20000 + 1, t, t
		 FROM (SELECT i, strftime('%Y-%m-%d %H:%M:%S+00:00', 1767225600 + i / 10, 'unixepoch') AS t FROM n)`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		 INSERT INTO notes (title, content, created_at, updated_at)
		 SELECT 'note ' || i, 'a few words of the usual length, as a note may have them', t, t
		 FROM (SELECT i, strftime('%Y-%m-%d %H:%M:%S+00:00', 1767225600 + i / 1000, 'unixepoch') AS t FROM n)`,
	},
	"mysql": {
		`INSERT /*+ SET_VAR(cte_max_recursion_depth = 1000000) */ INTO users (username, email, is_active, score,
			created_at, updated_at)
		 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		 SELECT CONCAT('user', i), CONCAT('user', i, '@example.com'), 1, i, t, t
		 FROM (SELECT i, '2026-01-01' + INTERVAL i DIV 10 SECOND AS t FROM n) rows_of_users`,
		`INSERT /*+ SET_VAR(cte_max_recursion_depth = 1000000) */ INTO posts (title, user_id, created_at, updated_at)
		 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		 SELECT CONCAT('post ', i), i % 20000 + 1, t, t
		 FROM (SELECT i, '2026-01-01' + INTERVAL i DIV 10 SECOND AS t FROM n) rows_of_posts`,
		`INSERT /*+ SET_VAR(cte_max_recursion_depth = 1000000) */ INTO notes (title, content, created_at, updated_at)
		 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		 SELECT CONCAT('note ', i), 'a few words of the usual length, as a note may have them', t, t
		 FROM (SELECT i, '2026-01-01' + INTERVAL i DIV 1000 SECOND AS t FROM n) rows_of_notes`,
		`ANALYZE TABLE users, posts, notes`,
	},
}

// big is the API on large tables.
type big struct {
	t       *testing.T
	dialect string
	db      *database.DB
	api     http.Handler
	// statements are the statements of the last request, while plans are checked.
	statements []statement
}

func newBig(t *testing.T, dialect string) *big {
	t.Helper()
	db, err := database.Open(database.Config{URL: blog.New(t, dialect)}, dialects...)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	b := &big{t: t, dialect: dialect, db: db}
	b.api = httpapi.New(httpapi.Options{Store: store.New(db), Tables: blog.Tables, MaxBodyBytes: 1 << 20,
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil))})
	return b
}

// fill inserts the rows.
func (b *big) fill(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for _, statement := range fill[b.dialect] {
		if err := b.db.Write.WithContext(ctx).Exec(statement).Error; err != nil {
			return err
		}
	}
	return nil
}

// get sends a request that must succeed, and returns its response.
func (b *big) get(path string) *httptest.ResponseRecorder {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != http.StatusOK {
		b.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w
}

var next = regexp.MustCompile(`<([^>]*)>; rel="next"`)

func (b *big) next(path string) string {
	b.t.Helper()
	m := next.FindStringSubmatch(b.get(path).Header().Get("Link"))
	if m == nil {
		b.t.Fatalf("%s: no next page", path)
	}
	return m[1]
}

// TestBudgetBigTable: on a table with a million rows, a late page needs the same time and memory as the first one, and
// all usual lists use an index.
func TestBudgetBigTable(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: measures")
	}
	names := []string{"sqlite", "mysql"}
	start, tables, errs := time.Now(), map[string]*big{}, make(chan error, len(names))
	for _, dialect := range names {
		b := newBig(t, dialect)
		tables[dialect] = b
		go func() { errs <- b.fill(t.Context()) }()
	}
	for range names {
		must(t, <-errs)
	}
	t.Logf("filled in %.0f s", time.Since(start).Seconds())
	for _, dialect := range names {
		t.Run(dialect, func(t *testing.T) {
			b := tables[dialect]
			t.Run("plans", func(t *testing.T) { b.t = t; b.plans() })
			t.Run("far page", func(t *testing.T) { b.t = t; b.farPage() })
			t.Run("memory", func(t *testing.T) { b.t = t; b.memory() })
		})
	}
}

// Limits for the time of page 10,000, as a multiple of that of the second page (the first with a cursor) and of the
// first page. The first page has no condition: any condition costs MySQL's optimizer about 50 µs of the 250 µs for a
// page over loopback.
const (
	mostOfSecond = 1.2
	mostOfFirst  = 1.35
)

// farPage compares the times of pages over loopback. It alternates between the pages and uses the lower quartile,
// because other load on the machine only increases times.
func (b *big) farPage() {
	const perRound, minRounds, maxRounds = 300, 3, 30
	server := httptest.NewServer(b.api)
	defer server.Close()
	fetch := func(path string) {
		res, err := server.Client().Get(server.URL + path)
		must(b.t, err)
		defer res.Body.Close()
		if _, err = io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			b.t.Fatalf("%s: %d %v", path, res.StatusCode, err)
		}
	}
	for _, sort := range []string{"-created_at", "created_at", "id"} {
		first := "/notes?per_page=20&sort=" + sort
		// The end of page 9,999 of 20 rows, reached in larger steps.
		path := "/notes?fields=id&per_page=1000&sort=" + sort
		for range 199 {
			path = b.next(path)
		}
		far := b.next(strings.Replace(path, "per_page=1000", "per_page=980", 1))
		far = strings.Replace(strings.Replace(far, "fields=id&", "", 1), "per_page=980", "per_page=20", 1)
		pages := []string{first, b.next(first), far}
		times := make([][]time.Duration, len(pages))
		ofFirst, ofSecond := 0.0, 0.0
		for rounds := 0; rounds < minRounds ||
			(ofSecond > mostOfSecond || ofFirst > mostOfFirst) && rounds < maxRounds; rounds++ {
			for range perRound {
				for i, page := range pages {
					began := time.Now()
					fetch(page)
					times[i] = append(times[i], time.Since(began))
				}
			}
			took := float64(quartile(times[2]))
			ofFirst, ofSecond = took/float64(quartile(times[0])), took/float64(quartile(times[1]))
		}
		b.t.Logf("sort=%s: page 10,000 takes %.2f times the second (at most %.2f), %.2f times the first (at most %.2f)",
			sort, ofSecond, mostOfSecond, ofFirst, mostOfFirst)
		if ofSecond > mostOfSecond || ofFirst > mostOfFirst {
			b.t.Errorf("sort=%s: page 10,000 takes too long", sort)
		}
	}
}

// quartile returns the lower quartile.
func quartile(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/4]
}

// memory compares the allocations of a list with those on a table of 50 rows.
func (b *big) memory() {
	small := newBig(b.t, b.dialect)
	rows := "[" + strings.TrimSuffix(strings.Repeat(`{"title":"note 100000","content":"a few words of the usual length, `+
		`as a note may have them"},`, 50), ",") + "]"
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/notes", strings.NewReader(rows))
	r.Header.Set("Content-Type", "application/json")
	small.api.ServeHTTP(w, r)
	for _, path := range []string{"/notes", "/notes?sort=-id&per_page=50", "/notes?page=2&per_page=10",
		"/notes?sort=title"} {
		x, y := small.allocates(path), b.allocates(path)
		b.t.Logf("%s: %d bytes with 50 rows in the table, %d with a million", path, x, y)
		if float64(y) > 1.2*float64(x) {
			b.t.Errorf("%s: memory grows with the table: %d bytes with 50 rows, %d with a million", path, x, y)
		}
	}
}

// allocates returns the bytes that a request allocates: the minimum of three requests.
func (b *big) allocates(path string) uint64 {
	b.t.Helper()
	least := ^uint64(0)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.get(path)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// statement is a statement of GORM with its parameters.
type statement struct {
	text string
	vars []any
}

// plans checks the query plans of all usual lists.
func (b *big) plans() {
	must(b.t, b.db.Read.Callback().Row().After("gorm:row").Register("plans", func(db *gorm.DB) {
		b.statements = append(b.statements, statement{db.Statement.SQL.String(), slices.Clone(db.Statement.Vars)})
	}))
	defer func() { must(b.t, b.db.Read.Callback().Row().Remove("plans")) }()
	easy := map[string]map[string][]string{ // table → field → values
		"users": {"id": {"500", "900"}, "created_at": {"2026-01-01T00:05:00Z", "2026-01-01T00:06:00Z"},
			"username": {"user500", "user900"}, "email": {"user500@example.com", "user900@example.com"}},
		"posts": {"id": {"500", "900"}, "created_at": {"2026-01-01T00:05:00Z", "2026-01-01T00:06:00Z"},
			"user_id": {"500", "900"}},
		"notes": {"id": {"500", "900"}, "created_at": {"2026-01-01T00:05:00Z", "2026-01-01T00:06:00Z"}},
	}
	for table, fields := range easy {
		sorted := []string{""}
		for field, v := range fields {
			for _, filter := range []string{field + "=" + v[0], field + "[in]=" + v[0] + "," + v[1],
				field + "[gt]=" + v[0] + "&" + field + "[lte]=" + v[1]} {
				b.plan("/"+table+"?"+filter, false)
				b.plan("/"+table+"?sort="+field+"&"+filter, false)
			}
			if table == "users" && (field == "username" || field == "email") {
				b.plan("/"+table+"?"+field+"[starts]="+v[0], false)
				b.plan("/"+table+"?"+field+"[like]="+v[0]+"%25", false)
			}
			sorted = append(sorted, "&sort="+field, "&sort=-"+field)
		}
		for _, sort := range sorted {
			path := "/" + table + "?per_page=20" + sort
			b.plan(path, true)
			b.plan(b.next(path), true)
			b.plan("/"+table+"?page=3"+sort, true)
		}
	}
	b.plan("/users/77/posts", true)
	b.plan("/users/77/posts?sort=-created_at&per_page=2", true)
	b.plan(b.next("/users/77/posts?per_page=2"), true)
	b.plan("/posts?include=author", true)
	b.plan("/users?include=posts", false)
}

// plan runs a request and checks that the plans of its statements scan no table. If ordered is set, they must not sort
// either.
func (b *big) plan(path string, ordered bool) {
	b.t.Helper()
	b.statements = nil
	b.get(path)
	for _, statement := range slices.Clone(b.statements) {
		for _, line := range b.explain(statement) {
			if line.scan || ordered && line.sort {
				b.t.Errorf("%s: %s\n%s", path, line.text, statement.text)
			}
		}
	}
}

// planLine is one line of a plan: whether it scans a table, and whether it sorts.
type planLine struct {
	text       string
	scan, sort bool
}

func (b *big) explain(s statement) []planLine {
	b.t.Helper()
	explain := "EXPLAIN QUERY PLAN "
	if b.dialect == "mysql" {
		explain = "EXPLAIN FORMAT=TRADITIONAL "
	}
	var rows []map[string]any
	must(b.t, b.db.Read.Raw(explain+s.text, s.vars...).Scan(&rows).Error)
	var lines []planLine
	for _, row := range rows {
		line := planLine{text: fmt.Sprint(row)}
		if b.dialect == "mysql" {
			// Ignore derived tables: their sources have their own lines.
			name := fmt.Sprint(row["table"])
			line.scan = fmt.Sprint(row["key"]) == "<nil>" && fmt.Sprint(row["type"]) == "ALL" && !strings.HasPrefix(name, "<")
			line.sort = strings.Contains(fmt.Sprint(row["Extra"]), "filesort")
		} else {
			detail := fmt.Sprint(row["detail"])
			table := strings.HasPrefix(detail, "SCAN ") && !strings.HasPrefix(detail, "SCAN (") &&
				!strings.HasPrefix(detail, "SCAN slipway_ranked")
			// A table is stored in the order of its ids.
			line.scan = table && !strings.Contains(detail, "USING") && !strings.Contains(s.text, "ORDER BY `id`")
			line.sort = strings.Contains(detail, "TEMP B-TREE")
		}
		lines = append(lines, line)
	}
	return lines
}
