package lint_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/migrate/lint"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/migrate"
	_ "modernc.org/sqlite"

	"slipway/internal/test/dbtest"
)

// fixture is one migration file and the findings that lint must report.
type fixture struct {
	name    string
	dialect string // default: "mysql"
	// before is the migration before the file; "" means the tables below.
	before string
	// file is the migration. Findings about its down statements are compared only if it has
	// some, or if bare is true.
	file string
	bare bool
	// rows has the number of rows of tables; large is as many as count as large.
	rows map[string]int64
	// uses has the columns that this build uses, as users.name.
	uses []string
	// offline says that there is no scratch database for MySQL.
	offline bool
	// want has the findings in order: line, severity, code.
	want []string
}

// The tables that most fixtures change.
const (
	mysqlTables = "CREATE TABLE `users` (`id` bigint NOT NULL AUTO_INCREMENT, `name` varchar(80) NOT NULL, `bio` text " +
		"NULL, " +
		"`age` int NOT NULL DEFAULT 0, `kind` enum('a','b') NOT NULL DEFAULT 'a', `score` decimal(10,2) NULL, " +
		"`seen` datetime(6) NULL, `nick` varchar(40) NULL, `city` varchar(40) NULL, PRIMARY KEY (`id`), " +
		"UNIQUE INDEX `users_name` (`name`)) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;\n" +
		"CREATE TABLE `posts` (`id` bigint NOT NULL AUTO_INCREMENT, `user_id` bigint NOT NULL, " +
		"`title` varchar(200) NOT NULL, PRIMARY KEY (`id`), INDEX `posts_user_id` (`user_id`), " +
		"CONSTRAINT `posts_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;"
	sqliteTables = "CREATE TABLE `users` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` varchar NOT NULL, " +
		"`bio` text NULL, `age` integer NOT NULL DEFAULT 0);\n" +
		"CREATE UNIQUE INDEX `users_name` ON `users` (`name`);\n" +
		"CREATE TABLE `posts` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `user_id` integer NOT NULL, " +
		"`title` varchar NOT NULL, CONSTRAINT `posts_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`));"
)

const (
	// downMarker starts the down statements of a file.
	downMarker = "-- slipway:down"
	// large is the number of rows from which a table of the fixtures is large.
	large = 20
)

// folder returns a folder migrations with files of one dialect: name, text, name, text.
func folder(t testing.TB, dialect string, namesAndTexts ...string) fstest.MapFS {
	t.Helper()
	dir, made := &migrate.MemDir{}, fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		name, text := namesAndTexts[i], []byte(namesAndTexts[i+1])
		made[dialect+"/"+name] = &fstest.MapFile{Data: text}
		if err := dir.WriteFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	made[dialect+"/"+migrate.HashFileName] = &fstest.MapFile{Data: text}
	return made
}

// scratch creates scratch databases in memory and, unless offline, on the test server.
func scratch(t testing.TB, offline bool) plan.Scratch {
	return func(_ context.Context, dialect string) (*sql.DB, func() error, error) {
		switch {
		case dialect == plan.SQLite:
			db, err := sql.Open("sqlite", ":memory:")
			if err != nil {
				return nil, nil, err
			}
			return db, db.Close, nil
		case offline:
			return nil, nil, plan.ErrNoScratch
		}
		db := dbtest.Open(t, dbtest.MySQL(t))
		return db, db.Close, nil
	}
}

// files returns the folder migrations of a fixture: the migration before it, and its file. On MySQL,
// where to create a table takes as long as the file, posts exists only if the file has it.
func (x fixture) files(t testing.TB) (dialect string, migrations fstest.MapFS) {
	t.Helper()
	dialect, before := cmp.Or(x.dialect, plan.MySQL), x.before
	if before == "" {
		before = map[string]string{plan.MySQL: mysqlTables, plan.SQLite: sqliteTables}[dialect]
		if dialect == plan.MySQL && !strings.Contains(x.file, "post") {
			before, _, _ = strings.Cut(before, "\n")
		}
	}
	return dialect, folder(t, dialect, "1.sql", before, "2.sql", x.file)
}

// run returns the findings of a fixture: those of db lint with the file pending on a
// database with rows, or of the last file where there are none.
func (x fixture) run(t testing.TB) []lint.Finding {
	t.Helper()
	dialect, files := x.files(t)
	opts := lint.Lint{Latest: 1, LargeTable: large}
	var db *sql.DB
	if x.rows != nil {
		db, opts.Latest = dbtest.Open(t, dbtest.New(t, dialect)), 0
	}
	if x.uses != nil {
		opts.Declared = declare(x.uses)
	}
	engine, err := run.New(db, dialect, files)
	if err != nil {
		t.Fatal(err)
	}
	engine.Scratch = scratch(t, x.offline)
	if x.rows != nil {
		if _, err := engine.Upgrade(t.Context(), run.Upgrade{To: "1"}); err != nil {
			t.Fatal(err)
		}
		for table, n := range x.rows {
			for i := range n {
				if _, err := db.Exec(fmt.Sprintf("INSERT INTO %s (name) VALUES ('%d')", table, i)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	report, err := lint.Look(t.Context(), engine, opts)
	if err != nil && !strings.HasPrefix(err.Error(), "lint found ") {
		t.Fatalf("%s: %v", x.file, err)
	}
	if x.bare || strings.Contains(x.file, downMarker) {
		return report.Findings
	}
	return slices.DeleteFunc(report.Findings, func(f lint.Finding) bool { return classOf(f) == "down" })
}

// declare writes a schema.hcl with columns, given as users.name.
func declare(columns []string) []byte {
	tables := map[string]string{}
	for _, name := range columns {
		table, column, _ := strings.Cut(name, ".")
		tables[table] += fmt.Sprintf("  column %q {\n    type = int\n  }\n", column)
	}
	text := "schema \"app\" {\n}\n"
	for table, columns := range tables {
		text += fmt.Sprintf("table %q {\n  schema = schema.app\n%s}\n", table, columns)
	}
	return []byte(text)
}

// classOf is the class of a finding's rule.
func classOf(f lint.Finding) string {
	for _, r := range lint.Rules() {
		if r.Code == f.Code {
			return r.Class
		}
	}
	return ""
}

// brief is a finding as fixtures write it.
func brief(f lint.Finding) string { return fmt.Sprintf("%d %s %s", f.Line, f.Severity, f.Code) }
