// Package mysql is the MySQL dialect of package database.
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

// Dialect is what [database.Open] takes for mysql:// and mysql+unix:// URLs.
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

// OpenReplica returns a pool of the same kind. That it cannot write is the server's
// to say: to say it here would cost each connection a round trip.
func (Dialect) OpenReplica(c database.Config) (*sql.DB, error) { return openPool(c, false) }

// Traits are those of MySQL.
//
// The range optimizer joins both conditions of a keyset into one walk.
//
// A sort takes about 15 times its longest key: the hint is enough for texts of a megabyte, where the server's default
// of 256 KiB fails (error 1038). It takes as much of it as it needs.
//
// The driver reports the first id of an INSERT. By how much the others differ is a setting of the server, and the
// statement asks for it itself: with an error, since it can say nothing else beside the id, and with that of idGuard,
// which no SQL mode turns into a warning.
//
// https://dev.mysql.com/doc/refman/8.4/en/order-by-optimization.html#order-by-filesort
// https://dev.mysql.com/doc/refman/8.4/en/replication-options-source.html#sysvar_auto_increment_increment
func (Dialect) Traits() database.Traits {
	return database.Traits{
		SortHint:          "/*+ SET_VAR(sort_buffer_size=33554432) */",
		SameText:          "CAST(CONVERT(? USING utf8mb4) AS BINARY) = CAST(? AS BINARY)",
		MaxStatementQuery: "SELECT @@max_allowed_packet",
		IDGuard:           "IF(@@auto_increment_increment = ?, NULL, " + idGuard + ")",
		IDStepQuery:       "SELECT @@auto_increment_increment",
	}
}

// idGuard is more than a double holds: error 1690, which shows the expression.
const idGuard = "exp(98765)"

// SkipIDs has nothing to do: InnoDB takes the ids before it looks at the rows.
//
// https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html
func (Dialect) SkipIDs(context.Context, *gorm.DB, string, int) error { return nil }

// Gorm asks the server nothing when it opens: the version matters only to
// features of GORM that are not used here.
func (Dialect) Gorm(pool *sql.DB, _ *gorm.Config) gorm.Dialector {
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
