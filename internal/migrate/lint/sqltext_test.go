package lint

import (
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ dialect, sql, want string }{
		{mySQL, "a  b\n\tc", "a b c"},
		{mySQL, "a -- b\nc # d\ne /* f */ g", "a c e g"},
		{sqLite, "a -- b\nc", "a c"},
		{mySQL, "/*!40101 SET a */;", "SET a ;"},
		{sqLite, "/*!40101 SET a */;", ";"},
		{mySQL, "'it''s' `a``b` \"c\" 'd\\'e'", "it's a`b c d'e"},
		{sqLite, "'c:\\' [a b] x", "c:\\ a b x"},
		{mySQL, "a.b=1,2", "a . b = 1 , 2"},
		{mySQL, "'unclosed", "unclosed"},
		{mySQL, "a /* unclosed", "a"},
	} {
		var got []string
		for _, token := range tokens(x.sql, x.dialect) {
			got = append(got, token.text)
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
		u, _ := readUpdate(tokens(statement, mySQL))
		if got := u.fills("a"); got != want {
			t.Errorf("%s: %v", statement, got)
		}
	}
}

func TestInlineReferences(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		"CREATE TABLE t (a int REFERENCES o (id), b int, c decimal(3,2) NOT NULL REFERENCES o (id))":     "a c",
		"CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES o (id))":                                      "",
		"CREATE TABLE t (a int, CONSTRAINT x FOREIGN KEY (a, b) REFERENCES o (id, n) ON DELETE CASCADE)": "",
		"ALTER TABLE t ADD COLUMN a int NULL REFERENCES o (id)":                                          "a",
		"ALTER TABLE t ADD a int NULL REFERENCES o (id), ADD b int":                                      "a",
		"ALTER TABLE t ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES o (id)":                               "",
	} {
		if got := strings.Join(inlineReferences(tokens(statement, mySQL)), " "); got != want {
			t.Errorf("%s: %q, want %q", statement, got, want)
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
