// Package mysql is the MySQL dialect of the database room. Importing it makes
// mysql:// URLs known to [database.Open].
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"

	"slipway/internal/database"
)

func init() { database.Register(dialect{}) }

type dialect struct{}

func (dialect) Name() string      { return "mysql" }
func (dialect) Schemes() []string { return []string{"mysql", "mysql+unix"} }

// Open returns one pool for reads and writes.
func (dialect) Open(c database.Config) (write, read *sql.DB, err error) {
	var pool *sql.DB
	if c.Mode == database.Serve {
		pool, err = openPool(c, true)
	} else {
		pool, err = openOne(c)
	}
	return pool, pool, err
}

// OpenReplica returns a pool of the same kind. That it cannot write is the server's
// to say: to say it here would cost each connection a round trip.
func (dialect) OpenReplica(c database.Config) (*sql.DB, error) { return openPool(c, false) }

// SplitKeyset is false: the range optimizer joins both conditions into one walk.
func (dialect) SplitKeyset() bool { return false }

// SkipIDs has nothing to do: InnoDB takes the ids before it looks at the rows.
//
// https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html
func (dialect) SkipIDs(context.Context, *gorm.DB, string, int) error { return nil }

// Gorm asks the server nothing when it opens: the version matters only to
// features of GORM that are not used here.
func (dialect) Gorm(pool *sql.DB, _ *gorm.Config) gorm.Dialector {
	return gormmysql.New(gormmysql.Config{Conn: pool, SkipInitializeWithVersion: true, ServerVersion: "8.0"})
}

// ours are the parameters of the driver that slipway sets itself, whatever the
// URL says. charset would cost a round trip a connection and pins a connection
// of RDS Proxy; utf8mb4 is what the driver asks for anyway.
var ours = []string{"charset", "clientFoundRows", "interpolateParams", "loc", "multiStatements", "parseTime"}

// parse turns mysql://user:pass@host:3306/db?tls=true, or Atlas's
// mysql+unix://user@/path/to.sock?database=db, into the driver's configuration.
func parse(rawURL string) (*mysql.Config, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Fragment != "" || u.Opaque != "" {
		// The words of net/url can hold a part of the password.
		return nil, errors.New("is not a URL: it reads mysql://user:pass@host:3306/db; " +
			"in the password, write @ as %40, / as %2F, # as %23, ? as %3F and % as %25")
	}
	query := u.Query()
	network, address, name := "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	if u.Scheme == "mysql+unix" {
		network, address, name = "unix", u.Path, query.Get("database")
		query.Del("database")
	} else if address != "" && u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), "3306")
	}
	if address == "" {
		return nil, errors.New("names no host: it reads mysql://user:pass@host:3306/db")
	}
	if name == "" {
		return nil, errors.New("names no database: it reads mysql://user:pass@host:3306/db")
	}
	if strings.ContainsAny(name, "/@:") {
		// Most likely the tail of a password with a slash in it: not shown.
		return nil, errors.New("names a database with a /, @ or : in it; " +
			"in the password, write @ as %40, / as %2F and : as %3A")
	}
	for _, p := range ours {
		query.Del(p)
	}
	config, err := mysql.ParseDSN("tcp(host)/?" + query.Encode())
	if err != nil {
		return nil, fmt.Errorf("has a parameter the MySQL driver refuses: %w", err)
	}
	config.Net, config.Addr, config.DBName = network, address, name
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	if config.TLS != nil {
		config.TLS.ServerName = "" // ParseDSN took it from the stand-in; the connector takes it from Addr
		if config.TLSConfig == "true" {
			config.TLS.RootCAs = rdsRoots(u.Hostname(), bundle)
		}
	}
	config.ParseTime = true
	config.Loc = time.UTC
	// Without it a statement with parameters is prepared on the server: three
	// round trips instead of one, and a connection pinned in RDS Proxy.
	config.InterpolateParams = true
	// An update to the same values matches its row, as it does on SQLite.
	config.ClientFoundRows = true
	if config.Timeout == 0 {
		config.Timeout = 5 * time.Second
	}
	// The driver writes to standard error by itself otherwise.
	config.Logger = &mysql.NopLogger{}
	return config, nil
}

// kinds is https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html
// as far as it can be met here; 9501 is RDS Proxy's, which has no connection to the
// database to lend, and the last line is TiDB's.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.troubleshooting.html
var kinds = map[uint16]database.Kind{
	1062: database.Duplicate, 1586: database.Duplicate,
	1452: database.MissingParent, 1216: database.MissingParent,
	1451: database.HasChildren, 1217: database.HasChildren,
	1048: database.NotNull, 1364: database.NotNull,
	3819: database.Check,
	1406: database.TooLong, 1153: database.TooLong,
	1264: database.OutOfRange, 1690: database.OutOfRange,
	1366: database.WrongType, 1265: database.WrongType, 1292: database.WrongType,
	1205: database.Busy, 1213: database.Busy, 3572: database.Busy,
	1040: database.Unavailable, 1203: database.Unavailable, 1226: database.Unavailable, 9501: database.Unavailable, // out of connections
	1041: database.Unavailable, 1135: database.Unavailable, // out of memory, out of threads
	1044: database.Unavailable, 1045: database.Unavailable, 1049: database.Unavailable, 3159: database.Unavailable, // not let in
	1142: database.Unavailable, 1143: database.Unavailable,
	serverShutdown: database.Unavailable, 1317: database.Unavailable, 3032: database.Unavailable, // going down, offline
	readOnlyOption: database.Unavailable, readOnlyTransaction: database.Unavailable, readOnlyMode: database.Unavailable,
	1021: database.Unavailable, 1114: database.Unavailable, // full
	1146: database.Schema, 1054: database.Schema,
	3024: database.Deadline,
	9007: database.Busy, 8002: database.Busy, 8028: database.Busy, 9004: database.Busy,
}

var (
	// Duplicate entry 'it's' for key 'users.users_email'
	keyName = regexp.MustCompile(`for key '(?:[^'.]*\.)?([^']+)'$`)
	// … CONSTRAINT `posts_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) …
	foreignKey = regexp.MustCompile("CONSTRAINT `([^`]+)` FOREIGN KEY \\(`([^`]+)`\\)")
	// Check constraint 'score_range' is violated.
	checkName = regexp.MustCompile(`^Check constraint '([^']+)'`)
	// Column 'title' cannot be null; Data too long for column 'title' at row 1;
	// Field 'title' doesn't have a default value
	columnName = regexp.MustCompile(`(?:[Cc]olumn|^Field) '(?:[^'.]*\.)*([^'.]+)'(?: at row \d+| cannot be null| doesn't have a default value)`)
)

func (dialect) Classify(err error) (database.Error, bool) {
	var unconnected *connectError
	if errors.Is(err, mysql.ErrInvalidConn) || errors.As(err, &unconnected) {
		return database.Error{Kind: database.Unavailable, Err: err}, true
	}
	var my *mysql.MySQLError
	if !errors.As(err, &my) {
		return database.Error{}, false
	}
	kind, known := kinds[my.Number]
	if !known {
		return database.Error{}, false
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
