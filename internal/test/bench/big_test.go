//go:build !race

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"slipway/internal/database"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/internal/test/dbtest/blog"
)

// others has the statements that insert ten thousand users and posts, by dialect. The parameters are the number of rows
// before them.
var others = map[string][]string{
	"sqlite": {
		`WITH RECURSIVE n(i) AS (SELECT ? + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ? + 10000)
		 INSERT INTO users (id, username, email, is_active, score, created_at, updated_at)
		 SELECT i, 'user' || i, 'user' || i || '@example.com', 1, i, t, t
		 FROM (SELECT i, strftime('%Y-%m-%d %H:%M:%S+00:00', 1767225600 + i / 10, 'unixepoch') AS t FROM n)`,
		`WITH RECURSIVE n(i) AS (SELECT ? + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ? + 10000)
		 INSERT INTO posts (id, title, user_id, created_at, updated_at)
		 SELECT i, 'post ' || i, i % 20000 + 1, t, t
		 FROM (SELECT i, strftime('%Y-%m-%d %H:%M:%S+00:00', 1767225600 + i / 10, 'unixepoch') AS t FROM n)`,
	},
	"mysql": {
		`INSERT /*+ SET_VAR(cte_max_recursion_depth = 10000) */ INTO users (id, username, email, is_active, score,
			created_at, updated_at)
		 WITH RECURSIVE n(i) AS (SELECT ? + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ? + 10000)
		 SELECT i, CONCAT('user', i), CONCAT('user', i, '@example.com'), 1, i, t, t
		 FROM (SELECT i, '2026-01-01' + INTERVAL i DIV 10 SECOND AS t FROM n) rows_of_users`,
		`INSERT /*+ SET_VAR(cte_max_recursion_depth = 10000) */ INTO posts (id, title, user_id,
			created_at, updated_at)
		 WITH RECURSIVE n(i) AS (SELECT ? + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ? + 10000)
		 SELECT i, CONCAT('post ', i), i % 20000 + 1, t, t
		 FROM (SELECT i, '2026-01-01' + INTERVAL i DIV 10 SECOND AS t FROM n) rows_of_posts`,
	},
}

// A million notes, inserted a thousand at a time. A thousand notes share a created_at.
const (
	manyNotes   = 1_000_000
	notesAtOnce = 1000
	insertNotes = `INSERT INTO notes (id, title, content, created_at, updated_at)
		 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		 SELECT ? + i, concat('note ', ? + i), 'a few words of the usual length, as a note may have them', ?, ? FROM n`
)

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

// fill inserts the rows: on SQLite one statement at a time, on MySQL two. A third would only wait for the others. No
// statement takes long, because the connections to MySQL have a read timeout.
func (b *big) fill(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	db, group := b.db.Write.WithContext(ctx), errgroup.Group{}
	group.Go(func() error {
		for n := 0; n < manyNotes; n += notesAtOnce {
			at := time.Date(2026, 1, 1, 0, 0, n/notesAtOnce, 0, time.UTC)
			if err := db.Exec(insertNotes, n, n, at, at).Error; err != nil {
				return err
			}
		}
		return nil
	})
	for i, rows := range []int{20_000, 100_000} {
		for n := 0; n < rows; n += 10_000 {
			if err := db.Exec(others[b.dialect][i], n, n).Error; err != nil {
				return errors.Join(err, group.Wait())
			}
		}
	}
	if err := group.Wait(); err != nil || b.dialect == "sqlite" {
		return err
	}
	return db.Exec("ANALYZE TABLE users, posts, notes").Error
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

// alone is held by what may not run beside another parallel test. TestBudgetCommands runs while the tables are filled,
// but not while the times of pages and the allocations of this process are measured.
var alone sync.Mutex

// TestBudgetBigTable: on a table with a million rows, a late page needs the same time and memory as the first one, and
// all usual lists use an index.
func TestBudgetBigTable(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: measures")
	}
	t.Parallel()
	names := []string{"sqlite", "mysql"}
	start, tables, group := time.Now(), map[string]*big{}, errgroup.Group{}
	for _, dialect := range names {
		b := newBig(t, dialect)
		tables[dialect] = b
		group.Go(func() error { return b.fill(t.Context()) })
	}
	must(t, group.Wait())
	t.Logf("filled in %.0f s", time.Since(start).Seconds())
	alone.Lock()
	defer alone.Unlock()
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
	const perRound, minRounds, maxRounds = 100, 3, 30
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
		pages := []string{first, b.next(first), b.page10000(sort)}
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

// page10000 returns the path of page 10,000 of 20 rows. A cursor depends only on the last row before it, so a list that
// begins with this row returns the same cursor as 9,999 pages.
func (b *big) page10000(sort string) string {
	b.t.Helper()
	const last = 9999 * 20
	begin, want := fmt.Sprintf("id[gte]=%d", last), last+1
	if strings.HasPrefix(sort, "-") {
		begin, want = fmt.Sprintf("id[lte]=%d", manyNotes+1-last), manyNotes-last
	}
	after, err := url.Parse(b.next("/notes?" + begin + "&per_page=1&sort=" + sort))
	must(b.t, err)
	path := "/notes?cursor=" + after.Query().Get("cursor") + "&per_page=20&sort=" + sort
	var rows []note
	must(b.t, json.Unmarshal(b.get(path).Body.Bytes(), &rows))
	if len(rows) != 20 || rows[0].ID != int64(want) {
		b.t.Fatalf("%s: %d rows, the first is %v, want %d", path, len(rows), rows[:min(len(rows), 1)], want)
	}
	return path
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
		x := small.allocates(path, 0)
		most := x * 12 / 10
		y := b.allocates(path, most)
		b.t.Logf("%s: %d bytes with 50 rows in the table, %d with a million", path, x, y)
		if y > most {
			b.t.Errorf("%s: memory grows with the table: %d bytes with 50 rows, %d with a million", path, x, y)
		}
	}
}

// allocates returns the bytes that a request allocates: the minimum of three requests, or the first that is enough.
func (b *big) allocates(path string, enough uint64) uint64 {
	b.t.Helper()
	least := ^uint64(0)
	for n := 0; n < 3 && least > enough; n++ {
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
