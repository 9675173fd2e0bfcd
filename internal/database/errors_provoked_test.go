package database_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/test/dbtest"
)

// provoked is a statement and the kind of its error.
type provoked struct {
	statement string
	kind      database.Kind
}

// chain returns statements that insert rows, each of which refers to the previous one.
func chain(n int) string {
	rows := []string{"(1, NULL)"}
	for i := 2; i <= n; i++ {
		rows = append(rows, fmt.Sprintf("(%d, %d)", i, i-1))
	}
	return "INSERT INTO self VALUES " + strings.Join(rows, ", ")
}

// repeated joins n copies of a text, in which # is replaced by the number of the copy.
func repeated(n int, text, between string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.ReplaceAll(text, "#", fmt.Sprint(i))
	}
	return strings.Join(all, between)
}

// provokedBy has, for each dialect, tables with constraints, as in adopted databases, and statements that violate them.
// It omits errors that data and schema cannot cause on one server, such as a full disk or replication.
var provokedBy = map[string]struct {
	setup []string
	cases []provoked
}{
	"mysql": {
		setup: []string{
			`CREATE TABLE v (id bigint PRIMARY KEY AUTO_INCREMENT, latin varchar(20) CHARSET latin1,
				ascii varchar(20) CHARSET ascii,
				doc json, day date, t time, y year, e enum('a','b'), s set('a','b'), price decimal(4,2), tiny tinyint,
				few tinyint unsigned, bits binary(2), big int AS (tiny*100000*100000), wide varchar(20), at datetime)`,
			`CREATE TABLE gen (id int PRIMARY KEY, a int, b int, c int AS (a/b) STORED)`,
			`CREATE TABLE self (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES self (id) ON DELETE CASCADE)`,
			`CREATE TABLE part (id int PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10))`,
			`CREATE TABLE tr (id int PRIMARY KEY, a int)`,
			`CREATE TRIGGER tr_insert BEFORE INSERT ON tr FOR EACH ROW BEGIN
				IF NEW.a = 1 THEN SIGNAL SQLSTATE '45000'; ELSE UPDATE tr SET a = 1; END IF; END`,
			`CREATE TABLE fx (id int PRIMARY KEY, doc json, INDEX ((CAST(doc->>'$.c' AS char(3)))))`,
			`CREATE TABLE mv (id int PRIMARY KEY, doc json, INDEX ((CAST(doc->'$.n' AS unsigned ARRAY))))`,
			`CREATE TABLE broad (id int PRIMARY KEY, ` + repeated(60, "c# varchar(250)", ", ") + `) CHARSET latin1`,
			`CREATE TABLE parent (id int PRIMARY KEY)`, `CREATE TABLE child (id int PRIMARY KEY, p int, UNIQUE (p),
				FOREIGN KEY (p) REFERENCES parent (id) ON UPDATE CASCADE)`,
			`CREATE TABLE mvc (id int PRIMARY KEY, doc json, INDEX ((CAST(doc->'$.c' AS char(3) ARRAY))))`,
			`CREATE TABLE geo (id int PRIMARY KEY, p point SRID 4326)`,
			`CREATE TABLE last (id bigint PRIMARY KEY AUTO_INCREMENT)`, `INSERT INTO last VALUES (9223372036854775807)`,
			`CREATE VIEW few AS SELECT id FROM last WHERE id < 5 WITH CHECK OPTION`,
			`CREATE TABLE gone (id int PRIMARY KEY)`, `CREATE VIEW broken AS SELECT id FROM gone`, `DROP TABLE gone`,
			`CREATE DEFINER = 'gone'@'nowhere' VIEW orphan AS SELECT id FROM last`,
			`SET SESSION max_heap_table_size = 16384`, `CREATE TABLE heap (a varchar(200)) ENGINE = MEMORY`,
			chain(20),
		},
		cases: []provoked{
			{`INSERT INTO few VALUES (7)`, database.Check},
			{`SELECT * FROM broken`, database.Schema},
			{`SELECT * FROM orphan`, database.Schema},
			{`SELECT unheard_of()`, database.Schema},
			{`INSERT INTO last VALUES (NULL)`, database.Duplicate}, // package store detects that the database generated the id
			{`INSERT INTO heap SELECT REPEAT('x', 200) FROM self a, self b, self c`, database.Unavailable},
			{`INSERT INTO v (wide) VALUES (REPEAT('x', 100000000))`, database.TooLong},
			{`INSERT INTO v (doc) VALUES (JSON_OBJECT(REPEAT('k', 70000), 1))`, database.TooLong},
			{`INSERT INTO mv VALUES (1, '{"n":[` + repeated(5000, "#", ",") + `]}')`, database.TooLong},
			{`INSERT INTO mvc VALUES (1, '{"c":["long text"]}')`, database.TooLong},
			{`INSERT INTO v (wide) VALUES (_utf8mb4 X'ff')`, database.WrongType},
			{`INSERT INTO v (tiny) VALUES (1e400)`, database.WrongType},
			{`INSERT INTO v (day) VALUES (STR_TO_DATE('x', '%Y'))`, database.WrongType},
			{`INSERT INTO v (doc) VALUES (JSON_SET('x', '$.a', 1))`, database.WrongType},
			{`INSERT INTO v (tiny) VALUES (JSON_LENGTH(1))`, database.WrongType},
			{`INSERT INTO v (tiny) VALUES (CAST(CAST('"x"' AS json) AS signed))`, database.WrongType},
			{`INSERT INTO v (doc) VALUES (JSON_OBJECT(NULL, 1))`, database.WrongType},
			{`INSERT INTO geo VALUES (1, 'x')`, database.WrongType},
			{`INSERT INTO geo VALUES (1, ST_GeomFromText('x', 4326))`, database.WrongType},
			{`INSERT INTO geo VALUES (1, POINT(1, 1))`, database.WrongType},
			{`SELECT * FROM v WHERE latin IN (wide COLLATE utf8mb4_bin, wide COLLATE utf8mb4_0900_bin)`, database.Incomparable},
			{`SELECT CONCAT(wide COLLATE utf8mb4_bin, wide COLLATE utf8mb4_0900_bin, wide COLLATE utf8mb4_0900_ai_ci, wide) = ` +
				`'' FROM v`,
				database.Incomparable},
			{`LOCK TABLES v READ`, ""},
			{`INSERT INTO v (tiny) VALUES (1)`, database.Unavailable},
			{`UNLOCK TABLES`, ""},
			{`SELECT * FROM v WHERE latin = '😀'`, database.Incomparable},
			{`SELECT * FROM v WHERE ascii > 'é'`, database.Incomparable},
			{`SELECT * FROM v WHERE latin IN ('😀', 'x')`, database.Incomparable},
			{`SELECT * FROM v WHERE latin LIKE '😀%' ESCAPE '!'`, database.Incomparable},
			{`SELECT * FROM v WHERE INSTR(latin, '😀') > 0`, database.Incomparable},
			{`SELECT * FROM v WHERE day > 'x'`, database.Incomparable},
			{`SELECT * FROM v WHERE at = '2024-99-01'`, database.Incomparable},
			{`SELECT * FROM v WHERE latin COLLATE latin1_bin = wide COLLATE utf8mb4_bin`, database.Incomparable},
			{`INSERT INTO v (latin) VALUES ('😀')`, database.WrongType},
			{`INSERT INTO v (wide) VALUES (X'ff')`, database.WrongType},
			{`INSERT INTO v (doc) VALUES ('x')`, database.WrongType},
			{`INSERT INTO v (doc) VALUES (_binary '{}')`, database.WrongType},
			{`INSERT INTO v (doc) VALUES ('1e999')`, database.WrongType},
			{`INSERT INTO v (doc) VALUES ('` + strings.Repeat("[", 101) + strings.Repeat("]", 101) + `')`, database.WrongType},
			{`INSERT INTO v (day) VALUES ('2024-13-01')`, database.WrongType},
			{`INSERT INTO v (t) VALUES ('900:00:00')`, database.WrongType},
			{`INSERT INTO v (at) VALUES ('0000-00-00')`, database.WrongType},
			{`INSERT INTO v (e) VALUES ('c')`, database.WrongType},
			{`INSERT INTO v (s) VALUES ('c')`, database.WrongType},
			{`INSERT INTO v (tiny) VALUES ('1x')`, database.WrongType},
			{`INSERT INTO v (price) VALUES ('x')`, database.WrongType},
			{`DELETE FROM v WHERE tiny = 'x'`, database.WrongType},
			{`INSERT INTO mv VALUES (1, '{"n":["x"]}')`, database.WrongType},
			{`INSERT INTO mv VALUES (1, '{"n":{"a":1}}')`, database.WrongType},
			{`INSERT INTO mv VALUES (1, '{"n":[-1]}')`, database.OutOfRange},
			{`INSERT INTO v (y) VALUES (3000)`, database.OutOfRange},
			{`INSERT INTO v (price) VALUES (100)`, database.OutOfRange},
			{`INSERT INTO v (few) VALUES (-1)`, database.OutOfRange},
			{`INSERT INTO v (tiny) VALUES (100)`, database.OutOfRange}, // in the generated column
			{`INSERT INTO gen (id, a, b) VALUES (1, 1, 0)`, database.OutOfRange},
			{`INSERT INTO part VALUES (exp(1000))`, database.OutOfRange},
			{`INSERT INTO part VALUES (99)`, database.OutOfRange},
			{`INSERT INTO v (bits) VALUES ('abc')`, database.TooLong},
			{`INSERT INTO fx VALUES (1, '{"c":"long text"}')`, database.TooLong},
			{`INSERT INTO broad SET id = 1, ` + repeated(60, "c# = '"+strings.Repeat("x", 250)+"'", ", "), database.TooLong},
			{`INSERT INTO gen (id, a, b, c) VALUES (1, 1, 1, 1)`, database.Schema},
			{`INSERT INTO tr VALUES (1, 1)`, database.Check},
			{`INSERT INTO tr VALUES (1, 2)`, database.Schema},
			{`DELETE FROM self WHERE id = 1`, database.CascadeTooDeep},
			{`INSERT INTO parent VALUES (1), (2)`, ""},
			{`INSERT INTO child VALUES (1, 1)`, ""},
			{`DELETE FROM parent WHERE id = 1`, database.HasChildren},
			{`SET SESSION max_join_size = 1, SESSION sql_big_selects = 0`, ""},
			{`SELECT * FROM self a, self b`, database.QueryTooLarge},
			{`SET SESSION sql_big_selects = 1, SESSION max_join_size = DEFAULT`, ""},
			{`SELECT /*+ MAX_EXECUTION_TIME(1) */ a.id FROM self a, self b, self c, self d, self e, self f ORDER BY a.p, ` +
				`b.p, c.id`, database.Deadline},
			{`INSERT INTO self VALUES (IF(@@auto_increment_increment = 9, NULL, exp(98765)), NULL)`, database.IDStep},
		},
	},
	"sqlite": {
		setup: []string{
			`CREATE TABLE parent (id integer PRIMARY KEY, name text, CHECK (length(name) < 5))`,
			`CREATE TABLE restricts (id integer PRIMARY KEY, p integer REFERENCES parent (id) ON DELETE RESTRICT)`,
			`CREATE TABLE nulls (id integer PRIMARY KEY, p integer NOT NULL REFERENCES parent (id) ON DELETE SET NULL)`,
			`CREATE TABLE late (id integer PRIMARY KEY, p integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`,
			`INSERT INTO parent VALUES (1, 'a'), (2, 'b')`, `INSERT INTO restricts VALUES (1, 1)`,
			`INSERT INTO nulls VALUES (1, 2)`,
			`CREATE TRIGGER refuses BEFORE INSERT ON parent WHEN NEW.name = 'x' BEGIN SELECT RAISE(ABORT, 'no x'); END`,
			`CREATE TABLE strict (id integer PRIMARY KEY, a int) STRICT`,
			`CREATE TABLE self (id integer PRIMARY KEY, p integer REFERENCES self (id) ON DELETE CASCADE)`,
			`CREATE TABLE gen (id integer PRIMARY KEY, a text, b int AS (json_extract(a, '$')) STORED)`,
			`CREATE TABLE mismatch (id integer PRIMARY KEY, p integer REFERENCES strict (a))`,
			`CREATE TABLE plain (a)`, `INSERT INTO plain (rowid, a) VALUES (1, 1)`,
			`CREATE TABLE again (a integer)`, `PRAGMA recursive_triggers = 1`,
			`CREATE TRIGGER again_insert AFTER INSERT ON again BEGIN INSERT INTO again VALUES (NEW.a + 1); END`,
			chain(1500),
		},
		cases: []provoked{
			{`DELETE FROM parent WHERE id = 1`, database.ForeignKey}, // 1811, as RESTRICT is a trigger
			{`DELETE FROM parent WHERE id = 2`, database.NotNull},
			{`INSERT INTO late VALUES (1, 99)`, database.ForeignKey},
			{`INSERT INTO parent VALUES (3, 'x')`, database.Check},
			{`INSERT INTO parent VALUES (3, 'longer')`, database.Check},
			{`INSERT INTO parent VALUES ('abc', 'n')`, database.WrongType},
			{`INSERT INTO strict VALUES (1, 'x')`, database.WrongType},
			{`INSERT INTO gen (id, a) VALUES (1, '{')`, database.WrongType},
			{`INSERT INTO gen (id, a, b) VALUES (1, '1', 1)`, database.Schema},
			{`INSERT INTO mismatch VALUES (1, 1)`, database.Schema},
			{`SELECT unheard_of(1)`, database.Schema},
			{`SELECT id FROM parent ORDER BY id COLLATE unheard_of`, database.Schema},
			{`DELETE FROM self WHERE id = 1`, database.CascadeTooDeep},
			{`SELECT * FROM self WHERE ` + repeated(1100, "id = #", " AND "), database.QueryTooLarge},
			{`SELECT * FROM parent WHERE name LIKE '` + strings.Repeat("%a", 60_000) + `'`, database.QueryTooLarge},
			{`SELECT abs(-9223372036854775808)`, database.OutOfRange},
			{`SELECT zeroblob(2000000000)`, database.StatementTooLarge},
			{`INSERT INTO parent VALUES (9223372036854775807, 'm')`, ""},
			{`INSERT INTO plain (rowid, a) VALUES (1, 1)`, database.Duplicate},
			{`INSERT INTO again VALUES (1)`, database.CascadeTooDeep},
			{`SELECT * FROM self WHERE id IN (?` + strings.Repeat(",?", 33_000) + `)`, database.QueryTooLarge},
			{`PRAGMA max_page_count = 1`, ""},
			{`INSERT INTO plain (a) SELECT zeroblob(100000)`, database.Unavailable},
		},
	},
}

// TestProvokedErrors: each statement fails on the real database with an error of the expected kind.
func TestProvokedErrors(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		pool, err := db.Write.DB()
		if err != nil {
			t.Fatal(err)
		}
		pool.SetMaxOpenConns(1) // the statements change session settings
		for _, statement := range provokedBy[db.Dialect].setup {
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range provokedBy[db.Dialect].cases {
			err := db.Error(t.Context(), db.Write.Exec(c.statement).Error)
			var got *database.Error
			if errors.As(err, &got); c.kind == "" && err == nil || got != nil && got.Kind == c.kind {
				continue
			}
			t.Errorf("%.120s\n%v, want %q", c.statement, err, c.kind)
		}
	})
}

// TestProvokedByOthers: errors that another session causes are busy: a deadlock, and a table that was altered after a
// transaction began to read.
func TestProvokedByOthers(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.MySQL(t))
	for _, statement := range []string{
		`CREATE TABLE v (id int PRIMARY KEY, a int)`, `INSERT INTO v VALUES (1, 1), (2, 2)`,
	} {
		if err := db.Write.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	busy := func(what string, err error) {
		t.Helper()
		var got *database.Error
		if err = db.Error(t.Context(), err); !errors.As(err, &got) || got.Kind != database.Busy {
			t.Errorf("%s: %v", what, err)
		}
	}
	one, two := db.Write.Begin(), db.Write.Begin()
	defer one.Rollback()
	defer two.Rollback()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(one.Exec("UPDATE v SET a = 3 WHERE id = 1").Error)
	must(two.Exec("UPDATE v SET a = 3 WHERE id = 2").Error)
	busy("a lock that is not waited for", two.Exec("SELECT * FROM v WHERE id = 1 FOR UPDATE NOWAIT").Error)
	waiting := make(chan error, 1)
	go func() { waiting <- one.Exec("UPDATE v SET a = 4 WHERE id = 2").Error }()
	second := two.Exec("UPDATE v SET a = 4 WHERE id = 1").Error
	if first := <-waiting; second == nil { // the server chooses the victim
		second = first
	}
	busy("a deadlock", second)
	must(one.Rollback().Error)
	must(two.Rollback().Error)

	reader := db.Write.Begin()
	defer reader.Rollback()
	must(reader.Exec("START TRANSACTION WITH CONSISTENT SNAPSHOT").Error)
	must(db.Write.Exec("ALTER TABLE v ENGINE = InnoDB").Error)
	busy("a table that was altered", reader.Exec("SELECT * FROM v").Error)
}

// TestProvokedByPrivileges: a missing privilege of the database user is Unavailable, because it is not an error of the
// client.
func TestProvokedByPrivileges(t *testing.T) {
	t.Parallel()
	address := dbtest.MySQL(t)
	root := dbtest.Open(t, address)
	name := dbtest.User(t, address, "secret")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	schema := "`" + strings.TrimPrefix(u.Path, "/") + "`"
	for _, statement := range []string{
		`CREATE TABLE open (a int, b int)`, `CREATE TABLE closed (a int)`,
		`CREATE FUNCTION first_one() RETURNS int DETERMINISTIC RETURN 1`,
		`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ` + name, `GRANT SELECT (a) ON ` + schema + `.open TO ` + name,
	} {
		if _, err := root.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	u.User = url.UserPassword(name, "secret")
	db := open(t, u.String())
	for _, statement := range []string{
		`SELECT a FROM closed`, `SELECT b FROM open`, `SELECT first_one()`, `SET GLOBAL max_connections = 10`,
	} {
		err := db.Error(t.Context(), db.Write.Exec(statement).Error)
		var got *database.Error
		if !errors.As(err, &got) || got.Kind != database.Unavailable {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
