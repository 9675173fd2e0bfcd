package mysql

import (
	"errors"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// kinds has every error of the server that a request, a row or a schema can cause. What is missing here is a bug of
// the program, such as 1064 (a syntax error), and is no kind.
//
// https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html
//
// 9501 is RDS Proxy's, which has no connection to the database to lend; 8002 to 9013 are TiDB's.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.troubleshooting.html
// https://docs.pingcap.com/tidb/stable/error-codes/
var kinds = map[uint16]database.Kind{
	1022: database.Duplicate, 1062: database.Duplicate, 1586: database.Duplicate,
	1761: database.Duplicate, 1762: database.Duplicate, // by a cascade, in the table that refers
	1452: database.MissingParent, 1216: database.MissingParent,
	1451: database.HasChildren, 1217: database.HasChildren,
	3008: database.CascadeTooDeep,
	1048: database.NotNull, 1364: database.NotNull, 1263: database.NotNull,
	3819: database.Check, 1369: database.Check, // of a table, of a view
	1644: database.Check, // a trigger's SIGNAL

	// Values of a row.
	1406: database.TooLong, 1301: database.TooLong, 1118: database.TooLong, 1713: database.TooLong,
	3150: database.TooLong, 3151: database.TooLong, // JSON
	3751: database.TooLong, 3905: database.TooLong, 3906: database.TooLong, 3907: database.TooLong, // a functional index
	1264: database.OutOfRange, 1690: database.OutOfRange, 1365: database.OutOfRange, // 1365 divides by 0
	1526: database.OutOfRange, 3752: database.OutOfRange, 3904: database.OutOfRange, // no partition; a functional index
	1366: database.WrongType, 1265: database.WrongType, 1292: database.WrongType, 1300: database.WrongType,
	1367: database.WrongType, 1411: database.WrongType,
	3140: database.WrongType, 3141: database.WrongType, 3144: database.WrongType, 3146: database.WrongType, // JSON
	3147: database.WrongType, 3156: database.WrongType, 3157: database.WrongType, 3158: database.WrongType,
	3903: database.WrongType, 1235: database.WrongType, // a multi-valued index
	1416: database.WrongType, 3037: database.WrongType, 3643: database.WrongType, // geometry

	// Values that a column is compared with.
	1267: database.Incomparable, 1270: database.Incomparable, 1271: database.Incomparable, // character sets
	3854: database.Incomparable, 3988: database.Incomparable, 1525: database.Incomparable,

	// Statements that are more than the server takes.
	1153: database.StatementTooLarge, 8004: database.StatementTooLarge, 8025: database.StatementTooLarge,
	1038: database.QueryTooLarge, 1104: database.QueryTooLarge, 1436: database.QueryTooLarge, 8175: database.QueryTooLarge,

	1205: database.Busy, 1213: database.Busy, 3572: database.Busy,
	1412: database.Busy, 1615: database.Busy, // the table was altered meanwhile
	1613: database.Busy, 1614: database.Busy, 3101: database.Busy, // rolled back, by a deadlock or a replica
	9007: database.Busy, 8002: database.Busy, 8028: database.Busy, 9004: database.Busy,

	1040: database.Unavailable, 1203: database.Unavailable, 1226: database.Unavailable, 9501: database.Unavailable, // no connection
	1461: database.Unavailable,
	1037: database.Unavailable, 1041: database.Unavailable, 1135: database.Unavailable, // no memory, no threads
	1197: database.Unavailable, 1206: database.Unavailable, // no room for the transaction, for its locks
	1044: database.Unavailable, 1045: database.Unavailable, 1049: database.Unavailable, 3159: database.Unavailable, // not let in
	1142: database.Unavailable, 1143: database.Unavailable, 1227: database.Unavailable, 1370: database.Unavailable,
	1820: database.Unavailable, 1862: database.Unavailable, 3118: database.Unavailable,
	serverShutdown: database.Unavailable, 1317: database.Unavailable, 3032: database.Unavailable, // going down, offline
	1028:           database.Unavailable, // a sort that was interrupted
	readOnlyOption: database.Unavailable, readOnlyTransaction: database.Unavailable, readOnlyMode: database.Unavailable,
	1036: database.Unavailable, 1099: database.Unavailable, 1223: database.Unavailable,
	1021: database.Unavailable, 1114: database.Unavailable, 1467: database.Unavailable, // full, out of ids
	1016: database.Unavailable, 1024: database.Unavailable, 1026: database.Unavailable, 1030: database.Unavailable, // files
	1034: database.Unavailable, 1180: database.Unavailable, 1194: database.Unavailable, 1195: database.Unavailable,
	1712: database.Unavailable, 3098: database.Unavailable, 3100: database.Unavailable,
	9001: database.Unavailable, 9002: database.Unavailable, 9003: database.Unavailable, 9005: database.Unavailable,
	9011: database.Unavailable, 9013: database.Unavailable,

	1146: database.Schema, 1054: database.Schema, 1109: database.Schema,
	3105: database.Schema,                                                                      // a column that is generated
	1305: database.Schema, 1356: database.Schema, 1442: database.Schema, 1449: database.Schema, // a trigger or a view

	3024: database.Deadline,
}

var (
	// Duplicate entry 'it's' for key 'users.users_email'
	keyName = regexp.MustCompile(`for key '(?:[^'.]*\.)?([^']+)'$`)
	// … CONSTRAINT `posts_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) …
	foreignKey = regexp.MustCompile("CONSTRAINT `([^`]+)` FOREIGN KEY \\(`([^`]+)`\\)")
	// Check constraint 'score_range' is violated.
	checkName = regexp.MustCompile(`^Check constraint '([^']+)'`)
	// Column 'title' cannot be null; Data too long for column 'title' at row 1;
	// Field 'title' doesn't have a default value; … in value for column 'notes.doc'.
	columnName = regexp.MustCompile(`(?:[Cc]olumn|^Field) '(?:[^'.]*\.)*([^'.]+)'(?: at row \d+| cannot be null| doesn't have a default value|\.$)`)
)

// Classify says what an error of the driver or of the server means.
func (dialect) Classify(err error) (database.Error, bool) {
	var unconnected *connectError
	switch {
	case errors.Is(err, mysql.ErrInvalidConn) || errors.As(err, &unconnected):
		return database.Error{Kind: database.Unavailable, Err: err}, true
	case errors.Is(err, mysql.ErrPktTooLarge):
		return database.Error{Kind: database.StatementTooLarge, Err: err}, true
	}
	var my *mysql.MySQLError
	if !errors.As(err, &my) {
		return database.Error{}, false
	}
	kind, known := kinds[my.Number]
	if !known {
		return database.Error{}, false
	}
	if my.Number == 1690 && strings.Contains(my.Message, idGuard) {
		kind = database.IDStep
	}
	e := database.Error{Kind: kind, Err: err}
	switch kind {
	case database.Duplicate:
		e.Constraint = submatch(keyName, my.Message, 1)
	case database.MissingParent, database.HasChildren:
		e.Constraint = submatch(foreignKey, my.Message, 1)
		e.Columns = columns(submatch(foreignKey, my.Message, 2))
	case database.Check:
		e.Constraint = submatch(checkName, my.Message, 1)
	default:
		e.Columns = columns(submatch(columnName, my.Message, 1))
	}
	return e, true
}

func submatch(re *regexp.Regexp, s string, n int) string {
	if m := re.FindStringSubmatch(s); m != nil {
		return m[n]
	}
	return ""
}

func columns(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
