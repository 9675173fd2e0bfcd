package verify

import (
	"context"
	"errors"
	"slices"
	"strings"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
	"github.com/go-sql-driver/mysql"
)

// Algorithm is how the MySQL server ran a statement that changes a table which existed
// before the file: the first of [clauses] that the server accepted.
type Algorithm struct {
	Version   string `json:"version"`
	Statement string `json:"statement"`
	// Algorithm is INSTANT, INPLACE or COPY. Lock is NONE if other sessions can write during
	// the statement, otherwise SHARED. See "Online DDL Operations" in MySQL's manual.
	Algorithm string `json:"algorithm"`
	Lock      string `json:"lock"`
}

// clauses are the clauses to try, from the least to the most disruptive one.
var clauses = []struct{ algorithm, lock, clause string }{
	{"INSTANT", "NONE", "ALGORITHM=INSTANT"},
	{"INPLACE", "NONE", "ALGORITHM=INPLACE, LOCK=NONE"},
	{"INPLACE", "SHARED", "ALGORITHM=INPLACE, LOCK=SHARED"},
	{"COPY", "SHARED", "ALGORITHM=COPY, LOCK=SHARED"},
}

var (
	alters = lazyregexp.New("(?is)^\\s*(?:ALTER\\s+TABLE\\s+" + namePattern +
		"|(?:CREATE|DROP)\\s[^(]*?INDEX\\s.*?\\sON\\s+" + namePattern + ")")
	hasClause = lazyregexp.New(`(?i)\b(?:ALGORITHM|LOCK)\s*=`)
)

// refusals are the errors with which the server rejects a clause before it changes anything:
// a syntax error, for example after PARTITION BY (1064), a LOCK that does not fit the
// ALGORITHM (1221), and an unsupported ALGORITHM or LOCK (1845, 1846).
var refusals = []uint16{1064, 1221, 1845, 1846}

// execOnline runs a statement with the first of [clauses] that the server accepts, and adds
// it to the result.
func (r *roundtrip) execOnline(ctx context.Context, conn schema.ExecQuerier, statement string) error {
	if !r.alters(statement) || hasClause.MatchString(bare(statement)) {
		_, err := conn.ExecContext(ctx, statement)
		return err
	}
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(statement), ";"))
	for _, c := range clauses {
		clause := "\n, " + c.clause // on a new line, because the statement can end in a comment
		if !strings.EqualFold(text[:5], "ALTER") {
			clause = strings.ReplaceAll(clause, ",", "") // CREATE INDEX and DROP INDEX allow no comma
		}
		_, err := conn.ExecContext(ctx, text+clause)
		if refused, ok := errors.AsType[*mysql.MySQLError](err); ok && slices.Contains(refusals, refused.Number) {
			continue
		}
		if err == nil {
			r.result.Algorithms = append(r.result.Algorithms, Algorithm{r.at.Version, text, c.algorithm, c.lock})
		}
		return err
	}
	// Some statements accept no such clause, for example a rename of a table.
	_, err := conn.ExecContext(ctx, statement)
	return err
}

// alters reports whether a statement of the first upgrade changes a table that existed
// before the file, on MySQL.
func (r *roundtrip) alters(statement string) bool {
	m := alters.FindStringSubmatch(statement)
	if m == nil || r.change == nil || r.at.Step != StepUp || r.Dialect != plan.MySQL {
		return false
	}
	_, existed := r.change.old.Table(before(r.change.renames.tables, m[1]+m[2]))
	return existed
}
