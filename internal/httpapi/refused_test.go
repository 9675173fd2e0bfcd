package httpapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// item has fewer rules in its model than in the database, like an adopted table.
type item struct {
	ID       int64   `json:"id" gorm:"primaryKey" rule:"readonly"`
	Name     string  `json:"name" gorm:"size:20;not null"`
	Code     *string `json:"code" gorm:"size:20;uniqueIndex:items_code"`
	Qty      *int64  `json:"qty" gorm:"size:8"`
	Doc      *string `json:"doc" gorm:"type:json"`
	Latin    *string `json:"latin" gorm:"size:20"`
	Bio      *string `json:"bio"`
	Twice    *int64  `json:"twice"`
	ParentID *int64  `json:"parent_id"`
	OwnerID  *int64  `json:"owner_id"`

	Parent *item `json:"parent" gorm:"foreignKey:ParentID;constraint:items_parent_id,OnDelete:CASCADE" inverse:"children"`
	Owner  *item `json:"owner" gorm:"foreignKey:OwnerID;constraint:items_owner_id,OnDelete:RESTRICT" inverse:"owned"`
}

// TableName returns the name of the table, for GORM.
func (item) TableName() string { return "items" }

// missing is a model without a table.
type missing struct {
	ID int64 `json:"id" gorm:"primaryKey" rule:"readonly"`
}

// TableName returns the name of the table, for GORM.
func (missing) TableName() string { return "missing" }

var itemTables = resource.Link(resource.Of[item]("items"), resource.Of[missing]("missing"))

var itemDDL = map[string][]string{
	"mysql": {
		`CREATE TABLE items (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(5) NULL, code varchar(20), qty tinyint,
			doc json,
			latin varchar(20) CHARACTER SET latin1, bio longtext, twice bigint, parent_id bigint, owner_id bigint,
			UNIQUE INDEX items_code (code), CONSTRAINT items_qty CHECK (qty < 100),
			CONSTRAINT items_parent_id FOREIGN KEY (parent_id) REFERENCES items (id) ON DELETE CASCADE,
			CONSTRAINT items_owner_id FOREIGN KEY (owner_id) REFERENCES items (id) ON DELETE RESTRICT)`,
		`CREATE TRIGGER items_refuse BEFORE INSERT ON items FOR EACH ROW
			IF NEW.name = 'no' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a secret of the trigger'; END IF`,
	},
	"sqlite": {
		`CREATE TABLE items (id integer PRIMARY KEY AUTOINCREMENT, name text NULL, code text, qty integer, doc text,
			latin text,
			bio text, twice integer, parent_id integer, owner_id integer, CONSTRAINT items_qty CHECK (qty < 100),
			CONSTRAINT items_doc CHECK (json_valid(doc)),
			CONSTRAINT items_parent_id FOREIGN KEY (parent_id) REFERENCES items (id) ON DELETE CASCADE,
			CONSTRAINT items_owner_id FOREIGN KEY (owner_id) REFERENCES items (id) ON DELETE RESTRICT)`,
		`CREATE UNIQUE INDEX items_code ON items (code)`,
		`CREATE INDEX items_parent_id ON items (parent_id)`, // MySQL creates this index itself
		`CREATE TRIGGER items_refuse BEFORE INSERT ON items WHEN NEW.name = 'no' BEGIN SELECT RAISE(ABORT, 'a secret of ` +
			`the trigger'); END`,
	},
}

// newItems creates the tables of items and returns an API for them.
func newItems(t *testing.T, url string, statements ...string) *testAPI {
	t.Helper()
	api := newAPI(t, url, func(o *httpapi.Options) {
		o.Tables, o.MaxBodyBytes = itemTables, 8<<20
		o.Timeout = 3 * time.Minute // with the race detector, a cascade of 1,000 levels is slow in SQLite
	})
	for _, statement := range append(itemDDL[api.DB.Dialect], statements...) {
		if err := api.DB.Write.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	return api
}

// TestRefusedByTheDatabase checks that a request that the database refuses is never a 500. It has the cases of
// docs/api.md.
func TestRefusedByTheDatabase(t *testing.T) {
	t.Parallel()
	const fine = 0 // the dialect accepts the request
	cases := []struct {
		name, method, path, body string
		mysql, sqlite            int
		want                     string // in the body of each refusal
	}{
		{"a unique value is taken", "POST", "/items", `{"name":"a","code":"x"}`, 409, 409,
			`"errors":[{"field":"code","code":"duplicate"`},
		{"a parent is missing", "POST", "/items", `{"name":"a","owner_id":99}`, 422, 422,
			`{"field":"owner_id","code":"missing_parent"`},
		{"a row with RESTRICT", "DELETE", "/items/1", "", 409, 409, "Other rows reference this row"},
		{"rows with RESTRICT", "DELETE", "/items?id=1", "", 409, 409, "Other rows reference this row"},
		{"a row that references only itself", "DELETE", "/items/40", "", 204, 204, ""},
		{"a row that references itself, and has others", "DELETE", "/items/50", "", 409, 409,
			"Other rows reference this row"},
		{"a cascade that is too deep", "DELETE", "/items/100", "", 409, 409, "more levels of references than the database"},
		{"a check", "POST", "/items", `{"name":"a","qty":100}`, 422, 422,
			`"errors":[{"code":"check","detail":"The row violates the check constraint items_qty"}]`},
		{"a check, by a PATCH", "PATCH", "/items/2", `{"qty":100}`, 422, 422,
			"The row violates the check constraint items_qty"},
		{"a check, by a change of many", "PATCH", "/items?all=true", `{"qty":100}`, 422, 422,
			"The row violates the check constraint items_qty"},
		{"a trigger that refuses", "POST", "/items", `{"name":"no"}`, 422, 422,
			`"errors":[{"code":"check","detail":"The row violates a check constraint or a trigger of the database"}]`},
		{"text that is not JSON", "POST", "/items", `{"name":"a","doc":"{"}`, 422, 422, "doc"},
		{"a value that is too long", "POST", "/items", `{"name":"long name"}`, 422, fine,
			`{"field":"name","code":"too_long"`},
		{"a value out of range", "POST", "/items", `{"name":"a","qty":-129}`, 422, fine,
			`{"field":"qty","code":"out_of_range"`},
		{"a character that a column lacks", "POST", "/items", `{"name":"a","latin":"😀"}`, 422, fine,
			`{"field":"latin","code":"wrong_type"`},
		{"a filter by such a character", "GET", "/items?latin=%F0%9F%98%80", "", 400, fine,
			"a value that its column cannot store"},
		{"a change by such a filter", "DELETE", "/items?latin[like]=%F0%9F%98%80%25", "", 400, fine,
			"a value that its column cannot store"},
		{"a table that is missing", "GET", "/missing", "", 503, 503, "does not have the schema"},
		{"a column that is missing", "GET", "/missing?id=1", "", 503, 503, "does not have the schema"},
	}
	dbtest.Each(t, func(t *testing.T, url string) {
		// The cases share a database: only those that the dialect accepts change it, and none depends on another.
		api := newItems(t, url, `INSERT INTO items (id, name, code) VALUES (1, 'one', 'x'), (2, 'two', NULL)`,
			`INSERT INTO items (id, name, owner_id) VALUES (3, 'three', 1), (40, 'x', 40), (50, 'y', 50), (60, 'z', 50)`)
		deep(t, api)
		for _, c := range cases {
			status := map[string]int{"mysql": c.mysql, "sqlite": c.sqlite}[api.DB.Dialect]
			got := api.Do(c.method, c.path, c.body)
			if status == fine {
				if got.Status >= 300 {
					t.Errorf("%s: %d %s", c.name, got.Status, got.Body)
				}
				continue
			}
			if got.Status != status || !strings.Contains(got.Body, c.want) || strings.Contains(got.Body, "secret") {
				t.Errorf("%s: %d %s\nwant %d and %s", c.name, got.Status, got.Body, status, c.want)
			}
			if n := api.Must(200, "HEAD", "/items?id[lt]=10&page=1", "").Header.Get("X-Total-Count"); n != "3" {
				t.Errorf("%s: %s rows after the request, want 3", c.name, n)
			}
		}
	})
}

// deep creates a chain of rows, each the parent of the next, with more levels than the dialect can delete.
func deep(t *testing.T, api *testAPI) {
	t.Helper()
	rows := []string{"(100, 'top', NULL)"}
	for i := range map[string]int{"mysql": 20, "sqlite": 1100}[api.DB.Dialect] {
		rows = append(rows, fmt.Sprintf("(%d, 'x', %d)", 101+i, 100+i))
	}
	if err := api.DB.Write.Exec(
		"INSERT INTO items (id, name, parent_id) VALUES " + strings.Join(rows, ", ")).Error; err != nil {
		t.Fatal(err)
	}
}

// TestSortByLongTexts checks the order of texts that exceed MySQL's default sort buffer, on all pages. It also checks
// the error for texts that are too long even with the hint.
func TestSortByLongTexts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, address string) {
		api := newItems(t, address)
		insert := func(n, size int) {
			t.Helper()
			for i := range n {
				letter := string(rune('a' + (i*7)%n))
				if err := api.DB.Write.Exec("INSERT INTO items (name, bio) VALUES (?, ?)", letter,
					strings.Repeat("x", size)+letter).Error; err != nil {
					t.Fatal(err)
				}
			}
		}
		insert(20, 300_000)
		for _, sort := range []string{"-bio", "qty,bio,name"} {
			last, n := "", 0
			for path := "/items?fields=name&per_page=4&sort=" + url.QueryEscape(sort); path != ""; {
				got := api.Must(200, "GET", path, "")
				for _, row := range got.Array(t) {
					letter := row["name"].(string)
					if n++; last != "" && (letter < last) != strings.HasPrefix(sort, "-") {
						t.Errorf("sort=%s: %s after %s", sort, letter, last)
					}
					last = letter
				}
				path = got.Next()
			}
			if n != 20 {
				t.Errorf("sort=%s: %d rows, want 20", sort, n)
			}
		}
		insert(20, 3_000_000)
		got := api.Do("GET", "/items?sort=bio&per_page=1", "")
		if api.DB.Dialect == "mysql" &&
			(got.Status != 400 || !strings.Contains(got.Body, "sort by fields with shorter values")) {
			t.Errorf("%d %s", got.Status, truncate(got.Body))
		}
		if api.DB.Dialect == "sqlite" && got.Status != 200 {
			t.Errorf("%d %s", got.Status, truncate(got.Body))
		}
	})
}

// TestStatementTooLarge checks that a statement over the server's limit is a 413 and not a lost connection.
func TestStatementTooLarge(t *testing.T) {
	t.Parallel()
	server := dbtest.Private(t, "--max-allowed-packet=65536")
	url := server.Database("app")
	blog.Create(t, url)
	api := newItems(t, url)
	for _, size := range []int{70_000, 200_000, 5_000_000} {
		got := api.Do("POST", "/items", fmt.Sprintf(`{"name":"a","bio":%q}`, strings.Repeat("x", size)))
		if got.Status != 413 || !strings.Contains(got.Body, "send fewer rows or shorter values") {
			t.Errorf("%d bytes: %d %s", size, got.Status, truncate(got.Body))
		}
		api.Must(200, "GET", "/items", "")
	}
}

// TestOutOfIDs checks that a create in a table without further ids is a 503, not a 409 for a duplicate value.
func TestOutOfIDs(t *testing.T) {
	t.Parallel()
	blog.Each(t, func(t *testing.T, url string) {
		last := map[string]string{"mysql": "127", "sqlite": "9223372036854775807"}
		api := newAPI(t, url, func(o *httpapi.Options) { o.Tables = itemTables })
		for _, statement := range []string{
			map[string]string{"mysql": `CREATE TABLE missing (id tinyint PRIMARY KEY AUTO_INCREMENT)`,
				"sqlite": `CREATE TABLE missing (id integer PRIMARY KEY AUTOINCREMENT)`}[api.DB.Dialect],
			`INSERT INTO missing (id) VALUES (` + last[api.DB.Dialect] + `)`,
		} {
			if err := api.DB.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		for _, body := range []string{`{}`, `[{},{}]`} {
			api.Must(503, "POST", "/missing", body)
		}
	})
}

// TestNoKeyTable checks that only requests with a key fail if the table of keys is missing, and that the error names
// the table.
func TestNoKeyTable(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		api := newItems(t, url)
		api.Must(201, "POST", "/items", `{"name":"a"}`)
		got := api.Must(503, "POST", "/items", `{"name":"a"}`, key)
		if !strings.Contains(got.Body, "requires the table idempotency_keys") ||
			!strings.Contains(got.Body, `"param":"Idempotency-Key"`) {
			t.Error(got.Body)
		}
		if n := api.Must(200, "HEAD", "/items?page=1", "").Header.Get("X-Total-Count"); n != "1" {
			t.Errorf("%s rows, want 1", n)
		}
	})
}
