// Package plan writes migrations and describes their effect. [Generate] compares schema.hcl
// with the last [Snapshot] and writes one SQL file per dialect, with up and down statements.
// [GenerateEmpty], [Rebase] and [Rehash] change such files. None of them needs a database.
//
// A [History] returns the schema at each point of a dialect's files, and the changes of each
// statement. It uses the snapshots, or runs the files on a [Scratch] database.
//
// The folders have Atlas's format, so the Atlas CLI works on them. The package does not
// import package run.
package plan

import (
	"context"
	"fmt"
	"path"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	declared "slipway/internal/migrate/schema"
)

// The names of the dialects, in DATABASE_URL and as folders of migrations/.
const (
	MySQL  = "mysql"
	SQLite = "sqlite"
)

// Dialect contains the differences between databases for planning and parsing SQL. The
// differences for running SQL are in package run.
type Dialect struct {
	Name string
	// Parse parses the text of a schema.hcl. name is the name of the file in errors.
	Parse  func(name string, text []byte) (*schema.Schema, error)
	differ schema.Differ
	// plan returns the statements for changes, in an order in which they can run.
	plan func(context.Context, []schema.Change) ([]*migrate.Change, error)
	// Scan splits a file into statements, without comments.
	Scan func(string) ([]*migrate.Stmt, error)
}

// Dialects lists the dialects of migrations, in the order of reports.
var Dialects = []Dialect{
	{
		Name:   MySQL,
		Parse:  declared.MySQL,
		differ: mysql.DefaultDiff,
		plan:   planMySQL,
		Scan:   (*mysql.Driver)(nil).ScanStmts,
	},
	{
		Name:   SQLite,
		Parse:  declared.SQLite,
		differ: sqlite.DefaultDiff,
		plan:   planSQLite,
		Scan:   (*sqlite.Driver)(nil).ScanStmts,
	},
}

// DialectByName returns the dialect with a name, or an error if the name is unknown.
func DialectByName(name string) (Dialect, error) {
	for _, d := range Dialects {
		if d.Name == name {
			return d, nil
		}
	}
	return Dialect{}, fmt.Errorf("unknown dialect %q: use %s or %s", name, MySQL, SQLite)
}

// planned runs Atlas's planner for one set of changes. Names are not qualified with a
// database, so that a file can be applied to any database.
func planned(ctx context.Context, planner migrate.PlanApplier, changes []schema.Change) ([]*migrate.Change, error) {
	unqualified := ""
	plan, err := planner.PlanChanges(ctx, "", changes, func(o *migrate.PlanOptions) {
		o.SchemaQualifier = &unqualified
		o.Indent = "  "
		o.Mode = migrate.PlanModeDeferred
	})
	if err != nil {
		return nil, err
	}
	return plan.Changes, nil
}

// folder returns the folder of a dialect's files, relative to the project's root.
func (d Dialect) folder() string { return path.Join("migrations", d.Name) }
