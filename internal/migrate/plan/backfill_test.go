package plan

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/migrate/migratetest"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

func TestLiteral(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1": "1", "-1.5e3": "-1.5e3", " 0 ": "0", ".5": ".5",
		"true": "TRUE", "FALSE": "FALSE", "current_timestamp": "CURRENT_TIMESTAMP",
		"''": "''", "'a'": "'a'", "'it''s'": "'it''s'", "''''": "''''", `'\'`: `'\'`, "'; -- x'": "'; -- x'",
		"": "", "x": "", "'": "", "'a": "", "'a'b'": "", "1; DROP TABLE x": "", "'a\nb'": "", "'a\x00'": "", "'\xff'": "",
		"NULL": "", "1 + 1": "", `"a"`: "", "now()": "", "0x1": "",
	} {
		l, err := parseLiteral(text)
		if (err == nil) != (want != "") || err == nil && l.String() != want {
			t.Errorf("%q: got %q, %v, want %q", text, l, err, want)
		}
	}
}

// TestLiteralOnDatabase: a text literal has the same value on every dialect.
func TestLiteralOnDatabase(t *testing.T) {
	t.Parallel()
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		db := migratetest.Connect(t, address)
		for _, text := range []string{"", "a", "it's", `\`, `\\`, `\'`, `a\nb`, `"`, "`", "%_", "ä€😀", "; -- /* # */"} {
			l := literal{kind: literalText, text: text}
			sql := l.Sql(dialect, &schema.StringType{T: "varchar"})
			if got := migratetest.Query(t, db, "SELECT "+sql); got != text {
				t.Errorf("%q is written as %s, which reads as %q", text, sql, got)
			}
		}
	})
}

// TestFillTime: a fill sets times in UTC, on SQLite as text in the application's format.
func TestFillTime(t *testing.T) {
	t.Parallel()
	moment := &schema.TimeType{T: "datetime"}
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		db := migratetest.Connect(t, address)
		if dialect == MySQL {
			migratetest.Exec(t, db, "SET time_zone = '+05:00'")
		}
		now := migratetest.Query(t, db, "SELECT "+literal{kind: literalNow}.Sql(dialect, moment))
		utc := migratetest.Query(t, db,
			map[string]string{MySQL: "SELECT UTC_TIMESTAMP()", SQLite: "SELECT datetime('now')"}[dialect])
		if !strings.HasPrefix(strings.Replace(now, "T", " ", 1), strings.Replace(utc, "T", " ", 1)[:13]) {
			t.Errorf("now is %s, and UTC %s", now, utc)
		}
		if dialect == SQLite && !strings.HasSuffix(now, "+00:00") {
			t.Errorf("now is %s", now)
		}
		for text, want := range map[string]string{
			"2020-01-02 03:04:05":        "2020-01-02 03:04:05+00:00",
			"2020-01-02 03:04:05.678900": "2020-01-02 03:04:05.6789+00:00",
			"2020-01-02":                 "2020-01-02 00:00:00+00:00",
			"soon":                       "soon",
		} {
			if dialect == MySQL {
				want = text
			}
			if got := (literal{kind: literalText, text: text}).Sql(dialect, moment); got != "'"+want+"'" {
				t.Errorf("%q is written as %s", text, got)
			}
		}
	})
}

// TestRenameInExpression: renaming a column in expressions of checks, indexes and generated
// columns.
func TestRenameInExpression(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"name":                                  "nick",
		"name <> '' AND length(name) < 80":      "nick <> '' AND length(nick) < 80",
		"`name` = 'name'":                       "`nick` = 'name'",
		"NAME > 'it''s name'":                   "nick > 'it''s name'",
		"name(x) + fullname + name_x + surname": "name(x) + fullname + name_x + surname",
		"users.name":                            "users.nick",
		"\"name\"":                              "\"name\"",
		"(":                                     "(",
		"'name":                                 "'name",
		"ä.name":                                "ä.nick",
	} {
		if got := RenameInExpression(expr, "name", "nick", false); got != want {
			t.Errorf("%s: got %s, want %s", expr, got, want)
		}
	}
	if got := RenameInExpression(`"name" = 'name'`, "name", "nick", true); got != `"nick" = 'name'` {
		t.Errorf("in double quotes: %s", got)
	}
}

func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"1", "''", "'it''s'", "TRUE", "1e5", "'\\'", "'\x00'", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := parseLiteral(s)
		if err != nil {
			return
		}
		if again, err := parseLiteral(l.String()); err != nil || again != l {
			t.Errorf("%q is %+v, and read again %+v, %v", s, l, again, err)
		}
		for _, d := range Dialects {
			// One statement, whatever the text is.
			statements, err := d.Scan(
				"UPDATE `t` SET `c` = " + l.Sql(d.Name, &schema.StringType{T: "varchar"}) + " WHERE `c` IS NULL;\nSELECT 1;\n")
			if err == nil && len(statements) != 2 && !strings.Contains(s, `\`) {
				t.Errorf("%s: %q makes %d statements", d.Name, s, len(statements))
			}
		}
	})
}

func FuzzRenameInExpression(f *testing.F) {
	for _, s := range []string{"name", "`name`", "'name''", "a(name)", "\"name", "näme name"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		if got := RenameInExpression(expr, "name", "name", true); !strings.EqualFold(got, expr) {
			t.Errorf("%q becomes %q when nothing changes", expr, got)
		}
		there := RenameInExpression(expr, "name", "x1y2z3", true)
		if strings.Contains(strings.ToLower(expr), "x1y2z3") {
			return
		}
		if back := RenameInExpression(there, "x1y2z3", "name", true); !strings.EqualFold(back, expr) {
			t.Errorf("%q becomes %q and back %q", expr, there, back)
		}
	})
}

// TestZero: each type has a zero value, which a column of this type accepts on both dialects.
func TestZero(t *testing.T) {
	t.Parallel()
	types := []string{"int", "bigint", "bool", "tinyint(1)", "bit(3)", "mediumint unsigned", "double", "decimal(5,2)",
		"decimal(20,2)",
		"varchar(3)", "text", "longtext", "json", "enum('b','a')", "set('a')", "date", "time", "year", "timestamp",
		"datetime", "datetime(6)",
		"blob", "binary(4)", "varbinary(5)"}
	migratetest.Each(t, func(t *testing.T, dialect, address string) {
		db := migratetest.Connect(t, address)
		for i, kind := range types {
			table := fmt.Sprintf("t%d", i)
			text := []byte(migratetest.Preamble + fmt.Sprintf("table %q {\n  schema = schema.app\n  column \"c\" {\n    type = "+
				"sql(%q)\n  }\n}\n", table, kind))
			for _, c := range DraftOf(t, dialect, nil, text).Up {
				migratetest.Exec(t, db, c.Cmd)
			}
			s, err := declared.MySQL("schema.hcl", text)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			column := s.Tables[0].Columns[0].Type.Type
			zero, ok := zeroOf(column)
			if !ok {
				t.Errorf("%s: no zero value", kind)
				continue
			}
			insert := fmt.Sprintf("INSERT INTO %s VALUES (%s)", table, zero.Sql(dialect, column))
			if _, err := db.Exec(insert); err != nil {
				t.Errorf("%s: %s: %v", kind, insert, err)
			}
			if familyOf(column) == familyTime {
				now := literal{kind: literalNow}.Sql(dialect, column)
				if _, err := db.Exec("INSERT INTO " + table + " VALUES (" + now + ")"); err != nil {
					t.Errorf("%s: %s: %v", kind, now, err)
				}
			}
		}
	})
}

// TestConvertsMembers: a change to an enum or a set with all old members keeps every row.
func TestConvertsMembers(t *testing.T) {
	t.Parallel()
	enum := func(members ...string) schema.Type { return &schema.EnumType{T: "enum", Values: members} }
	set := func(members ...string) schema.Type { return &mysql.SetType{Values: members} }
	for _, c := range []struct {
		from, to schema.Type
		want     bool
	}{
		{enum("a", "b"), enum("b", "c", "a"), true},
		{enum("a", "b"), enum("a"), false},
		{set("a"), set("a", "b"), true},
		{enum("a"), set("a"), true},
		{set("a"), enum("a"), false},
		{&schema.StringType{T: "text"}, enum("a"), false},
	} {
		if got := converts(c.from, c.to); got != c.want {
			t.Errorf("%v to %v: got %t", c.from, c.to, got)
		}
	}
}
