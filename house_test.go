// Package slipway_test holds the rules of the house: which room may import
// which, what a Lambda binary may carry, and how a file should look. It runs
// the go command and looks at nothing but the code as it stands.
package slipway_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// module is the prefix of the project's own import paths.
const module = "slipway/"

// library is something from outside that only some rooms may know.
type library int

const (
	sql         library = iota // a database as such
	gorm                       // and its drivers
	gin                        // HTTP routing
	lambda                     // events and the runtime of AWS Lambda
	atlas                      // the migration engine
	cobra                      // the command line
	mysqlDriver                // the driver for MySQL
	sqliteCode                 // SQLite itself
	awsSDK                     // the SDK of AWS
	tokens                     // JWTs, their keys and issuers
)

// libraries gives the import paths each library is known by; packages below
// them count too.
var libraries = map[library][]string{
	sql:         {"database/sql"},
	gorm:        {"gorm.io"},
	gin:         {"github.com/gin-gonic", "github.com/gin-contrib"},
	lambda:      {"github.com/aws/aws-lambda-go", "github.com/awslabs/aws-lambda-go-api-proxy"},
	atlas:       {"ariga.io/atlas"},
	cobra:       {"github.com/spf13/cobra", "github.com/spf13/pflag"},
	mysqlDriver: {"github.com/go-sql-driver/mysql"},
	sqliteCode:  {"modernc.org/sqlite", "github.com/mattn/go-sqlite3"},
	awsSDK:      {"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"},
	tokens:      {"github.com/coreos/go-oidc", "github.com/go-jose/go-jose", "golang.org/x/oauth2"},
}

// rule says what the code of one room, tests aside, may import: of the project's
// own rooms those in rooms, of the libraries above those in outside. Anything
// else from outside is free.
type rule struct {
	rooms   []string
	outside []library
	// helper marks a room for tests: only tests and other helpers import it.
	helper bool
}

// house has one rule for every package. What is not here may not be: a new room
// begins with a line in this table.
var house = map[string]rule{
	// What knows nobody.
	"internal/bearer":      {outside: []library{tokens}},
	"internal/config":      {},
	"internal/credentials": {outside: []library{awsSDK}},
	"internal/query":       {},
	"internal/resource":    {},
	"internal/gateway":     {outside: []library{lambda}},
	"internal/emulator":    {outside: []library{lambda}},
	"migrations":           {},

	// The database, and what stands on it.
	"internal/database":        {outside: []library{sql, gorm}},
	"internal/database/mysql":  {rooms: []string{"internal/database"}, outside: []library{sql, gorm, mysqlDriver}},
	"internal/dbenv":           {rooms: []string{"internal/config", "internal/credentials", "internal/database"}},
	"internal/database/sqlite": {rooms: []string{"internal/database"}, outside: []library{sql, gorm, sqliteCode}},
	"internal/store": {rooms: []string{"internal/query", "internal/resource", "internal/database"},
		outside: []library{sql, gorm}},
	"internal/httpapi": {rooms: []string{"internal/store", "internal/query", "internal/resource"},
		outside: []library{gin}},
	"internal/grant":     {outside: []library{sql, mysqlDriver}},
	"internal/stackhook": {outside: []library{lambda}},

	// Migrations, from the ground up: what is declared, what is planned and written, what
	// runs it, and what looks at it before and after.
	"internal/migrate/schema":            {outside: []library{atlas}},
	"internal/migrate/rowtypes":          {rooms: []string{"internal/migrate/schema"}, outside: []library{atlas}},
	"internal/migrate/rowtypes/generate": {rooms: []string{"internal/migrate/rowtypes"}},
	"internal/migrate/erd":               {rooms: []string{"internal/migrate/schema"}, outside: []library{atlas}},
	"internal/migrate/plan": {rooms: []string{"internal/migrate/rowtypes", "internal/migrate/schema"},
		outside: []library{sql, atlas, mysqlDriver}},
	"internal/migrate/run": {rooms: []string{"internal/migrate/plan"}, outside: []library{sql, atlas, mysqlDriver}},
	"internal/migrate/lint": {rooms: []string{"internal/migrate/plan", "internal/migrate/run", "internal/migrate/schema"},
		outside: []library{atlas}},
	"internal/migrate/verify": {rooms: []string{"internal/migrate/plan", "internal/migrate/rowtypes",
		"internal/migrate/run", "internal/migrate/schema"}, outside: []library{sql, atlas, mysqlDriver}},
	"internal/migrate/job": {rooms: []string{"internal/migrate/lint", "internal/migrate/run", "internal/migrate/verify"},
		outside: []library{sql}},
	"internal/stackhook/upgrade": {rooms: []string{"internal/migrate/job", "internal/migrate/run", "internal/stackhook"},
		outside: []library{lambda}},

	// The tables of this application.
	"internal/app": {rooms: []string{"internal/resource"}},

	// What wires the rooms together.
	"functions/api": {
		rooms: []string{"internal/app", "internal/bearer", "internal/config", "internal/database", "internal/database/mysql",
			"internal/dbenv", "internal/gateway", "internal/httpapi", "internal/store", "migrations"},
		outside: []library{lambda},
	},
	"functions/migrate": {
		rooms: []string{"internal/config", "internal/database", "internal/database/mysql",
			"internal/dbenv", "internal/migrate/job", "internal/migrate/verify", "internal/stackhook",
			"internal/stackhook/upgrade", "migrations"},
		outside: []library{sql, lambda},
	},
	"functions/grant": {
		rooms: []string{"internal/config", "internal/credentials", "internal/database", "internal/database/mysql",
			"internal/dbenv", "internal/grant", "internal/stackhook"},
		outside: []library{sql, lambda},
	},
	"local": {
		rooms: []string{"internal/app", "internal/bearer", "internal/config", "internal/database", "internal/database/mysql",
			"internal/database/sqlite", "internal/dbenv", "internal/emulator", "internal/httpapi", "internal/migrate/erd",
			"internal/migrate/lint", "internal/migrate/plan", "internal/migrate/rowtypes", "internal/migrate/run",
			"internal/migrate/schema", "internal/migrate/verify", "internal/resource",
			"internal/store", "migrations"},
		outside: []library{sql, cobra},
	},

	// What helps tests.
	"internal/bench":      {helper: true},
	"internal/clienttest": {helper: true},
	"internal/dbtest":     {helper: true, outside: []library{sql, mysqlDriver}},
	"internal/issuertest": {helper: true, outside: []library{tokens}},
	"internal/lambdatest": {helper: true, rooms: []string{"internal/emulator"}, outside: []library{lambda}},
	"internal/secrettest": {helper: true},
	"internal/wire":       {helper: true},
	"internal/dbtest/blog": {helper: true, rooms: []string{"internal/dbtest", "internal/resource"},
		outside: []library{sql, sqliteCode}},
	"internal/dbtest/blog/project": {helper: true},
	"internal/migrate/migratetest": {helper: true, rooms: []string{"internal/dbtest", "internal/migrate/schema"},
		outside: []library{sql, atlas, sqliteCode}},
}

// application are the rooms that a developer changes together with the tables. Tests
// elsewhere bring tables of their own, so that other tables leave them green.
var application = []string{"internal/app", "migrations"}

// binaryRule says what must and what must not be in a program, however deep.
type binaryRule struct{ must, mustNot []string }

var (
	sqliteEngine = []string{"modernc.org/sqlite", "github.com/mattn/go-sqlite3", "gorm.io/driver/sqlite"}

	// A Lambda binary is downloaded at every cold start: it carries no SQLite.
	lambdaBinary = binaryRule{must: []string{module + "internal/database/mysql"}, mustNot: sqliteEngine}
	// The developer's command carries both dialects.
	localBinary = binaryRule{must: []string{module + "internal/database/mysql", module + "internal/database/sqlite"}}
)

// complaints compares packages with the house. The packages are all of the
// project: a room of the table that is not among them is a complaint too.
func complaints(packages []goPackage) []string {
	var found []string
	complain := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	for _, p := range packages {
		room, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue // the root, which holds tests only
		}
		rule, known := house[room]
		if !known {
			complain("%s has no rule: give it one in house_test.go", room)
			continue
		}
		seen[room] = true
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, module); ours {
				switch {
				case house[other].helper && !rule.helper:
					complain("%s imports %s, which is for tests only", room, other)
				case !slices.Contains(rule.rooms, other):
					complain("%s may not import %s", room, other)
				}
			}
			if l, guarded := libraryOf(imported); guarded && !slices.Contains(rule.outside, l) {
				complain("%s may not import %s", room, imported)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			other := strings.TrimPrefix(imported, module)
			if !slices.Contains(application, room) && slices.Contains(application, other) {
				complain("the tests of %s may not import %s: use internal/dbtest/blog", room, other)
			}
		}
		binary := binaryRule{}
		switch {
		case strings.HasPrefix(room, "functions/"):
			binary = lambdaBinary
		case room == "local":
			binary = localBinary
		}
		for _, path := range binary.must {
			if !slices.Contains(p.Deps, path) {
				complain("the binary of %s lacks %s", room, path)
			}
		}
		for _, path := range binary.mustNot {
			if slices.ContainsFunc(p.Deps, func(dep string) bool { return within(dep, path) }) {
				complain("the binary of %s carries %s", room, path)
			}
		}
	}
	for room := range house {
		if !seen[room] {
			complain("there is no room %s any more: take its rule out of house_test.go", room)
		}
	}
	slices.Sort(found)
	return found
}

// libraryOf finds the guarded library that an import path belongs to.
func libraryOf(path string) (library, bool) {
	for l, roots := range libraries {
		if slices.ContainsFunc(roots, func(root string) bool { return within(path, root) }) {
			return l, true
		}
	}
	return 0, false
}

// within says whether a package is root or lies below it.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestHouse(t *testing.T) {
	t.Parallel()
	for _, complaint := range complaints(listPackages(t)) {
		t.Error(complaint)
	}
}
