package httpapi_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
	"slipway/internal/test/mysqlproxy"
)

type (
	// account has columns that store values unchanged, after truncation to the digits in the tags.
	account struct {
		ID        int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
		Name      string     `json:"name" gorm:"size:20;not null"`
		Balance   float64    `json:"balance" gorm:"precision:10;scale:2;not null;default:0"`
		DueAt     *time.Time `json:"due_at" gorm:"precision:0"`
		SeenAt    *time.Time `json:"seen_at" gorm:"precision:3"`
		UpdatedAt time.Time  `json:"updated_at" gorm:"not null;precision:0" rule:"readonly"`
	}
	// reading has columns that change values, and columns that the database computes.
	reading struct {
		ID    int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
		Name  string     `json:"name" gorm:"size:20;not null"`
		Code  *string    `json:"code" gorm:"type:char(5)"`
		Ratio *float64   `json:"ratio" gorm:"size:32"`
		Day   *time.Time `json:"day" gorm:"type:date"`
		At    *time.Time `json:"at"`
		Size  int64      `json:"size" gorm:"->"`
		Slug  *string    `json:"slug" gorm:"size:20"`
	}
)

// TableName returns the name of the table, for GORM.
func (account) TableName() string { return "accounts" }

// TableName returns the name of the table, for GORM.
func (reading) TableName() string { return "readings" }

// Rules returns the rules of a reading.
func (r *reading) Rules() []resource.Rule { return []resource.Rule{resource.Computed(&r.Slug)} }

var storedTables = resource.Link(resource.Of[account]("accounts"), resource.Of[reading]("readings"))

var storedDDL = map[string][]string{
	"mysql": {
		`CREATE TABLE accounts (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(20) NOT NULL,
			balance decimal(10,2) NOT NULL DEFAULT 0,
			due_at datetime NULL, seen_at datetime(3) NULL, updated_at datetime NOT NULL)`,
		`CREATE TABLE readings (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(20) NOT NULL, code char(5) NULL,
			ratio float NULL,
			day date NULL, at timestamp NULL, size bigint AS (CHAR_LENGTH(name)) STORED, slug varchar(20) NULL)`,
		`CREATE TRIGGER slug_insert BEFORE INSERT ON readings FOR EACH ROW SET NEW.slug = LOWER(NEW.name)`,
		`CREATE TRIGGER slug_update BEFORE UPDATE ON readings FOR EACH ROW SET NEW.slug = LOWER(NEW.name)`,
	},
	"sqlite": {
		`CREATE TABLE accounts (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL, balance numeric NOT NULL DEFAULT 0,
			due_at datetime NULL, seen_at datetime NULL, updated_at datetime NOT NULL)`,
		`CREATE TABLE readings (id integer PRIMARY KEY AUTOINCREMENT, name text NOT NULL, code text NULL, ratio real NULL,
			day date NULL, at datetime NULL, size integer AS (length(name)) STORED, slug text NULL)`,
		`CREATE TRIGGER slug_insert AFTER INSERT ON readings BEGIN UPDATE readings SET slug = lower(NEW.name) WHERE id = ` +
			`NEW.id; END`,
		`CREATE TRIGGER slug_update AFTER UPDATE OF name ON readings BEGIN UPDATE readings SET slug = lower(NEW.name) ` +
			`WHERE id = NEW.id; END`,
	},
}

// newStored creates these tables and returns an API for them.
func newStored(t *testing.T, url string) *testAPI {
	t.Helper()
	api := newAPI(t, url, func(o *httpapi.Options) { o.Tables = storedTables })
	for _, statement := range storedDDL[api.DB.Dialect] {
		if err := api.DB.Write.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	return api
}

// TestResponseIsWhatIsStored checks that the response to a write has the same row and ETag as a GET.
func TestResponseIsWhatIsStored(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		api := newStored(t, url)
		same := func(what string, got response, path string) string {
			t.Helper()
			row := api.Must(200, "GET", path, "")
			if got.Body != row.Body || got.Header.Get("ETag") != row.Header.Get("ETag") {
				t.Errorf("%s: the response is %s %s\nstored is %s %s", what, got.Body, got.Header.Get("ETag"), row.Body,
					row.Header.Get("ETag"))
			}
			return "If-Match: " + got.Header.Get("ETag")
		}
		for _, c := range []struct{ path, create, change, put string }{
			{"/accounts", `{"name":"a","balance":2.67,"due_at":"2024-01-01T00:00:00.6Z","seen_at":"2024-01-01T00:00:00.9999Z"}`,
				`{"due_at":"2025-01-01T00:00:00.999999Z"}`, `{"name":"b","seen_at":"2025-01-01T00:00:00.0009Z"}`},
			{"/readings", `{"name":"ADA","code":"ab ","ratio":1.23456789,"day":"2024-01-01T12:00:00Z",` +
				`"at":"2024-01-01T00:00:00.6Z"}`,
				`{"name":"Bob","ratio":0.1}`, `{"name":"EVE","day":"2024-02-03T23:59:59Z","code":" x "}`},
		} {
			first := api.Must(201, "POST", c.path, c.create)
			row := c.path + "/1"
			match := same("POST", first, row)
			same("PATCH", api.Must(200, "PATCH", row, c.change, match), row)
			same("PATCH without If-Match", api.Must(200, "PATCH", row, c.create), row)
			match = same("PUT", api.Must(200, "PUT", row, c.put), row)
			match = same("PUT with If-Match", api.Must(200, "PUT", row, c.create, match), row)
			api.Must(412, "PATCH", row, c.change, `If-Match: "stale"`)
			api.Must(204, "DELETE", row, "", match)
			api.Must(404, "PATCH", row, c.change)

			many := api.Must(201, "POST", c.path, "["+c.create+","+c.put+"]")
			if list := api.Must(200, "GET", c.path+"?sort=id", ""); list.Body != many.Body {
				t.Errorf("POST of an array: the response is %s\nstored is %s", many.Body, list.Body)
			}
			key := "Idempotency-Key: " + c.path
			once := api.Must(201, "POST", c.path, c.create, key)
			same("POST with a key", once, once.Header.Get("Location"))
			same("the same again", api.Must(201, "POST", c.path, c.create, key), once.Header.Get("Location"))
			api.Must(200, "PATCH", c.path+"?all=true", c.change)
		}
		got := api.Must(422, "POST", "/accounts", `{"name":"a","balance":2.675}`)
		if !strings.Contains(got.Body, "Balance must have at most 2 digits after the point") {
			t.Error(got.Body)
		}
	})
}

// TestStatementsOfComputedColumns checks that a write to a table with computed columns is a transaction of four
// statements, or five with If-Match.
func TestStatementsOfComputedColumns(t *testing.T) {
	t.Parallel()
	proxy, address := mysqlproxy.Through(t, blog.MySQL(t))
	api := newStored(t, address)
	for _, c := range []struct {
		method, path, body string
		status             int
		headers            []string
		want               string
	}{
		{"POST", "/readings", `{"name":"a"}`, 201, nil, "START INSERT SELECT COMMIT"},
		{"POST", "/readings", `[{"name":"a"},{"name":"b"}]`, 201, nil, "START INSERT SELECT COMMIT"},
		{"PATCH", "/readings/1", `{"name":"c"}`, 200, nil, "START UPDATE SELECT COMMIT"},
		{"PATCH", "/readings/1", `{"name":"d"}`, 200, []string{"If-Match: *"}, "START SELECT UPDATE SELECT COMMIT"},
		{"PATCH", "/readings/9", `{"name":"d"}`, 404, nil, "START UPDATE SELECT ROLLBACK"},
		{"DELETE", "/readings/1", "", 204, []string{"If-Match: *"}, "START SELECT DELETE COMMIT"},
	} {
		proxy.Reset()
		api.Must(c.status, c.method, c.path, c.body, c.headers...)
		var got []string
		for _, command := range proxy.Commands() {
			got = append(got, strings.Fields(command)[1])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s: %q, want %s", c.method, c.path, got, c.want)
		}
	}
}

// TestChangesAtOnce checks concurrent updates of one row: each response has the row after its own update, and no update
// of another member is lost.
func TestChangesAtOnce(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		api := newStored(t, url)
		api.Must(201, "POST", "/accounts", `{"name":"start"}`)
		api.Must(201, "POST", "/readings", `{"name":"start"}`)
		var all sync.WaitGroup
		for writer := range 6 {
			all.Go(func() {
				for n := range 25 {
					name := fmt.Sprintf("w%d-%d", writer, n)
					for _, path := range []string{"/accounts/1", "/readings/1"} {
						got := api.Do("PATCH", path, fmt.Sprintf(`{"name":%q}`, name))
						if got.Status != 200 || !strings.Contains(got.Body, fmt.Sprintf(`"name":%q`, name)) {
							t.Errorf("PATCH %s to %s: %d %s", path, name, got.Status, got.Body)
						}
						if path == "/readings/1" && !strings.Contains(got.Body, fmt.Sprintf(`"slug":%q`, name)) {
							t.Errorf("PATCH %s to %s: the slug is from another update: %s", path, name, got.Body)
						}
					}
				}
			})
		}
		for n := range 25 {
			if got := api.Do("PATCH", "/accounts/1", fmt.Sprintf(`{"balance":%d}`, n)); got.Status != 200 {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		}
		all.Wait()
		if got := api.Must(200, "GET", "/accounts/1", ""); !strings.Contains(got.Body, `"balance":24`) {
			t.Errorf("an update of another member is lost: %s", got.Body)
		}
	})
}

// TestOneOfManyWins checks that one of many writers with the same ETag succeeds, also if the table is not verbatim.
func TestOneOfManyWins(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		api := newStored(t, url)
		for _, method := range []string{"PATCH", "DELETE"} {
			created := api.Must(201, "POST", "/readings", `{"name":"start"}`)
			var all sync.WaitGroup
			var statuses sync.Map
			for n := range 20 {
				all.Go(func() {
					body := map[string]string{"PATCH": fmt.Sprintf(`{"name":"w%d"}`, n)}[method]
					got := api.Do(method, created.Header.Get("Location"), body, "If-Match: "+created.Header.Get("ETag"))
					count, _ := statuses.LoadOrStore(got.Status, new(atomic.Int64))
					count.(*atomic.Int64).Add(1)
				})
			}
			all.Wait()
			wins, _ := statuses.Load(map[string]int{"PATCH": 200, "DELETE": 204}[method])
			if n := wins.(*atomic.Int64).Load(); n != 1 {
				t.Errorf("%s: %d writers succeeded", method, n)
			}
		}
	})
}

// TestOneOfManyWinsWhateverTheCollation checks the same for updates that the column's collation ignores, such as a
// change of case.
func TestOneOfManyWinsWhateverTheCollation(t *testing.T) {
	t.Parallel()
	type word struct {
		ID   int64  `json:"id" gorm:"primaryKey" rule:"readonly"`
		Text string `json:"text" gorm:"size:20;not null"`
	}
	words := resource.Link(resource.Of[word]("words"))
	blog.Each(t, func(t *testing.T, url string) {
		api := newAPI(t, url, func(o *httpapi.Options) { o.Tables = words })
		create := map[string]string{
			"mysql": `CREATE TABLE words (id bigint PRIMARY KEY AUTO_INCREMENT, text varchar(20) CHARSET latin1 COLLATE ` +
				`latin1_swedish_ci NOT NULL)`,
			"sqlite": `CREATE TABLE words (id integer PRIMARY KEY AUTOINCREMENT, text text COLLATE NOCASE NOT NULL)`,
		}[api.DB.Dialect]
		if err := api.DB.Write.Exec(create).Error; err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"abc", "stra\u00dfe \u00e9"} {
			created := api.Must(201, "POST", "/words", fmt.Sprintf(`{"text":%q}`, text))
			path, match := created.Header.Get("Location"), "If-Match: "+created.Header.Get("ETag")
			var all sync.WaitGroup
			var wins atomic.Int64
			for range 20 {
				all.Go(func() {
					if api.Do("PATCH", path, fmt.Sprintf(`{"text":%q}`, strings.ToUpper(text)), match).Status == 200 {
						wins.Add(1)
					}
				})
			}
			all.Wait()
			if n := wins.Load(); n != 1 {
				t.Errorf("%s: %d writers succeeded", text, n)
			}
			api.Must(204, "DELETE", path, "", "If-Match: *")
		}
	})
}

// TestIDsOfManyRows checks the ids of an array for any auto_increment_increment of the server. The insert is one
// statement once the step is known.
func TestIDsOfManyRows(t *testing.T) {
	t.Parallel()
	server := dbtest.Private(t, "--auto-increment-increment=7", "--auto-increment-offset=3")
	url := server.Database("app")
	blog.Create(t, url)
	proxy, address := mysqlproxy.Through(t, url)
	api := newAPI(t, address, nil)
	for round, headers := range [][]string{nil, {key}, {key}, nil} {
		proxy.Reset()
		got := api.Must(201, "POST", "/notes", `[{"title":"a"},{"title":"b"},{"title":"c"}]`, headers...)
		commands := proxy.Commands()
		for i, row := range got.Array(t) {
			stored := api.Must(200, "GET", fmt.Sprintf("/notes/%v", row["id"]), "").Object(t)
			if stored["title"] != string("abc"[i]) {
				t.Errorf("round %d: row %d has the id %v of %v", round, i, row["id"], stored)
			}
		}
		if round == 3 && (len(commands) != 1 || !strings.HasPrefix(commands[0], "QUERY INSERT")) {
			t.Errorf("%q, want one INSERT", commands)
		}
	}
	// Change the step of the server: it applies to new sessions only.
	if err := api.DB.Write.Exec("SET GLOBAL auto_increment_increment = 1").Error; err != nil {
		t.Fatal(err)
	}
	second := newAPI(t, address, nil)
	second.Must(201, "POST", "/notes", `[{"title":"d"},{"title":"e"}]`)
	api.Must(201, "POST", "/notes", `[{"title":"f"},{"title":"g"}]`)
	var titles []string
	for _, row := range api.Must(200, "GET", "/notes?sort=id&fields=title", "").Array(t) {
		titles = append(titles, row["title"].(string))
	}
	if want := strings.Split("abcabcabcdefg", ""); !slices.Equal(titles, want) {
		t.Errorf("%q, want %q", titles, want)
	}
}
