package verify

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/test/dbtest"
)

// The types of columns in random tables. Those before "|" can be unique.
var randomTypes = map[string]string{
	plan.SQLite: "integer;bigint;tinyint;varchar(1);varchar(8);varchar(300);varchar;text;datetime;date;real;" +
		"numeric(10,2);numeric;uuid | bool;blob;json;double;time;money",
	plan.MySQL: "bigint;int;int unsigned;smallint;mediumint unsigned;tinyint;bigint " +
		"unsigned;varchar(1);varchar(8);varchar(300);char(5);datetime(6);datetime;timestamp;timestamp(3);date;" +
		"decimal(10,2);decimal(5,5);decimal(65,30) unsigned;binary(16);varbinary(40);double | " +
		"bool;tinytext;text;longtext;mediumblob;tinyblob;json;time(3);year;float;bit(5);bit(64);" +
		"enum('a','b','it''s');set('x','y','z');varchar(20) CHARACTER SET latin1;varchar(20) CHARACTER SET " +
		"utf8mb3;varchar(30) COLLATE utf8mb4_0900_ai_ci;varchar(5000);point",
}

// randomTables returns statements that create one to five tables, with all features that the
// generator supports.
func randomTables(dialect string, random *rand.Rand) []string {
	pick := func(list []string) string { return strings.TrimSpace(list[random.IntN(len(list))]) }
	maybe := func(text string) string {
		if random.IntN(2) == 0 {
			return text
		}
		return ""
	}
	unique, others, _ := strings.Cut(randomTypes[dialect], "|")
	keys, all := strings.Split(unique, ";"), strings.Split(unique+";"+others, ";")
	id := map[string]string{plan.SQLite: "integer NOT NULL PRIMARY KEY AUTOINCREMENT",
		plan.MySQL: "bigint NOT NULL PRIMARY KEY AUTO_INCREMENT"}[dialect]
	reference := map[string]string{plan.SQLite: "integer", plan.MySQL: "bigint"}[dialect]

	var statements []string
	n := 1 + random.IntN(5)
	for i := range n {
		var lines, constraints []string
		name := fmt.Sprintf("t%d", i)
		switch random.IntN(6) {
		case 0: // a text is the key
			lines = append(lines, "code varchar(12) NOT NULL PRIMARY KEY", "id "+reference+" NOT NULL UNIQUE")
		case 1: // two columns are
			lines = append(lines, "id "+reference+" NOT NULL UNIQUE", "part "+pick(keys)+" NOT NULL")
			constraints = append(constraints, "PRIMARY KEY (id, part)")
		case 2: // none is
			lines = append(lines, "id "+reference+" NOT NULL UNIQUE")
		case 3: // it is that of another table
			if i > 0 {
				lines = append(lines, "id "+reference+" NOT NULL PRIMARY KEY")
				constraints = append(constraints, fmt.Sprintf("CONSTRAINT %s_id FOREIGN KEY (id) REFERENCES t%d (id) ON DELETE "+
					"CASCADE", name, random.IntN(i)))
				break
			}
			fallthrough
		default:
			lines = append(lines, "id "+id)
		}
		for c := range random.IntN(6) {
			lines = append(lines, fmt.Sprintf("c%d %s%s", c, pick(all), maybe(" NOT NULL")))
		}
		for c := range random.IntN(3) {
			column := fmt.Sprintf("u%d", c)
			lines = append(lines, fmt.Sprintf("%s %s%s", column, pick(keys), maybe(" NOT NULL")))
			constraints = append(constraints, "UNIQUE ("+column+maybe(", id")+")")
		}
		if random.IntN(3) == 0 && i > 0 {
			column := fmt.Sprintf("parent%d", i)
			lines = append(lines, column+" "+reference+maybe(" NOT NULL")+maybe(" UNIQUE"))
			constraints = append(constraints,
				fmt.Sprintf("CONSTRAINT %s_parent FOREIGN KEY (%s) REFERENCES t%d (id)", name, column, random.IntN(i)))
		}
		if random.IntN(3) == 0 {
			lines = append(lines, "same "+reference+maybe(" NOT NULL"))
			constraints = append(constraints,
				fmt.Sprintf("CONSTRAINT %s_same FOREIGN KEY (same) REFERENCES %s (id)", name, name))
		}
		if random.IntN(3) == 0 {
			lines = append(lines, "state varchar(20) NOT NULL DEFAULT 'draft'", "score int NULL",
				"twice int GENERATED ALWAYS AS (score * 2) "+"VIRTUAL")
			constraints = append(constraints, "CONSTRAINT "+name+"_state CHECK (state IN ('draft', 'it''s live'))",
				"CONSTRAINT "+name+"_score CHECK (score BETWEEN 10 AND 20 OR score > 100 AND score < 105)")
		}
		if random.IntN(4) == 0 {
			lines = append(lines, "slug varchar(30) NOT NULL")
			length := map[string]string{plan.SQLite: "length", plan.MySQL: "char_length"}[dialect]
			constraints = append(constraints, "CONSTRAINT "+name+"_slug CHECK ("+length+"(slug) >= 3 AND "+length+"(slug) < 7)")
		}
		statements = append(statements,
			"CREATE TABLE "+name+" (\n  "+strings.Join(append(lines, constraints...), ",\n  ")+"\n)")
	}
	// A cycle: the first table refers to the last, which can refer to it.
	if n > 1 && random.IntN(2) == 0 {
		statements = append(statements, "ALTER TABLE t0 ADD COLUMN later "+reference+" NULL"+
			map[string]string{plan.SQLite: fmt.Sprintf(" REFERENCES t%d (id)", n-1)}[dialect])
		if dialect == plan.MySQL {
			statements = append(statements, fmt.Sprintf("ALTER TABLE t0 ADD CONSTRAINT later_id FOREIGN KEY (later) "+
				"REFERENCES t%d (id)", n-1))
		}
	}
	return statements
}

// ready returns a new roundtrip on an open database.
func ready(t *testing.T, dialect string, db *sql.DB, seed uint64) *roundtrip {
	t.Helper()
	r := &roundtrip{
		Target: Target{Dialect: dialect, DB: db, Migrations: folder(t)}, states: map[string]*state{},
		random: rand.New(rand.NewPCG(seed, 1)),
	}
	if err := r.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// everyTable chooses all tables.
func everyTable(*schema.Table) bool { return true }

// TestFillRandomTables checks that fill repeatedly inserts rows into each of many random tables.
func TestFillRandomTables(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		db := connect(t, dialect)
		seeds := map[string]uint64{plan.SQLite: 40, plan.MySQL: 8}[dialect]
		for seed := range seeds {
			r := ready(t, dialect, db, seed)
			statements := randomTables(dialect, r.random)
			for _, s := range statements {
				if _, err := db.ExecContext(t.Context(), s); err != nil {
					t.Fatalf("seed %d: %v\n%s", seed, err, s)
				}
			}
			fillTwice(t, r, fmt.Sprintf("seed %d:\n%s", seed, strings.Join(statements, ";\n")))
			dropAll(t, r)
		}
	})
}

// TestFillCycle checks that rows of tables in a cycle refer to each other.
func TestFillCycle(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		db := connect(t, dialect)
		r := ready(t, dialect, db, 1)
		reference := map[string]string{plan.SQLite: " REFERENCES b (id)"}[dialect]
		statements := []string{
			"CREATE TABLE a (id int NOT NULL PRIMARY KEY, b_id int NULL" + reference + ")",
			"CREATE TABLE b (id int NOT NULL PRIMARY KEY, a_id int NOT NULL, FOREIGN KEY (a_id) REFERENCES a (id))",
		}
		if dialect == plan.MySQL {
			statements = append(statements, "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id)")
		}
		for _, s := range statements {
			if _, err := db.ExecContext(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		s, err := r.read(t.Context(), db)
		if err == nil {
			err = r.fill(t.Context(), s, nil, everyTable)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{"SELECT COUNT(*) FROM a WHERE b_id IS NOT NULL", "SELECT COUNT(*) FROM b"} {
			var n int
			if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != freshRows {
				t.Errorf("%s: %d, %v", query, n, err)
			}
		}
	})
}

func fillTwice(t *testing.T, r *roundtrip, about string) {
	t.Helper()
	for i, fill := range []func(*state) error{
		func(s *state) error { return r.fill(t.Context(), s, nil, everyTable) },
		func(s *state) error { return r.fill(t.Context(), s, s.Schema, nil) },
		func(s *state) error { return r.fill(t.Context(), s, nil, everyTable) },
	} {
		s, err := r.read(t.Context(), r.DB)
		if err == nil {
			err = fill(s)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, about)
		}
		if s, err = r.read(t.Context(), r.DB); err != nil {
			t.Fatalf("%v\n%s", err, about)
		}
		wanted := []int{freshRows, freshRows + copies, 2*freshRows + copies}[i]
		for _, table := range s.Tables {
			if n := len(s.rows[table]); n != wanted {
				t.Errorf("table %s has %d rows, want %d: %q\n%s", table.Name, n, wanted, r.result.Notes, about)
			}
		}
	}
}

func dropAll(t *testing.T, r *roundtrip) {
	t.Helper()
	s, err := r.read(t.Context(), r.DB)
	if err != nil {
		t.Fatal(err)
	}
	off, on := "PRAGMA foreign_keys = off", "PRAGMA foreign_keys = on"
	if r.Dialect == plan.MySQL {
		off, on = "SET foreign_key_checks = 0", "SET foreign_key_checks = 1"
	}
	statements := []string{off}
	for _, table := range s.Tables {
		statements = append(statements, "DROP TABLE "+table.Name)
	}
	for _, statement := range append(statements, on) {
		if _, err := r.DB.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
