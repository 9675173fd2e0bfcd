package ddl

import (
	"strings"
	"testing"

	"slipway/internal/dbtest"
)

// TestDriftIsFound changes a real database behind the model's back, one thing at
// a time. Each must be found, in both directions, and nothing else.
func TestDriftIsFound(t *testing.T) {
	t.Parallel()
	before := map[string]string{
		MySQL: "CREATE TABLE p (id bigint NOT NULL AUTO_INCREMENT, s varchar(20) NOT NULL DEFAULT 'x', n int NULL, d decimal(10,2) NULL, b bool NULL DEFAULT true, PRIMARY KEY (id), UNIQUE KEY ps (s), KEY pn (n, d), CONSTRAINT pc CHECK (n > 1)) COMMENT 'c';\n" +
			"CREATE TABLE c (id bigint NOT NULL, p_id bigint NULL, at datetime(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), g int AS (id + 1), e enum('a','b') NULL, KEY k (p_id), KEY k2 (p_id, id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)",
		SQLite: "CREATE TABLE p (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, s varchar(20) NOT NULL DEFAULT 'x', n int NULL, d decimal(10,2) NULL, b bool NULL DEFAULT true, CONSTRAINT pc CHECK (n > 1));\n" +
			"CREATE UNIQUE INDEX ps ON p (s);\nCREATE INDEX pn ON p (n, d) WHERE n > 2;\n" +
			"CREATE TABLE c (id bigint NOT NULL, p_id integer NULL, g int AS (id + 1), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)",
	}
	rebuilt := func(from, to string) string {
		_, c, _ := strings.Cut(before[SQLite], "CREATE TABLE c")
		p, _, _ := strings.Cut(before[SQLite], ";")
		if strings.Contains(p, from) {
			return "DROP TABLE p;\n" + strings.Replace(p, from, to, 1) + ";\nCREATE UNIQUE INDEX ps ON p (s);\nCREATE INDEX pn ON p (n, d) WHERE n > 2"
		}
		return "DROP TABLE c;\nCREATE TABLE c" + strings.Replace(c, from, to, 1)
	}
	for _, test := range []struct{ name, dialect, drift, want string }{
		{"nothing", "", "", ""},
		{"a table too many", "", "CREATE TABLE x (a int)", "there: add table x"},
		{"a table missing", "", "DROP TABLE c", "there: drop table c"},
		{"the table of versions", "", "CREATE TABLE atlas_schema_revisions (version varchar(255) PRIMARY KEY)", ""},
		{"a column too many", "", "ALTER TABLE c ADD COLUMN x int", "there: c: add column x"},
		{"a column missing", MySQL, "ALTER TABLE p DROP COLUMN b", "there: p: drop column b"},
		{"a column missing", SQLite, "ALTER TABLE p DROP COLUMN b", "there: p: drop column b"},
		{"a column of another name", "", "ALTER TABLE p RENAME COLUMN b TO bb", "there: p: drop column b\nthere: p: add column bb"},
		{"a longer text", MySQL, "ALTER TABLE p MODIFY s varchar(21) NOT NULL DEFAULT 'x'", "there: p: modify column s (type)"},
		{"another type", MySQL, "ALTER TABLE p MODIFY n bigint", "there: p: modify column n (type)"},
		{"without a sign", MySQL, "ALTER TABLE p MODIFY n int unsigned", "there: p: modify column n (type)"},
		{"another precision", MySQL, "ALTER TABLE p MODIFY d decimal(10,3)", "there: p: modify column d (type)"},
		{"fewer digits of a second", MySQL, "ALTER TABLE c MODIFY at datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)", "there: c: modify column at (type default attr)"},
		{"another value in an enum", MySQL, "ALTER TABLE c MODIFY e enum('a','c')", "there: c: modify column e (type)"},
		{"another type", SQLite, rebuilt("n int", "n text"), "there: p: modify column n (type)"},
		{"NULL", MySQL, "ALTER TABLE p MODIFY s varchar(20) DEFAULT 'x'", "there: p: modify column s (null)"},
		{"NULL", SQLite, rebuilt("s varchar(20) NOT NULL", "s varchar(20)"), "there: p: modify column s (null)"},
		{"another default", MySQL, "ALTER TABLE p ALTER s SET DEFAULT 'y'", "there: p: modify column s (default)"},
		{"no default", MySQL, "ALTER TABLE p ALTER b DROP DEFAULT", "there: p: modify column b (default)"},
		{"another default", SQLite, rebuilt("DEFAULT 'x'", "DEFAULT 'y'"), "there: p: modify column s (default)"},
		{"no default", SQLite, rebuilt("DEFAULT true", ""), "there: p: modify column b (default)"},
		{"no ON UPDATE", MySQL, "ALTER TABLE c MODIFY at datetime(6) DEFAULT CURRENT_TIMESTAMP(6)", "there: c: modify column at (attr)"},
		{"no AUTO_INCREMENT", MySQL, "SET foreign_key_checks = 0;\nALTER TABLE p MODIFY id bigint NOT NULL", "there: p: modify column id (attr)"},
		{"no AUTOINCREMENT", SQLite, rebuilt(" AUTOINCREMENT", ""), "there: p: modify column id (attr)"},
		{"a comment", MySQL, "ALTER TABLE p MODIFY n int COMMENT 'x'", "there: p: modify column n (comment)"},
		{"another comment of the table", MySQL, "ALTER TABLE p COMMENT 'd'", "there: p: modify *schema.Comment"},
		{"another collation", MySQL, "ALTER TABLE p MODIFY s varchar(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x'", "there: p: modify column s (collate)"},
		{"another character set", MySQL, "ALTER TABLE c CONVERT TO CHARACTER SET latin1", "there: c: modify *schema.Charset\nthere: c: modify *schema.Collation\nthere: c: modify column e (charset collate)"},
		{"another expression", MySQL, "ALTER TABLE c MODIFY g int AS (id + 2)", "there: c: modify column g (generated)"},
		{"another expression", SQLite, rebuilt("(id + 1)", "(id + 2)"), "there: c: modify column g (generated)"},
		{"an index too many", "", "CREATE INDEX x ON p (b)", "there: p: add index x(b)"},
		{"an index missing", MySQL, "ALTER TABLE p DROP INDEX pn", "there: p: drop index pn(n, d)"},
		{"an index missing that another serves for", MySQL, "ALTER TABLE c DROP INDEX k", "there: c: drop index k(p_id)"},
		{"an index missing", SQLite, "DROP INDEX pn", "there: p: drop index pn(n, d)"},
		{"an index on something else", MySQL, "ALTER TABLE p DROP INDEX pn, ADD INDEX pn (d, n)", "there: p: modify index pn(n, d) to (d, n)"},
		{"an index the other way", MySQL, "ALTER TABLE p DROP INDEX pn, ADD INDEX pn (n, d DESC)", "there: p: modify index pn(n, d) to (n, d desc)"},
		{"an index of a part", MySQL, "ALTER TABLE p DROP INDEX ps, ADD UNIQUE INDEX ps (s(5))", "there: p: modify index ps(s) to (s)"},
		{"not unique", MySQL, "ALTER TABLE p DROP INDEX ps, ADD INDEX ps (s)", "there: p: modify index ps(s) to (s)"},
		{"not unique", SQLite, "DROP INDEX ps;\nCREATE INDEX ps ON p (s)", "there: p: modify index ps(s) to (s)"},
		{"another predicate", SQLite, "DROP INDEX pn;\nCREATE INDEX pn ON p (n, d) WHERE n > 3", "there: p: modify index pn(n, d) to (n, d)"},
		{"another primary key", MySQL, "SET foreign_key_checks = 0;\nALTER TABLE c ADD PRIMARY KEY (id)", "there: c: add primary key(id)"},
		{"a foreign key missing", MySQL, "ALTER TABLE c DROP FOREIGN KEY f", "there: c: drop foreign key f to p"},
		{"a foreign key missing", SQLite, rebuilt(", CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE", ""), "there: c: drop foreign key f to p"},
		{"another action", MySQL, "ALTER TABLE c DROP FOREIGN KEY f, ADD CONSTRAINT f2 FOREIGN KEY (p_id) REFERENCES p (id);\nALTER TABLE c DROP FOREIGN KEY f2;\nALTER TABLE c ADD CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE SET NULL", "there: c: modify foreign key f"},
		{"another action", SQLite, rebuilt("ON DELETE CASCADE", ""), "there: c: modify foreign key f"},
		{"a check missing", MySQL, "ALTER TABLE p DROP CHECK pc", "there: p: drop check pc (n > 1)"},
		{"a check missing", SQLite, rebuilt(", CONSTRAINT pc CHECK (n > 1)", ""), "there: p: drop check pc (n > 1)"},
		{"another check", MySQL, "ALTER TABLE p DROP CHECK pc, ADD CONSTRAINT pc CHECK (n >= 1)", "there: p: modify check pc (n > 1) to (`n` >= 1)"},
		{"another check", SQLite, rebuilt("(n > 1)", "(n >= 1)"), "there: p: modify check pc (n > 1) to (n >= 1)"},
		{"a check not enforced", MySQL, "ALTER TABLE p ALTER CHECK pc NOT ENFORCED", "there: p: modify check pc (n > 1) to (`n` > 1)"},
		{"another engine", MySQL, "DROP TABLE c;\nALTER TABLE p ENGINE=MyISAM", "there: drop table c\nthere: p: modify *mysql.Engine"},
		{"a counter", MySQL, "ALTER TABLE p AUTO_INCREMENT=1000", ""},
		{"strict", SQLite, "DROP TABLE c;\nCREATE TABLE c (id int) STRICT;\nDROP TABLE c", "there: drop table c"},
	} {
		for dialect, statements := range before {
			if test.dialect != "" && test.dialect != dialect {
				continue
			}
			t.Run(dialect+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				model, real := newState(t, dialect), newDatabase(t, dialect)
				for _, s := range split(statements) {
					if _, err := model.Apply(s); err != nil {
						t.Fatal(err)
					}
					if err := real.exec(s); err != nil {
						t.Fatal(err)
					}
				}
				for _, s := range split(test.drift) {
					if err := real.exec(s); err != nil {
						t.Fatalf("%s\n%v", s, err)
					}
				}
				a, b := model.Schema(), real.inspect()
				changes, err := Diff(dialect, a, b)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, line := range describe(changes) {
					if strings.Contains(line, ": modify column") { // up to what changed of it
						line, _, _ = strings.Cut(line, "): ")
						line += ")"
					}
					got = append(got, "there: "+line)
				}
				if strings.Join(got, "\n") != test.want {
					t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), test.want)
				}
				if back, err := Diff(dialect, b, a); err != nil || (len(back) == 0) != (test.want == "") {
					t.Errorf("the other way found %v, %v", describe(back), err)
				}
			})
		}
	}
}

// TestDiffOfHCL compares a schema.hcl that leaves much to the server with the
// statements that mean the same.
func TestDiffOfHCL(t *testing.T) {
	t.Parallel()
	const text = `
schema "app" {}
table "p" {
  schema = schema.app
  column "id" {
    type           = bigint
    unsigned       = true
    null           = false
    auto_increment = true
  }
  column "s" {
    type    = varchar(20)
    null    = false
    default = "it's"
  }
  column "b" {
    type    = bool
    null    = false
    default = true
  }
  column "n" {
    type    = int
    null    = true
    default = -3
  }
  column "d" {
    type    = decimal(10,2)
    null    = true
    default = 1.5
  }
  column "at" {
    type    = datetime(6)
    null    = false
    default = sql("CURRENT_TIMESTAMP(6)")
  }
  column "g" {
    type = int
    null = true
    as {
      expr = "n + 1"
      type = STORED
    }
  }
  primary_key { columns = [column.id] }
  index "ps" {
    unique  = true
    columns = [column.s]
  }
  index "pn" {
    on {
      column = column.n
      desc   = true
    }
    on { column = column.s }
  }
  check "pc" { expr = "n > 0 and (s <> '' or not (n = 3))" }
}
table "c" {
  schema = schema.app
  column "p_id" {
    type     = bigint
    unsigned = true
    null = true
  }
  foreign_key "f" {
    columns     = [column.p_id]
    ref_columns = [table.p.column.id]
    on_delete   = CASCADE
  }
}
`
	statements := map[string]string{
		MySQL: "CREATE TABLE p (id bigint unsigned NOT NULL AUTO_INCREMENT, s varchar(20) NOT NULL DEFAULT 'it''s', b boolean NOT NULL DEFAULT 1, n int DEFAULT -3, d numeric(10,2) DEFAULT 1.50, at datetime(6) NOT NULL DEFAULT now(6), g int AS (`n`+1) STORED, PRIMARY KEY (id), UNIQUE KEY ps (s), KEY pn (n DESC, s), CONSTRAINT pc CHECK ((n > 0) AND ((s != '') OR (NOT n = 3)))) ENGINE=InnoDB;\n" +
			"CREATE TABLE c (p_id bigint unsigned, CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)",
		SQLite: "CREATE TABLE p (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, s text NOT NULL DEFAULT 'it''s', b bool NOT NULL DEFAULT 1," +
			" n integer DEFAULT -3, d numeric DEFAULT 1.50, at datetime NOT NULL DEFAULT (STRFTIME('%Y-%m-%d %H:%M:%f','now'))," +
			" g integer AS (`n`+1) STORED," +
			" CONSTRAINT p_s_type CHECK ((typeof(s) in ('text','null')) AND (length(s)<=20)), CONSTRAINT p_b_type CHECK (b IN (0,1))," +
			" CONSTRAINT p_n_type CHECK (typeof(n) IN ('integer', 'null') AND (n BETWEEN -2147483648 AND 2147483647))," +
			" CONSTRAINT p_d_type CHECK (TYPEOF(d) IN ('integer', 'real', 'null') AND abs(d) < 1e8 AND round(d, 2) = d)," +
			" CONSTRAINT p_at_type CHECK (datetime(substr(at, 1, 19)) IS substr(at, 1, 19)" +
			" AND ltrim(substr(at, 20), '.0123456789') IN ('', '+00:00'))," +
			" CONSTRAINT p_g_type CHECK (typeof(g) IN ('integer', 'null') AND g BETWEEN -2147483648 AND 2147483647)," +
			" CONSTRAINT pc CHECK ((n > 0) AND ((s != '') OR (NOT n = 3))));\n" +
			"CREATE UNIQUE INDEX p_ps ON p (s);\nCREATE INDEX p_pn ON p (n DESC, s);\n" +
			"CREATE TABLE c (p_id integer, CONSTRAINT c_p_id_type CHECK (typeof(p_id) IN ('integer','null') AND p_id >= 0)," +
			" CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)",
	}
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		model, real := newState(t, dialect), newDatabase(t, dialect)
		for _, s := range split(statements[dialect]) {
			if _, err := model.Apply(s); err != nil {
				t.Fatal(err)
			}
			if err := real.exec(s); err != nil {
				t.Fatal(err)
			}
		}
		want := evaluate(t, dialect, []byte(text))
		if found := differences(t, dialect, model.Schema(), want); found != "" {
			t.Errorf("the model and schema.hcl differ:\n%s", found)
		}
		if found := differences(t, dialect, real.inspect(), want); found != "" {
			t.Errorf("the database and schema.hcl differ:\n%s", found)
		}
	})
}

func TestDiffLeavesItsArgumentsAlone(t *testing.T) {
	t.Parallel()
	a := applied(t, MySQL, "CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE t (a int DEFAULT 1, b varchar(9), CHECK (a > 1), FOREIGN KEY (a) REFERENCES p (id))").Schema()
	b := applied(t, MySQL, "CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE t (a int DEFAULT 2, c varchar(9))").Schema()
	before := [2]string{dump(a), dump(b)}
	changes, err := Diff(MySQL, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if after := [2]string{dump(a), dump(b)}; after != before {
		t.Errorf("Diff changed what it compared:\n%s\n%s", before, after)
	}
	if len(changes) != 1 || !strings.Contains(strings.Join(describe(changes), "\n"), "int default 1 to int default 2") {
		t.Errorf("the changes are not of the objects given: %v", describe(changes))
	}
	if _, err := Diff("oracle", a, b); err == nil {
		t.Error("a dialect that there is not was taken")
	}
}
