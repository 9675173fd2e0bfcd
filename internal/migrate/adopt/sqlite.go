package adopt

import (
	"context"

	"ariga.io/atlas/sql/schema"
)

func refuseSQLite(ctx context.Context, conn schema.ExecQuerier) (reasons []string, err error) {
	return nil, nil
}

func (s *Source) readSQLite(ctx context.Context, conn schema.ExecQuerier) error { return nil }

func (s Source) ownBaseline() string { return "" }

func (s Source) checksMigration(ctx context.Context, text []byte) (string, error) { return "", nil }
