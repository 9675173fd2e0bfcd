package test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// validPackages returns a project that contains all packages of the rules. Each package imports everything that it may.
func validPackages() map[string]goPackage {
	packages := map[string]goPackage{}
	for name, rule := range rules {
		p := goPackage{ImportPath: module + name, Imports: []string{"fmt"}}
		for _, other := range rule.packages {
			p.Imports = append(p.Imports, module+other)
		}
		for _, l := range rule.outside {
			p.Imports = append(p.Imports, libraries[l]...)
		}
		// Direct imports are enough for these tests.
		p.Deps = slices.Clone(p.Imports)
		packages[name] = p
	}
	return packages
}

func TestValidImports(t *testing.T) {
	t.Parallel()
	if got := complaints(slices.Collect(maps.Values(validPackages()))); len(got) != 0 {
		t.Errorf("complaints about a valid project: %q", got)
	}
}

// TestInvalidImports breaks one rule at a time and expects exactly one complaint. The cases are not generated from the
// rules, so that a mistake in a rule fails here.
func TestInvalidImports(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, imports, want string }{
		// No package imports a package above it, or one that it does not need.
		{"internal/config", "slipway/internal/database", "internal/config may not import internal/database"},
		{"internal/auth", "slipway/internal/httpapi", "internal/auth may not import internal/httpapi"},
		{"internal/resource", "slipway/internal/query", "internal/resource may not import internal/query"},
		{"internal/resource", "slipway/internal/app", "internal/resource may not import internal/app"},
		{"internal/store", "slipway/internal/app", "internal/store may not import internal/app"},
		{"internal/httpapi", "slipway/internal/app", "internal/httpapi may not import internal/app"},
		{"internal/migrate/run", "slipway/internal/app", "internal/migrate/run may not import internal/app"},
		{"internal/app", "slipway/internal/store", "internal/app may not import internal/store"},
		{"functions/grant", "slipway/internal/app", "functions/grant may not import internal/app"},
		{"internal/query", "slipway/internal/resource", "internal/query may not import internal/resource"},
		{"internal/gateway", "slipway/internal/httpapi", "internal/gateway may not import internal/httpapi"},
		{"internal/emulator", "slipway/internal/gateway", "internal/emulator may not import internal/gateway"},
		{"internal/database", "slipway/internal/config", "internal/database may not import internal/config"},
		{"internal/database", "slipway/internal/database/mysql", "internal/database may not import internal/database/mysql"},
		{"internal/database/mysql", "slipway/internal/database/sqlite",
			"internal/database/mysql may not import internal/database/sqlite"},
		{"internal/database/sqlite", "slipway/internal/resource",
			"internal/database/sqlite may not import internal/resource"},
		{"internal/store", "slipway/internal/httpapi", "internal/store may not import internal/httpapi"},
		{"internal/store", "slipway/internal/database/mysql", "internal/store may not import internal/database/mysql"},
		{"internal/httpapi", "slipway/internal/database", "internal/httpapi may not import internal/database"},
		{"internal/httpapi", "slipway/internal/auth", "internal/httpapi may not import internal/auth"},
		{"internal/httpapi", "slipway/internal/gateway", "internal/httpapi may not import internal/gateway"},
		{"internal/migrate/plan", "slipway/internal/migrate/run",
			"internal/migrate/plan may not import internal/migrate/run"},
		{"internal/migrate/run", "slipway/internal/migrate/lint",
			"internal/migrate/run may not import internal/migrate/lint"},
		{"internal/migrate/run", "slipway/internal/database", "internal/migrate/run may not import internal/database"},
		{"internal/aws/dbusers", "slipway/internal/aws/credentials",
			"internal/aws/dbusers may not import internal/aws/credentials"},
		{"internal/aws/customresource", "slipway/internal/migrate/run",
			"internal/aws/customresource may not import internal/migrate/run"},
		{"internal/aws/customresource/upgrade", "slipway/internal/aws/dbusers",
			"internal/aws/customresource/upgrade may not import internal/aws/dbusers"},
		{"functions/grant", "slipway/internal/migrate/run", "functions/grant may not import internal/migrate/run"},
		{"migrations", "slipway/internal/migrate/run", "migrations may not import internal/migrate/run"},
		{"functions/api", "slipway/internal/migrate/run", "functions/api may not import internal/migrate/run"},
		{"functions/migrate", "slipway/internal/httpapi", "functions/migrate may not import internal/httpapi"},
		{"local", "slipway/internal/query", "local may not import internal/query"},

		// Only some packages may import a library.
		{"internal/resource", "gorm.io/gorm", "internal/resource may not import gorm.io/gorm"},
		{"internal/resource", "database/sql", "internal/resource may not import database/sql"},
		{"internal/query", "database/sql/driver", "internal/query may not import database/sql/driver"},
		{"internal/query", "github.com/gin-gonic/gin", "internal/query may not import github.com/gin-gonic/gin"},
		{"internal/config", "github.com/spf13/cobra", "internal/config may not import github.com/spf13/cobra"},
		{"internal/store", "github.com/go-sql-driver/mysql", "internal/store may not import github.com/go-sql-driver/mysql"},
		{"internal/database", "modernc.org/sqlite/lib", "internal/database may not import modernc.org/sqlite/lib"},
		{"internal/database/sqlite", "github.com/go-sql-driver/mysql",
			"internal/database/sqlite may not import github.com/go-sql-driver/mysql"},
		{"internal/httpapi", "gorm.io/gorm/clause", "internal/httpapi may not import gorm.io/gorm/clause"},
		{"internal/httpapi", "github.com/aws/aws-lambda-go/events",
			"internal/httpapi may not import github.com/aws/aws-lambda-go/events"},
		{"internal/httpapi", "github.com/go-jose/go-jose/v4/jwt", "internal/httpapi may not import " +
			"github.com/go-jose/go-jose/v4/jwt"},
		{"functions/api", "github.com/coreos/go-oidc/v3/oidc", "functions/api may not import " +
			"github.com/coreos/go-oidc/v3/oidc"},
		{"internal/gateway", "github.com/gin-gonic/gin", "internal/gateway may not import github.com/gin-gonic/gin"},
		{"internal/migrate/run", "gorm.io/gorm", "internal/migrate/run may not import gorm.io/gorm"},
		{"internal/migrate/run", "github.com/gin-gonic/gin", "internal/migrate/run may not import github.com/gin-gonic/gin"},
		{"functions/api", "ariga.io/atlas/sql/migrate", "functions/api may not import ariga.io/atlas/sql/migrate"},
		{"functions/migrate", "gorm.io/gorm", "functions/migrate may not import gorm.io/gorm"},
		{"local", "github.com/aws/aws-lambda-go/lambda", "local may not import github.com/aws/aws-lambda-go/lambda"},

		// Programs do not import test helpers, and test helpers import only what they need.
		{"internal/store", "slipway/internal/test/dbtest", "internal/store imports internal/test/dbtest, which is for " +
			"tests only"},
		{"local", "slipway/internal/test/lambdatest", "local imports internal/test/lambdatest, which is for tests only"},
		{"functions/api", "slipway/internal/test/mysqlproxy", "functions/api imports internal/test/mysqlproxy, which is " +
			"for tests only"},
		{"internal/httpapi", "slipway/internal/test/apitest",
			"internal/httpapi imports internal/test/apitest, which is for tests only"},
		{"internal/auth", "slipway/internal/test/oidctest", "internal/auth imports internal/test/oidctest, which is for " +
			"tests only"},
		{"internal/test/apitest", "slipway/internal/gateway", "internal/test/apitest may not import internal/gateway"},
		{"internal/test/checks/openapi", "slipway/internal/app",
			"internal/test/checks/openapi may not import internal/app"},
		{"internal/test/dbtest", "slipway/internal/database", "internal/test/dbtest may not import internal/database"},
		{"internal/test/dbtest/blog", "slipway/internal/app", "internal/test/dbtest/blog may not import internal/app"},
		{"internal/test/dbtest/blog", "slipway/internal/database", "internal/test/dbtest/blog may not import " +
			"internal/database"},
		{"internal/store", "slipway/internal/test/dbtest/blog",
			"internal/store imports internal/test/dbtest/blog, which is for tests only"},
		{"internal/test/dbtest/blog/project", "slipway/migrations",
			"internal/test/dbtest/blog/project may not import migrations"},
		{"local", "slipway/internal/test/dbtest/blog/project",
			"local imports internal/test/dbtest/blog/project, which is for tests only"},
		{"internal/test/mysqlproxy", "github.com/go-sql-driver/mysql",
			"internal/test/mysqlproxy may not import github.com/go-sql-driver/mysql"},
		{"internal/test/lambdatest", "slipway/internal/gateway", "internal/test/lambdatest may not import internal/gateway"},
		{"internal/test/bench", "slipway/internal/store", "internal/test/bench may not import internal/store"},

		// A package without a rule.
		{"internal/extra", "fmt", "internal/extra has no rule: add one in internal/test/deps_test.go"},
	} {
		t.Run(c.name+" "+c.imports, func(t *testing.T) {
			t.Parallel()
			packages := validPackages()
			p := packages[c.name]
			p.ImportPath = module + c.name
			p.Imports = append(p.Imports, c.imports)
			packages[c.name] = p
			expect(t, packages, c.want)
		})
	}
}

// TestInvalidTestImports: only tests of the application may import its tables.
func TestInvalidTestImports(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, imports, want string }{
		{"internal/resource", "internal/app",
			"the tests of internal/resource may not import internal/app: use internal/test/dbtest/blog"},
		{"internal/migrate/plan", "migrations",
			"the tests of internal/migrate/plan may not import migrations: use internal/test/dbtest/blog"},
		{"internal/test/bench", "internal/app",
			"the tests of internal/test/bench may not import internal/app: use internal/test/dbtest/blog"},
		{"internal/test/checks/deployment", "migrations",
			"the tests of internal/test/checks/deployment may not import migrations: use internal/test/dbtest/blog"},
		{"internal/store", "internal/test/dbtest/blog", ""},
		{"functions/migrate", "migrations",
			"the tests of functions/migrate may not import migrations: use internal/test/dbtest/blog"},
		{"local", "internal/app", "the tests of local may not import internal/app: use internal/test/dbtest/blog"},
		{"local", "internal/test/dbtest/blog/project", ""},
		{"migrations", "internal/app", ""},
		{"internal/app", "migrations", ""},
	} {
		for _, outside := range []bool{false, true} {
			packages := validPackages()
			p := packages[c.name]
			if outside {
				p.XTestImports = []string{module + c.imports}
			} else {
				p.TestImports = []string{module + c.imports}
			}
			packages[c.name] = p
			if got := strings.Join(complaints(slices.Collect(maps.Values(packages))), "\n"); got != c.want {
				t.Errorf("%s imports %s: %q, want %q", c.name, c.imports, got, c.want)
			}
		}
	}
}

func TestRemovedPackage(t *testing.T) {
	t.Parallel()
	packages := validPackages()
	delete(packages, "internal/test/mysqlproxy")
	expect(t, packages, "the package internal/test/mysqlproxy does not exist: remove its rule from "+
		"internal/test/deps_test.go")
}

func TestRootPackage(t *testing.T) {
	t.Parallel()
	packages := validPackages()
	packages[""] = goPackage{ImportPath: "slipway"}
	expect(t, packages, "the root of the repository must not contain Go files: put them in a package below internal")
}

func TestInvalidBinaries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, gains, loses, want string }{
		{name: "functions/api", gains: "modernc.org/sqlite/lib", want: "the binary of functions/api contains " +
			"modernc.org/sqlite"},
		{name: "functions/api", gains: "github.com/mattn/go-sqlite3",
			want: "the binary of functions/api contains github.com/mattn/go-sqlite3"},
		{name: "functions/migrate", gains: "gorm.io/driver/sqlite",
			want: "the binary of functions/migrate contains gorm.io/driver/sqlite"},
		{name: "functions/migrate", loses: "slipway/internal/database/mysql",
			want: "the binary of functions/migrate does not contain slipway/internal/database/mysql"},
		{name: "local", loses: "slipway/internal/database/mysql", want: "the binary of local does not contain " +
			"slipway/internal/database/mysql"},
		{name: "local", loses: "slipway/internal/database/sqlite", want: "the binary of local does not contain " +
			"slipway/internal/database/sqlite"},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			packages := validPackages()
			p := packages[c.name]
			p.Deps = slices.DeleteFunc(append(p.Deps, c.gains), func(path string) bool { return path == c.loses })
			packages[c.name] = p
			expect(t, packages, c.want)
		})
	}
}

// expect checks that there is exactly one complaint.
func expect(t *testing.T, packages map[string]goPackage, want string) {
	t.Helper()
	if got := complaints(slices.Collect(maps.Values(packages))); !slices.Equal(got, []string{want}) {
		t.Errorf("complaints\n%q, want\n%q", got, want)
	}
}
