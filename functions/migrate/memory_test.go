package main

import (
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/lambdatest"
)

// TestMemory: the memory of the function does not grow with the number of rows, because only the server handles rows.
func TestMemory(t *testing.T) {
	t.Parallel()
	const rows, limit = 60_000, 6 << 20 // the rows have 9 MB
	address := dbtest.MySQL(t)
	if r, failed := invoke(t, lambdatest.Start(t, function, "DATABASE_URL="+address), `{"command":"upgrade"}`); failed {
		t.Fatalf("%+v", r)
	}
	db := dbtest.Open(t, address)
	defer db.Close()
	const digits = "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL " +
		"SELECT 5" +
		" UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"
	if _, err := db.ExecContext(t.Context(), "INSERT INTO notes (title, content, created_at, updated_at) SELECT "+
		"CONCAT('note ', a.d, b.d, c.d, e.d, f.d), REPEAT('text ', 20), NOW(6), NOW(6) FROM "+
		"(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) a, "+
		digits+" b, "+digits+" c, "+digits+" e, "+digits+" f"); err != nil {
		t.Fatal(err)
	}

	fn := lambdatest.Start(t, "./testdata/wide", "DATABASE_URL="+address)
	fn.Started()
	before := fn.PeakMemory()
	r, failed := invoke(t, fn, `{"command":"upgrade"}`)
	applied := len(r.Applied)
	for range 10 { // a busy machine may need several attempts
		if failed || !r.Incomplete {
			break
		}
		r, failed = invoke(t, fn, `{"command":"upgrade"}`)
		applied += len(r.Applied)
	}
	if failed || r.Incomplete || applied != 1 {
		t.Fatalf("%d applied: %+v", applied, r)
	}
	peak := fn.PeakMemory()
	var changed int
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM notes WHERE colour <> '' AND content LIKE '%!'").
		Scan(&changed); err != nil || changed != rows {
		t.Errorf("%d rows were changed, want %d: %v", changed, rows, err)
	}
	t.Logf("%d MiB at the start, %d MiB at most", before>>20, peak>>20)
	if peak > before+limit {
		t.Errorf("it took %d MiB more than at the start, limit %d", (peak-before)>>20, limit>>20)
	}
}
