package sqlite

import (
	"errors"
	"regexp"
	"strings"

	"modernc.org/sqlite"

	"slipway/internal/database"
)

// kinds maps the result codes that a request, a row, or a schema can cause to kinds. An extended code takes precedence
// over its primary code. Other codes, such as 21 (SQLITE_MISUSE), are bugs of the program and have no kind.
//
// https://www.sqlite.org/rescode.html
var kinds = map[int]database.Kind{
	2067: database.Duplicate, 1555: database.Duplicate, 2579: database.Duplicate,
	787:  database.ForeignKey,
	1299: database.NotNull,
	275:  database.Check, 19: database.Check, // 19 is any other constraint
	1811: database.Check, // a trigger's RAISE, or a foreign key: see Classify
	3091: database.WrongType, 20: database.WrongType,
	18: database.StatementTooLarge,
	5:  database.Busy, 6: database.Busy, 15: database.Busy, 17: database.Busy, 4: database.Busy,
	3: database.Unavailable, 7: database.Unavailable, 8: database.Unavailable, 10: database.Unavailable,
	11: database.Unavailable, 13: database.Unavailable, 14: database.Unavailable, 22: database.Unavailable,
	23: database.Unavailable, 26: database.Unavailable,
	9: database.Unavailable, // interrupted: DB.Error uses the context
}

// sentences distinguish errors with the code SQLITE_ERROR by their message.
var sentences = []struct {
	text string
	kind database.Kind
}{
	{"no such table", database.Schema},
	{"no such column", database.Schema},
	{"has no column named", database.Schema},
	{"no such function", database.Schema},
	{"no such collation sequence", database.Schema},
	{"generated column", database.Schema},
	{"foreign key mismatch", database.Schema},
	{"malformed JSON", database.WrongType},
	{"integer overflow", database.OutOfRange},
	{"triggers nested too deep", database.CascadeTooDeep},
	{"too many levels of trigger recursion", database.CascadeTooDeep},
	{"Expression tree is too large", database.QueryTooLarge},
	{"pattern too complex", database.QueryTooLarge},
	{"too many SQL variables", database.QueryTooLarge},
}

var (
	// UNIQUE constraint failed: users.username, users.email (2067)
	columnList = regexp.MustCompile(`(?:UNIQUE|NOT NULL) constraint failed: ([^()]+?)(?: \(\d+\))?$`)
	// CHECK constraint failed: score_range (275)
	checkName = regexp.MustCompile(`CHECK constraint failed: (.+?)(?: \(\d+\))?$`)
)

// Classify converts an error of the driver.
func (Dialect) Classify(err error) (database.Error, bool) {
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return database.Error{}, false
	}
	kind, known := kindOf(lite)
	if !known {
		return database.Error{}, false
	}
	e := database.Error{Kind: kind, Err: err}
	switch kind {
	case database.Duplicate, database.NotNull:
		if m := columnList.FindStringSubmatch(lite.Error()); m != nil {
			for name := range strings.SplitSeq(m[1], ", ") {
				e.Table, name, _ = strings.Cut(name, ".")
				e.Columns = append(e.Columns, name)
			}
		}
	case database.Check:
		if m := checkName.FindStringSubmatch(lite.Error()); m != nil {
			e.Constraint = m[1]
		}
	}
	return e, true
}

func kindOf(lite *sqlite.Error) (database.Kind, bool) {
	// SQLite implements ON DELETE RESTRICT and SET NULL as triggers. Only the message distinguishes them from a RAISE.
	if lite.Code() == 1811 && strings.Contains(lite.Error(), "FOREIGN KEY constraint failed") {
		return database.ForeignKey, true
	}
	if kind, known := kinds[lite.Code()]; known {
		return kind, true
	}
	if kind, known := kinds[lite.Code()&0xff]; known {
		return kind, true
	}
	for _, s := range sentences {
		if strings.Contains(lite.Error(), s.text) {
			return s.kind, true
		}
	}
	return "", false
}
