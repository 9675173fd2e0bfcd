package database_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
)

// tables are the tables for the cases below.
var tables = []string{
	`CREATE TABLE parents (id bigint PRIMARY KEY, name varchar(5) NOT NULL, email varchar(20), score int,
		CONSTRAINT parents_score CHECK (score < 100))`,
	`CREATE UNIQUE INDEX parents_name ON parents (name)`,
	`CREATE UNIQUE INDEX parents_name_email ON parents (score, email)`,
	`CREATE TABLE children (id bigint PRIMARY KEY, parent_id bigint NOT NULL,
		CONSTRAINT children_parent_id FOREIGN KEY (parent_id) REFERENCES parents (id))`,
	`INSERT INTO parents VALUES (1, 'ada', 'a@x', 1)`,
	`INSERT INTO children VALUES (1, 1)`,
}

// what is the expected conversion of an error.
type meaning struct {
	kind       database.Kind
	constraint string
	columns    []string
}

// TestErrors: driver errors are converted to a kind, with the constraint or the column that the driver reports.
func TestErrors(t *testing.T) {
	t.Parallel()
	fine := meaning{}
	cases := []struct {
		name, statement string
		mysql, sqlite   meaning
	}{
		{"primary key taken", `INSERT INTO parents VALUES (1, 'bob', NULL, NULL)`,
			meaning{database.Duplicate, "PRIMARY", nil}, meaning{database.Duplicate, "", []string{"id"}}},
		{"unique value taken", `INSERT INTO parents VALUES (2, 'ada', NULL, NULL)`,
			meaning{database.Duplicate, "parents_name", nil}, meaning{database.Duplicate, "", []string{"name"}}},
		{"unique pair taken", `INSERT INTO parents VALUES (2, 'bob', 'a@x', 1)`,
			meaning{database.Duplicate, "parents_name_email", nil}, meaning{database.Duplicate, "", []string{"score", "email"}}},
		{"a value that reads like the message", `INSERT INTO parents VALUES (3, ' key ', 'a''for key ''x', 5), (4, ' key ` +
			`', '', 6)`,
			meaning{database.Duplicate, "parents_name", nil}, meaning{database.Duplicate, "", []string{"name"}}},
		{"parent missing", `INSERT INTO children VALUES (2, 99)`,
			meaning{database.MissingParent, "children_parent_id", []string{"parent_id"}}, meaning{database.ForeignKey, "", nil}},
		{"parent missing on update", `UPDATE children SET parent_id = 99`,
			meaning{database.MissingParent, "children_parent_id", []string{"parent_id"}}, meaning{database.ForeignKey, "", nil}},
		{"children left", `DELETE FROM parents WHERE id = 1`,
			meaning{database.HasChildren, "children_parent_id", []string{"parent_id"}}, meaning{database.ForeignKey, "", nil}},
		{"null", `INSERT INTO parents VALUES (2, NULL, NULL, NULL)`,
			meaning{database.NotNull, "", []string{"name"}}, meaning{database.NotNull, "", []string{"name"}}},
		{"no value", `INSERT INTO parents (id) VALUES (2)`,
			meaning{database.NotNull, "", []string{"name"}}, meaning{database.NotNull, "", []string{"name"}}},
		{"check", `INSERT INTO parents VALUES (2, 'bob', NULL, 100)`,
			meaning{database.Check, "parents_score", nil}, meaning{database.Check, "parents_score", nil}},
		{"too long", `INSERT INTO parents VALUES (2, 'robert', NULL, NULL)`,
			meaning{database.TooLong, "", []string{"name"}}, fine},
		{"out of range", `INSERT INTO parents VALUES (3, 'bo', NULL, -99999999999)`,
			meaning{database.OutOfRange, "", []string{"score"}}, fine},
		{"wrong type", `INSERT INTO parents VALUES (4, 'eve', NULL, 'many')`,
			meaning{database.WrongType, "", []string{"score"}}, meaning{database.Check, "parents_score", nil}},
		{"no table", `SELECT * FROM nowhere`, meaning{database.Schema, "", nil}, meaning{database.Schema, "", nil}},
		{"no column", `SELECT colour FROM parents`, meaning{database.Schema, "", nil}, meaning{database.Schema, "", nil}},
		{"no column to write", `INSERT INTO parents (colour) VALUES (1)`, meaning{database.Schema, "", nil},
			meaning{database.Schema, "", nil}},
	}
	dbtest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		for _, statement := range tables {
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range cases {
			want := c.mysql
			if db.Dialect == "sqlite" {
				want = c.sqlite
			}
			err := db.Error(t.Context(), db.Write.Exec(c.statement).Error)
			if want.kind == "" {
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				continue
			}
			var got *database.Error
			if !errors.As(err, &got) {
				t.Errorf("%s: %v is of no kind", c.name, err)
				continue
			}
			if got.Kind != want.kind || got.Constraint != want.constraint && want.constraint != "" ||
				want.columns != nil && !slices.Equal(got.Columns, want.columns) {
				t.Errorf("%s: %s %q %q, want %s %q %q", c.name, got.Kind, got.Constraint, got.Columns, want.kind, want.constraint,
					want.columns)
			}
			if errors.Unwrap(got) == nil {
				t.Errorf("%s: the driver's error is lost", c.name)
			}
		}
	})
}

// TestDeadline: the error of a statement whose context ends has its own kind, for any error of the driver, and the pool
// stays usable.
func TestDeadline(t *testing.T) {
	t.Parallel()
	slow := map[string]string{
		"mysql":  `SELECT SLEEP(20)`,
		"sqlite": `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n`,
	}
	dbtest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		run := func(ctx context.Context) database.Kind {
			var n any
			err := db.Error(ctx, db.Read.WithContext(ctx).Raw(slow[db.Dialect]).Scan(&n).Error)
			var got *database.Error
			if !errors.As(err, &got) {
				t.Fatalf("%v is of no kind", err)
			}
			return got.Kind
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if kind := run(ctx); kind != database.Deadline {
			t.Errorf("past the deadline: %s", kind)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if kind := run(ctx); kind != database.Canceled {
			t.Errorf("cancelled: %s", kind)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("the deadline did not reach the database: %s", took)
		}
		if err := db.Read.WithContext(t.Context()).Exec("SELECT 1").Error; err != nil {
			t.Errorf("the next statement: %v", err)
		}
	})
}

// TestBusy: a locked row or file is Busy until the lock is released.
func TestBusy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		db, other := open(t, url), open(t, url)
		for _, statement := range tables {
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		if db.Dialect == "mysql" {
			// The minimum, for this connection only.
			pool, _ := db.Write.DB()
			pool.SetMaxOpenConns(1)
			if err := db.Write.Exec("SET SESSION innodb_lock_wait_timeout = 1").Error; err != nil {
				t.Fatal(err)
			}
		}
		tx := other.Write.Begin()
		if err := tx.Exec("UPDATE parents SET score = 2").Error; err != nil {
			t.Fatal(err)
		}
		err := db.Error(t.Context(), db.Write.Exec("UPDATE parents SET score = 3").Error)
		var got *database.Error
		if !errors.As(err, &got) || got.Kind != database.Busy {
			t.Errorf("while another writes: %v", err)
		}
		if err := tx.Rollback().Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Write.Exec("UPDATE parents SET score = 3").Error; err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// TestUnavailable: an unreachable server and rejected credentials are Unavailable, and no message contains the
// password.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	server := dbtest.Server(t)
	for name, url := range map[string]string{
		"no server":        "mysql://root:s3cr3t@127.0.0.1:1/app",
		"no such host":     "mysql://root:s3cr3t@nowhere.invalid/app",
		"wrong password":   "mysql://root:s3cr3t@" + server + "/app",
		"no such user":     "mysql://nobody:s3cr3t@" + server + "/app",
		"no such database": "mysql://root@" + server + "/slipway_test_none",
		"no file":          "sqlite:///dev/null/app.db",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := database.Open(database.Config{URL: url}, dialects...)
			if err == nil {
				defer db.Close()
				err = db.Error(t.Context(), db.Read.WithContext(t.Context()).Exec("SELECT 1").Error)
				var got *database.Error
				if !errors.As(err, &got) || got.Kind != database.Unavailable {
					t.Errorf("%v", err)
				}
			}
			if err == nil || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%v", err)
			}
		})
	}
}
