// Package migration is the migration engine: it plans schema changes from
// schema.hcl, writes them down as SQL files, applies those files to a database
// under a lock and undoes them, on top of the Atlas library.
//
// It has two halves that need each other only through the files in migrations/:
//
//   - [Author] compares schema.hcl with the last [Snapshot] and writes one SQL file
//     per dialect, up and down; [AuthorEmpty], [Rebase] and [Rehash] write such
//     files, too. They need no database.
//   - [Engine] applies such files, undoes them, and says what is applied, what is
//     pending, what is dangerous in it (Lint), and where database, files and
//     schema.hcl differ (Check, Repair). [Job] is the engine as a Lambda function.
//
// Three rooms below it do what needs neither: ddl models the schema that
// statements add up to, lint looks for hazards, erd draws. The room rehearsal
// stands on it and tries migrations with rows.
//
// The directories and the table of applied versions are Atlas's own, so that the
// Atlas CLI and this package take turns freely on one database.
//
// The room knows neither GORM nor Gin nor any room beside those three: whoever
// uses it opens the *sql.DB and says which dialect it speaks.
package migration

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

// dialect is what differs between databases when SQL is planned and read. What
// differs when it is run is in session_mysql.go and session_sqlite.go.
type dialect struct {
	name string
	// parse reads the text of a schema.hcl, which a message calls by its name.
	parse  func(name string, text []byte) (*schema.Schema, error)
	differ schema.Differ
	// plan turns changes into statements, in an order in which each can run.
	plan func(context.Context, []schema.Change) ([]*migrate.Change, error)
	// scan splits a file into statements; comments are not among them.
	scan func(string) ([]*migrate.Stmt, error)
}

// dialects are those that migrations are written for, in the order of reports.
var dialects = []dialect{
	{
		name:   MySQL,
		parse:  declared.MySQL,
		differ: mysql.DefaultDiff,
		plan:   planMySQL,
		scan:   (*mysql.Driver)(nil).ScanStmts,
	},
	{
		name:   SQLite,
		parse:  declared.SQLite,
		differ: sqlite.DefaultDiff,
		plan:   planSQLite,
		scan:   (*sqlite.Driver)(nil).ScanStmts,
	},
}

func dialectByName(name string) (dialect, error) {
	for _, d := range dialects {
		if d.name == name {
			return d, nil
		}
	}
	return dialect{}, fmt.Errorf("migration: no dialect %q: use %s or %s", name, MySQL, SQLite)
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
func (d dialect) folder() string { return path.Join("migrations", d.name) }
