package sqlite

import (
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestKeptOrNot: the kind of a statement and the result of its use determine whether it is cached.
func TestKeptOrNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text           string
		args           []any
		want           string // part of the error of each use
		prepared, open int32  // after two uses
	}{
		"select":             {"SELECT y FROM x WHERE y >= ?", []any{2}, "", 1, 1},
		"no rows":            {"SELECT y FROM x WHERE y > 9", nil, "", 1, 1},
		"lower case":         {"select y from x", nil, "", 1, 1},
		"with":               {"WITH z AS (SELECT y FROM x) SELECT y FROM z", nil, "", 1, 1},
		"update":             {"UPDATE x SET y = y + ?", []any{10}, "", 1, 1},
		"delete":             {"DELETE FROM x WHERE y = ?", []any{2}, "", 1, 1},
		"returning":          {"INSERT INTO x (at) VALUES (?) RETURNING 1", []any{"now"}, "", 1, 1},
		"unique":             {"INSERT INTO x (y) VALUES (?)", []any{2}, "UNIQUE constraint", 1, 1},
		"unique, returning":  {"INSERT INTO x (y, at) VALUES (?, ?) RETURNING y", []any{2, "now"}, "UNIQUE constraint", 1, 1},
		"check":              {"UPDATE x SET y = ? WHERE y = 2", []any{1000}, "CHECK constraint", 1, 1},
		"fails at once":      {"SELECT json(?)", []any{"{"}, "malformed JSON", 2, 0},
		"fails at row two":   {"SELECT CASE y WHEN 2 THEN json('{') ELSE y END FROM x", nil, "malformed JSON", 2, 0},
		"argument missing":   {"SELECT y FROM x WHERE y = ?", nil, "missing argument", 2, 0},
		"not SQL":            {"SELECT FROM", nil, "syntax error", 0, 0},
		"several statements": {"SELECT 1; SELECT 2", nil, "", 1, 1},
		"pragma":             {"PRAGMA foreign_keys", nil, "", 0, 0},
		"schema":             {"CREATE TABLE IF NOT EXISTS z (y)", nil, "", 0, 0},
		"long":               {"SELECT 1" + strings.Repeat(" ", maxText), nil, "", 0, 0},
	} {
		for _, how := range []string{"query", "exec"} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				db, count := counted(t, 1)
				for range 2 {
					var err error
					if how == "query" {
						_, err = column(t.Context(), db, c.text, c.args...)
					} else {
						_, err = db.ExecContext(t.Context(), c.text, c.args...)
					}
					if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
						t.Errorf("error %v, want %q", err, c.want)
					}
				}
				count.expect(t, c.prepared, c.open)
			})
		}
	}
}

// TestAfterConstraint: after a constraint error, a statement works with other arguments.
func TestAfterConstraint(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"", " RETURNING y"} {
		db, count := counted(t, 1)
		insert := "INSERT INTO x (y, at) VALUES (?, ?)" + end
		for i := range 20 {
			if _, err := column(t.Context(), db, insert, 1, "taken"); err == nil {
				t.Fatal("a value twice")
			}
			if _, err := column(t.Context(), db, insert, 10+i, fmt.Sprint("at ", i)); err != nil {
				t.Fatal(err)
			}
		}
		count.expect(t, 1, 1)
		got, err := column(t.Context(), db, "SELECT COUNT(*) FROM x WHERE y >= 10 AND at = 'at ' || (y - 10)")
		if err != nil || !slices.Equal(got, []int{20}) {
			t.Errorf("%v rows are as they were inserted, want 20 (%v)", got, err)
		}
	}
}

// TestSameTextWithinRows: in a transaction, the same statement can run while its rows are being read.
func TestSameTextWithinRows(t *testing.T) {
	t.Parallel()
	db, count := counted(t, 1)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const text = "SELECT y FROM x WHERE y >= ? ORDER BY y"
	rows, err := tx.QueryContext(t.Context(), text, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var outer []int
	for rows.Next() {
		var y int
		if err := rows.Scan(&y); err != nil {
			t.Fatal(err)
		}
		outer = append(outer, y)
		inner, err := column(t.Context(), tx, text, y+1)
		if want := []int{2, 3}[min(y-1, 2):]; err != nil || !slices.Equal(inner, want) {
			t.Errorf("within row %d: %v, want %v (%v)", y, inner, want, err)
		}
	}
	if err := rows.Err(); err != nil || !slices.Equal(outer, []int{1, 2, 3}) {
		t.Errorf("%v, %v", outer, err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	count.expect(t, 2, 1)
}

// TestMoreThanKept: many goroutines run more statements than the cache holds. Each gets its own result, and no
// connection has more open statements than the limit.
func TestMoreThanKept(t *testing.T) {
	t.Parallel()
	const connections, goroutines, texts = 4, 16, maxKept * 2
	db, count := counted(t, connections)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range texts {
				n := (i*7 + g*31) % texts
				got, err := column(t.Context(), db, fmt.Sprintf("SELECT y + %d FROM x WHERE y = ?", n), 3)
				if err != nil || !slices.Equal(got, []int{n + 3}) {
					t.Errorf("%d: %v, %v", n, got, err)
				}
				if open := count.open.Load(); open > connections*(maxKept+1) {
					t.Errorf("%d statements are open", open)
				}
			}
		})
	}
	wg.Wait()
	if open := count.open.Load(); open > connections*maxKept || open < maxKept {
		t.Errorf("%d statements are kept", open)
	}
}

// TestRowsTwiceClosed: a second Close of rows does not close a statement that is in use again.
func TestRowsTwiceClosed(t *testing.T) {
	t.Parallel()
	db, count := counted(t, 1)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(t.Context(), "SELECT y FROM x", nil)
		if err != nil {
			return err
		}
		for range 2 {
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	count.expect(t, 1, 1)
}

// TestNothingHidden: a caching connection and its rows implement all interfaces of the driver's types.
func TestNothingHidden(t *testing.T) {
	t.Parallel()
	inner, err := connect(filepath.Join(t.TempDir(), "app.db"), busyTimeout)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[bool][]string{}
	for _, kept := range []bool{false, true} {
		from := inner
		if kept {
			from = keeping{inner}
		}
		conn, err := from.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for range 2 { // the second use is cached
			rows, err := conn.(driver.QueryerContext).QueryContext(t.Context(), "SELECT 1", nil)
			if err != nil {
				t.Fatal(err)
			}
			seen[kept] = append(interfaces(conn), interfaces(rows)...)
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if !slices.Equal(seen[true], seen[false]) || len(seen[true]) == 0 {
		t.Errorf("%v\nof the driver's %v", seen[true], seen[false])
	}
}

// interfaces names the optional interfaces of package driver that v has.
func interfaces(v any) (names []string) {
	for name, has := range map[string]func(any) bool{
		"ConnBeginTx":                    has[driver.ConnBeginTx],
		"ConnPrepareContext":             has[driver.ConnPrepareContext],
		"ExecerContext":                  has[driver.ExecerContext],
		"NamedValueChecker":              has[driver.NamedValueChecker],
		"Pinger":                         has[driver.Pinger],
		"QueryerContext":                 has[driver.QueryerContext],
		"RowsColumnTypeDatabaseTypeName": has[driver.RowsColumnTypeDatabaseTypeName],
		"RowsColumnTypeLength":           has[driver.RowsColumnTypeLength],
		"RowsColumnTypeNullable":         has[driver.RowsColumnTypeNullable],
		"RowsColumnTypePrecisionScale":   has[driver.RowsColumnTypePrecisionScale],
		"RowsColumnTypeScanType":         has[driver.RowsColumnTypeScanType],
		"RowsNextResultSet":              has[driver.RowsNextResultSet],
		"SessionResetter":                has[driver.SessionResetter],
		"Validator":                      has[driver.Validator],
	} {
		if has(v) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func has[T any](v any) bool {
	_, ok := v.(T)
	return ok
}
