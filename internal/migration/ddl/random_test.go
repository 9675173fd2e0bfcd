package ddl

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/dbtest"
)

// TestRandomStatements runs random statements on the model and on a real
// database: both take one or both refuse it, and now and then the two are
// compared. The seeds are fixed, so that a failure can be had again.
func TestRandomStatements(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		seeds, length := uint64(40), 60
		if dialect == MySQL {
			seeds, length = 8, 50
		}
		for seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				model, real := newState(t, dialect), newDatabase(t, dialect)
				g := &generator{Rand: rand.New(rand.NewPCG(seed, 4)), dialect: dialect}
				var log []string
				taken := 0
				for n := range length {
					statement := g.statement(model.Schema())
					_, err := model.Apply(statement)
					realErr := real.exec(statement)
					log = append(log, statement)
					if (err == nil) != (realErr == nil) {
						t.Fatalf("%s\nthe model: %v\nthe database: %v", strings.Join(log, ";\n"), err, realErr)
					}
					if err == nil {
						taken++
					}
					if n%10 == 9 || n == length-1 {
						if found := differences(t, dialect, model.Schema(), real.inspect()); found != "" {
							t.Fatalf("%s\nthe model and the database differ:\n%s", strings.Join(log, ";\n"), found)
						}
					}
				}
				if taken < length/3 {
					t.Errorf("only %d of %d statements were taken: the test says little", taken, length)
				}
			})
		}
	})
}

// generator makes statements about a handful of names, so that they often meet.
type generator struct {
	*rand.Rand
	dialect string
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func (g *generator) table(s *schema.Schema) string {
	if len(s.Tables) == 0 || g.IntN(12) == 0 {
		return pick(g, "t1", "t2", "t3", "t4")
	}
	return s.Tables[g.IntN(len(s.Tables))].Name
}

func (g *generator) column(s *schema.Schema, table string) string {
	if t, ok := s.Table(table); ok && g.IntN(10) > 0 {
		return t.Columns[g.IntN(len(t.Columns))].Name
	}
	return g.name()
}

func (g *generator) name() string { return pick(g, "a", "b", "c", "d", "e", "f1", "g2") }

func (g *generator) definition() string {
	kind := g.IntN(6)
	d := []string{"int", "bigint", "varchar(20)", "decimal(8,2)", "datetime", "double"}[kind]
	if g.IntN(3) == 0 {
		d += " NOT NULL DEFAULT " + []string{"1", "-2", "'x'", "1.5", "'2020-01-01 00:00:00'", ".5"}[kind]
	} else if g.IntN(3) == 0 {
		d += " NULL"
	}
	if g.dialect == MySQL && g.IntN(8) == 0 {
		d += " COMMENT 'it''s'"
	}
	return d
}

func (g *generator) createTable(s *schema.Schema) string {
	name := pick(g, "t1", "t2", "t3", "t4")
	var parts, columns []string
	for range 1 + g.IntN(4) {
		c := g.name()
		if slices.Contains(columns, c) && g.IntN(20) > 0 {
			continue
		}
		columns = append(columns, c)
		d := c + " " + g.definition()
		if g.IntN(8) == 0 {
			d += " UNIQUE"
		}
		if g.IntN(8) == 0 {
			d += " CHECK (" + c + " IS NOT NULL)"
		}
		parts = append(parts, d)
	}
	own := func() string { return pick(g, columns...) }
	parts = append([]string{"id bigint " + pick(g, "NOT NULL", "", "NOT NULL")}, parts...)
	if g.dialect == SQLite {
		parts[0] = "id integer" + pick(g, " NOT NULL", "")
	}
	parts = append(parts, "PRIMARY KEY (id)")
	if g.IntN(3) == 0 {
		parts = append(parts, "UNIQUE ("+own()+")")
	}
	if g.IntN(3) == 0 {
		parts = append(parts, "CHECK (NOT "+own()+" IS NULL)")
	}
	if g.dialect == MySQL && g.IntN(3) == 0 {
		parts = append(parts, "KEY ("+own()+")")
	}
	if g.IntN(3) == 0 {
		parts = append(parts, "ref "+map[string]string{MySQL: "bigint", SQLite: "integer"}[g.dialect], "FOREIGN KEY (ref) REFERENCES "+g.table(s)+" (id)"+pick(g, "", " ON DELETE CASCADE", " ON UPDATE CASCADE", " ON DELETE SET NULL"))
	}
	// Columns come before constraints on SQLite.
	slices.SortStableFunc(parts, func(a, b string) int { return constraintFirst(a) - constraintFirst(b) })
	return "CREATE TABLE " + name + " (" + strings.Join(parts, ", ") + ")"
}

func constraintFirst(part string) int {
	if part[0] >= 'A' && part[0] <= 'Z' {
		return 1
	}
	return 0
}

func (g *generator) statement(s *schema.Schema) string {
	t := g.table(s)
	if len(s.Tables) < 2 {
		return g.createTable(s)
	}
	n := g.IntN(20)
	if n < 12 && g.dialect == MySQL {
		actions := []string{g.mysqlAction(s, t)}
		for g.IntN(3) == 0 && len(actions) < 3 {
			actions = append(actions, g.mysqlAction(s, t))
		}
		return "ALTER TABLE " + t + " " + strings.Join(actions, ", ")
	}
	switch n {
	case 0, 1:
		return g.createTable(s)
	case 2:
		return "DROP TABLE " + t
	case 3, 4:
		return "ALTER TABLE " + t + " RENAME TO " + pick(g, "t1", "t2", "t3", "t4")
	case 5, 6, 7, 8:
		return "ALTER TABLE " + t + " ADD COLUMN " + g.name() + " " + g.definition()
	case 9, 10:
		return "ALTER TABLE " + t + " DROP COLUMN " + g.column(s, t)
	case 11, 12:
		return "ALTER TABLE " + t + " RENAME COLUMN " + g.column(s, t) + " TO " + g.name()
	case 13:
		if g.dialect == SQLite {
			return "DROP INDEX " + pick(g, "i1", "i2", "i3", "i4")
		}
		return "DROP INDEX " + g.index(s, t) + " ON " + t
	case 14:
		if g.dialect == MySQL {
			return "RENAME TABLE " + t + " TO " + pick(g, "t1", "t2", "t3", "t4")
		}
		fallthrough
	case 15, 16:
		columns := g.column(s, t)
		if c := g.column(s, t); c != columns {
			columns += pick(g, "", " DESC") + ", " + c
		}
		where := ""
		if g.dialect == SQLite && g.IntN(3) == 0 {
			where = " WHERE " + g.column(s, t) + " IS NOT NULL"
		}
		return "CREATE " + pick(g, "", "UNIQUE ") + "INDEX " + pick(g, "i1", "i2", "i3", "i4") + " ON " + t + " (" + columns + ")" + where
	case 17:
		return "CREATE TABLE IF NOT EXISTS " + pick(g, "t1", "t2", "t3", "t4") + " (id bigint PRIMARY KEY, a int)"
	}
	return "DELETE FROM " + t
}

func (g *generator) index(s *schema.Schema, table string) string {
	if t, ok := s.Table(table); ok && len(t.Indexes) > 0 {
		return t.Indexes[g.IntN(len(t.Indexes))].Name
	}
	return "i1"
}

func (g *generator) mysqlAction(s *schema.Schema, table string) string {
	t, ok := s.Table(table)
	if !ok {
		return "ADD COLUMN a int"
	}
	c := g.column(s, table)
	position := pick(g, "", "", " FIRST", " AFTER "+g.column(s, table))
	switch g.IntN(16) {
	case 0, 1:
		return "ADD COLUMN " + g.name() + " " + g.definition() + position
	case 2:
		return "ADD COLUMN " + g.name() + " int UNIQUE"
	case 3:
		return "DROP COLUMN " + c
	case 4:
		return "MODIFY " + c + " " + g.definition() + position
	case 5:
		return "CHANGE " + c + " " + g.name() + " " + g.definition() + position
	case 6:
		return "RENAME COLUMN " + c + " TO " + g.name()
	case 7:
		return "ALTER " + c + " " + pick(g, "DROP DEFAULT", "SET DEFAULT 1")
	case 8, 9:
		return "ADD " + pick(g, "INDEX", "UNIQUE", "KEY i1", "UNIQUE i2") + " (" + c + ")"
	case 10:
		return "DROP INDEX " + g.index(s, table)
	case 11:
		return "RENAME INDEX " + g.index(s, table) + " TO " + pick(g, "i1", "i2", "i3")
	case 12:
		return "ADD " + pick(g, "", "CONSTRAINT fk"+fmt.Sprint(g.IntN(9))+" ") + "FOREIGN KEY (" + c + ") REFERENCES " + g.table(s) + " (id)"
	case 13:
		if len(t.ForeignKeys) > 0 {
			return "DROP FOREIGN KEY " + t.ForeignKeys[g.IntN(len(t.ForeignKeys))].Symbol
		}
		return "COMMENT 'x'"
	case 14:
		if checks := t.Checks(); len(checks) > 0 && g.IntN(2) == 0 {
			return "DROP CHECK " + checks[g.IntN(len(checks))].Name
		}
		return "ADD " + pick(g, "", "CONSTRAINT ck"+fmt.Sprint(g.IntN(9))+" ") + "CHECK (" + c + " IS NOT NULL OR id > 3)"
	}
	return "DROP CONSTRAINT " + pick(g, "fk1", "ck1", g.index(s, table))
}
