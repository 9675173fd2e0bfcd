package lint

import (
	"cmp"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migrate/plan"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ dialect, sql, want string }{
		{plan.MySQL, "a  b\n\tc", "a b c"},
		{plan.MySQL, "a -- b\nc # d\ne /* f */ g", "a c e g"},
		{plan.SQLite, "a -- b\nc", "a c"},
		{plan.MySQL, "/*!40101 SET a */;", "SET a ;"},
		{plan.SQLite, "/*!40101 SET a */;", ";"},
		{plan.MySQL, "'it''s' `a``b` \"c\" 'd\\'e'", "'it''s' a`b c 'd\\'e'"},
		{plan.SQLite, "'c:\\' [a b] x", "'c:\\' a b x"},
		{plan.MySQL, "a.b=1,2", "a . b = 1 , 2"},
		{plan.MySQL, "'unclosed", "'unclosed"},
		{plan.MySQL, "a /* unclosed", "a"},
	} {
		var got []string
		for _, token := range tokens(x.sql, x.dialect) {
			got = append(got, cmp.Or(token.name(), string(token)))
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%s %q: %q, want %q", x.dialect, x.sql, strings.Join(got, " "), x.want)
		}
	}
}

func TestFills(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]bool{
		"UPDATE t SET a = 1":                                    true,
		"UPDATE t SET a = 1;":                                   true,
		"UPDATE t SET b = 2, a = (SELECT max(x) FROM o)":        true,
		"UPDATE t SET t.a = '' WHERE a IS NULL":                 true,
		"UPDATE t SET `a` = '' WHERE `t`.`a` IS NULL":           true,
		"UPDATE t JOIN o ON o.id = t.id SET t.a = o.b":          true,
		"UPDATE t SET a = NULL":                                 false,
		"UPDATE t SET b = a":                                    false,
		"UPDATE t SET a = 1 WHERE id = 1":                       false,
		"UPDATE t SET a = 1 WHERE a IS NOT NULL":                false,
		"UPDATE t SET a = 1 WHERE a IS NULL LIMIT 5":            false,
		"UPDATE t SET b = 1 WHERE a IS NULL":                    false,
		"UPDATE t SET b = (SELECT 1 FROM o WHERE a = 2), c = 1": false,
		"DELETE FROM t WHERE a IS NULL":                         false,
		"SELECT 1":                                              false,
	} {
		if got := parse(statement, plan.MySQL).fills("a"); got != want {
			t.Errorf("%s: %v", statement, got)
		}
	}
}

// TestInlineReferences: MY102 is reported for the columns that refer to another table in
// their own definition, and for no others.
func TestInlineReferences(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE TABLE t (a int REFERENCES o (id), b int, c decimal(3,2) NOT NULL REFERENCES o (id))":     "a c",
		"CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES o (id))":                                      "",
		"CREATE TABLE t (a int, CONSTRAINT x FOREIGN KEY (a, b) REFERENCES o (id, n) ON DELETE CASCADE)": "",
		"ALTER TABLE t ADD COLUMN a int NULL REFERENCES o (id)":                                          "a",
		"ALTER TABLE t ADD a int NULL REFERENCES o (id), ADD b int":                                      "a",
		"ALTER TABLE t ADD (a int NULL, b int NULL REFERENCES o (id))":                                   "b",
		"ALTER TABLE t ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES o (id)":                               "",
	} {
		p := &pass{dialect: plan.MySQL}
		p.read([]*migrate.Stmt{{Text: text}}, plan.UnknownEffects([]string{text}))
		var got []string
		for _, f := range p.run() {
			if f.Code == "MY102" {
				got = append(got, strings.Split(f.Detail, `"`)[1])
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	const text = "a;\n\n b;\r\nc"
	for pos, want := range map[int]int{-1: 1, 0: 1, 2: 3, 3: 3, 5: 3, 7: 4, 9: 4, 99: 4} {
		if got := line(text, pos); got != want {
			t.Errorf("position %d is on line %d, want %d", pos, got, want)
		}
	}
}
