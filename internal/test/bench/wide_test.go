//go:build !race

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"slipway/internal/resource"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// wide is a row of 60 columns, ten of each of six types.
type wide struct {
	C00 int64         `json:"c00" gorm:"primaryKey;autoIncrement:false"`
	C01 float64       `json:"c01"`
	C02 bool          `json:"c02"`
	C03 string        `json:"c03" gorm:"size:80"`
	C04 resource.Date `json:"c04" gorm:"type:date"`
	C05 resource.JSON `json:"c05" gorm:"type:json"`
	C06 int64         `json:"c06"`
	C07 float64       `json:"c07"`
	C08 bool          `json:"c08"`
	C09 string        `json:"c09" gorm:"size:80"`
	C10 resource.Date `json:"c10" gorm:"type:date"`
	C11 resource.JSON `json:"c11" gorm:"type:json"`
	C12 int64         `json:"c12"`
	C13 float64       `json:"c13"`
	C14 bool          `json:"c14"`
	C15 string        `json:"c15" gorm:"size:80"`
	C16 resource.Date `json:"c16" gorm:"type:date"`
	C17 resource.JSON `json:"c17" gorm:"type:json"`
	C18 int64         `json:"c18"`
	C19 float64       `json:"c19"`
	C20 bool          `json:"c20"`
	C21 string        `json:"c21" gorm:"size:80"`
	C22 resource.Date `json:"c22" gorm:"type:date"`
	C23 resource.JSON `json:"c23" gorm:"type:json"`
	C24 int64         `json:"c24"`
	C25 float64       `json:"c25"`
	C26 bool          `json:"c26"`
	C27 string        `json:"c27" gorm:"size:80"`
	C28 resource.Date `json:"c28" gorm:"type:date"`
	C29 resource.JSON `json:"c29" gorm:"type:json"`
	C30 int64         `json:"c30"`
	C31 float64       `json:"c31"`
	C32 bool          `json:"c32"`
	C33 string        `json:"c33" gorm:"size:80"`
	C34 resource.Date `json:"c34" gorm:"type:date"`
	C35 resource.JSON `json:"c35" gorm:"type:json"`
	C36 int64         `json:"c36"`
	C37 float64       `json:"c37"`
	C38 bool          `json:"c38"`
	C39 string        `json:"c39" gorm:"size:80"`
	C40 resource.Date `json:"c40" gorm:"type:date"`
	C41 resource.JSON `json:"c41" gorm:"type:json"`
	C42 int64         `json:"c42"`
	C43 float64       `json:"c43"`
	C44 bool          `json:"c44"`
	C45 string        `json:"c45" gorm:"size:80"`
	C46 resource.Date `json:"c46" gorm:"type:date"`
	C47 resource.JSON `json:"c47" gorm:"type:json"`
	C48 int64         `json:"c48"`
	C49 float64       `json:"c49"`
	C50 bool          `json:"c50"`
	C51 string        `json:"c51" gorm:"size:80"`
	C52 resource.Date `json:"c52" gorm:"type:date"`
	C53 resource.JSON `json:"c53" gorm:"type:json"`
	C54 int64         `json:"c54"`
	C55 float64       `json:"c55"`
	C56 bool          `json:"c56"`
	C57 string        `json:"c57" gorm:"size:80"`
	C58 resource.Date `json:"c58" gorm:"type:date"`
	C59 resource.JSON `json:"c59" gorm:"type:json"`
}

// TableName is the name of the table, for GORM.
func (wide) TableName() string { return "wide" }

var wideTable = resource.Of[wide]("wide")

// pointers returns pointers to the fields.
func (w *wide) pointers() []any {
	return []any{
		&w.C00, &w.C01, &w.C02, &w.C03, &w.C04, &w.C05,
		&w.C06, &w.C07, &w.C08, &w.C09, &w.C10, &w.C11,
		&w.C12, &w.C13, &w.C14, &w.C15, &w.C16, &w.C17,
		&w.C18, &w.C19, &w.C20, &w.C21, &w.C22, &w.C23,
		&w.C24, &w.C25, &w.C26, &w.C27, &w.C28, &w.C29,
		&w.C30, &w.C31, &w.C32, &w.C33, &w.C34, &w.C35,
		&w.C36, &w.C37, &w.C38, &w.C39, &w.C40, &w.C41,
		&w.C42, &w.C43, &w.C44, &w.C45, &w.C46, &w.C47,
		&w.C48, &w.C49, &w.C50, &w.C51, &w.C52, &w.C53,
		&w.C54, &w.C55, &w.C56, &w.C57, &w.C58, &w.C59,
	}
}

// wideColumns returns a list with an item for each column; the format has its name and the SQL of its type.
func wideColumns(format string, types ...string) string {
	all := make([]string, 60)
	for i := range all {
		all[i] = fmt.Sprintf(format, i, append(types, "")[i%max(len(types), 1)])
	}
	return strings.Join(all, ",")
}

// createWide creates the table.
func createWide(t *testing.T, url string) {
	t.Helper()
	db := dbtest.Open(t, url)
	defer db.Close()
	_, err := db.Exec("CREATE TABLE wide (" + wideColumns("c%02d %s", "bigint NOT NULL", "double NOT NULL",
		"bool NOT NULL", "varchar(80) NOT NULL", "date NOT NULL", "json NOT NULL") + ", PRIMARY KEY (c00))")
	must(t, err)
}

// wideBody returns the body of a row with that key.
func wideBody(key int64) string {
	values := []string{"12345", "2.5", "true", `"a few words"`, `"2026-01-31"`, `{"a":[1,2]}`}
	body := fmt.Sprintf(`{"c00":%d`, key)
	for i := 1; i < 60; i++ {
		body += fmt.Sprintf(`,"c%02d":%s`, i, values[i%len(values)])
	}
	return body + "}"
}

// addWide adds the hand-written handlers of the table.
func (h hand) addWide(mux *http.ServeMux) {
	columns := wideColumns("c%02d%s")
	get := "SELECT " + columns + " FROM wide WHERE c00 = ? LIMIT 1"
	list := "SELECT " + columns + " FROM wide ORDER BY c00 DESC LIMIT ?"
	insert := "INSERT INTO wide (" + columns + ") VALUES (?" + strings.Repeat(",?", 59) + ")"
	read := func(ctx context.Context, text string, arg any) (all []wide, err error) {
		rows, err := h.read.QueryContext(ctx, text, arg)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var w wide
			if err := rows.Scan(w.pointers()...); err != nil {
				return nil, err
			}
			all = append(all, w)
		}
		return all, rows.Err()
	}
	mux.HandleFunc("GET /wide/{key}", func(w http.ResponseWriter, r *http.Request) {
		key, _ := strconv.ParseInt(r.PathValue("key"), 10, 64)
		rows, err := read(r.Context(), get, key)
		if err != nil || len(rows) == 0 {
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
		reply(w, http.StatusOK, rows[0])
	})
	mux.HandleFunc("GET /wide", func(w http.ResponseWriter, r *http.Request) {
		rows, err := read(r.Context(), list, 20)
		if err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		reply(w, http.StatusOK, rows)
	})
	mux.HandleFunc("POST /wide", func(w http.ResponseWriter, r *http.Request) {
		var row wide
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || json.Unmarshal(body, &row) != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
			return
		}
		if _, err := h.write.ExecContext(r.Context(), insert, row.pointers()...); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		rows, err := read(r.Context(), get, row.C00) // the databases change JSON
		if err != nil || len(rows) == 0 {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		reply(w, http.StatusCreated, rows[0])
	})
}

// TestBudgetWide is TestBudget for a table of 60 columns.
func TestBudgetWide(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: measures")
	}
	for _, dialect := range []string{"sqlite", "mysql"} {
		t.Run(dialect, func(t *testing.T) {
			url := blog.New(t, dialect)
			createWide(t, url)
			slipway, hand := start(t, "slipway", url), start(t, "hand", url)
			var last atomic.Int64
			for _, op := range []operation{
				{"create", 1.1, 200, http.StatusCreated, func(int) (string, string, string) {
					return "POST", "/wide", wideBody(last.Add(1))
				}},
				{"get", 1.9, 500, http.StatusOK, func(i int) (string, string, string) {
					return "GET", fmt.Sprintf("/wide/%d", i%400+1), ""
				}},
				{"list of 20", 1.3, 100, http.StatusOK, func(int) (string, string, string) { return "GET", "/wide", "" }},
			} {
				ratio, rounds := op.measure(t, slipway, hand)
				t.Logf("%-10s %.2f times by hand, at most %.1f (%d rounds)", op.name, ratio, op.limit, rounds)
				if ratio > op.limit {
					t.Errorf("%s takes %.2f times the hand-written code, more than %.1f", op.name, ratio, op.limit)
				}
			}
		})
	}
}
