package plan

import (
	"context"
	"fmt"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// Inspect returns the schema of the database, without the tables that record migrations.
func (d Dialect) Inspect(ctx context.Context, conn schema.ExecQuerier) (*schema.Schema, error) {
	var inspector schema.Inspector
	var err error
	if d.Name == MySQL {
		inspector, err = mysql.Open(mysqlReader{conn})
	} else {
		inspector, err = sqlite.Open(sqliteReader{conn})
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	found, err := inspector.InspectSchema(ctx, "", &schema.InspectOptions{
		Mode: schema.InspectSchemas | schema.InspectTables, Exclude: []string{RevisionTable, JournalTable},
	})
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	if d.Name == MySQL {
		restoreMembers(found)
		err := restoreDefaults(ctx, conn, found)
		if err == nil {
			err = restoreParsers(ctx, conn, found)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// RevisionTable is the table in which the Atlas CLI records applied migrations. slipway reads
// and writes the same rows, so you can use both on one database.
const RevisionTable = "atlas_schema_revisions"

// JournalTable is slipway's own table on MySQL. It has one row: the statement that started
// last, and the fingerprint of the schema before it.
const JournalTable = "slipway_migration_journal"
