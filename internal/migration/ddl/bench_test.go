package ddl

import (
	"fmt"
	"testing"
)

// history is a thousand ordinary migrations: tables, columns, indexes, and rows.
func history(dialect string) []string {
	var all []string
	id := map[string]string{MySQL: "bigint NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)", SQLite: "integer NOT NULL PRIMARY KEY AUTOINCREMENT"}[dialect]
	for n := range 250 {
		t := fmt.Sprintf("t%d", n/5)
		switch n % 5 {
		case 0:
			all = append(all, fmt.Sprintf("CREATE TABLE %s (name varchar(80) NOT NULL, body text NULL, score double NOT NULL DEFAULT 0, created_at datetime NOT NULL, id %s)", t, id))
		default:
			all = append(all, fmt.Sprintf("ALTER TABLE %s ADD COLUMN c%d varchar(80) NULL DEFAULT 'x'", t, n))
		}
		all = append(all, fmt.Sprintf("CREATE INDEX i%d ON %s (score, name)", n, t),
			fmt.Sprintf("UPDATE %s SET name = 'a' WHERE name = 'b'", t),
			fmt.Sprintf("ALTER TABLE %s RENAME COLUMN score TO score2", t),
			fmt.Sprintf("ALTER TABLE %s RENAME COLUMN score2 TO score", t))
	}
	return all
}

// BenchmarkReplay is what it costs to replay a thousand migrations of one or two
// statements, which a command does each time it starts.
func BenchmarkReplay(b *testing.B) {
	for _, dialect := range []string{MySQL, SQLite} {
		b.Run(dialect, func(b *testing.B) {
			all := history(dialect)
			b.ReportMetric(float64(len(all)), "statements")
			for b.Loop() {
				s := newState(b, dialect)
				for _, statement := range all {
					if _, err := s.Apply(statement); err != nil {
						b.Fatalf("%s\n%v", statement, err)
					}
				}
			}
		})
	}
}

func BenchmarkDiff(b *testing.B) {
	s := applied(b, MySQL, history(MySQL)...)
	one, two := s.Schema(), s.Clone().Schema()
	for b.Loop() {
		if changes, err := Diff(MySQL, one, two); err != nil || len(changes) > 0 {
			b.Fatal(changes, err)
		}
	}
}
