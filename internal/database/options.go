package database

import "context"

// Options say what the URL of a database does not: who signs in, and how many
// connections there may be.
type Options struct {
	// Connections is how many connections to a MySQL server a pool has at most, for
	// reads and writes alike; a reader's pool has as many of its own. No request uses
	// two of a pool at once, so that one is enough for whoever serves one request at
	// a time. Default: 10. SQLite has its own number.
	Connections int

	// Credentials gives the name and the password for each new connection to the
	// server at address, a host:port. The user is that of the URL, or "". The
	// refused password is the one that the server has just not taken: whoever has
	// another one by now gives that, and the connection is tried once more. At a
	// first try it is "". Default: the URL says it all.
	//
	// An error of it is of the kind [Unavailable]. It must not hold a password.
	Credentials func(ctx context.Context, address, user, refused string) (name, password string, err error)
	// Token says that the password is a token that the server has to see as it is,
	// of use to anyone who has it: it is sent over TLS alone, to a server that has
	// shown a certificate for its name. The URL names the user. Default: it is a
	// password, which the server never sees.
	Token bool
}
