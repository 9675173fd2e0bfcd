// Package app holds the tables that this application serves: one file a table, with
// the row as GORM reads it, its JSON shape and its rules. The database's own view
// is schema.hcl; a test compares the two.
//
// It is the one package that knows a table by name. Only the programs that wire
// everything together import it, functions and local; the packages below them take
// tables as an argument. It imports resource and nothing of HTTP or SQL.
package app

import "slipway/internal/resource"

// Tables are all tables that are served. A new table adds its line here.
var Tables = resource.Link(
	resource.Of[User]("users"),
	resource.Of[Post]("posts"),
	resource.Of[Note]("notes"),
)
