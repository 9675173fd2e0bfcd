package migration

import (
	"context"
	"fmt"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// inspect reads the schema of the database, as Atlas sees it.
func (d dialect) inspect(ctx context.Context, conn schema.ExecQuerier) (*schema.Schema, error) {
	var inspector schema.Inspector
	var err error
	if d.name == MySQL {
		inspector, err = mysql.Open(conn)
	} else {
		inspector, err = sqlite.Open(conn)
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	found, err := inspector.InspectSchema(ctx, "", &schema.InspectOptions{
		Mode: schema.InspectSchemas | schema.InspectTables, Exclude: []string{revisionTable, journalTable},
	})
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	return found, nil
}
