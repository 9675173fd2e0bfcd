// Package test contains tests of the whole repository: the imports of packages and the contents of Lambda binaries, the
// dependencies in go.mod, the links in the documents, the costs in docs/costs.md, and reproducible builds. The packages
// below it are helpers for tests. Only tests may import them. The folder checks is a module with more tests.
package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// module is the prefix of the project's own import paths.
const module = "slipway/"

// library is a third-party library, or database/sql, that only some packages may import.
type library int

const (
	sql         library = iota
	gorm                // with its drivers
	gin                 // HTTP routing
	lambda              // events and the runtime of AWS Lambda
	atlas               // the migration engine
	cobra               // the command line
	mysqlDriver         // the MySQL driver
	sqliteCode          // the SQLite engine
	awsSDK              // the AWS SDK
	tokens              // JWTs, keys, and issuers
)

// libraries maps each library to the prefixes of its import paths.
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

// rule says what the code of one package, without its tests, may import: the project's packages in packages, and the
// libraries in outside. All packages may import other libraries.
type rule struct {
	packages []string
	outside  []library
	// values allows database/sql/driver, for types of columns, without the rest of database/sql.
	values bool
	// helper marks a package for tests: only tests and other helpers may import it.
	helper bool
}

// rules has a rule for each package. A new package needs a rule.
var rules = map[string]rule{
	// Packages without imports of the project.
	"internal/auth":            {outside: []library{tokens}},
	"internal/config":          {},
	"internal/aws/credentials": {outside: []library{awsSDK}},
	"internal/query":           {},
	"internal/resource":        {values: true},
	"internal/gateway":         {outside: []library{lambda}},
	"internal/emulator":        {outside: []library{lambda}},
	"migrations":               {},

	// The database and the layers above it.
	"internal/database":        {outside: []library{sql, gorm}},
	"internal/database/mysql":  {packages: []string{"internal/database"}, outside: []library{sql, gorm, mysqlDriver}},
	"internal/dbenv":           {packages: []string{"internal/config", "internal/aws/credentials", "internal/database"}},
	"internal/database/sqlite": {packages: []string{"internal/database"}, outside: []library{sql, gorm, sqliteCode}},
	"internal/store": {packages: []string{"internal/query", "internal/resource", "internal/database"},
		outside: []library{sql, gorm}},
	"internal/httpapi": {packages: []string{"internal/store", "internal/query", "internal/resource"},
		outside: []library{gin}},
	"internal/aws/dbusers":        {outside: []library{sql, mysqlDriver}},
	"internal/aws/customresource": {outside: []library{lambda}},

	// Migrations: the declared schema, the plan, the engine, and the checks.
	"internal/migrate/lazyregexp":        {},
	"internal/migrate/schema":            {packages: []string{"internal/migrate/lazyregexp"}, outside: []library{atlas}},
	"internal/migrate/rowtypes":          {packages: []string{"internal/migrate/schema"}, outside: []library{atlas}},
	"internal/migrate/rowtypes/generate": {packages: []string{"internal/migrate/rowtypes"}},
	"internal/migrate/erd":               {packages: []string{"internal/migrate/schema"}, outside: []library{atlas}},
	"internal/migrate/atomicfiles":       {},
	"internal/migrate/plan": {
		packages: []string{"internal/migrate/atomicfiles", "internal/migrate/lazyregexp", "internal/migrate/rowtypes",
			"internal/migrate/schema"},
		outside: []library{sql, atlas, mysqlDriver}},
	"internal/migrate/run": {packages: []string{"internal/migrate/lazyregexp", "internal/migrate/plan"},
		outside: []library{sql, atlas, mysqlDriver}},
	"internal/migrate/lint": {
		packages: []string{"internal/migrate/plan", "internal/migrate/run", "internal/migrate/schema"},
		outside:  []library{atlas}},
	"internal/migrate/verify": {packages: []string{"internal/migrate/lazyregexp", "internal/migrate/plan",
		"internal/migrate/rowtypes", "internal/migrate/run", "internal/migrate/schema"},
		outside: []library{sql, atlas, mysqlDriver}},
	"internal/migrate/adopt": {packages: []string{"internal/migrate/atomicfiles", "internal/migrate/plan",
		"internal/migrate/rowtypes", "internal/migrate/run", "internal/migrate/schema"}, outside: []library{sql, atlas}},
	"internal/migrate/job": {
		packages: []string{"internal/migrate/lint", "internal/migrate/run", "internal/migrate/verify"},
		outside:  []library{sql}},
	"internal/aws/customresource/upgrade": {
		packages: []string{"internal/migrate/job", "internal/migrate/run", "internal/aws/customresource"},
		outside:  []library{lambda}},

	// The tables of this application.
	"internal/app": {packages: []string{"internal/resource"}},

	// Programs.
	"functions/api": {
		packages: []string{"internal/app", "internal/auth", "internal/config", "internal/database", "internal/database/mysql",
			"internal/dbenv", "internal/gateway", "internal/httpapi", "internal/store", "migrations"},
		outside: []library{lambda},
	},
	"functions/migrate": {
		packages: []string{"internal/config", "internal/database", "internal/database/mysql",
			"internal/dbenv", "internal/migrate/job", "internal/migrate/verify", "internal/aws/customresource",
			"internal/aws/customresource/upgrade", "migrations"},
		outside: []library{sql, lambda},
	},
	"functions/grant": {
		packages: []string{"internal/config", "internal/aws/credentials", "internal/database", "internal/database/mysql",
			"internal/dbenv", "internal/aws/dbusers", "internal/aws/customresource"},
		outside: []library{sql, lambda},
	},
	"local": {
		packages: []string{"internal/app", "internal/auth", "internal/config", "internal/database", "internal/database/mysql",
			"internal/database/sqlite", "internal/dbenv", "internal/emulator", "internal/httpapi", "internal/migrate/adopt",
			"internal/migrate/erd",
			"internal/migrate/lint", "internal/migrate/plan", "internal/migrate/rowtypes", "internal/migrate/run",
			"internal/migrate/schema", "internal/migrate/verify", "internal/resource",
			"internal/store", "migrations"},
		outside: []library{sql, cobra},
	},

	// Helpers for tests.
	"internal/test":            {helper: true},
	"internal/test/bench":      {helper: true},
	"internal/test/clienttest": {helper: true},
	"internal/test/dbtest":     {helper: true, outside: []library{sql, mysqlDriver}},
	"internal/test/apitest": {helper: true, packages: []string{"internal/database", "internal/database/mysql",
		"internal/database/sqlite", "internal/httpapi", "internal/migrate/schema", "internal/store",
		"internal/test/dbtest/blog"}, outside: []library{atlas}},
	"internal/test/oidctest":    {helper: true, outside: []library{tokens}},
	"internal/test/lambdatest":  {helper: true, packages: []string{"internal/emulator"}, outside: []library{lambda}},
	"internal/test/secretstest": {helper: true},
	"internal/test/mysqlproxy":  {helper: true},
	"internal/test/dbtest/blog": {helper: true, packages: []string{"internal/test/dbtest", "internal/resource"},
		outside: []library{sql}},
	"internal/test/dbtest/blog/project": {helper: true},
	"internal/test/checks/deployment":   {helper: true},
	"internal/test/checks/openapi":      {helper: true},
	"internal/migrate/migratetest": {helper: true, packages: []string{"internal/test/dbtest", "internal/migrate/schema"},
		outside: []library{sql, atlas, sqliteCode}},
}

// application are the packages that a developer changes together with the tables. Tests of other packages must not
// depend on these tables.
var application = []string{"internal/app", "migrations"}

// binaryRule says which packages a program must contain and must not contain, directly or indirectly.
type binaryRule struct{ must, mustNot []string }

var (
	sqliteEngine = []string{"modernc.org/sqlite", "github.com/mattn/go-sqlite3", "gorm.io/driver/sqlite"}

	// A Lambda binary is downloaded at each cold start, so it must not contain SQLite.
	lambdaBinary = binaryRule{must: []string{module + "internal/database/mysql"}, mustNot: sqliteEngine}
	// The developer's command contains both dialects.
	localBinary = binaryRule{must: []string{module + "internal/database/mysql", module + "internal/database/sqlite"}}
)

// complaints compares all packages of the project with the rules. A rule without a package is a complaint, too.
func complaints(packages []goPackage) []string {
	var found []string
	complain := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	for _, p := range packages {
		name, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			complain("the root of the repository must not contain Go files: put them in a package below internal")
			continue
		}
		rule, known := rules[name]
		if !known {
			complain("%s has no rule: add one in internal/test/deps_test.go", name)
			continue
		}
		seen[name] = true
		for _, imported := range p.Imports {
			if other, ours := strings.CutPrefix(imported, module); ours {
				switch {
				case rules[other].helper && !rule.helper:
					complain("%s imports %s, which is for tests only", name, other)
				case !slices.Contains(rule.packages, other):
					complain("%s may not import %s", name, other)
				}
			}
			if l, guarded := libraryOf(imported); guarded && !slices.Contains(rule.outside, l) &&
				!(rule.values && imported == "database/sql/driver") {
				complain("%s may not import %s", name, imported)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			other := strings.TrimPrefix(imported, module)
			if !slices.Contains(application, name) && slices.Contains(application, other) {
				complain("the tests of %s may not import %s: use internal/test/dbtest/blog", name, other)
			}
		}
		binary := binaryRule{}
		switch {
		case strings.HasPrefix(name, "functions/"):
			binary = lambdaBinary
		case name == "local":
			binary = localBinary
		}
		for _, path := range binary.must {
			if !slices.Contains(p.Deps, path) {
				complain("the binary of %s does not contain %s", name, path)
			}
		}
		for _, path := range binary.mustNot {
			if slices.ContainsFunc(p.Deps, func(dep string) bool { return within(dep, path) }) {
				complain("the binary of %s contains %s", name, path)
			}
		}
	}
	for name := range rules {
		if !seen[name] {
			complain("the package %s does not exist: remove its rule from internal/test/deps_test.go", name)
		}
	}
	slices.Sort(found)
	return found
}

// libraryOf returns the library of an import path, if it has a rule.
func libraryOf(path string) (library, bool) {
	for l, roots := range libraries {
		if slices.ContainsFunc(roots, func(root string) bool { return within(path, root) }) {
			return l, true
		}
	}
	return 0, false
}

// within reports whether path is root or below root.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestImports(t *testing.T) {
	t.Parallel()
	for _, complaint := range complaints(listPackages(t)) {
		t.Error(complaint)
	}
}
