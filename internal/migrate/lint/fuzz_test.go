package lint

import (
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
)

// FuzzTokens: parsing any text does not panic.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "UPDATE t SET a = 1, b.c = (SELECT 1) WHERE x IS NULL LIMIT 3",
		"INSERT INTO `t` (`a`, b) SELECT x AS y, IFNULL(z, '') FROM o",
		"CREATE TABLE t (a int REFERENCES b (c), FOREIGN KEY (a) REFERENCES b (c))",
		"/*!40101 SET x */ 'it''s \\' \"a\" [b] `c``d` -- e\n# f\n", "((", "))", "SET foreign_key_checks =", "INSERT INTO",
		"UPDATE SET", "DELETE FROM t WHERE"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(_ *testing.T, text string, mysql bool) {
		dialect := plan.SQLite
		if mysql {
			dialect = plan.MySQL
		}
		s := parse(text, dialect)
		s.fills("a")
		s.foreignKeyChecks()
		s.actions()
		for _, d := range s.definitions() {
			unnamed(d)
		}
	})
}

// FuzzRun: checking any text does not panic.
func FuzzRun(f *testing.F) {
	for _, s := range []string{"", "DROP TABLE t", "ALTER TABLE t DROP COLUMN c; UPDATE t SET c = 1",
		"ALTER TABLE t ADD c int, ALGORITHM=",
		"CREATE UNIQUE INDEX i ON", "CREATE TABLE t (a int REFERENCES", "DELETE FROM t LIMIT",
		"ALTER TABLE t MODIFY c int FIRST"} {
		f.Add(s, true, true)
		f.Add(s, false, false)
	}
	table := schema.NewTable("t").AddColumns(schema.NewIntColumn("c", "int"))
	before := schema.New("").AddTables(table)
	f.Fuzz(func(t *testing.T, text string, sqlite, isKnown bool) {
		dialect := plan.MySQL
		if sqlite {
			dialect = plan.SQLite
		}
		p := &pass{dialect: dialect, name: "1.sql", text: text, down: downSection{stated: true, line: 1}, known: known{
			uses: before, rows: func(string) (bool, string) { return true, "" },
		}}
		var statements []*migrate.Stmt
		var effects []plan.Effect
		rest := text
		for more := true; more; {
			var statement string
			pos := len(text) - len(rest)
			statement, rest, more = strings.Cut(rest, ";")
			statements = append(statements, &migrate.Stmt{Text: statement, Pos: pos})
			e := plan.Effect{Statement: statement, Before: before, After: before, Unknown: !isKnown}
			if isKnown {
				e.Changes = []schema.Change{
					&schema.ModifyTable{T: table, Changes: []schema.Change{&schema.DropColumn{C: table.Columns[0]}}}}
			}
			effects = append(effects, e)
		}
		p.read(statements, effects)
		lines := 1 + strings.Count(text, "\n")
		for _, found := range p.run() {
			if found.Line < 1 || found.Line > lines {
				t.Errorf("%+v: there are %d lines", found, lines)
			}
		}
	})
}
