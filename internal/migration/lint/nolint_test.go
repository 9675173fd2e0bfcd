package lint

import (
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migration/ddl"
)

// TestNolint: what a nolint comment is about, and what it silences.
func TestNolint(t *testing.T) {
	t.Parallel()
	const drops = "ALTER TABLE users DROP COLUMN bio;\nDROP TABLE posts;"
	for _, x := range []struct {
		name, file string
		want       []string // the codes left, notices aside
	}{
		{"none", drops, []string{"DS103", "DS102"}},
		{"a code above a statement", "-- atlas:nolint DS103\n" + drops, []string{"DS102"}},
		{"small letters", "-- atlas:nolint ds103\n" + drops, []string{"DS102"}},
		{"the second statement", strings.Replace(drops, "\n", "\n-- atlas:nolint DS102\n", 1), []string{"DS103"}},
		{"another code", "-- atlas:nolint DS102\n" + drops, []string{"DS103", "DS102"}},
		{"several codes", "-- atlas:nolint DS102, DS103 SW401\n" + drops, []string{"DS102"}},
		{"a class", "-- atlas:nolint destructive\n" + drops, []string{"DS102"}},
		{"all of a statement", "-- atlas:nolint\n" + drops, []string{"DS102"}},
		{"among other comments", "-- Drop the bio.\n-- atlas:nolint DS103\n-- It is empty.\n" + drops, []string{"DS102"}},
		{"in a block", "/* atlas:nolint DS103 */\n" + drops, []string{"DS103", "DS102"}}, // as Atlas: no space there
		{"in a block without space", "/*atlas:nolint DS103*/\n" + drops, []string{"DS102"}},
		{"with a hash", "#atlas:nolint DS103\n" + drops, []string{"DS102"}},
		{"a code for the file", "-- atlas:nolint DS102\n\n" + drops, []string{"DS103"}},
		{"a class for the file", "-- atlas:nolint destructive\n\n" + drops, nil},
		{"all of the file", "-- atlas:nolint\n\n" + drops, nil},
		{"an empty line below, not at the top", strings.Replace(drops, "\n", "\n-- atlas:nolint DS102\n\n", 1), []string{"DS103", "DS102"}},
		{"a word that is like it", "-- atlas:nolinting DS103\n" + drops, []string{"DS103", "DS102"}},
		{"an unknown code", "-- atlas:nolint DS103 XY1\n" + drops, []string{"SW607", "DS102"}},
		{"the warning itself", "-- atlas:nolint SW607 XY1\n" + drops, []string{"DS103", "DS102"}},
		{"in a string", "ALTER TABLE users COMMENT '-- atlas:nolint';\n" + drops, []string{"DS103", "DS102"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range (fixture{file: x.file}).run(t) {
				if f.Severity != Notice {
					got = append(got, f.Code)
				}
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

// TestNolintOfTheWayDown: what is about the file as a whole is silenced for the
// file as a whole.
func TestNolintOfTheWayDown(t *testing.T) {
	t.Parallel()
	const add = "ALTER TABLE users ADD COLUMN zip int NULL;"
	for file, want := range map[string]int{
		add:                               1,
		"-- atlas:nolint SW501\n" + add:   1,
		"-- atlas:nolint SW501\n\n" + add: 0,
		"-- atlas:nolint down\n\n" + add:  0,
	} {
		n := 0
		for _, f := range (fixture{file: file, bare: true}).run(t) {
			if f.Code == "SW501" {
				n++
			}
		}
		if n != want {
			t.Errorf("%q: %d findings about the way down, want %d", file, n, want)
		}
	}
}

// FuzzNolint: any text is taken, and what counts as a directive above a statement
// is what Atlas makes of it.
func FuzzNolint(f *testing.F) {
	for _, s := range []string{"", "-- atlas:nolint\nDROP TABLE a;", "-- atlas:nolint DS102\n\nDROP TABLE a;\n--atlas:nolint\nDROP TABLE b;",
		"#atlas:nolint x, y\r\nDROP TABLE a", "/*atlas:nolint*/DROP TABLE a;DROP TABLE b;", "x;;\n-- atlas:nolint \t\ny", "/*", "--", "-- atlas:nolint ,", "DELIMITER //\nx//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scanner := migrate.Scanner{ScannerOptions: migrate.ScannerOptions{MatchBegin: true, BackslashEscapes: true, HashComments: true}}
		statements, err := scanner.Scan(text)
		if err != nil {
			statements = nil
		}
		file := File{Name: "1.sql", Text: text}
		for _, s := range statements {
			file.Statements = append(file.Statements, Statement{Text: s.Text, Pos: s.Pos})
		}
		got := silences(file, ddl.MySQL)
		// A delimiter of its own moves the positions of the statements.
		if strings.Contains(strings.ToLower(text), "delimiter") {
			return
		}
		for i, s := range statements {
			if want := directives(s.Directive("nolint")); !slices.Equal(got.statements[i], want) {
				t.Errorf("%q: statement %d is silenced by %q, for Atlas by %q", text, i, got.statements[i], want)
			}
		}
	})
}

// FuzzTokens: any text is taken apart, and what is read of it never panics.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "UPDATE t SET a = 1, b.c = (SELECT 1) WHERE x IS NULL LIMIT 3", "INSERT INTO `t` (`a`, b) SELECT x AS y, IFNULL(z, '') FROM o",
		"CREATE TABLE t (a int REFERENCES b (c), FOREIGN KEY (a) REFERENCES b (c))", "/*!40101 SET x */ 'it''s \\' \"a\" [b] `c``d` -- e\n# f\n", "((", "))", "SET foreign_key_checks =", "INSERT INTO", "UPDATE SET", "DELETE FROM t WHERE"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(_ *testing.T, text string, mysql bool) {
		dialect := ddl.SQLite
		if mysql {
			dialect = ddl.MySQL
		}
		ts := tokens(text, dialect)
		u, _ := readUpdate(ts)
		u.fills("a")
		_, _ = readInsertSelect(ts)
		_, _ = setsForeignKeyChecks(ts)
		inlineReferences(ts)
		actions(ts)
		alters(ts)
		shorten(text)
	})
}
