package oidctest

// Prefix is the scope prefix of some [Callers].
const Prefix = "https://api.example.com/"

// Caller is a test case: a token and the expected statuses.
type Caller struct {
	Name string
	// Prefix is AUTH_SCOPE_PREFIX of the server.
	Prefix string
	// Claims are additional claims of the token. If they are nil, there is no token.
	Claims map[string]any
	// Read and Write are the statuses of a GET and of a POST that creates a row.
	Read, Write int
}

type claims = map[string]any

// Callers are the test cases for all servers and gateways.
var Callers = []Caller{
	{"no token", "", nil, 401, 401},
	{"read only", "", claims{"scope": "read"}, 200, 403},
	{"write only", "", claims{"scope": "write"}, 403, 201},
	{"both", "", claims{"scope": "openid read write"}, 200, 201},
	{"no scope", "", claims{"email": "ada@example.com"}, 403, 403},
	{"an empty scope", "", claims{"scope": ""}, 403, 403},
	{"scp as a list", "", claims{"scp": []any{"read", "write"}}, 200, 201},
	{"scp as a list of one", "", claims{"scp": []any{"write"}}, 403, 201},
	{"scp as text", "", claims{"scp": "read other"}, 200, 403},
	{"one in each", "", claims{"scope": "read", "scp": "write"}, 200, 201},
	{"similar scopes", "", claims{"scope": "READ Write reads write:notes read,write xread [read"}, 403, 403},
	{"an unexpected prefix", "", claims{"scope": Prefix + "read " + Prefix + "write"}, 403, 403},
	{"similar claims", "",
		claims{"scopes": "read write", "Scope": "read write", "permissions": []any{"read", "write"}, "roles": []any{"write"}},
		403, 403},
	{"a prefix", Prefix, claims{"scope": Prefix + "read openid"}, 200, 403},
	{"a prefix, in a list", Prefix, claims{"scp": []any{Prefix + "write", Prefix + "read"}}, 200, 201},
	{"the wrong prefix", Prefix, claims{"scope": "https://other.example.com/read https://other.example.com/write"}, 403,
		403},
	{"no prefix", Prefix, claims{"scope": "read write"}, 403, 403},
	{"no token, with a prefix", Prefix, nil, 401, 401},
}
