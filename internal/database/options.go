package database

import "context"

// Options say who signs in to a database, where its URL does not.
type Options struct {
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
