package run

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// operator is the value of operator_version in the rows that slipway writes.
const operator = "slipway"

// querier is a connection, or a transaction on it.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// revisionColumns are the columns of the table of revisions, as the Atlas CLI creates them:
// the name, the definition on MySQL, and the definition on SQLite.
var revisionColumns = [][3]string{
	{"version", "varchar(255) NOT NULL", "text NOT NULL"},
	{"description", "varchar(255) NOT NULL", "text NOT NULL"},
	{"type", "bigint unsigned NOT NULL DEFAULT 2", "integer NOT NULL DEFAULT (2)"},
	{"applied", "bigint NOT NULL DEFAULT 0", "integer NOT NULL DEFAULT (0)"},
	{"total", "bigint NOT NULL DEFAULT 0", "integer NOT NULL DEFAULT (0)"},
	{"executed_at", "timestamp NOT NULL", "datetime NOT NULL"},
	{"execution_time", "bigint NOT NULL", "integer NOT NULL"},
	{"error", "longtext NULL", "text NULL"},
	{"error_stmt", "longtext NULL", "text NULL"},
	{"hash", "varchar(255) NOT NULL", "text NOT NULL"},
	{"partial_hashes", "json NULL", "json NULL"},
	{"operator_version", "varchar(255) NOT NULL", "text NOT NULL"},
}

// createRevisionTable creates the table of revisions unless it exists.
func createRevisionTable(ctx context.Context, s session) error {
	definition, end := 1, ") CHARSET utf8mb4 COLLATE utf8mb4_bin"
	if s.perFile() {
		definition, end = 2, ")"
	}
	text := "CREATE TABLE IF NOT EXISTS `" + plan.RevisionTable + "` ("
	for _, column := range revisionColumns {
		text += "`" + column[0] + "` " + column[definition] + ", "
	}
	return execute(ctx, s, "create "+plan.RevisionTable, text+"PRIMARY KEY (`version`)"+end)
}

// readRevisions returns all rows, sorted by version. It omits the row in which the Atlas CLI
// stores its own identifier.
func readRevisions(ctx context.Context, conn querier) (revisions []*migrate.Revision, err error) {
	err = eachRow(ctx, conn, "SELECT version, description, type, applied, total, execution_time, error, error_stmt, hash,"+
		" partial_hashes, operator_version FROM "+plan.RevisionTable+
		" WHERE version <> '.atlas_cloud_identifier' ORDER BY version", func(rows *sql.Rows) error {
		var r migrate.Revision
		var failure, statement sql.NullString
		var hashes []byte
		if err := rows.Scan(&r.Version, &r.Description, &r.Type, &r.Applied, &r.Total, &r.ExecutionTime,
			&failure, &statement, &r.Hash, &hashes, &r.OperatorVersion); err != nil {
			return err
		}
		r.Error, r.ErrorStmt = failure.String, statement.String
		revisions = append(revisions, &r)
		if len(hashes) == 0 {
			return nil
		}
		if err := json.Unmarshal(hashes, &r.PartialHashes); err != nil {
			return fmt.Errorf("version %s: partial_hashes: %w", r.Version, err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", plan.RevisionTable, err)
	}
	return revisions, nil
}

// insertRevision records that a migration has started.
func insertRevision(ctx context.Context, s session, r *migrate.Revision) error {
	executedAt, hashes, err := bindRevision(s, r)
	if err != nil {
		return err
	}
	return execute(ctx, s, "record version "+r.Version, "INSERT INTO "+plan.RevisionTable+
		" (version, description, type, applied, total, executed_at, execution_time,"+
		" error, error_stmt, hash, partial_hashes, operator_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.Version, r.Description, uint(r.Type), r.Applied, r.Total, executedAt, int64(r.ExecutionTime),
		r.Error, r.ErrorStmt, r.Hash, hashes, operator)
}

// updateRevision records the progress of a migration. It keeps executed_at, as the Atlas
// CLI does.
func updateRevision(ctx context.Context, s session, r *migrate.Revision) error {
	_, hashes, err := bindRevision(s, r)
	if err != nil {
		return err
	}
	return execute(ctx, s, "record version "+r.Version, "UPDATE "+plan.RevisionTable+
		" SET type = ?, applied = ?, total = ?, execution_time = ?,"+
		" error = ?, error_stmt = ?, hash = ?, partial_hashes = ?, operator_version = ? WHERE version = ?",
		uint(r.Type), r.Applied, r.Total, int64(r.ExecutionTime),
		r.Error, r.ErrorStmt, r.Hash, hashes, operator, r.Version)
}

// bindRevision returns the time and the hashes of a row in the format of the Atlas CLI.
// MySQL rejects JSON in a binary value, so the hashes are a string there.
func bindRevision(s session, r *migrate.Revision) (executedAt, hashes any, err error) {
	text, err := json.Marshal(r.PartialHashes)
	now := time.Now().UTC()
	if s.perFile() {
		return now.Format("2006-01-02 15:04:05.999999999-07:00"), text, err
	}
	return now.Format("2006-01-02 15:04:05"), string(text), err
}

// deleteRevision deletes the row of a migration that was undone.
func deleteRevision(ctx context.Context, s session, r *migrate.Revision) error {
	return execute(ctx, s, "delete the record of version "+r.Version,
		"DELETE FROM "+plan.RevisionTable+" WHERE version = ?", r.Version)
}

// whole reports whether all statements of a migration are applied.
func whole(r *migrate.Revision) bool { return r.Applied == r.Total && !inRollback(r) }
