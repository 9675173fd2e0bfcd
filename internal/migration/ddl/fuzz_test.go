package ddl

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzApply: no text makes Apply panic or loop, and a statement that fails
// leaves the state as it was. What is taken can be turned into a schema that is
// the same as itself.
func FuzzApply(f *testing.F) {
	for _, test := range sequences {
		for _, statement := range split(test.statements) {
			f.Add(test.dialect == SQLite, statement)
			f.Add(test.dialect != SQLite, statement)
		}
	}
	for _, s := range []string{"", ";", "CREATE", "CREATE TABLE t (a decimal(99,99) default 1e999999999)", "CREATE TABLE t (a int default (", "/*!50000", "/*!99999999 x */",
		"ALTER TABLE t ADD (", "ALTER TABLE t RENAME COLUMN a TO a", "CREATE TABLE t (a enum('", "WITH", "WITH a AS (", "DELETE", "INSERT", "CREATE INDEX i ON t ((((((", "RENAME TABLE t TO t",
		"CREATE TABLE `` (`` int)", "ALTER TABLE t DROP COLUMN a, ADD a int FIRST, MODIFY a int AFTER a", "UPDATE t SET", "SET foreign_key_checks", "PRAGMA legacy_alter_table(", "\x00", "\xff\xfe", "CREATE TABLE t (a text(4294967295))",
		"ALTER TABLE u DROP PRIMARY KEY, DROP PRIMARY KEY", "DROP INDEX k ON t", "ALTER TABLE t ADD KEY (a), ADD KEY (a), DROP KEY a", "CREATE TABLE t LIKE t", "ALTER TABLE t"} {
		f.Add(true, s)
		f.Add(false, s)
	}
	f.Fuzz(func(t *testing.T, lite bool, statement string) {
		dialect := MySQL
		if lite {
			dialect = SQLite
		}
		s := applied(t, dialect, "CREATE TABLE p (id integer PRIMARY KEY, s varchar(9))", "CREATE TABLE t (a integer, b int, c varchar(9) DEFAULT 'x' CHECK (c <> ''), g int AS (b + 1), CONSTRAINT u UNIQUE (b), CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id))",
			"CREATE INDEX k ON t (a, b)")
		before := fmt.Sprint(dump(s.Schema()), s.others, s.vague, s.unchecked, s.legacy, s.unreferenced)
		e, err := s.Apply(statement)
		if err != nil {
			if strings.HasPrefix(err.Error(), fault) {
				t.Errorf("%q: %v", statement, err)
			}
			if after := fmt.Sprint(dump(s.Schema()), s.others, s.vague, s.unchecked, s.legacy, s.unreferenced); after != before {
				t.Errorf("%q failed and changed the state: %v", statement, err)
			}
			if e.Verb != "" || e.Changes != nil {
				t.Errorf("%q failed and has an effect", statement)
			}
			return
		}
		describe(e.Changes)
		a, b := s.Schema(), s.Clone().Schema()
		if changes, err := Diff(dialect, a, b); err != nil || len(changes) > 0 {
			t.Errorf("after %q the schema differs from itself: %v %v", statement, describe(changes), err)
		}
	})
}

// FuzzCanonical: no expression makes it panic, and parentheses and space
// around it change nothing.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"a > 1", "NOT (a = 1 AND b)", "((", "a BETWEEN 1 AND 2 OR b IN ('x', _utf8mb4'y')", "CASE a WHEN 1 THEN 2 ELSE 3 END", "cast(a as char(3) charset utf8mb4)", "j->>'$.x'",
		"a NOT LIKE 'x' ESCAPE '!'", "-(-3)", "a IS NOT NULL", "interval 1 day", "not", "a not", "a not b", "(select 1)", "'it''s'", "x'61'", "a COLLATE nocase", "date '2020-01-01'", "0 <> a", "!a", "a || b", "1e400", "interval 0"} {
		f.Add(true, s)
		f.Add(false, s)
	}
	f.Fuzz(func(t *testing.T, lite bool, expr string) {
		dialect := MySQL
		if lite {
			dialect = SQLite
		}
		plain, wrapped := canonical(dialect, expr), canonical(dialect, "(\n"+expr+"\n)")
		p, err := newParser(dialect, expr)
		if err != nil {
			return
		}
		r := &reader{parser: p, depth: 2}
		if _, ok := r.expression(0); !ok || r.peek(0).kind != end {
			return // it has no meaning that parentheses could keep
		}
		if plain != wrapped {
			t.Errorf("%q: %q in parentheses is %q", expr, plain, wrapped)
		}
	})
}
