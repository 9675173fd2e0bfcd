package lint

import (
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

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
		got := silences(file, mySQL)
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
		dialect := sqLite
		if mysql {
			dialect = mySQL
		}
		ts := tokens(text, dialect)
		u, _ := readUpdate(ts)
		u.fills("a")
		_, _ = readInsertSelect(ts)
		_, _ = setsForeignKeyChecks(ts)
		inlineReferences(ts)
		actions(ts)
		readHead(ts)
		unnamed(ts)
		shorten(text)
	})
}

// FuzzRun: lint finds fault with any text; it never panics.
func FuzzRun(f *testing.F) {
	for _, s := range []string{"", "DROP TABLE t", "ALTER TABLE t DROP COLUMN c; UPDATE t SET c = 1", "ALTER TABLE t ADD c int, ALGORITHM=",
		"CREATE UNIQUE INDEX i ON", "CREATE TABLE t (a int REFERENCES", "DELETE FROM t LIMIT", "ALTER TABLE t MODIFY c int FIRST"} {
		f.Add(s, true, true)
		f.Add(s, false, false)
	}
	table := schema.NewTable("t").AddColumns(schema.NewIntColumn("c", "int"))
	before := schema.New("").AddTables(table)
	f.Fuzz(func(t *testing.T, text string, sqlite, known bool) {
		dialect := mySQL
		if sqlite {
			dialect = sqLite
		}
		file := File{Name: "1.sql", Text: text, Down: Down{Stated: true, Line: 1}}
		rest := text
		for more := true; more; {
			var statement string
			pos := len(text) - len(rest)
			statement, rest, more = strings.Cut(rest, ";")
			s := Statement{Text: statement, Pos: pos, Before: before, After: before, Unknown: !known}
			if known {
				s.Changes = []schema.Change{&schema.ModifyTable{T: table, Changes: []schema.Change{&schema.DropColumn{C: table.Columns[0]}}}}
			}
			file.Statements = append(file.Statements, s)
		}
		lines := 1 + strings.Count(text, "\n")
		for _, found := range Run(dialect, []File{file}, Options{
			LargeTable: 10,
			Rows:       func(string) (int64, bool) { return 10, true },
			Uses:       func(string, string) bool { return true },
		}) {
			if found.Line < 1 || found.Line > lines {
				t.Errorf("%+v: there are %d lines", found, lines)
			}
		}
	})
}
