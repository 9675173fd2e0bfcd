package database

import "context"

// Config is the database to open, with the mode and the credentials.
type Config struct {
	// URL is the database, in the format of the Atlas CLI: sqlite://PATH or
	// mysql://user:pass@host:3306/db?tls=true.
	URL string
	// ReaderURL is a replica for plain reads. Statements of a write never use it. Only [Serve] uses it. Default: none,
	// also if it equals URL.
	ReaderURL string
	// Mode is the purpose of the connections. Default: [Serve].
	Mode Mode
	// Connections is the maximum number of connections of a MySQL pool. The replica has another pool of the same size. A
	// request uses one connection of a pool, so 1 is enough for a program that handles one request at a time. Default: 10.
	// It does not apply to SQLite, nor to [Migrate] and [ReadOnly], which use 1.
	Connections int

	// Credentials returns the user name and the password for each new connection to the server at address, a host:port.
	// user is the user in the URL, or "". refused is the password that the server has just rejected; it is "" for the
	// first attempt. If Credentials then returns another password, the connection is tried once more. Default: the
	// credentials in the URL.
	//
	// Its errors have the kind [Unavailable] and must not contain a password.
	Credentials func(ctx context.Context, address, user, refused string) (name, password string, err error)
	// Token says that the password is an IAM token, which is sent to the server in plain text. So it is sent only over TLS
	// with a verified certificate. The URL must contain the user. Default: false, a password that is never sent in plain
	// text.
	Token bool
}

// Mode is the purpose of the connections to a database.
type Mode int

const (
	// Serve is for requests: pools of connections. A statement fails if a MySQL server does not respond within 30 s.
	Serve Mode = iota
	// Migrate is one connection without a timeout for statements.
	Migrate
	// ReadOnly is one connection that changes nothing. A missing SQLite file is an empty database, and is not created.
	ReadOnly
)
