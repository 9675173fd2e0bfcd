// Package mysql is the MySQL dialect of package database. It may import only package database of slipway.
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"

	"slipway/internal/database"
)

// Dialect is the dialect for mysql:// and mysql+unix:// URLs, for [database.Open].
type Dialect struct{}

func (Dialect) Name() string      { return "mysql" }
func (Dialect) Schemes() []string { return []string{"mysql", "mysql+unix"} }

// Open returns one pool for reads and writes.
func (Dialect) Open(c database.Config) (write, read *sql.DB, err error) {
	var pool *sql.DB
	if c.Mode == database.Serve {
		pool, err = openPool(c, true)
	} else {
		pool, err = openOne(c)
	}
	return pool, pool, err
}

// OpenReplica returns a pool of the same kind. It does not set connections read-only, which would need a round trip; a
// replica rejects writes itself.
func (Dialect) OpenReplica(c database.Config) (*sql.DB, error) { return openPool(c, false) }

// Traits returns the traits of MySQL.
//
// The range optimizer reads both conditions of a keyset with one index scan.
//
// A sort needs about 15 times the size of its longest key. The hint is enough for texts of a megabyte, for which the
// server's default of 256 KiB fails (error 1038). The server allocates only what it needs.
//
// The driver reports the first id of an INSERT. The step between ids is a setting of the server. IDGuard checks it
// within the statement. It signals a difference with an error, because an INSERT returns no other value; idGuard is an
// error in every SQL mode.
//
// https://dev.mysql.com/doc/refman/8.4/en/order-by-optimization.html#order-by-filesort
// https://dev.mysql.com/doc/refman/8.4/en/replication-options-source.html#sysvar_auto_increment_increment
func (Dialect) Traits() database.Traits {
	return database.Traits{
		SortHint:          "/*+ SET_VAR(sort_buffer_size=33554432) */",
		SameText:          "CAST(CONVERT(? USING utf8mb4) AS BINARY) = CAST(? AS BINARY)",
		SameJSON:          "? = CAST(? AS JSON)",
		ClockExact:        "CAST($ AS TIME(6))",
		EnumOrder:         "CONVERT($ USING utf8mb4) COLLATE utf8mb4_0900_bin",
		MaxStatementQuery: "SELECT @@max_allowed_packet",
		IDGuard:           "IF(@@auto_increment_increment = ?, NULL, " + idGuard + ")",
		IDStepQuery:       "SELECT @@auto_increment_increment",
	}
}

// idGuard exceeds the range of a double. The message of its error, 1690, contains the expression.
const idGuard = "exp(98765)"

// SkipIDs does nothing: InnoDB allocates the ids before it checks the rows.
//
// https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html
func (Dialect) SkipIDs(context.Context, *gorm.DB, string, int) error { return nil }

// Gorm sets a constant version, to avoid a query. Only unused features of GORM depend on it.
func (Dialect) Gorm(pool *sql.DB, _ *gorm.Config) gorm.Dialector {
	return gormmysql.New(gormmysql.Config{Conn: pool, SkipInitializeWithVersion: true, ServerVersion: "8.0"})
}

// ours are the driver parameters that slipway sets itself and removes from the URL. charset would need a round trip per
// connection and would pin a connection of RDS Proxy; the driver's default is utf8mb4.
var ours = []string{"charset", "clientFoundRows", "interpolateParams", "loc", "multiStatements", "parseTime"}

// parse converts mysql://user:pass@host:3306/db?tls=true, or Atlas's mysql+unix://user@/path/to.sock?database=db, to
// the driver's configuration.
func parse(rawURL string) (*mysql.Config, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Fragment != "" || u.Opaque != "" {
		// The error of net/url may contain a part of the password.
		return nil, errors.New("is not a URL: use mysql://user:pass@host:3306/db; " +
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
		return nil, errors.New("names no host: use mysql://user:pass@host:3306/db")
	}
	if name == "" {
		return nil, errors.New("names no database: use mysql://user:pass@host:3306/db")
	}
	if strings.ContainsAny(name, "/@:") {
		// The name is probably a part of a password with a slash, so the error does not contain it.
		return nil, errors.New("names a database with /, @, or : in its name; " +
			"in the password, write @ as %40, / as %2F, and : as %3A")
	}
	for _, p := range ours {
		query.Del(p)
	}
	config, err := mysql.ParseDSN("tcp(host)/?" + query.Encode())
	if err != nil {
		return nil, fmt.Errorf("has a parameter that the MySQL driver rejects: %w", err)
	}
	config.Net, config.Addr, config.DBName = network, address, name
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	if config.TLS != nil {
		config.TLS.ServerName = "" // ParseDSN set it to "host"; the connector sets it from Addr
		if config.TLSConfig == "true" {
			config.TLS.RootCAs = rdsRoots(u.Hostname(), bundle)
		}
	}
	config.ParseTime = true
	config.Loc = time.UTC
	// Otherwise a statement with parameters is prepared on the server, which needs three round trips and pins a connection
	// of RDS Proxy.
	config.InterpolateParams = true
	// Count the matched rows of an UPDATE, not only the changed ones, as SQLite does.
	config.ClientFoundRows = true
	if config.Timeout == 0 {
		config.Timeout = 5 * time.Second
	}
	// The default logger of the driver writes to standard error.
	config.Logger = &mysql.NopLogger{}
	return config, nil
}
