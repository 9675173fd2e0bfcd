package run

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"slipway/internal/migrate/migratetest"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// A scenario is one file of testdata/cli: migration files, the steps, and, for each dialect,
// the state after each step of the Atlas CLI. The sections of the file are
//
//	steps                  one a line, see step
//	NAME.sql               a migration file, there from the beginning
//	NAME.sql.quoted        the same, as a Go string
//	atlas.sum              what `atlas migrate hash` makes of them
//	later/NAME.sql         what an edit or a tamper step puts in its place
//	mysql/1/rows.jsonl     the rows of atlas_schema_revisions after the CLI's first step
//	mysql/1/status.txt     what `atlas migrate status` printed then
//	mysql/1/error.txt      why the step failed, the first line; absent when it did not
//	mysql/1/database.sql   the tables and rows that were there
//
// and the same for sqlite. If slipway intentionally leaves another state, it is in a section
// with the suffix .slipway, and the text above the sections says why. error.txt.slipway
// contains the error with which slipway refuses the step; "none" means that only the CLI
// refuses it.
type scenario struct {
	name, path string
	archive    *migratetest.Archive
	steps      []cliStep
}

// cliStep is one line of a scenario:
//
//	apply [N]              the CLI's `migrate apply`, and ours
//	apply --baseline V     the CLI's only, as are the arguments of
//	set [V]                `migrate set`
//	sql STATEMENT          runs the statement on the database
//	edit NAME              changes or adds a file, and writes atlas.sum again
//	tamper NAME            a file is changed or added, and atlas.sum is not
//
// Only the steps of the CLI are numbered; the state after the n-th is in section n.
type cliStep struct{ word, rest string }

// forTheCLI reports whether the step is a command of the CLI.
func (s cliStep) forTheCLI() bool { return s.word == "apply" || s.word == "set" }

// ours reports whether slipway has the same command.
func (s cliStep) ours() bool { return s.word == "apply" && !strings.HasPrefix(s.rest, "-") }

func scenarios(t *testing.T) (all []scenario) {
	t.Helper()
	paths, err := filepath.Glob("testdata/cli/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios in testdata/cli: %v", err)
	}
	for _, path := range paths {
		archive := migratetest.ReadArchive(t, path)
		sc := scenario{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), path: path, archive: archive}
		for line := range strings.Lines(sc.section("steps")) {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			sc.steps = append(sc.steps, cliStep{word, rest})
		}
		all = append(all, sc)
	}
	return all
}

// section returns the text of a section; "" if it is missing.
func (sc scenario) section(name string) string {
	text, _ := sc.lookup(name)
	return text
}

func (sc scenario) lookup(name string) (text string, found bool) {
	for _, f := range sc.archive.Files {
		if f.Name == name {
			return string(f.Data), true
		}
	}
	return "", false
}

// want returns the expected state after slipway ran the n-th step: the state after the CLI
// ran it, unless a section overrides it. If slipway refuses the step, it is the state before.
func (sc scenario) want(dialect string, n int, what string) string {
	name := sectionName(dialect, n, what)
	if other, found := sc.lookup(name + ".slipway"); found {
		return other
	}
	if sc.refusal(dialect, n) != "" {
		return sc.section(sectionName(dialect, n-1, what))
	}
	return sc.section(name)
}

// refusal returns the error with which slipway refuses a step that the CLI runs; "" for none.
func (sc scenario) refusal(dialect string, n int) string {
	text := strings.TrimSpace(sc.section(sectionName(dialect, n, "error.txt.slipway")))
	if text == "none" {
		return ""
	}
	return text
}

// files returns the folder before the first step.
func (sc scenario) files(t *testing.T) fstest.MapFS {
	t.Helper()
	var names []string
	for _, f := range sc.archive.Files {
		name, text := f.Name, string(f.Data)
		if unquoted, found := strings.CutSuffix(name, ".quoted"); found {
			var err error
			if text, err = strconv.Unquote(strings.TrimSpace(text)); err != nil {
				t.Fatalf("%s: %s: %v", sc.path, name, err)
			}
			name = unquoted
		}
		if name, found := strings.CutSuffix(name, ".sql"); found && !strings.Contains(name, "/") {
			names = append(names, name, text)
		}
	}
	return migratetest.Folder(t, names...)
}

// prepare runs a step that is a command of neither tool, and returns the folder after it.
func (sc scenario) prepare(t *testing.T, s cliStep, files fstest.MapFS, db *sql.DB) fstest.MapFS {
	t.Helper()
	switch s.word {
	case "sql":
		migratetest.Exec(t, db, s.rest)
	case "edit", "tamper":
		var names []string
		text := sc.section("later/" + s.rest)
		for name, f := range files {
			if name != migrate.HashFileName && name != s.rest {
				names = append(names, strings.TrimSuffix(name, ".sql"), string(f.Data))
			}
		}
		sums := files[migrate.HashFileName]
		files = migratetest.Folder(t, append(names, strings.TrimSuffix(s.rest, ".sql"), text)...)
		if s.word == "tamper" {
			files[migrate.HashFileName] = sums
		}
	default:
		t.Fatalf("%s: unknown step: %q", sc.path, s.word)
	}
	return files
}

// revisionRow is a row of atlas_schema_revisions without the columns that differ between
// runs: times, and the operator.
type revisionRow struct {
	Version       string  `json:"version"`
	Description   string  `json:"description"`
	Type          int     `json:"type"`
	Applied       int     `json:"applied"`
	Total         int     `json:"total"`
	Error         *string `json:"error"`
	ErrorStmt     *string `json:"error_stmt"`
	Hash          string  `json:"hash"`
	PartialHashes *string `json:"partial_hashes"`
}

// revisionRows returns the rows as JSON lines; "" if there is no table.
func revisionRows(t *testing.T, dialect string, db *sql.DB) string {
	t.Helper()
	if !slices.Contains(tablesOf(t, dialect, db), plan.RevisionTable) {
		return ""
	}
	rows, err := db.Query("SELECT version, description, type, applied, total, error, error_stmt, hash, " +
		"CAST(partial_hashes AS CHAR)" +
		" FROM " + plan.RevisionTable + " ORDER BY version")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	for rows.Next() {
		var r revisionRow
		if err := rows.Scan(&r.Version, &r.Description, &r.Type, &r.Applied, &r.Total, &r.Error, &r.ErrorStmt, &r.Hash,
			&r.PartialHashes); err != nil {
			t.Fatal(err)
		}
		if err := lines.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return anonymous(text.String())
}

// anonymous removes the name of the database from an error.
func anonymous(text string) string { return nameOfDatabase.ReplaceAllString(text, "DATABASE") }

var nameOfDatabase = regexp.MustCompile(`slipway_test_[0-9a-f]+`)

// tablesOf returns the names of all tables, sorted.
func tablesOf(t *testing.T, dialect string, db *sql.DB) []string {
	t.Helper()
	return migratetest.QueryLines(t, db, map[string]string{
		plan.MySQL: "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name",
		plan.SQLite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER " +
			"BY name",
	}[dialect])
}

// dump returns the statements that recreate the database, one per line: all tables except the
// table of revisions, with their rows.
func dump(t *testing.T, dialect string, db *sql.DB) string {
	t.Helper()
	var text strings.Builder
	for _, table := range tablesOf(t, dialect, db) {
		if table == plan.RevisionTable || table == plan.JournalTable {
			continue
		}
		if dialect == plan.MySQL {
			var name, create string
			if err := db.QueryRow("SHOW CREATE TABLE `"+table+"`").Scan(&name, &create); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&text, "%s;\n", strings.ReplaceAll(create, "\n", " "))
		} else {
			for _, create := range migratetest.QueryLines(t, db,
				"SELECT sql FROM sqlite_master WHERE tbl_name = '"+table+"' AND sql IS NOT NULL ORDER BY type DESC, name") {
				fmt.Fprintf(&text, "%s;\n", strings.ReplaceAll(create, "\n", " "))
			}
		}
		// The scenarios compare one column of each table.
		for _, value := range migratetest.QueryLines(t, db, "SELECT id FROM `"+table+"` ORDER BY id") {
			fmt.Fprintf(&text, "INSERT INTO `%s` (id) VALUES ('%s');\n", table, strings.ReplaceAll(value, "'", "''"))
		}
	}
	return text.String()
}

// restore brings an empty database to the state after the CLI's n-th step.
func (sc scenario) restore(t *testing.T, dialect, address string, n int) {
	t.Helper()
	if n == 0 {
		return
	}
	e := engine(t, dialect, address, nil)
	db := e.db
	makeRevisionTable(t, e)
	for statement := range strings.Lines(sc.section(sectionName(dialect, n, "database.sql"))) {
		migratetest.Exec(t, db, statement)
	}
	for line := range strings.Lines(sc.section(sectionName(dialect, n, "rows.jsonl"))) {
		var r revisionRow
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		var hashes any = r.PartialHashes
		if dialect == plan.SQLite && r.PartialHashes != nil {
			hashes = []byte(*r.PartialHashes)
		}
		_, err := db.Exec("INSERT INTO "+plan.RevisionTable+" VALUES (?, ?, ?, ?, ?, '2026-01-01 00:00:00', 0, ?, ?, ?, ?, "+
			"'Atlas CLI')",
			r.Version, r.Description, r.Type, r.Applied, r.Total, r.Error, r.ErrorStmt, r.Hash, hashes)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func sectionName(dialect string, n int, what string) string {
	return fmt.Sprintf("%s/%d/%s", dialect, n, what)
}

// onDisk writes the files of a folder to disk and returns the path.
func onDisk(t *testing.T, files fstest.MapFS) string {
	t.Helper()
	path := t.TempDir()
	for name, f := range files {
		if err := os.WriteFile(filepath.Join(path, name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path
}
