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

// operator is who slipway says it is in the rows it writes.
const operator = "slipway"

// querier is a connection, or a transaction on it.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readRevisions reads all rows, in the order of their versions. The row in which
// the CLI keeps an identifier of its own is none.
func readRevisions(ctx context.Context, conn querier) (revisions []*migrate.Revision, err error) {
	rows, err := conn.QueryContext(ctx,
		"SELECT version, description, type, applied, total, execution_time, error, error_stmt, hash,"+
			" partial_hashes, operator_version FROM "+plan.RevisionTable+
			" WHERE version <> '.atlas_cloud_identifier' ORDER BY version")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", plan.RevisionTable, err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says what went wrong
	for rows.Next() {
		var r migrate.Revision
		var failure, statement sql.NullString
		var hashes []byte
		if err := rows.Scan(&r.Version, &r.Description, &r.Type, &r.Applied, &r.Total, &r.ExecutionTime,
			&failure, &statement, &r.Hash, &hashes, &r.OperatorVersion); err != nil {
			return nil, fmt.Errorf("read %s: %w", plan.RevisionTable, err)
		}
		r.Error, r.ErrorStmt = failure.String, statement.String
		if len(hashes) > 0 {
			if err := json.Unmarshal(hashes, &r.PartialHashes); err != nil {
				return nil, fmt.Errorf("read %s: version %s: partial_hashes: %w", plan.RevisionTable, r.Version, err)
			}
		}
		revisions = append(revisions, &r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", plan.RevisionTable, err)
	}
	return revisions, nil
}

// insertRevision records that a migration is begun.
func insertRevision(ctx context.Context, s session, r *migrate.Revision) error {
	executedAt, hashes, err := s.bind(time.Now().UTC(), r.PartialHashes)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, "INSERT INTO "+plan.RevisionTable+
		" (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version)"+
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.Version, r.Description, uint(r.Type), r.Applied, r.Total, executedAt, int64(r.ExecutionTime), r.Error, r.ErrorStmt, r.Hash, hashes, operator)
	if err != nil {
		return fmt.Errorf("record version %s: %w", r.Version, err)
	}
	return nil
}

// updateRevision records how far a migration has come. When it was begun is left
// as it is, as the CLI leaves it.
func updateRevision(ctx context.Context, s session, r *migrate.Revision) error {
	_, hashes, err := s.bind(time.Time{}, r.PartialHashes)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, "UPDATE "+plan.RevisionTable+
		" SET applied = ?, total = ?, execution_time = ?, error = ?, error_stmt = ?, hash = ?, partial_hashes = ?, operator_version = ? WHERE version = ?",
		r.Applied, r.Total, int64(r.ExecutionTime), r.Error, r.ErrorStmt, r.Hash, hashes, operator, r.Version)
	if err != nil {
		return fmt.Errorf("record version %s: %w", r.Version, err)
	}
	return nil
}

// deleteRevision forgets a migration that was undone.
func deleteRevision(ctx context.Context, s session, r *migrate.Revision) error {
	if _, err := s.ExecContext(ctx, "DELETE FROM "+plan.RevisionTable+" WHERE version = ?", r.Version); err != nil {
		return fmt.Errorf("forget version %s: %w", r.Version, err)
	}
	return nil
}

// whole says that a migration is applied, all of it.
func whole(r *migrate.Revision) bool {
	_, beingUndone := undoingOf(r)
	return r.Applied == r.Total && !beingUndone
}
