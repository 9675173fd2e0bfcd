package verify

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"
	"github.com/go-sql-driver/mysql"
)

// Algorithm is how the server ran a statement that changes a table which existed before
// its file: the gentlest way that it took.
type Algorithm struct {
	Version   string `json:"version"`
	Statement string `json:"statement"`
	// Algorithm is INSTANT, INPLACE or COPY, and Lock is NONE or SHARED: whether others
	// could write meanwhile. See "Online DDL Operations" in MySQL's manual.
	Algorithm string `json:"algorithm"`
	Lock      string `json:"lock"`
}

// ways are the clauses that MySQL is asked for, the gentlest one first.
var ways = []struct{ algorithm, lock, clause string }{
	{"INSTANT", "NONE", "ALGORITHM=INSTANT"},
	{"INPLACE", "NONE", "ALGORITHM=INPLACE, LOCK=NONE"},
	{"INPLACE", "SHARED", "ALGORITHM=INPLACE, LOCK=SHARED"},
	{"COPY", "SHARED", "ALGORITHM=COPY, LOCK=SHARED"},
}

var (
	alters = regexp.MustCompile("(?is)^\\s*(?:ALTER\\s+TABLE\\s+" + namePattern +
		"|(?:CREATE|DROP)\\s[^(]*?INDEX\\s.*?\\sON\\s+" + namePattern + ")")
	statesWay = regexp.MustCompile(`(?i)\b(?:ALGORITHM|LOCK)\s*=`)
)

// refusals are the errors with which the server refuses a clause at once, and does nothing:
// a syntax error where the statement cannot have one, as in PARTITION BY (1064), LOCK with
// the wrong ALGORITHM (1221), and a way that it does not have (1845, 1846).
var refusals = []uint16{1064, 1221, 1845, 1846}

// ask runs a statement in the gentlest way that the server takes, and notes which.
func (r *roundtrip) ask(ctx context.Context, conn schema.ExecQuerier, statement string) error {
	if !r.alters(statement) || statesWay.MatchString(bare(statement)) {
		_, err := conn.ExecContext(ctx, statement)
		return err
	}
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(statement), ";"))
	for _, way := range ways {
		clause := "\n, " + way.clause // on a line of its own: the last one may end in a comment
		if !strings.EqualFold(text[:5], "ALTER") {
			clause = strings.ReplaceAll(clause, ",", "") // CREATE INDEX and DROP INDEX take none
		}
		_, err := conn.ExecContext(ctx, text+clause)
		if refused, ok := errors.AsType[*mysql.MySQLError](err); ok && slices.Contains(refusals, refused.Number) {
			continue
		}
		if err == nil {
			r.result.Algorithms = append(r.result.Algorithms, Algorithm{r.at.Version, text, way.algorithm, way.lock})
		}
		return err
	}
	// It takes no such clause, as a rename of the table does not.
	_, err := conn.ExecContext(ctx, statement)
	return err
}

// alters says that a statement of the first way up changes a table that existed before its
// file, on MySQL.
func (r *roundtrip) alters(statement string) bool {
	m := alters.FindStringSubmatch(statement)
	if m == nil || r.change == nil || r.at.Step != StepUp || r.Dialect != plan.MySQL {
		return false
	}
	_, existed := r.change.old.Table(before(r.change.renames.tables, m[1]+m[2]))
	return existed
}
