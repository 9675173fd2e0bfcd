package database

import "context"

// Config says which database to open, what for, and who signs in.
type Config struct {
	// URL is the database, in the form the Atlas CLI takes: sqlite://PATH or
	// mysql://user:pass@host:3306/db?tls=true.
	URL string
	// ReaderURL is a replica, a copy of the database that follows it, which plain
	// reads go to and nothing of a write does. Only [Serve] uses it. Default, and
	// where it equals URL: none.
	ReaderURL string
	// Mode is what the database is opened for. Default: [Serve].
	Mode Mode
	// Connections is the most connections to a MySQL server that a pool has, for
	// reads and writes alike; a replica's pool has as many of its own. A request
	// uses one connection of a pool, so 1 is enough for a program that serves one
	// request at a time. Default: 10. SQLite has its own number, and so have
	// [Migrate] and [ReadOnly]: 1.
	Connections int

	// Credentials returns the name and the password for each new connection to the
	// server at address, a host:port. The user is that of the URL, or "". The
	// refused password is the one that the server has just refused, and "" at the
	// first try; where Credentials then returns another one, the connection is tried
	// once more. Default: the URL says it all.
	//
	// Its errors are of the kind [Unavailable] and must not hold a password.
	Credentials func(ctx context.Context, address, user, refused string) (name, password string, err error)
	// Token says that the password is a token that the server sees as it is, of use
	// to anyone who has it: it is sent over TLS only, to a server that has shown a
	// certificate for its name. The URL names the user. Default: it is a password,
	// which the server never sees.
	Token bool
}

// Mode is what a database is opened for.
type Mode int

const (
	// Serve is for requests: pools whose connections are used by one request after
	// the other. A MySQL server that does not respond to a statement within 30 s is
	// given up.
	Serve Mode = iota
	// Migrate is one connection whose statements take as long as they take.
	Migrate
	// ReadOnly is one connection that changes nothing. An SQLite file that is missing
	// reads as an empty database and stays missing.
	ReadOnly
)
