package plan

import (
	"context"
	"fmt"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// Inspect reads the schema of the database, as Atlas sees it.
func (d Dialect) Inspect(ctx context.Context, conn schema.ExecQuerier) (*schema.Schema, error) {
	var inspector schema.Inspector
	var err error
	if d.Name == MySQL {
		inspector, err = mysql.Open(conn)
	} else {
		inspector, err = sqlite.Open(conn)
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
		if err := restoreDefaults(ctx, conn, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// RevisionTable is where the Atlas CLI records what is applied. slipway reads
// and writes the same rows, so that the two take turns.
const RevisionTable = "atlas_schema_revisions"

// JournalTable has one row on MySQL: the statement that was begun last, and the
// fingerprint of the schema before it. It is slipway's own, and no part of the schema.
const JournalTable = "slipway_migration_journal"
