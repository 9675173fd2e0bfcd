package app

import "slipway/internal/resource"

// Rules returns the validation rules of a user.
func (u *User) Rules() []resource.Rule {
	return []resource.Rule{resource.Email(&u.Email)}
}

// Rules returns the names of the relation between a post and its user: author and posts.
func (p *Post) Rules() []resource.Rule {
	return []resource.Rule{resource.RelationNames(&p.UserID, "author", "posts")}
}
