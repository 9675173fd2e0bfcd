// Package adopt makes a project from a live database: schema.hcl, a baseline migration for
// each dialect, the snapshots, the row types, and the record of the baseline. It writes
// nothing until it knows that the project describes the database, and it changes nothing in
// the database but the record.
//
// [Read] reads the database and refuses what the project could not keep. [Source.Build]
// makes the files. [Project.Verify] runs them on scratch databases. [Project.Write] puts
// them in place of the files of the project, and records the baseline.
package adopt

import (
	"context"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
)

// Source is a live database.
type Source struct {
	Dialect plan.Dialect
	// Tables has the tables without those that record migrations.
	Tables *schema.Schema
	// Unmanaged lists the views, triggers, routines and events.
	Unmanaged []plan.Object
	// Version is that of a baseline that an earlier adoption recorded, or "".
	Version string

	// extras has what MySQL's CREATE TABLE has and schema.hcl has not, by table.
	extras map[string]extra
	// statements creates the tables of an SQLite database, as its file has them, and own has
	// those of each table. copy is a copy of Tables, and conditions is what MySQL's terms add to
	// a table.
	statements []string
	own        map[string][]string
	copy       *schema.Schema
	conditions map[string][]condition
	// numbers says which columns of times have integers.
	numbers []string
}

// Refusal reports that a database cannot be adopted as it is. Each reason names the table,
// and says what to do.
type Refusal struct{ Reasons []string }

func (r *Refusal) Error() string {
	return "cannot adopt this database, and nothing was written: " + strings.Join(r.Reasons, "; ")
}

// Read reads the database of an engine. It returns [run.ErrNoTables] for an empty database,
// and a [Refusal] for a table that no project can describe.
func Read(ctx context.Context, e *run.Engine) (s Source, err error) {
	s.Dialect = e.Dialect
	err = e.Live(ctx, func(conn schema.ExecQuerier, recorded []*migrate.Revision) error {
		if s.Version, err = adoptedBefore(recorded); err != nil {
			return err
		}
		refuse, read := refuseMySQL, s.readMySQL
		if e.Dialect.Name == plan.SQLite {
			refuse, read = refuseSQLite, s.readSQLite
		}
		reasons, err := refuse(ctx, conn)
		if err != nil {
			return err
		}
		if len(reasons) > 0 {
			return &Refusal{reasons}
		}
		if s.Tables, err = e.Dialect.Inspect(ctx, conn); err != nil {
			return err
		}
		if len(s.Tables.Tables) == 0 {
			return run.ErrNoTables
		}
		if s.Unmanaged, err = e.Dialect.Objects(ctx, conn); err != nil {
			return err
		}
		return read(ctx, conn)
	})
	return s, err
}

// adoptedBefore returns the version of the baseline that an adoption recorded which was
// killed before it wrote its files, or whose files are lost.
func adoptedBefore(recorded []*migrate.Revision) (version string, err error) {
	switch {
	case len(recorded) == 0:
		return "", nil
	case len(recorded) == 1 && recorded[0].Type.Has(migrate.RevisionTypeBaseline) &&
		recorded[0].Description == baselineName && isVersion(recorded[0].Version):
		return recorded[0].Version, nil
	}
	return "", fmt.Errorf("the database records migrations already (%d in %s, the last is %s): use the project that has "+
		"their files, or drop that table to adopt the database again", len(recorded), plan.RevisionTable,
		recorded[len(recorded)-1].Version)
}

// query returns the rows of a query as texts.
func query(ctx context.Context, conn schema.ExecQuerier, text string) (all [][]string, err error) {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		line, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range line {
			into[i] = &line[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, line)
	}
	return all, rows.Err()
}
