package slipway_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// soundHouse is a made-up project that follows the table to the letter: every
// room is there and imports all that it may.
func soundHouse() map[string]goPackage {
	packages := map[string]goPackage{"": {ImportPath: "slipway"}}
	for room, rule := range house {
		p := goPackage{ImportPath: module + room, Imports: []string{"fmt"}}
		for _, other := range rule.rooms {
			p.Imports = append(p.Imports, module+other)
		}
		for _, l := range rule.outside {
			p.Imports = append(p.Imports, libraries[l]...)
		}
		// Near enough to a real list: what is imported, one level deep.
		p.Deps = slices.Clone(p.Imports)
		packages[room] = p
	}
	return packages
}

func TestSoundHouseHasNoComplaints(t *testing.T) {
	t.Parallel()
	if got := complaints(slices.Collect(maps.Values(soundHouse()))); len(got) != 0 {
		t.Errorf("complaints about a house that keeps the rules: %q", got)
	}
}

// TestBrokenHouse breaks one rule at a time and expects exactly one complaint.
// The cases are written out rather than made from the table, so that a rule
// loosened by mistake fails here.
func TestBrokenHouse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ room, imports, want string }{
		// Nobody reaches up, or sideways into a room it does not need.
		{"internal/config", "slipway/internal/database", "internal/config may not import internal/database"},
		{"internal/bearer", "slipway/internal/httpapi", "internal/bearer may not import internal/httpapi"},
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
		{"internal/database/mysql", "slipway/internal/database/sqlite", "internal/database/mysql may not import internal/database/sqlite"},
		{"internal/database/sqlite", "slipway/internal/resource",
			"internal/database/sqlite may not import internal/resource"},
		{"internal/store", "slipway/internal/httpapi", "internal/store may not import internal/httpapi"},
		{"internal/store", "slipway/internal/database/mysql", "internal/store may not import internal/database/mysql"},
		{"internal/httpapi", "slipway/internal/database", "internal/httpapi may not import internal/database"},
		{"internal/httpapi", "slipway/internal/bearer", "internal/httpapi may not import internal/bearer"},
		{"internal/httpapi", "slipway/internal/gateway", "internal/httpapi may not import internal/gateway"},
		{"internal/migrate/plan", "slipway/internal/migrate/run", "internal/migrate/plan may not import internal/migrate/run"},
		{"internal/migrate/run", "slipway/internal/migrate/lint", "internal/migrate/run may not import internal/migrate/lint"},
		{"internal/migrate/run", "slipway/internal/database", "internal/migrate/run may not import internal/database"},
		{"internal/grant", "slipway/internal/credentials", "internal/grant may not import internal/credentials"},
		{"internal/stackhook", "slipway/internal/migrate/run", "internal/stackhook may not import internal/migrate/run"},
		{"internal/stackhook/upgrade", "slipway/internal/grant", "internal/stackhook/upgrade may not import internal/grant"},
		{"functions/grant", "slipway/internal/migrate/run", "functions/grant may not import internal/migrate/run"},
		{"migrations", "slipway/internal/migrate/run", "migrations may not import internal/migrate/run"},
		{"functions/api", "slipway/internal/migrate/run", "functions/api may not import internal/migrate/run"},
		{"functions/migrate", "slipway/internal/httpapi", "functions/migrate may not import internal/httpapi"},
		{"local", "slipway/internal/query", "local may not import internal/query"},

		// Libraries stay in the rooms made for them.
		{"internal/resource", "gorm.io/gorm", "internal/resource may not import gorm.io/gorm"},
		{"internal/resource", "database/sql/driver", "internal/resource may not import database/sql/driver"},
		{"internal/query", "github.com/gin-gonic/gin", "internal/query may not import github.com/gin-gonic/gin"},
		{"internal/config", "github.com/spf13/cobra", "internal/config may not import github.com/spf13/cobra"},
		{"internal/store", "github.com/go-sql-driver/mysql", "internal/store may not import github.com/go-sql-driver/mysql"},
		{"internal/database", "modernc.org/sqlite/lib", "internal/database may not import modernc.org/sqlite/lib"},
		{"internal/database/sqlite", "github.com/go-sql-driver/mysql", "internal/database/sqlite may not import github.com/go-sql-driver/mysql"},
		{"internal/httpapi", "gorm.io/gorm/clause", "internal/httpapi may not import gorm.io/gorm/clause"},
		{"internal/httpapi", "github.com/aws/aws-lambda-go/events", "internal/httpapi may not import github.com/aws/aws-lambda-go/events"},
		{"internal/httpapi", "github.com/go-jose/go-jose/v4/jwt", "internal/httpapi may not import github.com/go-jose/go-jose/v4/jwt"},
		{"functions/api", "github.com/coreos/go-oidc/v3/oidc", "functions/api may not import github.com/coreos/go-oidc/v3/oidc"},
		{"internal/gateway", "github.com/gin-gonic/gin", "internal/gateway may not import github.com/gin-gonic/gin"},
		{"internal/migrate/run", "gorm.io/gorm", "internal/migrate/run may not import gorm.io/gorm"},
		{"internal/migrate/run", "github.com/gin-gonic/gin", "internal/migrate/run may not import github.com/gin-gonic/gin"},
		{"functions/api", "ariga.io/atlas/sql/migrate", "functions/api may not import ariga.io/atlas/sql/migrate"},
		{"functions/migrate", "gorm.io/gorm", "functions/migrate may not import gorm.io/gorm"},
		{"local", "github.com/aws/aws-lambda-go/lambda", "local may not import github.com/aws/aws-lambda-go/lambda"},

		// Test helpers stay out of programs, and know no more than they need.
		{"internal/store", "slipway/internal/dbtest", "internal/store imports internal/dbtest, which is for tests only"},
		{"local", "slipway/internal/lambdatest", "local imports internal/lambdatest, which is for tests only"},
		{"functions/api", "slipway/internal/wire", "functions/api imports internal/wire, which is for tests only"},
		{"internal/bearer", "slipway/internal/issuertest", "internal/bearer imports internal/issuertest, which is for tests only"},
		{"internal/dbtest", "slipway/internal/database", "internal/dbtest may not import internal/database"},
		{"internal/dbtest/blog", "slipway/internal/app", "internal/dbtest/blog may not import internal/app"},
		{"internal/dbtest/blog", "slipway/internal/database", "internal/dbtest/blog may not import internal/database"},
		{"internal/store", "slipway/internal/dbtest/blog",
			"internal/store imports internal/dbtest/blog, which is for tests only"},
		{"internal/dbtest/blog/project", "slipway/migrations", "internal/dbtest/blog/project may not import migrations"},
		{"local", "slipway/internal/dbtest/blog/project",
			"local imports internal/dbtest/blog/project, which is for tests only"},
		{"internal/wire", "github.com/go-sql-driver/mysql", "internal/wire may not import github.com/go-sql-driver/mysql"},
		{"internal/lambdatest", "slipway/internal/gateway", "internal/lambdatest may not import internal/gateway"},
		{"internal/bench", "slipway/internal/store", "internal/bench may not import internal/store"},

		// A room nobody made a rule for.
		{"internal/extra", "fmt", "internal/extra has no rule: give it one in house_test.go"},
	} {
		t.Run(c.room+" "+c.imports, func(t *testing.T) {
			t.Parallel()
			packages := soundHouse()
			p := packages[c.room]
			p.ImportPath = module + c.room
			p.Imports = append(p.Imports, c.imports)
			packages[c.room] = p
			expect(t, packages, c.want)
		})
	}
}

// TestBrokenTests: no tests but those of the application know its tables.
func TestBrokenTests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ room, imports, want string }{
		{"internal/resource", "internal/app",
			"the tests of internal/resource may not import internal/app: use internal/dbtest/blog"},
		{"internal/migrate/plan", "migrations",
			"the tests of internal/migrate/plan may not import migrations: use internal/dbtest/blog"},
		{"internal/bench", "internal/app",
			"the tests of internal/bench may not import internal/app: use internal/dbtest/blog"},
		{"internal/store", "internal/dbtest/blog", ""},
		{"functions/migrate", "migrations",
			"the tests of functions/migrate may not import migrations: use internal/dbtest/blog"},
		{"local", "internal/app", "the tests of local may not import internal/app: use internal/dbtest/blog"},
		{"local", "internal/dbtest/blog/project", ""},
		{"migrations", "internal/app", ""},
		{"internal/app", "migrations", ""},
	} {
		for _, outside := range []bool{false, true} {
			packages := soundHouse()
			p := packages[c.room]
			if outside {
				p.XTestImports = []string{module + c.imports}
			} else {
				p.TestImports = []string{module + c.imports}
			}
			packages[c.room] = p
			if got := strings.Join(complaints(slices.Collect(maps.Values(packages))), "\n"); got != c.want {
				t.Errorf("%s imports %s: %q, want %q", c.room, c.imports, got, c.want)
			}
		}
	}
}

func TestRoomThatIsGone(t *testing.T) {
	t.Parallel()
	packages := soundHouse()
	delete(packages, "internal/wire")
	expect(t, packages, "there is no room internal/wire any more: take its rule out of house_test.go")
}

func TestBrokenBinaries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ room, gains, loses, want string }{
		{room: "functions/api", gains: "modernc.org/sqlite/lib", want: "the binary of functions/api carries modernc.org/sqlite"},
		{room: "functions/api", gains: "github.com/mattn/go-sqlite3", want: "the binary of functions/api carries github.com/mattn/go-sqlite3"},
		{room: "functions/migrate", gains: "gorm.io/driver/sqlite", want: "the binary of functions/migrate carries gorm.io/driver/sqlite"},
		{room: "functions/migrate", loses: "slipway/internal/database/mysql", want: "the binary of functions/migrate lacks slipway/internal/database/mysql"},
		{room: "local", loses: "slipway/internal/database/mysql", want: "the binary of local lacks slipway/internal/database/mysql"},
		{room: "local", loses: "slipway/internal/database/sqlite", want: "the binary of local lacks slipway/internal/database/sqlite"},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			packages := soundHouse()
			p := packages[c.room]
			p.Deps = slices.DeleteFunc(append(p.Deps, c.gains), func(path string) bool { return path == c.loses })
			packages[c.room] = p
			expect(t, packages, c.want)
		})
	}
}

// expect fails unless the packages get the one complaint.
func expect(t *testing.T, packages map[string]goPackage, want string) {
	t.Helper()
	if got := complaints(slices.Collect(maps.Values(packages))); !slices.Equal(got, []string{want}) {
		t.Errorf("complaints\n%q, want\n%q", got, want)
	}
}
