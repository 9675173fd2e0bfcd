package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
)

// TestInterrupted: a statement ends with its context. After that, the same text and another cached statement work on
// the same connection.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	const count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
	for name, text := range map[string]string{
		"at the first row": count + "SELECT MAX(i) FROM n",
		"between rows":     count + "SELECT i FROM n",
		"writing":          count + "INSERT INTO x (at) SELECT i FROM n RETURNING 5",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, count := counted(t, 1)
			conn, err := db.Conn(t.Context()) // the pool might use another connection
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for range 3 {
				another, err := column(t.Context(), conn, "SELECT y FROM x WHERE y = ?", 3)
				if err != nil || !slices.Equal(another, []int{3}) {
					t.Errorf("another: %v, %v", another, err)
				}
				got, err := column(t.Context(), conn, text, 5)
				if err != nil || len(got) == 0 || got[len(got)-1] != 5 {
					t.Errorf("in time: %v, %v", got, err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				_, err = column(ctx, conn, text, 1<<40)
				cancel()
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("interrupted: %v", err)
				}
			}
			if prepared, open := count.prepared.Load(), count.open.Load(); prepared > 4 || open > 2 {
				t.Errorf("%d statements prepared and %d open", prepared, open)
			}
			got, err := column(t.Context(), conn, "SELECT COUNT(*) FROM x WHERE typeof(at) = 'integer' AND at > 5")
			if err != nil || !slices.Equal(got, []int{0}) {
				t.Errorf("%v rows are left of what was interrupted (%v)", got, err)
			}
		})
	}
}

// TestFailsWhenClosed: a statement whose Close fails, here because of a deferred foreign key, is not cached, and the
// next use of its text works.
func TestFailsWhenClosed(t *testing.T) {
	t.Parallel()
	db, count := counted(t, 1)
	exec(t, db, "CREATE TABLE child (y text REFERENCES x (y) DEFERRABLE INITIALLY DEFERRED)")
	const insert = "INSERT INTO child VALUES (?) RETURNING y"
	for range 2 {
		rows, err := db.QueryContext(t.Context(), insert, "no such parent")
		if err != nil {
			t.Fatal(err)
		}
		if !rows.Next() {
			t.Error(rows.Err())
		}
		if err := rows.Close(); err == nil || !strings.Contains(err.Error(), "FOREIGN KEY constraint") {
			t.Errorf("closed with %v", err)
		}
	}
	count.expect(t, 2, 0)
	got, err := column(t.Context(), db, insert, "1")
	if err != nil || !slices.Equal(got, []int{1}) {
		t.Errorf("%v, %v", got, err)
	}
	count.expect(t, 3, 1)
}

// TestSchemaChanges: cached statements use the new schema after another connection has changed it.
func TestSchemaChanges(t *testing.T) {
	t.Parallel()
	url := "sqlite://" + filepath.Join(t.TempDir(), "app.db")
	write, read, err := Dialect{}.Open(database.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	defer read.Close()
	read.SetMaxOpenConns(1)
	migration, _, err := Dialect{}.Open(database.Config{URL: url, Mode: database.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	defer migration.Close()

	// the results of SELECT * and INSERT after each change
	for _, step := range []struct{ change, columns, rows string }{
		{"CREATE TABLE x (y integer)", "y INTEGER", "[[1]]"},
		{"CREATE INDEX x_y ON x (y)", "y INTEGER", "[[1] [1]]"},
		{"ALTER TABLE x ADD COLUMN z varchar(9) NOT NULL DEFAULT 'new'", "y INTEGER, z VARCHAR(9)",
			"[[1 new] [1 new] [1 new]]"},
		{"ALTER TABLE x RENAME COLUMN z TO w", "y INTEGER, w VARCHAR(9)", "[[1 new] [1 new] [1 new] [1 new]]"},
		{"DROP INDEX x_y", "y INTEGER, w VARCHAR(9)", "[[1 new] [1 new] [1 new] [1 new] [1 new]]"},
		{"DROP TABLE x", "no such table: x", ""},
		{"CREATE TABLE x (at datetime, y text)", "at DATETIME, y TEXT", "[[<nil> 1]]"},
		{"ALTER TABLE x DROP COLUMN at", "y TEXT", "[[1] [1]]"},
		{"CREATE UNIQUE INDEX x_y ON x (y)", "UNIQUE constraint failed", ""},
	} {
		// In the last step, existing rows violate the index.
		if strings.Contains(step.change, "UNIQUE") {
			exec(t, migration, "DELETE FROM x WHERE rowid > 1")
		}
		exec(t, migration, step.change)
		var columns, rows string
		_, err := write.ExecContext(t.Context(), "INSERT INTO x (y) VALUES (?)", 1)
		if err == nil {
			columns, rows, err = table(t.Context(), read)
		}
		if err != nil && !strings.Contains(err.Error(), step.columns) ||
			err == nil && (columns != step.columns || rows != step.rows) {
			t.Errorf("after %s: %s: %s, %v\nwant %s: %s", step.change, columns, rows, err, step.columns, step.rows)
		}
	}
}

// table returns the columns of x, with their types, and its rows.
func table(ctx context.Context, db querier) (columns, rows string, err error) {
	found, err := db.QueryContext(ctx, "SELECT * FROM x")
	if err != nil {
		return "", "", err
	}
	defer found.Close()
	types, err := found.ColumnTypes()
	if err != nil {
		return "", "", err
	}
	var names []string
	for _, c := range types {
		names = append(names, c.Name()+" "+c.DatabaseTypeName())
	}
	var all [][]any
	for found.Next() {
		row := make([]any, len(types))
		targets := make([]any, len(types))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := found.Scan(targets...); err != nil {
			return "", "", err
		}
		all = append(all, row)
	}
	return strings.Join(names, ", "), fmt.Sprint(all), found.Err()
}

// TestTimesOfKept: a cached statement always reads a datetime as a time.
func TestTimesOfKept(t *testing.T) {
	t.Parallel()
	db, count := counted(t, 1)
	want := time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)
	for range 3 {
		var got time.Time
		err := db.QueryRowContext(t.Context(), "SELECT at FROM x WHERE at = ?", want.In(time.FixedZone("east", 3600))).
			Scan(&got)
		if err != nil || got != want {
			t.Errorf("%s, want %s (%v)", got, want, err)
		}
	}
	count.expect(t, 1, 1)
}

// TestCloseLeavesNothing: closed pools have closed the file. SQLite deletes the log with the last connection only if no
// statement is open.
func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write, read, err := Dialect{}.Open(database.Config{URL: "sqlite://" + filepath.Join(dir, "app.db")})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, write, "CREATE TABLE x (y)")
	for i := range maxKept + 10 {
		exec(t, write, fmt.Sprintf("INSERT INTO x VALUES (? + %d)", i), i)
		if _, err := column(t.Context(), read, fmt.Sprintf("SELECT y + %d FROM x", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(read.Close(), write.Close()); err != nil {
		t.Error(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if !slices.Equal(names, []string{"app.db"}) {
		t.Errorf("there are %v", names)
	}
	if err := os.Remove(filepath.Join(dir, "app.db")); err != nil {
		t.Error(err)
	}
}

// TestMigrationKeepsNothing: the connection of a migration has no statement cache.
func TestMigrationKeepsNothing(t *testing.T) {
	t.Parallel()
	db, _, err := Dialect{}.Open(
		database.Config{URL: "sqlite://" + filepath.Join(t.TempDir(), "app.db"), Mode: database.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Raw(func(c any) error {
		if _, is := c.(*keeper); is {
			return errors.New("keeps statements")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
