package rehearsal

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migration"
)

func (r *rehearsal) down(ctx context.Context, to string) error {
	if to == "" {
		for _, f := range r.files {
			if f.version < r.version {
				to = f.version
			}
		}
	} else if to == "base" {
		to = ""
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	scan := (*mysql.Driver)(nil).ScanStmts
	if r.Dialect == migration.SQLite {
		scan = (*sqlite.Driver)(nil).ScanStmts
		conn.ExecContext(ctx, "PRAGMA foreign_keys=off")
		defer conn.ExecContext(ctx, "PRAGMA foreign_keys=on")
	}
	for i := len(r.files) - 1; i >= 0; i-- {
		f := r.files[i]
		if f.version <= to {
			break
		}
		var applied sql.NullInt64
		if err := conn.QueryRowContext(ctx, "SELECT applied FROM atlas_schema_revisions WHERE version = ?", f.version).Scan(&applied); err != nil {
			continue
		}
		text, err := fs.ReadFile(r.Folder, f.name)
		if err != nil {
			return err
		}
		_, tail, _ := strings.Cut(string(text), "\n-- slipway:down\n")
		var b strings.Builder
		for line := range strings.Lines(tail) {
			b.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "--"), " "))
		}
		stmts, err := scan(b.String())
		if err != nil {
			return err
		}
		for _, s := range stmts {
			if _, err := conn.ExecContext(ctx, s.Text); err != nil {
				r.version = f.version
				return &refusedError{s.Text, err.Error()}
			}
		}
		if _, err := conn.ExecContext(ctx, "DELETE FROM atlas_schema_revisions WHERE version = ?", f.version); err != nil {
			return err
		}
	}
	return nil
}
