package mysql

import (
	"errors"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"

	"slipway/internal/database"
)

// codes maps the kinds to the server errors that a request, a row, or a schema can cause. Other errors, such as 1064 (a
// syntax error), are bugs of the program and have no kind.
//
// https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html
//
// 9501 is an error of RDS Proxy, which has no free connection. The numbers from 8000 to 9013 are errors of TiDB.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.troubleshooting.html
// https://docs.pingcap.com/tidb/stable/error-codes/
var codes = map[database.Kind][]uint16{
	database.Duplicate: {
		1022, 1062, 1586,
		1761, 1762, // by a cascade, in the referring table
	},
	database.MissingParent:  {1216, 1452},
	database.HasChildren:    {1217, 1451},
	database.CascadeTooDeep: {3008, 6575},
	database.NotNull:        {1048, 1263, 1364},
	database.Check: {
		3819,
		1369, // WITH CHECK OPTION of a view
		1644, // a trigger's SIGNAL
	},

	// Values of a row.
	database.TooLong: {
		1118, 1301, 1406, 1713,
		3150, 3151, // JSON
		3751, 3905, 3906, 3907, // a functional index
	},
	database.OutOfRange: {
		1264, 1690,
		1365,       // a division by zero
		1526,       // no partition has room for the value
		3752, 3904, // a functional index
	},
	database.WrongType: {
		1265, 1292, 1300, 1366, 1367, 1411,
		3140, 3141, 3144, 3146, 3147, 3156, 3157, 3158, // JSON
		1235, 3903, // a multi-valued index
		1416, 3037, 3643, // geometry
	},

	// Values that a column is compared with.
	database.Incomparable: {
		1267, 1270, 1271, 3854, 3988, // character sets
		1525, // dates
	},

	// Statements over a limit of the server.
	database.StatementTooLarge: {1153, 8004, 8025},
	database.QueryTooLarge:     {1038, 1104, 1436, 8175},

	database.Busy: {
		1205, 1213, 3572, // locks
		1412, 1615, // the table was altered
		1613, 1614, 3101, // rolled back by a deadlock or a replica
		8002, 8028, 9004, 9007,
	},
	database.Deadline: {3024},
	database.Unavailable: {
		1040, 1203, 1226, 1461, 9501, // no free connection or prepared statement
		1037, 1041, 1135, // out of memory or threads
		1197, 1206, // out of space for the transaction or its locks
		1021, 1114, 1467, // disk full, out of ids
		1044, 1045, 1049, 1142, 1143, 1227, 1370, 1820, 1862, 3118, 3159, // access denied
		serverShutdown, 1317, 3032, // shutdown, interrupted, offline
		1028, // interrupted sort
		readOnlyOption, readOnlyTransaction, readOnlyMode, 1036, 1099, 1223,
		1016, 1024, 1026, 1030, 1034, 1180, 1194, 1195, 1712, // files
		3098, 3100, // plugins
		9001, 9002, 9003, 9005, 9011, 9013,
	},
	database.Schema: {
		1054, 1109, 1146,
		3105,                   // a column is generated
		1305, 1356, 1442, 1449, // a trigger, a view, or a function
	},
}

// kinds maps the codes to their kinds.
var kinds = func() map[uint16]database.Kind {
	all := map[uint16]database.Kind{}
	for kind, numbers := range codes {
		for _, number := range numbers {
			all[number] = kind
		}
	}
	return all
}()

var (
	// Duplicate entry 'it's' for key 'users.users_email'
	keyName = regexp.MustCompile(`for key '(?:[^'.]*\.)?([^']+)'$`)
	// … CONSTRAINT `posts_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) …
	foreignKey = regexp.MustCompile("CONSTRAINT `([^`]+)` FOREIGN KEY \\(`([^`]+)`\\)")
	// Check constraint 'score_range' is violated.
	checkName = regexp.MustCompile(`^Check constraint '([^']+)'`)
	// Column 'title' cannot be null; Data too long for column 'title' at row 1;
	// Field 'title' doesn't have a default value; … in value for column 'notes.doc'.
	columnName = regexp.MustCompile(`(?:[Cc]olumn|^Field) '(?:[^'.]*\.)*([^'.]+)'` +
		`(?: at row \d+| cannot be null| doesn't have a default value|\.$)`)
)

// Classify converts an error of the driver or of the server.
func (Dialect) Classify(err error) (database.Error, bool) {
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
