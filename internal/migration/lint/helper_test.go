package lint

import (
	"fmt"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migration/ddl"
)

// fixture is one migration file and what lint has to say about it.
type fixture struct {
	name    string
	dialect string // "mysql" unless said
	// before makes the schema that the file meets; "" is that of the tables below.
	before string
	// file is the migration. What lint says about the way down is compared only
	// where it has one, or where bare says that it has none.
	file string
	bare bool
	// rows has the number of rows of tables; 1,000,000 and more are large.
	rows map[string]int64
	// uses has the columns that this build uses, as users.name.
	uses []string
	// want has the findings in order: line, severity, code.
	want []string
}

// The tables that most fixtures meet.
const (
	mysqlTables = "CREATE TABLE `users` (`id` bigint NOT NULL AUTO_INCREMENT, `name` varchar(80) NOT NULL, `bio` text NULL, " +
		"`age` int NOT NULL DEFAULT 0, `kind` enum('a','b') NOT NULL DEFAULT 'a', `score` decimal(10,2) NULL, `seen` datetime(6) NULL, " +
		"`nick` varchar(40) NULL, `city` varchar(40) NULL, PRIMARY KEY (`id`), UNIQUE INDEX `users_name` (`name`)) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;\n" +
		"CREATE TABLE `posts` (`id` bigint NOT NULL AUTO_INCREMENT, `user_id` bigint NOT NULL, `title` varchar(200) NOT NULL, PRIMARY KEY (`id`), " +
		"INDEX `posts_user_id` (`user_id`), CONSTRAINT `posts_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;"
	sqliteTables = "CREATE TABLE `users` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` varchar NOT NULL, `bio` text NULL, `age` integer NOT NULL DEFAULT 0);\n" +
		"CREATE UNIQUE INDEX `users_name` ON `users` (`name`);\n" +
		"CREATE TABLE `posts` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `user_id` integer NOT NULL, `title` varchar NOT NULL, " +
		"CONSTRAINT `posts_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`));"
)

// downMarker begins the way down in a file.
const downMarker = "-- slipway:down"

// readFile takes a migration apart as the engine does.
func readFile(t testing.TB, dialect, name, content string) File {
	t.Helper()
	f := File{Name: name, Text: content}
	for _, s := range scan(t, dialect, content) {
		f.Statements = append(f.Statements, Statement{Text: s.Text, Pos: s.Pos})
	}
	up, back, stated := strings.Cut(content, downMarker)
	if !stated {
		return f
	}
	f.Down = Down{Stated: true, Line: 1 + strings.Count(up, "\n")}
	head, rest, _ := strings.Cut(back, "\n")
	if reason, found := strings.CutPrefix(strings.TrimSpace(head), "irreversible:"); found {
		f.Down.Irreversible = strings.TrimSpace(reason)
		return f
	}
	var sql strings.Builder
	for l := range strings.SplitSeq(rest, "\n") {
		sql.WriteString(strings.TrimPrefix(l, "--") + "\n")
	}
	for _, s := range scan(t, dialect, sql.String()) {
		f.Down.Statements = append(f.Down.Statements, s.Text)
	}
	return f
}

func scan(t testing.TB, dialect, content string) []*migrate.Stmt {
	t.Helper()
	mysql := dialect == ddl.MySQL
	scanner := migrate.Scanner{ScannerOptions: migrate.ScannerOptions{MatchBegin: true, BackslashEscapes: mysql, HashComments: mysql}}
	statements, err := scanner.Scan(content)
	if err != nil {
		t.Fatalf("scan %q: %v", content, err)
	}
	return statements
}

// state is the schema that statements add up to.
func state(t testing.TB, dialect, sql string) *ddl.State {
	t.Helper()
	s, err := ddl.New(dialect)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range scan(t, dialect, sql) {
		if _, err := s.Apply(statement.Text); err != nil {
			t.Fatalf("%s: %v", statement.Text, err)
		}
	}
	return s
}

// large is from how many rows on a table of the fixtures is large.
const large = 1_000_000

// run gives the findings of a fixture.
func (x fixture) run(t testing.TB) []Finding {
	t.Helper()
	dialect, before := x.dialect, x.before
	if dialect == "" {
		dialect = ddl.MySQL
	}
	if before == "" {
		before = mysqlTables
		if dialect == ddl.SQLite {
			before = sqliteTables
		}
	}
	o := Options{LargeTable: large}
	if x.rows != nil {
		o.Rows = func(table string) (int64, bool) {
			n, known := x.rows[table]
			return n, known
		}
	}
	if x.uses != nil {
		o.Uses = func(table, column string) bool {
			return strings.Contains(" "+strings.Join(x.uses, " ")+" ", " "+table+"."+column+" ")
		}
	}
	all := Run(state(t, dialect, before), dialect, []File{readFile(t, dialect, "1.sql", x.file)}, o)
	if x.bare || strings.Contains(x.file, downMarker) {
		return all
	}
	var kept []Finding
	for _, f := range all {
		if rule(f.Code).Class != classDown {
			kept = append(kept, f)
		}
	}
	return kept
}

// brief is a finding as fixtures write it.
func brief(f Finding) string { return fmt.Sprintf("%d %s %s", f.Line, f.Severity, f.Code) }
