package blog

import "slipway/internal/resource"

// Tables are all tables of the fixture, linked.
var Tables = resource.Link(
	resource.Of[User]("users"),
	resource.Of[Post]("posts"),
	resource.Of[Note]("notes"),
)
