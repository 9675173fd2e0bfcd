// Package plan writes migrations: it compares schema.hcl with the last [Snapshot] and
// writes one SQL file per dialect, up and down ([Generate]); [GenerateEmpty], [Rebase] and
// [Rehash] write such files, too. No database is needed.
//
// It also says what such files do: a [History] knows the schema at each point of a
// dialect's files, and what each statement changes there, from the snapshots and the plan
// between them, or by running the files on a [Scratch] database.
//
// The directories are Atlas's own, so that the Atlas CLI works on them.
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

// The dialects, as DATABASE_URL and the folders of migrations/ name them.
const (
	MySQL  = "mysql"
	SQLite = "sqlite"
)

// Dialect is what differs between databases when SQL is planned and read. What
// differs when it is run is in package run.
type Dialect struct {
	Name string
	// Parse reads the text of a schema.hcl, which a message calls by its name.
	Parse  func(name string, text []byte) (*schema.Schema, error)
	differ schema.Differ
	// plan turns changes into statements, in an order in which each can run.
	plan func(context.Context, []schema.Change) ([]*migrate.Change, error)
	// Scan splits a file into statements; comments are not among them.
	Scan func(string) ([]*migrate.Stmt, error)
}

// Dialects are those that migrations are written for, in the order of reports.
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

func DialectByName(name string) (Dialect, error) {
	for _, d := range Dialects {
		if d.Name == name {
			return d, nil
		}
	}
	return Dialect{}, fmt.Errorf("migration: no dialect %q: use %s or %s", name, MySQL, SQLite)
}

// planned runs Atlas's planner for one set of changes. Names are not qualified
// by a database, so that a file applies to whatever database the URL names.
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

// folder is where a dialect's files are, under the project's root.
func (d Dialect) folder() string { return path.Join("migrations", d.Name) }
